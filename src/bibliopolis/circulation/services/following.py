"""Holds follow the copies they are for, when descriptions move from one record to another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.catalogue.interfaces import IFollowsRecords, RecordMove
from bibliopolis.clock import Clock
from bibliopolis.i18n import _n
from bibliopolis.resources.history import HistoryEntry

from ..models import OPEN_STATES, CancelCause, Hold, HoldState
from .holds import Holds
from .leaving import HOUSE
from .steps import WORKFLOW, HoldSteps
from .titles import Title

MOVED = "moved"
"""The action in the history of a hold; its data name both records."""
JOINED = "joined"
"""The action of a hold that ended because its reader has another in the same queue."""
NEAREST = (HoldState.QUEUED, HoldState.IN_TRANSIT, HoldState.READY)


@implementer(IFollowsRecords)
class FollowingHolds:
    """Take holds along; nobody stands twice in one queue."""

    def __init__(self, db: Session, clock: Clock, holds: Holds) -> None:
        self.db = db
        self.clock = clock
        self.holds = holds

    @classmethod
    def from_request(cls, context: Any, request: Any) -> FollowingHolds:
        """Make it for a request."""
        holds = Holds.from_request(context, request)
        holds.steps = HoldSteps.from_request(context, request)
        holds.steps.actor = HOUSE
        return cls(db=request.db, clock=request.clock, holds=holds)

    def foresee(self, from_id: int, to_id: int) -> list[Any]:
        """Return how many holds would move, and how many readers wait for both."""
        waiting = [Hold.state.in_(OPEN_STATES), Hold.record_id == from_id]
        moving = self.db.scalar(select(func.count()).select_from(Hold).where(*waiting)) or 0
        there = select(Hold.reader_id).where(
            Hold.state.in_(OPEN_STATES), Hold.record_id == to_id, Hold.reader_id.is_not(None)
        )
        twice = self.db.scalar(
            select(func.count()).select_from(Hold).where(*waiting, Hold.reader_id.in_(there))
        )
        told = []
        if moving:
            told.append(
                _n(
                    "${n} hold moves; the queue is in the order of time.",
                    "${n} holds move; the queue is in the order of time.",
                    moving,
                )
            )
        if twice:
            told.append(
                _n(
                    "${n} reader waits for both: one of the two holds is cancelled.",
                    "${n} readers wait for both: one hold of each is cancelled.",
                    twice,
                )
            )
        return told

    def follow(self, move: RecordMove) -> None:
        """Take the holds of the record along that are for the copies that move.

        A hold goes where its copy goes, or the one that is looked for. One that only waits goes
        where more copies can be lent, and with everything where the record is joined. Whoever waits
        for both keeps the hold that is nearer to its end, and the earlier place in the queue.
        """
        waiting = select(Hold.id).where(Hold.record_id == move.from_id, Hold.state.in_(OPEN_STATES))
        if self.db.scalar(waiting.limit(1)) is not None:
            self.holds.titles.lock_records([move.from_id, move.to_id])
            going = self._going(move)
            self._leave_one(move, going)
            self._take_along(move, going)
        if move.wholly:
            rest = update(Hold).where(Hold.record_id == move.from_id)
            self.db.execute(rest.values(record_id=move.to_id))

    def _going(self, move: RecordMove) -> set[int]:
        """Return the open holds that go along."""
        title = self.holds.titles.lock(move.from_id)
        if move.wholly:
            return set(title.holds)
        back = self._moved_by(move.undoes) if move.undoes else set()
        there = self.holds.titles.lock(move.to_id)
        coming = sum(1 for item in title.lendable if item.id in move.item_ids)
        follow = len(there.lendable) + coming > len(title.lendable) - coming
        going = set()
        for hold in title.holds.values():
            target = title.targets.get(hold.id)
            sought = hold.wanted_item_id or (target and target.item_id)
            copy = sought if hold.state == HoldState.QUEUED else hold.item_id
            if copy is not None:
                goes = copy in move.item_ids
            else:
                goes = hold.id in back if move.undoes else follow
            if goes:
                going.add(hold.id)
        return going

    def _moved_by(self, operation: str) -> set[int]:
        """Return the holds that an operation had taken along."""
        return set(
            self.db.scalars(
                select(HistoryEntry.resource_id).where(
                    HistoryEntry.operation == operation,
                    HistoryEntry.resource_type == WORKFLOW,
                    HistoryEntry.action == MOVED,
                )
            )
        )

    def _leave_one(self, move: RecordMove, going: set[int]) -> None:
        """End one hold of each reader who would have two; both titles are still whole.

        Who waits for two particular copies, volumes perhaps, wants both.
        """
        come = self._open(move.from_id, going)
        theirs = self._open(move.to_id)
        for hold in come:
            for other in [one for one in theirs if one.reader_id == hold.reader_id]:
                if hold.id not in going or None not in (hold.wanted_item_id, other.wanted_item_id):
                    continue
                kept, ended = sorted((hold, other), key=_nearness)
                placed = min(hold.placed, other.placed)
                in_line = hold.cut_in_line or other.cut_in_line
                self._end(ended)
                kept.placed, kept.cut_in_line = placed, in_line
                going.discard(ended.id)
                if ended is other:
                    theirs.remove(other)
        self.db.flush()

    def _end(self, hold: Hold) -> None:
        title = self.holds.titles.lock(hold.record_id)
        self.holds.steps.tell(hold, JOINED, hold.state, None)
        self.holds.end("cancel", title, hold, cause=CancelCause.JOINED)
        target = title.targets.get(hold.id)
        if target is not None:
            self.db.delete(target)
        self.db.flush()

    def _open(self, record_id: int, ids: Iterable[int] | None = None) -> list[Hold]:
        wanted = select(Hold).where(Hold.record_id == record_id, Hold.state.in_(OPEN_STATES))
        if ids is not None:
            wanted = wanted.where(Hold.id.in_(list(ids)))
        return list(self.db.scalars(wanted.order_by(Hold.id)))

    def _take_along(self, move: RecordMove, going: set[int]) -> None:
        title: Title = self.holds.titles.lock(move.from_id)
        facts = {"from": move.from_id, "to": move.to_id}
        moved = [hold for hold in title.holds.values() if hold.id in going]
        for hold in moved:
            hold.record_id = move.to_id
            hold.changed = self.clock.now()
        for hold_id, target in title.targets.items():
            # What is looked for goes with the copies; who stays behind is given another.
            if (hold_id in going) != (target.item_id in move.item_ids):
                self.db.delete(target)
        self.db.flush()
        self.holds.steps.history.write_all([((WORKFLOW, hold.id), facts) for hold in moved], MOVED)


def _nearness(hold: Hold) -> tuple[int, bool, Any, int]:
    """Put first what is nearer to its reader, then who was before in the queue."""
    return (-NEAREST.index(HoldState(hold.state)), not hold.cut_in_line, hold.placed, hold.id)
