"""Read titles with all that is open on them, under locks in the one order or to look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.db import read_rows
from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.transactions import BeginAnew

from ..models import (
    OPEN_STATES,
    Hold,
    HoldTarget,
    Loan,
    MissingCopy,
    ShelfRemoval,
    Transit,
)
from .heads import Place, end_of, head, in_line
from .lendable import LendableCopies
from .statements import COPIES, HOLDS, ITEMS, RECORDS, open_of, or_locked
from .title import Title

_Row = TypeVar("_Row")

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

    def lock_heads(
        self,
        record_ids: Sequence[int],
        hold_ids: Iterable[int] = (),
        reader_ids: Iterable[int | None] = (),
    ) -> list[Title]:
        """Do the same for many records at once, by id, in as many statements as for one."""
        return self._read(record_ids, locked=True, named=(hold_ids, reader_ids))

    def read(self, record_id: int) -> Title:
        """Read without locks: good enough to show, not to decide."""
        return self._one(record_id, locked=False)

    def read_head(
        self, record_id: int, *, hold_ids: Iterable[int] = (), reader_ids: Iterable[int | None] = ()
    ) -> Title:
        """Read without locks and without the tail of the queue."""
        return self._one(record_id, locked=False, named=(hold_ids, reader_ids))

    def read_heads(self, record_ids: Sequence[int], hold_ids: Iterable[int] = ()) -> list[Title]:
        """Do the same for many records at once."""
        return self._read(record_ids, locked=False, named=(hold_ids, ()))

    def glance(self, record: Record, *reader_ids: int) -> Title:
        """Read only what says whether readers may place a hold: the copies, and their own."""
        rows: Any = read_rows(self.db, COPIES, {"record_id": record.id})
        copies, damaged = {row.id: row for row in rows}, self.lendable.damaged(rows)
        title = Title(record, copies, {}, {}, {}, {}, damaged=damaged, at_a_glance=True)
        if reader_ids:
            mine = (Hold.record_id == record.id) & Hold.reader_id.in_(reader_ids)
            title.holds = self._by(Hold, "id", mine, Hold.state.in_(OPEN_STATES))
            own = Loan.reader_id.in_(reader_ids)
            loans = self._rows(open_of(Loan).where(own), {"record_ids": [record.id]})
            title.loans = {loan.item_id: loan for loan in loans}
        return title

    def lock_records(self, record_ids: list[int]) -> Sequence[int]:
        """Lock several records first, by id, for work on many titles; return those there are."""
        return self.db.scalars(
            select(Record.id)
            .where(Record.id.in_(record_ids))
            .order_by(Record.id)
            .with_for_update(key_share=True)
        ).all()

    def lock_with_item(
        self, item_id: int, *, reader_ids: Iterable[int | None] = ()
    ) -> tuple[Title, Item]:
        """Lock the title of a copy, as `lock_head`; BeginAnew if the copy has left it meanwhile."""
        record_id = self.record_id_of_item(item_id)
        title = self.lock_head(record_id, reader_ids=reader_ids)
        item = title.items.get(item_id)
        if item is None:
            self.record_id_of_item(item_id)  # It may have been deleted: NotFoundHere.
            raise BeginAnew("the copy was moved to another record")
        return title, item

    def lock_with_hold(self, hold_id: int) -> tuple[Title, Hold]:
        """Do the same for a hold; one that is closed comes as it is.

        Records are joined and holds moved by others while a step waits for its locks: with those of
        a record that the hold has left nothing may be done to it.
        """
        record_id = self.record_id_of_hold(hold_id)
        title = self.lock_head(record_id, hold_ids=[hold_id])
        hold = title.holds.get(hold_id) or self.db.get(Hold, hold_id, populate_existing=True)
        if hold is None:
            raise NotFoundHere(_("There is no such copy or hold."))
        if hold.record_id != record_id:
            raise BeginAnew("the hold was moved to another record")
        return title, hold

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
        ids = {"record_ids": list(record_ids)}
        found = self._rows(RECORDS[locked], ids)
        by_record: dict[int, dict[int, Item]] = {record.id: {} for record in found}
        for item in self._rows(ITEMS[locked], ids):
            by_record[item.record_id][item.id] = item
        # Who has one in somebody's hands is passed over: so twice as many as copies.
        most = 2 * max(map(len, by_record.values()), default=0) + 1
        holds, given = HOLDS[locked], dict[str, Any](ids)
        if named is not None:
            hold_ids, reader_ids = list(named[0]), [one for one in named[1] if one is not None]
            holds = head(len(record_ids) == 1, bool(hold_ids), bool(reader_ids))[locked]
            given |= {"most": most}
            given |= {"hold_ids": hold_ids} if hold_ids else {}
            given |= {"reader_ids": reader_ids} if reader_ids else {}
        waiting: dict[int, dict[int, Hold]] = {record.id: {} for record in found}
        for hold in self._rows(holds, given):
            waiting[hold.record_id][hold.id] = hold
        targets, open_loans, journeys, missing, removals = (
            {row.item_id: row for row in self._rows(open_of(model), ids)}
            for model in (HoldTarget, Loan, Transit, MissingCopy, ShelfRemoval)
        )
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
                found += self._rows(or_locked(wanted.limit(number - len(found)))[locked])
            return found

        return read_on

    def _for_copies(
        self, record_id: int, locked: bool
    ) -> Callable[[Collection[int]], Sequence[Hold]]:
        def read(item_ids: Collection[int]) -> Sequence[Hold]:
            these = (Hold.record_id == record_id) & Hold.wanted_item_id.in_(item_ids)
            rows = select(Hold).where(these, Hold.waits).order_by(Hold.id)
            return self._rows(or_locked(rows)[locked])

        return read

    def _named(self, record_id: int, locked: bool) -> Callable[[Collection[int]], Sequence[Hold]]:
        def read(hold_ids: Collection[int]) -> Sequence[Hold]:
            these = (Hold.record_id == record_id) & Hold.id.in_(hold_ids)
            is_open = Hold.state.in_(OPEN_STATES)
            return self._rows(
                or_locked(select(Hold).where(these, is_open).order_by(Hold.id))[locked]
            )

        return read

    def _rows(self, statement: Select[_Row], given: Any = None) -> Sequence[_Row]:
        return self.db.scalars(statement, given, execution_options=FRESH).all()

    def _by(self, model: type[_Row], key: str, *conditions: Any) -> dict[int, _Row]:
        rows = self.db.scalars(select(model).where(*conditions), execution_options=FRESH)
        return {getattr(row, key): row for row in rows}


def _among(items: Mapping[int, Item], rows: Mapping[int, _Row]) -> dict[int, _Row]:
    return {item_id: rows[item_id] for item_id in items if item_id in rows}
