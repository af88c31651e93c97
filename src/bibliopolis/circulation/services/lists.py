"""What readers and staff look up: queues, and the holds, loans and copies of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.db import read_rows

from ..models import (
    OPEN_STATES,
    Hold,
    HoldState,
    HoldTarget,
    Loan,
    LockerCell,
    PastTarget,
)
from ..waiting.models import HoldWait

Rows = Sequence[Any]
Paged = tuple[int, Rows]


_QUEUE = select(func.count(Hold.id)).where(
    Hold.record_id == bindparam("record_id"), Hold.state == HoldState.QUEUED
)


@dataclass(frozen=True)
class Standing:
    """How a hold in a queue stands: its place, from 1, and whether a copy is looked for."""

    position: int
    sought: bool
    wait: HoldWait | None = None
    """What is written down of its wait."""


class Lists:
    """Read-only views of circulation; each is one query."""

    def __init__(self, db: Session) -> None:
        self.db = db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Lists:
        """Make it for a request."""
        return cls(db=request.db)

    def queue_length(self, record_id: int) -> int:
        """Return how many readers wait for a copy of a record."""
        return read_rows(self.db, _QUEUE, {"record_id": record_id}).scalar() or 0

    def positions(self, holds: Iterable[Hold]) -> Mapping[int, int]:
        """Return the place in the queue, from 1, of those of the holds that are queued."""
        wanted = [hold.id for hold in holds if hold.state == HoldState.QUEUED]
        if not wanted:
            return {}
        found = self.db.execute(_positions(), {"hold_ids": wanted})
        return {row[0]: row[1] for row in found}

    def standing(self, holds: Iterable[Hold]) -> Mapping[int, Standing]:
        """Return how those of the holds stand that are queued, by their ids; one query."""
        wanted = [hold.id for hold in holds if hold.state == HoldState.QUEUED]
        if not wanted:
            return {}
        other = aliased(Hold)
        same_queue = (other.record_id == Hold.record_id, other.state == HoldState.QUEUED)
        position = select(func.count(other.id)).where(*same_queue, _not_after(other))
        found = self.db.execute(
            select(Hold.id, position.scalar_subquery(), HoldTarget.hold_id, HoldWait)
            .outerjoin(HoldTarget, HoldTarget.hold_id == Hold.id)
            .outerjoin(HoldWait, and_(HoldWait.hold_id == Hold.id, HoldWait.ended.is_(None)))
            .where(Hold.id.in_(wanted))
        )
        return {
            hold_id: Standing(position, target is not None, wait)
            for hold_id, position, target, wait in found
        }

    def places_used(self, reader_ids: Iterable[int], limit: int = 20) -> Sequence[int]:
        """Return where holds of these readers are collected, the place chosen last first."""
        wanted = list(reader_ids)
        if not wanted:
            return ()
        return self.db.scalars(
            select(Hold.pickup_library_id)
            .where(Hold.reader_id.in_(wanted))
            .group_by(Hold.pickup_library_id)
            .order_by(func.max(Hold.id).desc())
            .limit(limit)
        ).all()

    def cells_taken(self) -> Mapping[int, int]:
        """Return how many cells of each locker are taken, by the id of the locker."""
        rows = self.db.execute(
            select(LockerCell.library_id, func.count()).group_by(LockerCell.library_id)
        )
        return {row[0]: row[1] for row in rows}

    def cells(self, holds: Iterable[Hold]) -> Mapping[int, int]:
        """Return in which cells of lockers copies lie, by the id of the hold."""
        lying = {hold.item_id: hold.id for hold in holds if hold.state == HoldState.READY}
        if not lying:
            return {}
        cells = select(LockerCell.item_id, LockerCell.number)
        rows = self.db.execute(cells.where(LockerCell.item_id.in_(lying)))
        return {lying[row.item_id]: row.number for row in rows}

    def hold(self, uid: str) -> Hold | None:
        """Return the hold whose address this is."""
        return self.db.scalar(select(Hold).where(Hold.uid == uid))

    def hold_of(self, reader_id: int, record_id: int, item_id: int | None = None) -> Hold | None:
        """Return the open hold of a reader on a record, best the one on this very copy."""
        return self.db.scalar(
            select(Hold)
            .where(
                Hold.reader_id == reader_id,
                Hold.record_id == record_id,
                Hold.state.in_(OPEN_STATES),
            )
            .order_by(case((Hold.wanted_item_id == (item_id or 0), 0), else_=1), Hold.id)
            .limit(1)
        )

    def open_holds_of(self, *reader_ids: int, offset: int = 0, limit: int | None = None) -> Rows:
        """Return (hold, record, item) of readers' open holds, what can be collected first.

        The item is the one bound to it, else the one it is for.
        """
        return self.db.execute(
            select(Hold, Record, Item)
            .join(Record, Record.id == Hold.record_id)
            .outerjoin(Item, Item.id == func.coalesce(Hold.item_id, Hold.wanted_item_id))
            .where(Hold.reader_id.in_(reader_ids), Hold.state.in_(OPEN_STATES))
            .order_by(_ready_first(), Hold.placed, Hold.id)
            .offset(offset)
            .limit(limit)
        ).all()

    def count_open_holds_of(self, reader_id: int) -> int:
        """Return how many open holds a reader has."""
        found = select(func.count()).select_from(Hold)
        mine = found.where(Hold.reader_id == reader_id, Hold.state.in_(OPEN_STATES))
        return self.db.scalar(mine) or 0

    def loans_of(self, *reader_ids: int) -> Rows:
        """Return (loan, item, record) of what readers have, first what is due first."""
        return self.db.execute(
            select(Loan, Item, Record)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(Loan.reader_id.in_(reader_ids), Loan.closed.is_(None))
            .order_by(Loan.due, Loan.id)
        ).all()

    def loans_with_copies(self, loan_ids: Iterable[int]) -> Rows:
        """Return (loan, item, record) of the loans with these ids, first what is due first."""
        return self.db.execute(
            select(Loan, Item, Record)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(Loan.id.in_(list(loan_ids)))
            .order_by(Loan.due, Loan.id)
        ).all()

    def loan_of_copy(self, item_id: int) -> Loan | None:
        """Return the open loan of a copy."""
        mine = (Loan.item_id == item_id) & Loan.closed.is_(None)
        return self.db.scalar(select(Loan).where(mine))

    def loan(self, uid: str) -> Loan | None:
        """Return the loan whose address this is."""
        return self.db.scalar(select(Loan).where(Loan.uid == uid))

    def copies_with_barcode(self, barcode: str) -> Rows:
        """Return (item, record) of the copies with a barcode: libraries may have used one twice."""
        return self.db.execute(
            select(Item, Record)
            .join(Record, Record.id == Item.record_id)
            .where(Item.barcode == barcode)
            .order_by(Item.id)
            .limit(20)
        ).all()

    def copies(self, item_ids: Iterable[int]) -> Mapping[int, tuple[Item, Record]]:
        """Return the copies with these ids, each with its record."""
        query = select(Item, Record).join(Record, Record.id == Item.record_id)
        rows = self.db.execute(query.where(Item.id.in_(list(item_ids))))
        return {item.id: (item, record) for item, record in rows}

    def hold_ids(self, uids: Iterable[str]) -> Mapping[str, int]:
        """Return the ids of the holds with these addresses."""
        rows = self.db.execute(select(Hold.uid, Hold.id).where(Hold.uid.in_(list(uids))))
        return {row.uid: row.id for row in rows}

    def holds(self, hold_ids: Iterable[int]) -> Mapping[int, Hold]:
        """Return the holds with these ids."""
        found = self.db.scalars(select(Hold).where(Hold.id.in_(list(hold_ids))))
        return {hold.id: hold for hold in found}

    def loans(self, loan_ids: Iterable[int]) -> Mapping[int, Loan]:
        """Return the loans with these ids."""
        found = self.db.scalars(select(Loan).where(Loan.id.in_(list(loan_ids))))
        return {loan.id: loan for loan in found}

    def past_targets(self, hold_id: int, limit: int = 20) -> Rows:
        """Return (past target, item) of what was looked for in vain for a hold, the last first."""
        return self.db.execute(
            select(PastTarget, Item)
            .join(Item, Item.id == PastTarget.item_id)
            .where(PastTarget.hold_id == hold_id)
            .order_by(PastTarget.id.desc())
            .limit(limit)
        ).all()


def _not_after(other: Any) -> Any:
    """Return the condition that another hold of a queue stands before a hold, or is it."""
    same_line = other.cut_in_line == Hold.cut_in_line
    return or_(
        and_(other.cut_in_line.is_(True), Hold.cut_in_line.is_(False)),
        and_(same_line, other.placed < Hold.placed),
        and_(same_line, other.placed == Hold.placed, other.id <= Hold.id),
    )


@cache
def _positions() -> Any:
    other = aliased(Hold)
    return (
        select(Hold.id, func.count(other.id))
        .join(other, and_(other.record_id == Hold.record_id, _not_after(other)))
        .where(Hold.id.in_(bindparam("hold_ids", expanding=True)), other.state == HoldState.QUEUED)
        .group_by(Hold.id)
    )


def _ready_first() -> Any:
    order = {HoldState.READY: 0, HoldState.IN_TRANSIT: 1}
    return case(order, value=Hold.state, else_=2)
