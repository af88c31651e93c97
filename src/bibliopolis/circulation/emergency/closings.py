"""Closing a place that nobody could foresee to close, for longer or shorter, and undoing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Blocked, Conflict, NotFoundHere, Unprocessable
from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.closures import HISTORY, Closures
from bibliopolis.libraries.models import ExceptionKind, HoursException, Library
from bibliopolis.libraries.services import Libraries
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.resources.history import History

from .models import STANDING, ClosingState, ClosingStep, EmergencyClosing, MovedDate
from .preview import Preview
from .scope import Scope

TOPIC = "emergency_closing"
AGAIN = "again"
LOOK_AGAIN = timedelta(minutes=5)
"""By then whatever was decided by the old calendar has been committed: it is looked at, too."""
BACK = timedelta(days=7)
"""So far back the first day may lie: what happened at a weekend is said on Monday."""
LONGEST = timedelta(days=366)

CLOSED, CHANGED, UNDONE = "emergency_closed", "emergency_changed", "emergency_undone"
WRONG = _("These days cannot be kept: correct what is marked.")


class ClosingCode(StrEnum):
    """Why a place cannot be closed so; programs read it."""

    TOO_LONG_AGO = "closing_too_long_ago"
    TOO_FAR_AHEAD = "closing_too_far_ahead"
    LAST_BEFORE_FIRST = "closing_last_before_first"
    OVER = "closing_is_over"
    NO_SUCH_LAST_DAY = "closing_no_such_last_day"
    CLOSED_ALREADY = "closing_overlaps"
    CLOSED_ABOVE = "closed_from_above"
    UNDONE = "closing_undone_already"
    NOT_ON_ITS_DAY = "closing_not_on_its_day"
    NOT_AT_WORK = "closing_not_at_work"
    AT_WORK = "closing_at_work_already"


@dataclass(frozen=True)
class Against:
    """What stands against a closing, or a change of one; ``remedy`` would help, if anything."""

    code: ClosingCode
    message: Any
    remedy: Any = None


def _refusal(code: ClosingCode, message: Any) -> Blocked:
    return Blocked(message, [Against(code, message)])


class AlreadyClosed(Conflict):
    """Somebody has just said the same; ``closing`` is theirs."""

    def __init__(self, closing: EmergencyClosing) -> None:
        super().__init__(_("This has been said already: here is what came of it."))
        self.closing = closing


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to close, and for how long."""

    library: Library
    first: date
    last: date
    with_below: bool = True
    reason: Mapping[str, str] = field(default_factory=dict)


class Closings:
    """Emergency closings of organisations; the worker moves the dates."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        closures: Closures,
        libraries: Libraries,
        calendars: Calendars,
        outbox: Outbox,
        history: History,
    ) -> None:
        self.db = db
        self.clock = clock
        self.closures = closures
        self.libraries = libraries
        self.calendars = calendars
        self.outbox = outbox
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Closings:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            closures=request.find_service(Closures, context=None),
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
            outbox=request.find_service(Outbox, context=None),
            history=request.find_service(History, context=None),
        )

    def preview(self, wanted: Wanted) -> Preview:
        """Return what a closing would move; Unprocessable where its days cannot be kept."""
        self._check(wanted)
        return Preview(self.db, Scope.supposed(self.libraries, self.calendars, wanted))

    def begin(self, wanted: Wanted) -> EmergencyClosing:
        """Close a place from now on in every calendar, and let the worker move the dates.

        The same said twice raises AlreadyClosed with what there is, days that overlap with those of
        another one Conflict.
        """
        self._check(wanted)
        self._lock(wanted.library)
        self._demand_open(wanted)
        total = self.preview(wanted).total
        exception = self.closures.add(
            wanted.library,
            ExceptionKind.CLOSED,
            wanted.first,
            wanted.last,
            reason=wanted.reason,
            with_below=wanted.with_below,
            urgent=True,
        )
        now = self.clock.now()
        closing = EmergencyClosing(
            library_id=wanted.library.id,
            exception_id=exception.id,
            first=wanted.first,
            last=wanted.last,
            with_below=wanted.with_below,
            reason=dict(exception.reason),
            total=total,
            operation=self.history.operation,
            person_id=self.history.actor_id,
            created=now,
            changed=now,
        )
        self.db.add(closing)
        self.db.flush()  # its id is part of an address
        self._tell(CLOSED, closing)
        self._queue(closing)
        return closing

    def set_last(self, closing: EmergencyClosing, last: date) -> EmergencyClosing:
        """Let it end on another day: later moves dates again, earlier leaves them as they are."""
        closing, library = self._demand(closing)
        today = self.calendars.today(library)
        earliest = max(closing.first, today - timedelta(days=1))
        if not earliest <= last <= today + LONGEST:
            reason = _(
                "Choose a day from yesterday on, not before the first, a year ahead at most."
            )
            raise Unprocessable(ClosingCode.NO_SUCH_LAST_DAY, reason, {"last": reason})
        if last == closing.last:
            return closing
        longer = last > closing.last
        if longer:
            self._demand_open(Wanted(library, closing.first, last, closing.with_below), closing)
        closing.last, closing.changed = last, self.clock.now()
        exception = self.db.get(HoursException, closing.exception_id or 0)
        if exception is not None:
            exception.last = last
        self.closures.changed()
        self._tell(CHANGED, closing)
        if longer:
            scope = scope_of(self.libraries, self.calendars, closing)
            if closing.state != ClosingState.DONE:
                self._tell_all_again(closing)
            closing.round, closing.total = closing.round + 1, Preview(self.db, scope).total
            closing.moved_loans = closing.moved_holds = 0
            closing.state, closing.step, closing.at = ClosingState.WAITING, ClosingStep.LOANS, 0
            self._queue(closing)
        return closing

    def may_undo(self, closing: EmergencyClosing) -> bool:
        """Say whether it is still the day on which it was made, where the place is."""
        library = self.libraries.tree[closing.library_id]
        made = closing.created.astimezone(self.calendars.zone(library)).date()
        return closing.stands and made == self.calendars.today(library)

    def undo(self, closing: EmergencyClosing) -> EmergencyClosing:
        """Open the place again and let the worker put back the dates that nothing has changed."""
        closing, _library = self._demand(closing)
        if not self.may_undo(closing):
            said = _("It can be undone on its day only. Let it end earlier instead.")
            raise _refusal(ClosingCode.NOT_ON_ITS_DAY, said)
        exception = self.db.get(HoursException, closing.exception_id or 0)
        if exception is not None:
            self.closures.drop(exception)
        closing.exception_id, closing.changed = None, self.clock.now()
        closing.state, closing.step, closing.at = ClosingState.UNDOING, ClosingStep.TAKE_BACK, 0
        self._tell(UNDONE, closing)
        self.outbox.add(TOPIC, closing.uid, Priority.BULK)
        return closing

    def pause(self, closing: EmergencyClosing) -> None:
        """Let the worker rest after the batch it is at; the place stays closed."""
        closing, _library = self._demand(closing)
        if closing.state not in (ClosingState.WAITING, ClosingState.RUNNING):
            raise _refusal(ClosingCode.NOT_AT_WORK, _("All dates have been moved already."))
        closing.state = ClosingState.PAUSED

    def resume(self, closing: EmergencyClosing) -> None:
        """Let the worker go on where it was."""
        closing, _library = self._demand(closing)
        if closing.state != ClosingState.PAUSED:
            raise _refusal(ClosingCode.AT_WORK, _("It is under way already."))
        closing.state = ClosingState.WAITING
        self._queue(closing)

    def page(
        self, library: Library, offset: int, limit: int
    ) -> tuple[int, Sequence[EmergencyClosing]]:
        """Return how many an organisation and those above it had, and some, the latest first.

        Those of above are those that hold for everything below.
        """
        above = [one.id for one in self.libraries.lineage(library)[1:]]
        mine = or_(
            EmergencyClosing.library_id == library.id,
            EmergencyClosing.library_id.in_(above) & EmergencyClosing.with_below.is_(True),
        )
        total = self.db.scalar(select(func.count(EmergencyClosing.id)).where(mine)) or 0
        rows = self.db.scalars(
            select(EmergencyClosing)
            .where(mine)
            .order_by(EmergencyClosing.id.desc())
            .offset(offset)
            .limit(limit)
        )
        return total, rows.all()

    def find(self, library: Library, closing_id: int) -> EmergencyClosing:
        """Return one of an organisation, or refuse."""
        closing = self.db.get(EmergencyClosing, closing_id)
        if closing is None or closing.library_id != library.id:
            raise NotFoundHere(_("There is no such emergency closing."))
        return closing

    def _check(self, wanted: Wanted) -> None:
        today = self.calendars.today(wanted.library)
        wrong: dict[str, tuple[ClosingCode, Any]] = {}
        too_far = (ClosingCode.TOO_FAR_AHEAD, _("That is too far ahead."))
        if wanted.first < today - BACK:
            said = _("The first day is more than a week ago.")
            wrong["first"] = (ClosingCode.TOO_LONG_AGO, said)
        if wanted.first > today + LONGEST:
            wrong["first"] = too_far
        if wanted.last < wanted.first:
            said = _("The last day is before the first.")
            wrong["last"] = (ClosingCode.LAST_BEFORE_FIRST, said)
        elif wanted.last < today:
            wrong["last"] = (ClosingCode.OVER, _("These days are over."))
        elif wanted.last > today + LONGEST:
            wrong["last"] = too_far
        if wrong:
            code, _said = next(iter(wrong.values()))
            raise Unprocessable(code, WRONG, {name: said for name, (_code, said) in wrong.items()})

    def _tell_all_again(self, closing: EmergencyClosing) -> None:
        """Take what its round has moved into the next one: not all of its readers have a letter."""
        mine = (MovedDate.closing_id == closing.id) & (MovedDate.round == closing.round)
        self.db.execute(update(MovedDate).where(mine).values(round=closing.round + 1))

    def _demand_open(self, wanted: Wanted, besides: EmergencyClosing | None = None) -> None:
        """Refuse what is closed already: by the same words, by others, or from above.

        ``besides`` is the one whose days these are to be.
        """
        above = [one.id for one in self.libraries.lineage(wanted.library)]
        for one in self.db.scalars(
            select(EmergencyClosing)
            .where(
                EmergencyClosing.library_id.in_(above),
                EmergencyClosing.state.in_(STANDING),
                EmergencyClosing.first <= wanted.last,
                EmergencyClosing.last >= wanted.first,
            )
            .order_by(EmergencyClosing.id)
            .execution_options(populate_existing=True)
        ):
            if one is besides:
                continue
            days = (one.first, one.last)
            own = one.library_id == wanted.library.id
            covers = one.first <= wanted.first and wanted.last <= one.last
            same = (*days, one.with_below) == (wanted.first, wanted.last, wanted.with_below)
            if own and same and besides is None:
                raise AlreadyClosed(one)
            if own:
                said = _("It is closed on some of these days already: let that closing end later.")
                raise _refusal(ClosingCode.CLOSED_ALREADY, said)
            if one.with_below and covers:
                said = _("What stands above it is closed on these days, with all below.")
                raise _refusal(ClosingCode.CLOSED_ABOVE, said)

    def _lock(self, library: Library) -> None:
        """Let nobody else close the same place meanwhile; loans and holds need not wait."""
        row = select(Library.id).where(Library.id == library.id)
        self.db.execute(row.with_for_update(key_share=True))

    def _demand(self, closing: EmergencyClosing) -> tuple[EmergencyClosing, Library]:
        """Return it as it is now, locked; refuse one that closes nothing any more."""
        library = self.libraries.tree[closing.library_id]
        # The closing first: the worker has it while it waits for titles, and who has these may
        # wait for the place, which may be a locker.
        now = self.db.scalars(
            select(EmergencyClosing).where(EmergencyClosing.id == closing.id).with_for_update(),
            execution_options={"populate_existing": True},
        ).one()
        self._lock(library)
        if not now.stands:
            said = _("This emergency closing has been undone already.")
            raise _refusal(ClosingCode.UNDONE, said)
        return now, library

    def _queue(self, closing: EmergencyClosing) -> None:
        """Let the worker begin, look again in a while, and again when the first day begins."""
        self.outbox.add(TOPIC, closing.uid, Priority.BULK)
        again = f"{closing.uid}:{AGAIN}"
        self.outbox.add(TOPIC, again, Priority.BULK, after=LOOK_AGAIN)
        zone = self.calendars.zone(self.libraries.tree[closing.library_id])
        begins = datetime.combine(closing.first, time(), zone)
        if begins > (now := self.clock.now()):
            self.outbox.add(TOPIC, again, Priority.BULK, after=begins - now)

    def _tell(self, action: str, closing: EmergencyClosing) -> None:
        days = {"first": closing.first.isoformat(), "last": closing.last.isoformat()}
        self.history.write((HISTORY, closing.library_id), action, data=days)


def scope_of(libraries: Libraries, calendars: Calendars, closing: EmergencyClosing) -> Scope:
    """Return the calendars with a closing and without it."""
    wanted = Wanted(
        libraries.tree[closing.library_id], closing.first, closing.last, closing.with_below
    )
    return Scope.supposed(libraries, calendars, wanted, replaces=closing.exception_id)
