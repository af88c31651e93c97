"""Holds: placing one, and every step until it is closed.

Each verb locks the title in the one order, reads again, asks the workflow, then acts; then the
targets and the availability of the title are put right, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock
from bibliopolis.errors import Blocked, Conflict
from bibliopolis.i18n import _
from bibliopolis.libraries.services import COLLECTED_AT, Libraries
from bibliopolis.readers.services import Readers
from bibliopolis.workflow import Reason

from ..models import CancelCause, Hold, HoldState, HoldTarget, MissingCopy, ShelfRemoval, Transit
from ..permits import NOTHING, Overriding
from ..refusals.kinds import Act, Outcome
from ..refusals.noting import UNHEARD, RefusalNotes
from ..waiting.keeping import Waits
from .already_held import HELD, AlreadyHeld
from .copy_steps import CopySteps
from .permits import Permits
from .places import PickupPlaces
from .shelf import ShelfPeriods
from .steps import HoldSteps
from .targeting import FARTHEST, Targeting
from .title import Title
from .titles import Titles
from .wanted_days import WantedDays


class Holds:
    """The holds of readers and their steps."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        titles: Titles,
        targeting: Targeting,
        steps: HoldSteps,
        copy_steps: CopySteps,
        libraries: Libraries,
        places: PickupPlaces,
        readers: Readers,
        permits: Permits,
        availability: Availability,
        shelf: ShelfPeriods,
        refusals: RefusalNotes = UNHEARD,
    ) -> None:
        self.db = db
        self.clock = clock
        self.titles = titles
        self.targeting = targeting
        self.steps = steps
        self.copy_steps = copy_steps
        self.libraries = libraries
        self.places = places
        self.readers = readers
        self.permits = permits
        self.availability = availability
        self.shelf = shelf
        self.refusals = refusals
        self.waits = Waits(db, clock, libraries)
        self.days = WantedDays(shelf)

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Holds:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            titles=request.find_service(Titles),
            targeting=request.find_service(Targeting),
            steps=request.find_service(HoldSteps),
            copy_steps=request.find_service(CopySteps),
            libraries=request.find_service(Libraries),
            places=request.find_service(PickupPlaces),
            readers=request.find_service(Readers),
            permits=request.find_service(Permits, context=None),
            availability=request.find_service(Availability),
            shelf=request.find_service(ShelfPeriods, context=None),
            refusals=request.find_service(RefusalNotes, context=None),
        )

    def place(
        self,
        record_id: int,
        reader_id: int | None,
        pickup_library_id: int | None,
        need_by: date | None = None,
        *,
        start: date | None = None,
        item_id: int | None = None,
        overriding: Overriding = NOTHING,
    ) -> Hold:
        """Put the reader at the end of the title's queue, or refuse with every reason.

        ``start`` is the day from which the reader wants the book: the hold stands by it.
        ``item_id`` is the copy, where the reader wants this very one and no other.
        ``need_by`` is the last day on which the reader wants the book; InvalidInput if it has
        passed where they collect it, as for ``start``. ``overriding`` is what staff override; the
        history keeps it with their reason.
        """
        title = self.titles.lock_head(record_id, reader_ids=[reader_id])
        reader = self.readers.in_turn([reader_id]).get(reader_id or 0)
        against = self.permits.against_hold(title, reader, pickup_library_id, item_id)
        blocks = overriding.left(against)
        overridden = [str(one.code) for one in against if overriding.overrides(one)]
        held = title.hold_of(reader_id, item_id)
        if held is not None and any(one.code in HELD for one in blocks):
            raise AlreadyHeld(held, blocks)
        if blocks or reader is None or pickup_library_id is None:
            codes = [one.code for one in blocks]
            self.refusals.refused(Act.HOLD, codes, reader_id, record_id, pickup_library_id)
            raise Blocked(_("The hold cannot be placed."), blocks)
        now = self.clock.now()
        hold = Hold(
            state=self.steps.machine.workflow.initial,
            reader_id=reader.id,
            record_id=record_id,
            pickup_library_id=pickup_library_id,
            wanted_item_id=item_id,
            need_by=need_by,
            placed=now,
            changed=now,
            overridden=overridden or None,
        )
        self.days.demand_last(hold, need_by)
        self.days.demand_first(hold, reader, start)
        self.days.let_begin(hold, start, now)
        self.db.add(hold)
        # Flush to get hold.id: the history and the target name it.
        self.db.flush()
        title.holds[hold.id] = hold
        comment = overriding.reason if overridden else None
        self.steps.tell(
            hold,
            "place",
            None,
            pickup_library_id,
            comment=comment,
            overridden=overridden or None,
            starts=hold.starts and hold.starts.isoformat(),
            item_id=item_id,
        )
        self.waits.begin(title, hold)
        self.settle(title)
        self.refusals.met(reader.id, record_id)
        return hold

    def reasons_against_pickup(self, library_id: int | None) -> list[Reason]:
        """Return why holds cannot be collected at a place, or that none was chosen."""
        place = self.libraries.tree.get(library_id or 0)
        if place is None or place.kind not in COLLECTED_AT:
            return [_("Choose the library where you will collect it.")]
        if place not in self.libraries.pickup_points():
            return [_("Holds cannot be collected at this library.")]
        return []

    def capture(self, hold_id: int, item_id: int, library_id: int) -> Hold:
        """Bind a copy that lies on the desk of a library to the hold."""
        title, hold = self.locked(hold_id)
        item = title.items.get(item_id)
        if item is None:
            raise Conflict(_("This copy is of another title."))
        self.bind(title, hold, item, library_id)
        self.settle(title)
        return hold

    def bind(self, title: Title, hold: Hold, item: Item, library_id: int) -> None:
        """Take the step of capture; what is not ready to collect sets out for there."""
        self.steps.take("capture", hold, title, library_id, item_id=item.id)
        hold.item_id = item.id
        # A pause that lay ahead is void: there is a copy, and nobody is asked to go first any more.
        hold.suspend_from = hold.suspended_until = None
        item.holding_library_id = library_id
        self.end_transit(title, item, library_id)
        self.lay_on_shelf(title, hold)
        if hold.state == HoldState.IN_TRANSIT:
            self.send(title, item, library_id, hold.pickup_library_id, hold)

    def collect_at_desk(self, title: Title, hold: Hold, item: Item) -> None:
        """Let a hold for a locker be collected at the desk that serves the locker."""
        desk_id = self.places.desk_of(hold.pickup_library_id)
        self.steps.take("change_pickup", hold, title, desk_id, item_id=item.id)
        hold.pickup_library_id = desk_id
        transit = title.transits.get(item.id)
        if transit is not None:
            transit.to_library_id = desk_id

    def receive(self, hold_id: int, library_id: int) -> Hold:
        """Take a captured copy in at the library where the reader waits for it."""
        title, hold = self.locked(hold_id)
        self.arrive(title, hold, library_id)
        self.settle(title)
        return hold

    def arrive(
        self, title: Title, hold: Hold, library_id: int, reader_id: int | None = None
    ) -> None:
        """Take the step of receiving: the journey ends on the hold shelf or with its reader."""
        data = {"item_id": hold.item_id, "reader_id": reader_id}
        self.steps.take("receive", hold, title, library_id, **data)
        item = title.items[hold.item_id or 0]
        item.holding_library_id = library_id
        self.end_transit(title, item, library_id)
        self.lay_on_shelf(title, hold)

    def lay_on_shelf(self, title: Title, hold: Hold) -> None:
        """Say until when the copy waits, if it has just begun to; on its way it has no such day.

        What goes to a locker has a cell of it from the moment it sets out.
        """
        self.places.keep_cell(hold)
        if hold.state != HoldState.READY or hold.by_delivery:
            hold.collect_by = None
        elif hold.collect_by is None:
            reader = self.readers.get(hold.reader_id)
            item = title.items.get(hold.item_id or 0)
            hold.collect_by = self.shelf.last_day(hold, reader, item, title.record)

    def cancel(
        self, hold_id: int, comment: str | None = None, cause: CancelCause | None = None
    ) -> Hold:
        """Close the hold as its reader or a librarian wishes; its copy is for the next.

        A reader whose copy already waits only asks for it: the hold stays ready, with
        ``cancel_requested``, until staff scan the copy.
        """
        title, hold = self.locked(hold_id)
        self.end("cancel", title, hold, comment, cause)
        self.settle(title)
        return hold

    def give_up(self, hold_id: int, comment: str | None = None) -> Hold:
        """Close a hold for which no copy can be had."""
        return self._close("give_up", hold_id, comment)

    def not_collected(self, hold_id: int) -> Hold:
        """Close a hold whose reader did not come; its copy is for the next."""
        return self._close("not_collected", hold_id, None)

    def seek_another(
        self, title: Title, hold: Hold, library_id: int | None, *, off_line: bool = False
    ) -> None:
        """Let a hold whose copy was lost on its way wait for another one, in its old place.

        Or whose copy a terminal has lent to somebody else while it was ``off_line``.
        """
        item_id = hold.item_id
        self.steps.take("seek_another", hold, title, library_id, item_id=item_id, off_line=off_line)
        self.places.free_cell(item_id or 0)
        hold.item_id = hold.collect_by = None

    def expire_unfilled(self, hold_id: int) -> Hold:
        """Close a hold whose reader no longer wants the book."""
        return self._close("expire_unfilled", hold_id, None)

    def mark_found(self, hold_id: int, library_id: int, *, found: bool = True) -> None:
        """Note that the copy looked for was taken from its shelf here, or take that back."""
        title, hold = self.locked(hold_id)
        target = self._target(title, hold, library_id)
        if found != bool(target.found):
            target.found = self.clock.now() if found else None

    def not_found(self, hold_id: int, library_id: int) -> None:
        """Note that the copy looked for is not in its place; the next one is chosen."""
        title, hold = self.locked(hold_id)
        target = self._target(title, hold, library_id)
        missing = MissingCopy(
            item_id=target.item_id, library_id=library_id, noticed=self.clock.now()
        )
        self.db.add(missing)
        title.missing[target.item_id] = missing
        self.steps.tell(hold, "not_found", hold.state, library_id, item_id=target.item_id)
        self.settle(title)

    def _target(self, title: Title, hold: Hold, library_id: int) -> HoldTarget:
        target = title.targets.get(hold.id)
        if target is None or target.library_id != library_id:
            raise Conflict(_("This copy is no longer on the pull list of this library."))
        return target

    @contextmanager
    def together(self) -> Iterator[None]:
        """Take steps of many holds within: what is noted of them is written at once."""
        with self.waits.together(), self.steps.together():
            yield

    def settle(self, *titles: Title, farthest: int | None = FARTHEST) -> None:
        """Choose anew what is looked for, then count anew what is available.

        ``farthest`` is how many holds of a queue are asked at most; None is all.
        """
        if len(titles) > 1:
            self.permits.remember(hold for title in titles for hold in title.queue)
        for title in titles:
            self.targeting.retarget(title, farthest=farthest)
        self.db.flush()
        # Last: it holds the row that all availability changes take turns at.
        self.availability.recompute(sorted(title.record.id for title in titles))

    def send(
        self, title: Title, item: Item, here: int, there: int, hold: Hold | None = None
    ) -> None:
        """Let a copy set out for another library."""
        transit = Transit(
            item_id=item.id,
            hold_id=hold.id if hold else None,
            from_library_id=here,
            to_library_id=there,
            sent=self.clock.now(),
        )
        self.db.add(transit)
        title.transits[item.id] = transit
        # Flush to get transit.id: the history names it.
        self.db.flush()
        facts = {"to_library_id": there, "item_id": item.id}
        self.copy_steps.tell(transit, "send", None, here, facts=facts)

    def end_transit(self, title: Title, item: Item, library_id: int) -> None:
        """Let the journey of a copy end at the library where it is now, if it was on one."""
        transit = title.transits.pop(item.id, None)
        if transit is not None:
            self.copy_steps.take("check_in", transit, library_id)

    def _close(self, verb: str, hold_id: int, comment: str | None) -> Hold:
        title, hold = self.locked(hold_id)
        self.end(verb, title, hold, comment)
        self.settle(title)
        return hold

    def end(
        self,
        verb: str,
        title: Title,
        hold: Hold,
        comment: str | None = None,
        cause: CancelCause | None = None,
        library_id: int | None = None,
    ) -> None:
        """Take a step that closes the hold; the title is still to be settled.

        ``library_id`` is where the copy has just been scanned: it need not be cleared then.
        """
        lay_ready = library_id is None and hold.state in (
            HoldState.READY,
            HoldState.OUT_FOR_DELIVERY,
        )
        on_its_way = hold.state == HoldState.IN_TRANSIT
        if verb == "cancel" and self.steps.acts_for_reader(hold):
            cause = CancelCause.READER
        elif verb == "cancel":
            cause = cause or CancelCause.LIBRARY
        taken = self.steps.take(verb, hold, title, library_id, comment=comment, cause=cause)
        if taken.to in (HoldState.READY, HoldState.OUT_FOR_DELIVERY):
            hold.cancel_requested = self.clock.now()
            return
        hold.cause = cause
        del title.holds[hold.id]
        if on_its_way:
            self.places.free_cell(hold.item_id or 0)
        if verb in tuple(Outcome):
            place = hold.pickup_library_id
            self.refusals.unfilled(verb, hold.reader_id, hold.record_id, place)
        if lay_ready and hold.item_id is not None:
            self._to_be_cleared(title, hold.item_id)

    def _to_be_cleared(self, title: Title, item_id: int) -> None:
        removal = ShelfRemoval(
            item_id=item_id,
            library_id=title.items[item_id].holding_library_id,
            since=self.clock.now(),
        )
        self.db.add(removal)
        title.removals[item_id] = removal

    def locked(self, hold_id: int) -> tuple[Title, Hold]:
        """Lock the title of a hold and read both anew; a closed hold comes as it is."""
        # Of one closed meanwhile the machine says best why nothing more can be done with it.
        return self.titles.lock_with_hold(hold_id)
