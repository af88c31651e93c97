"""Holds follow the copies they are for, when descriptions move from one record to another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.catalogue.interfaces import IFollowsRecords, RecordMove
from bibliopolis.clock import Clock
from bibliopolis.db import portions
from bibliopolis.i18n import _n
from bibliopolis.resources.history import HistoryEntry

from ..models import OPEN_STATES, CancelCause, Hold, HoldState
from .holds import Holds
from .leaving import HOUSE
from .steps import WORKFLOW, HoldSteps
from .title import Title

MOVED = "moved"
"""The action in the history of a hold; its data name both records."""
JOINED = "joined"
"""The action of a hold that ended because its reader has another in the same queue."""
AT_ONCE = 500
NEAREST = OPEN_STATES


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
            begun = self._leave_one(move, going)
            self._take_along(move, going)
            if begun:
                title = self.holds.titles.lock_head(move.to_id, hold_ids=[one.id for one in begun])
                self.holds.waits.begin(title, *begun)
        if move.wholly:
            rest = update(Hold).where(Hold.record_id == move.from_id)
            self.db.execute(rest.values(record_id=move.to_id))

    def _going(self, move: RecordMove) -> set[int]:
        """Return the open holds that go along, by their ids: a queue may be long."""
        mine = (Hold.record_id == move.from_id) & Hold.state.in_(OPEN_STATES)
        if move.wholly:
            return set(self.db.scalars(select(Hold.id).where(mine)))
        back = self._moved_by(move.undoes) if move.undoes else set()
        # What has a copy or is looked for is in the head; the others only wait.
        title = self.holds.titles.lock_head(move.from_id)
        there = self.holds.titles.lock_head(move.to_id)
        coming = sum(1 for item in title.lendable if item.id in move.item_ids)
        follow = len(there.lendable) + coming > len(title.lendable) - coming
        rows = self.db.execute(select(Hold.id, Hold.wanted_item_id).where(mine)).all()
        copies = {row.id: row.wanted_item_id for row in rows if row.wanted_item_id is not None}
        copies |= {
            hold_id: target.item_id
            for hold_id, target in title.targets.items()
            if hold_id not in copies
        }
        copies |= {hold.id: item_id for item_id, hold in title.bound.items()}
        going = {hold_id for hold_id, copy in copies.items() if copy in move.item_ids}
        rest = {row.id for row in rows} - copies.keys()
        if move.undoes:
            return going | (rest & back)
        return going | rest if follow else going

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

    def _leave_one(self, move: RecordMove, going: set[int]) -> list[Hold]:
        """End one hold of each reader who would have two; both titles are still whole.

        Return those that begin by that: the one that ended had begun.

        Who waits for two particular copies, volumes perhaps, wants both.
        """
        begun: list[Hold] = []
        come = [hold for hold in self._twice(move.from_id, move.to_id) if hold.id in going]
        theirs = self._twice(move.to_id, move.from_id)
        for hold in come:
            for other in [one for one in theirs if one.reader_id == hold.reader_id]:
                if hold.id not in going or None not in (hold.wanted_item_id, other.wanted_item_id):
                    continue
                kept, ended = sorted((hold, other), key=_nearness)
                placed = min(hold.placed, other.placed)
                in_line = hold.cut_in_line or other.cut_in_line
                first = (hold.starts, other.starts)
                since = (hold.wanted_since, other.wanted_since)
                self._end(ended)
                kept.placed, kept.cut_in_line = placed, in_line
                if kept.starts is not None and None in first:
                    begun.append(kept)
                kept.starts = None if None in first else min(one for one in first if one)
                kept.wanted_since = None if None in since else min(one for one in since if one)
                going.discard(ended.id)
                if ended is other:
                    theirs.remove(other)
        self.db.flush()
        return begun

    def _end(self, hold: Hold) -> None:
        title = self.holds.titles.lock_head(hold.record_id, hold_ids=[hold.id])
        self.holds.steps.tell(hold, JOINED, hold.state, None)
        self.holds.end("cancel", title, hold, cause=CancelCause.JOINED)
        target = title.targets.get(hold.id)
        if target is not None:
            self.db.delete(target)
        self.db.flush()

    def _twice(self, record_id: int, other_id: int) -> list[Hold]:
        """Return the open holds on a record of readers who have one on the other, too."""
        is_open = Hold.state.in_(OPEN_STATES)
        there = select(Hold.reader_id).where(
            is_open, Hold.record_id == other_id, Hold.reader_id.is_not(None)
        )
        mine = select(Hold).where(is_open, Hold.record_id == record_id, Hold.reader_id.in_(there))
        return list(self.db.scalars(mine.order_by(Hold.id)))

    def _take_along(self, move: RecordMove, going: set[int]) -> None:
        title: Title = self.holds.titles.lock_head(move.from_id)
        facts = {"from": move.from_id, "to": move.to_id}
        for hold_id, target in title.targets.items():
            # What is looked for goes with the copies; who stays behind is given another.
            if (hold_id in going) != (target.item_id in move.item_ids):
                self.db.delete(target)
        moved = sorted(going)
        values = {"record_id": move.to_id, "changed": self.clock.now()}
        for part in portions(moved, AT_ONCE):
            rows = update(Hold).where(Hold.id.in_(part)).values(values)
            self.db.execute(rows.execution_options(synchronize_session="fetch"))
        self.holds.steps.history.write_all([((WORKFLOW, one), facts) for one in moved], MOVED)


def _nearness(hold: Hold) -> tuple[int, bool, Any, int]:
    """Put first what is nearer to its reader, then who was before in the queue."""
    return (-NEAREST.index(HoldState(hold.state)), not hold.cut_in_line, hold.placed, hold.id)
