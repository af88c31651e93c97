"""Read titles with all that is open on them, under locks in the one order or to look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session, load_only

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.db import read_rows
from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _

from ..models import (
    OPEN_STATES,
    Hold,
    HoldState,
    HoldTarget,
    Loan,
    MissingCopy,
    ShelfRemoval,
    Transit,
)
from .heads import Place, end_of, in_line, near
from .lendable import LendableCopies
from .title import Title

_Row = TypeVar("_Row")

_COPIES = select(
    Item.id,
    Item.record_id,
    Item.library_id,
    Item.holding_library_id,
    Item.status,
    Item.item_type,
    *(Item.location, Item.shelf_mark, Item.created),
).where(Item.record_id == bindparam("record_id"))

SHOWN = (Record.id, Record.title, Record.author, Record.kind, Record.age, Record.withdrawn)
FRESH = {"populate_existing": True}
"""What the session remembers from before the lock may be old: read it anew."""


class Titles:
    """Read titles: locked, in the one order everybody keeps, or just to look."""

    def __init__(self, db: Session, lendable: LendableCopies) -> None:
        self.db = db
        self.lendable = lendable

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Titles:
        """Make it for a request."""
        return cls(db=request.db, lendable=request.find_service(LendableCopies, context=None))

    def lock(self, record_id: int) -> Title:
        """Lock record, then items by id, then open holds by id, and read them anew."""
        return self._one(record_id, locked=True)

    def lock_head(
        self, record_id: int, *, hold_ids: Iterable[int] = (), reader_ids: Iterable[int | None] = ()
    ) -> Title:
        """Do the same without the long tail of the queue, of which most steps need nothing.

        Its ``queue`` ends behind the holds that could be served by the copies there are, and
        ``more`` reads on; what has a copy or is looked for, these holds and those of these readers
        are always there. The lock of the record keeps the others as they are.
        """
        return self._one(record_id, locked=True, named=(hold_ids, reader_ids))

    def lock_heads(self, record_ids: Sequence[int], hold_ids: Iterable[int] = ()) -> list[Title]:
        """Do the same for many records at once, by id, in as many statements as for one."""
        return self._read(record_ids, locked=True, named=(hold_ids, ()))

    def read(self, record_id: int) -> Title:
        """Read without locks: good enough to show, not to decide."""
        return self._one(record_id, locked=False)

    def read_head(
        self, record_id: int, *, hold_ids: Iterable[int] = (), reader_ids: Iterable[int | None] = ()
    ) -> Title:
        """Read without locks and without the tail of the queue."""
        return self._one(record_id, locked=False, named=(hold_ids, reader_ids))

    def glance(self, record: Record, *reader_ids: int) -> Title:
        """Read only what says whether readers may place a hold: the copies, and their own."""
        rows: Any = read_rows(self.db, _COPIES, {"record_id": record.id})
        copies, damaged = {row.id: row for row in rows}, self.lendable.damaged(rows)
        title = Title(record, copies, {}, {}, {}, {}, damaged=damaged, at_a_glance=True)
        if reader_ids:
            mine = (Hold.record_id == record.id) & Hold.reader_id.in_(reader_ids)
            title.holds = self._by(Hold, "id", mine, Hold.state.in_(OPEN_STATES))
            own = Loan.reader_id.in_(reader_ids) & Loan.closed.is_(None)
            title.loans = self._of_items(Loan, [record.id], own)
        return title

    def lock_records(self, record_ids: list[int]) -> Sequence[int]:
        """Lock several records first, by id, for work on many titles; return those there are."""
        return self.db.scalars(
            select(Record.id)
            .where(Record.id.in_(record_ids))
            .order_by(Record.id)
            .with_for_update(key_share=True)
        ).all()

    def record_id_of_item(self, item_id: int) -> int:
        """Return the record a copy belongs to."""
        return self._known(self.db.scalar(select(Item.record_id).where(Item.id == item_id)))

    def record_id_of_hold(self, hold_id: int) -> int:
        """Return the record a hold is on."""
        return self._known(self.db.scalar(select(Hold.record_id).where(Hold.id == hold_id)))

    def _known(self, record_id: int | None) -> int:
        if record_id is None:
            raise NotFoundHere(_("There is no such copy or hold."))
        return record_id

    def _one(
        self,
        record_id: int,
        *,
        locked: bool,
        named: tuple[Iterable[int], Iterable[int | None]] | None = None,
    ) -> Title:
        found = self._read([record_id], locked=locked, named=named)
        if not found:
            raise NotFoundHere(_("There is no such record."))
        return found[0]

    def _read(
        self,
        record_ids: Sequence[int],
        *,
        locked: bool,
        named: tuple[Iterable[int], Iterable[int | None]] | None = None,
    ) -> list[Title]:
        records = select(Record).options(load_only(*SHOWN)).where(Record.id.in_(record_ids))
        items = select(Item).where(Item.record_id.in_(record_ids))
        found = self._rows(records.order_by(Record.id), locked)
        by_record: dict[int, dict[int, Item]] = {record.id: {} for record in found}
        for item in self._rows(items.order_by(Item.id), locked):
            by_record[item.record_id][item.id] = item
        # Who has one in somebody's hands is passed over: so twice as many as copies.
        most = 2 * max(map(len, by_record.values()), default=0) + 1
        holds = select(Hold).where(Hold.record_id.in_(record_ids), Hold.state.in_(OPEN_STATES))
        if named is not None:
            holds = holds.where(Hold.id.in_(near(record_ids, most, *named)))
        waiting: dict[int, dict[int, Hold]] = {record.id: {} for record in found}
        for hold in self._rows(holds.order_by(Hold.id), locked):
            waiting[hold.record_id][hold.id] = hold
        targets = self._of_items(HoldTarget, record_ids)
        open_loans = self._of_items(Loan, record_ids, Loan.closed.is_(None))
        journeys = self._of_items(Transit, record_ids, Transit.received.is_(None))
        missing = self._of_items(MissingCopy, record_ids)
        removals = self._of_items(ShelfRemoval, record_ids)
        titles = []
        for record in found:
            mine, theirs = by_record[record.id], waiting[record.id]
            title = Title(
                record=record,
                items=mine,
                holds=theirs,
                targets={
                    row.hold_id: row
                    for row in _among(mine, targets).values()
                    if row.hold_id in theirs
                },
                loans=_among(mine, open_loans),
                transits=_among(mine, journeys),
                missing=_among(mine, missing),
                removals=_among(mine, removals),
                damaged=self.lendable.damaged(mine.values()),
            )
            if named is not None:
                title.end = end_of(title.queue, most)
                title.tail = self._tail(record.id, locked)
                title.for_copies = self._for_copies(record.id, locked)
                title.named = self._named(record.id, locked)
            titles.append(title)
        return titles

    def _tail(self, record_id: int, locked: bool) -> Callable[[Place, int], list[Hold]]:
        def read_on(behind: Place, number: int) -> list[Hold]:
            found: list[Hold] = []
            for first in (True, False):
                if number == len(found) or (first and behind[0]):
                    continue
                wanted = in_line(first).where(Hold.record_id == record_id)
                if first is not behind[0]:
                    _line, placed, hold_id = behind
                    later = or_(Hold.placed > placed, Hold.id > hold_id)
                    wanted = wanted.where(Hold.placed >= placed, later)
                found += self._rows(wanted.limit(number - len(found)), locked)
            return found

        return read_on

    def _for_copies(
        self, record_id: int, locked: bool
    ) -> Callable[[Collection[int]], Sequence[Hold]]:
        def read(item_ids: Collection[int]) -> Sequence[Hold]:
            these = (Hold.record_id == record_id) & Hold.wanted_item_id.in_(item_ids)
            waiting = (Hold.state == HoldState.QUEUED) & Hold.suspended.is_(None)
            return self._rows(select(Hold).where(these, waiting).order_by(Hold.id), locked)

        return read

    def _named(self, record_id: int, locked: bool) -> Callable[[Collection[int]], Sequence[Hold]]:
        def read(hold_ids: Collection[int]) -> Sequence[Hold]:
            these = (Hold.record_id == record_id) & Hold.id.in_(hold_ids)
            is_open = Hold.state.in_(OPEN_STATES)
            return self._rows(select(Hold).where(these, is_open).order_by(Hold.id), locked)

        return read

    def _rows(self, statement: Select[_Row], locked: bool) -> Sequence[_Row]:
        if locked:
            # FOR NO KEY UPDATE: rows that merely refer to the record need not wait.
            statement = statement.with_for_update(key_share=True)
        return self.db.scalars(statement, execution_options=FRESH).all()

    def _of_items(self, model: Any, record_ids: Sequence[int], *conditions: Any) -> dict[int, Any]:
        mine = model.item_id.in_(select(Item.id).where(Item.record_id.in_(record_ids)))
        return self._by(model, "item_id", mine, *conditions)

    def _by(self, model: type[_Row], key: str, *conditions: Any) -> dict[int, _Row]:
        rows = self.db.scalars(select(model).where(*conditions), execution_options=FRESH)
        return {getattr(row, key): row for row in rows}


def _among(items: Mapping[int, Item], rows: Mapping[int, _Row]) -> dict[int, _Row]:
    return {item_id: rows[item_id] for item_id in items if item_id in rows}
