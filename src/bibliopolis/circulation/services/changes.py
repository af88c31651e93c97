"""What can be changed while a hold waits: pausing it, and where it is collected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from bibliopolis.errors import BibliopolisError, Blocked, Conflict, InvalidInput, NotAllowed
from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.workflow import Reason

from ..models import Hold, HoldState
from ..permits import Block
from ..refusals.kinds import Act
from .deliveries import Deliveries
from .holds import Holds
from .title import Title

LONGEST_PAUSE = timedelta(days=366)
RESTORED_WITHIN = timedelta(days=1)
"""A hold that is placed again so soon after it was cancelled has its place in the queue."""
AT_ONCE = 50
"""So many holds are changed at once at most: a writing transaction stays short."""

FOUND = {
    HoldState.IN_TRANSIT: _("A copy is already on its way: the hold can no longer be paused."),
    HoldState.READY: _("The copy already waits to be collected: nothing is left to pause."),
    HoldState.OUT_FOR_DELIVERY: _("The courier already has the copy: nothing is left to pause."),
}
ARRIVED = _("The copy already waits to be collected: it is not sent anywhere else.")


@dataclass(frozen=True)
class Pause:
    """From which day others go first, and from which day on the hold counts again.

    Days are those of the pickup place; without ``start`` it begins now, without ``until`` it lasts
    until its reader says so.
    """

    until: date | None = None
    start: date | None = None

    @property
    def told(self) -> dict[str, str]:
        """Return what the history keeps of it."""
        days = {"from": self.start, "until": self.until}
        return {name: day.isoformat() for name, day in days.items() if day is not None}


@dataclass
class Changed:
    """What came of a change to several holds: those it was done to, others with every reason."""

    done: list[Hold] = field(default_factory=list)
    refused: list[tuple[Hold, tuple[Reason, ...]]] = field(default_factory=list)


class HoldChanges:
    """Change holds that are open; each verb locks the title, asks the workflow, then acts."""

    def __init__(self, holds: Holds, calendars: Calendars) -> None:
        self.holds = holds
        self.calendars = calendars
        self.kinds: dict[str, Callable[[Title, Hold, Any], None]] = {
            "suspend": self._suspend,
            "thaw": self._thaw,
            "pickup": self._change_pickup,
            "cancel": self._cancel,
            "need_by": self._set_need_by,
            "start": self._set_start,
            "begin": self._begin,
            "keep": self._keep,
            "put_first": self._put_first,
            "put_back": self._put_back,
            "any_copy": self._any_copy,
        }

    @classmethod
    def from_request(cls, context: Any, request: Any) -> HoldChanges:
        """Make it for a request."""
        return cls(
            holds=request.find_service(Holds, context=None),
            calendars=request.find_service(Calendars, context=None),
        )

    def suspend(self, hold_id: int, until: date | None = None, start: date | None = None) -> Hold:
        """Let others go first until a day, or until the reader says so; the place is kept.

        ``until`` is the day on which the hold counts again, by the calendar of its pickup place;
        ``start`` a day ahead on which the pause begins by itself. Again with other days changes
        them. Refused once a copy is found, each stage with a reason of its own; InvalidInput for
        days that are not ahead, or in the wrong order.
        """
        return self._one("suspend", hold_id, Pause(until, start))

    def thaw(self, hold_id: int) -> Hold:
        """End a pause: from now on a copy is looked for again."""
        return self._one("thaw", hold_id, None)

    def change_pickup(self, hold_id: int, pickup_library_id: int | None) -> Hold:
        """Let it be collected at another place; the place in the queue is kept.

        While the copy is on its way it is sent there instead; once it waits to be collected, and
        for a place that hands out no holds, this is refused.
        """
        return self._one("pickup", hold_id, pickup_library_id)

    def set_need_by(self, hold_id: int, day: date | None) -> Hold:
        """Say until when its reader wants it, or that they always will; a day ahead only."""
        return self._one("need_by", hold_id, day)

    def set_start(self, hold_id: int, day: date | None) -> Hold:
        """Let a hold that has not begun begin on another day, or now; it stands by that then."""
        return self._one("start", hold_id, day)

    def begin(self, hold_id: int) -> Hold:
        """Let a hold whose first day has come begin, where it stands."""
        return self._one("begin", hold_id, None)

    def keep(self, hold_id: int) -> Hold:
        """Take back that a hold should be cancelled whose copy still waits."""
        return self._one("keep", hold_id, None)

    def put_first(self, hold_id: int, comment: str | None) -> Hold:
        """Let a hold stand before all that were not put first; Conflict where nothing says why."""
        return self._one("put_first", hold_id, comment)

    def put_back(self, hold_id: int) -> Hold:
        """Let a hold that was put first stand where its time says."""
        return self._one("put_back", hold_id, None)

    def any_copy(self, hold_id: int) -> Hold:
        """Let any copy of the title do for a hold on one certain copy; its place is kept.

        Refused where the rules want a copy to be chosen, or no other can come to its reader.
        """
        return self._one("any_copy", hold_id, None)

    def uncancel(self, hold_id: int) -> Hold:
        """Put a cancelled hold into the queue again, if its reader could place it now.

        Within RESTORED_WITHIN its place in the queue is as it was, later it is at the end.
        """
        _head, hold = self.holds.locked(hold_id)
        # With another hold of the reader, which may stand far behind in the queue.
        title = self.holds.titles.lock_head(hold.record_id, reader_ids=[hold.reader_id])
        reader = self.holds.readers.in_turn([hold.reader_id]).get(hold.reader_id or 0)
        if hold.state == HoldState.CANCELLED:
            # It is counted among those of its day already.
            blocks = self.holds.permits.against_hold(
                title, reader, hold.pickup_library_id, hold.wanted_item_id, instead_of=hold
            )
            if blocks:
                self._tell_refused(hold, hold.pickup_library_id, blocks)
                raise Blocked(_("The hold cannot be placed again."), blocks)
        closed, now = hold.closed, self.holds.clock.now()
        self.holds.steps.take("uncancel", hold, title, None)
        if closed is None or now - closed > RESTORED_WITHIN:
            hold.placed, hold.requested, hold.cut_in_line = now, None, False
            self.holds.days.let_begin(hold, hold.starts, now)
        hold.closed = hold.item_id = hold.cause = hold.collect_by = hold.cancel_requested = None
        today = self.holds.shelf.today(hold)
        if hold.need_by is not None and hold.need_by < today:
            hold.need_by = None
        if hold.starts is not None and hold.starts <= today:
            hold.starts = None
        if hold.suspend_from is not None and hold.suspend_from <= today:
            # Whoever asks for it again after that day does not let others go first.
            hold.suspend_from = hold.suspended_until = None
        title.holds[hold.id] = hold
        self.holds.waits.begin(title, hold)
        self.holds.settle(title)
        self.holds.refusals.met(hold.reader_id, hold.record_id)
        return hold

    def several(self, kind: str, hold_ids: Iterable[int], value: Any = None) -> Changed:
        """Make one change to several holds, AT_ONCE at most; what is refused stays as it is.

        ``kind`` is ``suspend``, ``thaw``, ``pickup`` or ``cancel``, ``value`` what it needs: a
        Pause, or the id of a place.
        """
        changed = Changed()
        wanted = sorted(hold_ids)[:AT_ONCE]
        db = self.holds.db
        records = db.scalars(select(Hold.record_id).where(Hold.id.in_(wanted)).distinct())
        titles = self.holds.titles.lock_heads(sorted(records), hold_ids=wanted)
        ours = [title.holds[one] for title in titles for one in wanted if one in title.holds]
        self.holds.permits.remember(ours)
        self._take_turns(kind, ours)
        with self.holds.together():
            for title in titles:
                for hold in [title.holds[one] for one in wanted if one in title.holds]:
                    try:
                        self.kinds[kind](title, hold, value)
                    except (Conflict, NotAllowed) as refusal:
                        changed.refused.append((hold, reasons_of(refusal)))
                    else:
                        changed.done.append(hold)
        self.holds.settle(*titles)
        return changed

    def _one(self, kind: str, hold_id: int, value: Any) -> Hold:
        title, hold = self.holds.locked(hold_id)
        self._take_turns(kind, [hold])
        self.kinds[kind](title, hold, value)
        self.holds.settle(title)
        return hold

    def _take_turns(self, kind: str, holds: Iterable[Hold]) -> None:
        """Let nobody else count what these readers have where a limit may be reached."""
        if kind == "pickup":
            self.holds.readers.in_turn(hold.reader_id for hold in holds)

    def _suspend(self, title: Title, hold: Hold, pause: Pause | None) -> None:
        pause = pause or Pause()
        if hold.state in FOUND:
            raise Conflict(FOUND[HoldState(hold.state)])
        today = self.holds.shelf.today(hold)
        _demand_ahead(pause, today)
        self.holds.steps.take("suspend", hold, title, None, pause=pause.told or None)
        later, was_paused = pause.start is not None and pause.start > today, hold.is_suspended
        hold.suspend_from = pause.start if later else None
        hold.suspended = None if later else hold.suspended or self.holds.clock.now()
        hold.suspended_until = pause.until
        if was_paused or not later:
            self.holds.waits.begin(title, hold)

    def begin_pause(self, title: Title, hold: Hold) -> None:
        """Begin a pause whose day has come; one that is over already is forgotten.

        Once somebody has a copy in their hands it is too late: what comes is kept as usual.
        """
        until = hold.suspended_until
        if until is not None and until <= self.holds.shelf.today(hold):
            hold.suspend_from = hold.suspended_until = None
            return
        try:
            self.holds.steps.take("suspend", hold, title, None)
        except Conflict:
            return  # it is asked again by the next look
        hold.suspend_from, hold.suspended = None, self.holds.clock.now()
        self.holds.waits.begin(title, hold)

    def _thaw(self, title: Title, hold: Hold, _value: Any = None) -> None:
        self.holds.steps.take("thaw", hold, title, None)
        was_paused = hold.is_suspended
        hold.suspended = hold.suspend_from = hold.suspended_until = None
        if was_paused:
            self.holds.waits.begin(title, hold)

    def _change_pickup(self, title: Title, hold: Hold, pickup_library_id: int | None) -> None:
        if hold.state in (HoldState.READY, HoldState.OUT_FOR_DELIVERY):
            raise Conflict(ARRIVED)
        reasons = self.holds.reasons_against_pickup(pickup_library_id)
        if pickup_library_id == hold.pickup_library_id:
            reasons = [_("It is collected there already.")]
        if hold.by_delivery and not reasons and pickup_library_id is not None:
            deliveries = self.holds.steps.find_service(Deliveries)
            reasons = deliveries.against(hold, pickup_library_id)
        if reasons or pickup_library_id is None:
            raise Conflict(_("The pickup place cannot be changed."), reasons)
        # What is on its way staff may send anywhere; for what waits no copy would ever come.
        if hold.state == HoldState.QUEUED or self.holds.steps.acts_for_reader(hold):
            reader = self.holds.readers.get(hold.reader_id)
            against = self.holds.permits.against_pickup(title, pickup_library_id, hold, reader)
            if against:
                self._tell_refused(hold, pickup_library_id, against)
                raise Blocked(_("The pickup place cannot be changed."), against)
        before = hold.pickup_library_id
        item_id = hold.item_id if hold.state == HoldState.IN_TRANSIT else None
        self.holds.steps.take("change_pickup", hold, title, pickup_library_id, item_id=item_id)
        hold.pickup_library_id = pickup_library_id
        if hold.state == HoldState.IN_TRANSIT:
            self.holds.places.keep_cell(hold)
        self._send_elsewhere(title, hold, before)
        self._look_anew(title, hold)
        self.holds.waits.begin(title, hold)
        self.holds.refusals.met(hold.reader_id, hold.record_id)

    def _tell_refused(self, hold: Hold, library_id: int, blocks: Iterable[Block]) -> None:
        codes = [one.code for one in blocks]
        self.holds.refusals.refused(Act.HOLD, codes, hold.reader_id, hold.record_id, library_id)

    def _send_elsewhere(self, title: Title, hold: Hold, before: int) -> None:
        """Give the journey of a captured copy its new end; one back to its start turns round."""
        transit = title.transits.get(hold.item_id or 0)
        if hold.state != HoldState.IN_TRANSIT or transit is None:
            return
        if transit.from_library_id == hold.pickup_library_id:
            transit.from_library_id = before
        transit.to_library_id = hold.pickup_library_id

    def _look_anew(self, title: Title, hold: Hold) -> None:
        """Forget which copy is looked for, unless somebody has it: another may stand nearer."""
        target = title.targets.get(hold.id)
        if target is not None and target.found is None:
            self.holds.db.delete(title.targets.pop(hold.id))
            # Flush: the same hold may get a row again.
            self.holds.db.flush()

    def _set_need_by(self, title: Title, hold: Hold, day: date | None) -> None:
        self.holds.days.demand_last(hold, day)
        self.holds.steps.take("set_need_by", hold, title, None)
        hold.need_by = day

    def _set_start(self, title: Title, hold: Hold, day: date | None) -> None:
        self.holds.days.demand_first(hold, self.holds.readers.get(hold.reader_id), day)
        told = day and day.isoformat()
        self.holds.steps.take("set_start", hold, title, None, starts=told)
        self.holds.days.let_begin(hold, day, self.holds.clock.now())
        self.holds.waits.begin(title, hold)

    def _begin(self, title: Title, hold: Hold, _value: Any = None) -> None:
        self.holds.steps.take("begin", hold, title, None)
        hold.starts = None
        self.holds.waits.begin(title, hold)

    def _keep(self, title: Title, hold: Hold, _value: Any = None) -> None:
        self.holds.steps.take("keep", hold, title, None)
        hold.cancel_requested = None

    def _put_first(self, title: Title, hold: Hold, comment: str | None) -> None:
        self.holds.steps.take("put_first", hold, title, None, comment=comment)
        hold.cut_in_line = True
        self.holds.waits.begin(title, hold)

    def _put_back(self, title: Title, hold: Hold, _value: Any = None) -> None:
        self.holds.steps.take("put_back", hold, title, None)
        hold.cut_in_line = False
        self.holds.waits.begin(title, hold)

    def _any_copy(self, title: Title, hold: Hold, _value: Any = None) -> None:
        reader = self.holds.readers.get(hold.reader_id)
        blocks = self.holds.permits.against_hold(
            title, reader, hold.pickup_library_id, instead_of=hold
        )
        if blocks and hold.wanted_item_id is not None:
            raise Blocked(_("Only the copy that was chosen will do."), blocks)
        self.holds.steps.take("any_copy", hold, title, None, item_id=hold.wanted_item_id)
        hold.wanted_item_id = None
        self.holds.waits.begin(title, hold)

    def _cancel(self, title: Title, hold: Hold, _value: Any = None) -> None:
        self.holds.end("cancel", title, hold)


def _demand_ahead(pause: Pause, today: date) -> None:
    """Refuse a pause that began in the past, ends before it begins, or lies too far ahead."""
    begins = pause.start or today
    errors: dict[str, Any] = {}
    if not today <= begins <= today + LONGEST_PAUSE:
        errors["start"] = _("Choose a first day from today on, a year ahead at most.")
    if pause.until is not None and not today < pause.until <= today + LONGEST_PAUSE:
        errors["until"] = _("Choose a day from tomorrow on, a year ahead at most.")
    elif pause.until is not None and pause.until <= begins:
        errors["until"] = _("The pause ends before it begins: choose a later day.")
    if errors:
        raise InvalidInput(next(iter(errors.values())), errors)


def reasons_of(refusal: BibliopolisError) -> tuple[Reason, ...]:
    """Return everything that speaks against a change."""
    return refusal.reasons if isinstance(refusal, Conflict) else (refusal.reason,)
