"""What readers and staff look up: queues, holds and loans of a reader, lists for the hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select, union_all
from sqlalchemy.orm import Session, aliased, selectinload

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.db import read_rows
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader

from ..models import (
    OPEN_STATES,
    Hold,
    HoldState,
    HoldTarget,
    Loan,
    LockerCell,
    MissingCopy,
    PastTarget,
    ShelfRemoval,
    Transit,
)
from ..waiting.models import HoldWait
from .places import served_from

Rows = Sequence[Any]
Paged = tuple[int, Rows]


_QUEUE = select(func.count(Hold.id)).where(
    Hold.record_id == bindparam("record_id"), Hold.state == HoldState.QUEUED
)


_CANCEL_ASKED = (Hold.state == HoldState.READY, Hold.cancel_requested.is_not(None))


class Way(StrEnum):
    """Where what is looked for goes: to our own hold shelf, or away."""

    HERE = "here"
    AWAY = "away"


@dataclass(frozen=True)
class Waiting:
    """How much waits at a desk today."""

    to_find: int
    found: int
    missing: int
    ready: int
    to_bring: int
    to_clear: int
    arriving: int
    without_copy: int


@dataclass(frozen=True)
class Standing:
    """How a hold in a queue stands: its place, from 1, and whether a copy is looked for."""

    position: int
    sought: bool
    wait: HoldWait | None = None
    """What is written down of its wait."""


class Lists:
    """Read-only views of circulation; each list is one query, and one for its length."""

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
        other = aliased(Hold)
        found = self.db.execute(
            select(Hold.id, func.count(other.id))
            .join(other, and_(other.record_id == Hold.record_id, _not_after(other)))
            .where(Hold.id.in_(wanted), other.state == HoldState.QUEUED)
            .group_by(Hold.id)
        )
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

    def waiting_for_a_cell(self, library_id: int, limit: int = 100) -> Rows:
        """Return (hold, item, record) of what lies at a desk because its locker was full."""
        return self.db.execute(
            select(Hold, Item, Record)
            .join(Item, Item.id == Hold.item_id)
            .join(Record, Record.id == Hold.record_id)
            .join(Library, Library.id == Hold.pickup_library_id)
            .where(
                Hold.pickup_library_id.in_(served_from(library_id)),
                Hold.state == HoldState.IN_TRANSIT,
                Library.cells.is_not(None),
                Item.holding_library_id == library_id,
            )
            .order_by(Hold.changed, Hold.id)
            .limit(limit)
        ).all()

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

    def pull(
        self,
        library_id: int,
        way: Way | None = None,
        hide_found: bool = False,
        offset: int = 0,
        limit: int = 50,
    ) -> Paged:
        """Return (target, hold, item, record) of what is to be taken from a library's shelves."""
        query = (
            select(HoldTarget, Hold, Item, Record)
            .join(Hold, Hold.id == HoldTarget.hold_id)
            .join(Item, Item.id == HoldTarget.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(HoldTarget.library_id == library_id)
            .order_by(Item.location, Item.shelf_mark, Item.id)
        )
        if way is not None:
            here = Hold.pickup_library_id.in_(served_from(library_id))
            query = query.where(here if way is Way.HERE else ~here)
        if hide_found:
            query = query.where(HoldTarget.found.is_(None))
        return self._page(query, offset, limit)

    def shelf(
        self, library_id: int, offset: int = 0, limit: int = 50, *, hold_id: int | None = None
    ) -> Paged:
        """Return (hold, item, record, reader) of what waits on a library's hold shelf.

        ``hold_id`` narrows it to one hold, if that one waits there.
        """
        query = (
            select(Hold, Item, Record, Reader)
            .join(Item, Item.id == Hold.item_id)
            .join(Record, Record.id == Hold.record_id)
            .join(Reader, Reader.id == Hold.reader_id)
            .options(selectinload(Reader.cards))
            .where(
                Hold.pickup_library_id.in_(served_from(library_id)),
                Hold.state == HoldState.READY,
                Hold.by_delivery.is_(False),
                Hold.cancel_requested.is_(None),
            )
            .order_by(Hold.collect_by, Hold.id)
        )
        if hold_id is not None:
            query = query.where(Hold.id == hold_id)
        return self._page(query, offset, limit)

    def to_clear(self, library_id: int, limit: int = 200) -> Rows:
        """Return (since, item, record) of what lies on the hold shelf and is not to be collected.

        Its hold has ended, or its reader has asked for that.
        """
        lies = select(ShelfRemoval.item_id, ShelfRemoval.since).where(
            ShelfRemoval.library_id == library_id
        )
        asked = select(Hold.item_id, Hold.cancel_requested.label("since")).where(
            Hold.pickup_library_id.in_(served_from(library_id)), *_CANCEL_ASKED
        )
        found = union_all(lies, asked).subquery()
        return self.db.execute(
            select(found.c.since, Item, Record)
            .join(Item, Item.id == found.c.item_id)
            .join(Record, Record.id == Item.record_id)
            .order_by(found.c.since, Item.id)
            .limit(limit)
        ).all()

    def arriving(self, library_id: int, offset: int = 0, limit: int = 50) -> Paged:
        """Return (transit, item, record, hold) of what is on its way to a library."""
        query = (
            select(Transit, Item, Record, Hold)
            .join(Item, Item.id == Transit.item_id)
            .join(Record, Record.id == Item.record_id)
            .outerjoin(Hold, and_(Hold.id == Transit.hold_id, Hold.state == HoldState.IN_TRANSIT))
            .where(Transit.to_library_id.in_(served_from(library_id)), Transit.received.is_(None))
            .order_by(Transit.sent, Transit.id)
        )
        return self._page(query, offset, limit)

    def without_copy(
        self, library_id: int, offset: int = 0, limit: int = 50, *, hopeless: bool = False
    ) -> Paged:
        """Return (hold, record) of those who wait here while no copy is being looked for.

        ``hopeless`` are those for whom there is none to hope for, the longest first.
        """
        query = (
            select(Hold, Record)
            .join(Record, Record.id == Hold.record_id)
            .outerjoin(HoldTarget, HoldTarget.hold_id == Hold.id)
            .where(
                Hold.pickup_library_id.in_(served_from(library_id)),
                Hold.state == HoldState.QUEUED,
                Hold.suspended.is_(None),
                HoldTarget.hold_id.is_(None),
            )
            .order_by(*((Hold.hopeless_since,) if hopeless else ()), Hold.placed, Hold.id)
        )
        if hopeless:
            query = query.where(Hold.hopeless_since.is_not(None))
        return self._page(query, offset, limit)

    def past_targets(self, hold_id: int, limit: int = 20) -> Rows:
        """Return (past target, item) of what was looked for in vain for a hold, the last first."""
        return self.db.execute(
            select(PastTarget, Item)
            .join(Item, Item.id == PastTarget.item_id)
            .where(PastTarget.hold_id == hold_id)
            .order_by(PastTarget.id.desc())
            .limit(limit)
        ).all()

    def waiting_at(self, library_id: int) -> Waiting:
        """Return how much waits at a library's desk, in one query."""

        def number(model: Any, *conditions: Any) -> Any:
            return select(func.count()).select_from(model).where(*conditions).scalar_subquery()

        target_here = HoldTarget.library_id == library_id
        served = served_from(library_id)
        pickup_here = Hold.pickup_library_id.in_(served)
        sought = select(HoldTarget.hold_id).where(HoldTarget.hold_id == Hold.id).exists()
        row = self.db.execute(
            select(
                number(HoldTarget, target_here, HoldTarget.found.is_(None)),
                number(HoldTarget, target_here, HoldTarget.found.is_not(None)),
                number(MissingCopy, MissingCopy.library_id == library_id),
                number(
                    Hold,
                    pickup_here,
                    Hold.state == HoldState.READY,
                    Hold.by_delivery.is_(False),
                    Hold.cancel_requested.is_(None),
                ),
                number(
                    Hold,
                    Hold.pickup_library_id == library_id,
                    Hold.state == HoldState.READY,
                    Hold.by_delivery.is_(True),
                    Hold.cancel_requested.is_(None),
                ),
                number(ShelfRemoval, ShelfRemoval.library_id == library_id)
                + number(Hold, pickup_here, *_CANCEL_ASKED),
                number(Transit, Transit.to_library_id.in_(served), Transit.received.is_(None)),
                number(
                    Hold,
                    pickup_here,
                    Hold.state == HoldState.QUEUED,
                    Hold.suspended.is_(None),
                    ~sought,
                ),
            )
        ).one()
        return Waiting(*row)

    def _page(self, query: Any, offset: int, limit: int) -> Paged:
        total = self._count(query.order_by(None))
        return total, self.db.execute(query.offset(offset).limit(limit)).all()

    def _count(self, query: Any) -> int:
        ids = query.with_only_columns(func.count(), maintain_column_froms=True)
        return self.db.scalar(ids) or 0


def _not_after(other: Any) -> Any:
    """Return the condition that another hold of a queue stands before a hold, or is it."""
    same_line = other.cut_in_line == Hold.cut_in_line
    return or_(
        and_(other.cut_in_line.is_(True), Hold.cut_in_line.is_(False)),
        and_(same_line, other.placed < Hold.placed),
        and_(same_line, other.placed == Hold.placed, other.id <= Hold.id),
    )


def _ready_first() -> Any:
    order = {HoldState.READY: 0, HoldState.IN_TRANSIT: 1}
    return case(order, value=Hold.state, else_=2)
