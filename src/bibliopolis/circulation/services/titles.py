"""All that circulates of one title, read under its locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session, load_only

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.db import read_rows
from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _

from ..models import (
    BOUND_STATES,
    OPEN_STATES,
    Hold,
    HoldTarget,
    Loan,
    MissingCopy,
    ShelfRemoval,
    Transit,
)
from .heads import NEXT_FOR_ONE_COPY, Place, end_of, in_line, near, place_of

COMING = frozenset({ItemStatus.ON_ORDER, ItemStatus.LENT_ELSEWHERE})
"""Copies that cannot be lent today but are worth waiting for."""

_HOPED_FOR = COMING | {ItemStatus.LENDABLE}

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


@dataclass
class Title:
    """A record with its copies and everything that is open on them."""

    record: Record
    items: dict[int, Item]
    holds: dict[int, Hold]
    """Open holds only; at a glance, those of some readers."""
    targets: dict[int, HoldTarget]
    """By the id of the hold."""
    loans: dict[int, Loan]
    """Open loans, by the id of the item."""
    transits: dict[int, Transit]
    """Open transits, by the id of the item."""
    missing: dict[int, MissingCopy] = field(default_factory=dict)
    removals: dict[int, ShelfRemoval] = field(default_factory=dict)
    at_a_glance: bool = False
    """Whether what others have of it was left out."""
    end: Place | None = None
    """The last place up to which those are at hand who take any copy; None where all are."""
    tail: Callable[[Place, int], Sequence[Hold]] | None = None
    """Reads so many holds behind a place of the queue."""
    for_copies: Callable[[Collection[int]], Sequence[Hold]] | None = None
    """Reads all who wait for one of these copies and no other."""
    all_read_for: set[int] = field(default_factory=set)
    """The copies for which that was done."""

    @property
    def queue(self) -> list[Hold]:
        """Return the holds that wait for a copy, the next to be served first, as far as at hand.

        One that is suspended or begins later keeps its place but is not served, so it is not among
        them; nor is one behind others that have not been read.
        """
        waiting = (hold for hold in self.holds.values() if hold.waits)
        return sorted((one for one in waiting if self._is_at_hand(one)), key=place_of)

    @property
    def sought_behind(self) -> list[Hold]:
        """Return the holds behind the end of the queue at hand for which a copy is looked for."""
        found = (self.holds[one] for one in self.targets if one in self.holds)
        behind = (one for one in found if one.waits and not self._is_at_hand(one))
        return sorted(behind, key=place_of)

    def more(self, number: int) -> Sequence[Hold]:
        """Read so many more holds of the queue; none where its end has been reached."""
        if self.end is None or self.tail is None:
            return []
        found = self.tail(self.end, number)
        self.holds.update((hold.id, hold) for hold in found)
        self.end = place_of(found[-1]) if len(found) == number else None
        return found

    def read_all_for(self, item_ids: Iterable[int]) -> None:
        """Read also those behind the first ones who wait for one of these copies and no other."""
        known = Counter(one.wanted_item_id for one in self.queue)
        # Of fewer than are read at first none is left.
        more = {one for one in item_ids if known[one] >= NEXT_FOR_ONE_COPY} - self.all_read_for
        if more and self.for_copies is not None:
            self.holds.update((hold.id, hold) for hold in self.for_copies(more))
            self.all_read_for |= more

    def waits_for(self, number: int, item_id: int) -> bool:
        """Say whether at least so many readers wait for this copy, or for any."""
        if number > NEXT_FOR_ONE_COPY:
            self.read_all_for([item_id])
        missing = number - sum(1 for one in self.queue if one.wanted_item_id in (None, item_id))
        return missing <= 0 or len(self.more(missing)) >= missing

    def _is_at_hand(self, hold: Hold) -> bool:
        if self.end is None or hold.wanted_item_id is not None:
            return True
        return place_of(hold) <= self.end

    @property
    def bound(self) -> dict[int, Hold]:
        """Return the holds that have a copy, by the id of the item."""
        return {
            hold.item_id: hold
            for hold in self.holds.values()
            if hold.state in BOUND_STATES and hold.item_id is not None
        }

    @property
    def lendable(self) -> list[Item]:
        """Return the copies that can be lent at all, wherever they are now."""
        if self.record.withdrawn:
            return []
        return [item for item in self.items.values() if item.status == ItemStatus.LENDABLE]

    @property
    def expected(self) -> bool:
        """Say whether a reader may hope for a copy: one that can be lent, now or some day."""
        hopeful = any(item.status in COMING for item in self.items.values())
        return bool(self.lendable) or (hopeful and not self.record.withdrawn)

    @property
    def hopeful(self) -> bool:
        """Say whether any copy could serve a reader some day, as far as is known now."""
        return self.expected and not all(
            item.id in self.missing or item.status not in _HOPED_FOR for item in self.items.values()
        )

    def has_hope(self, hold: Hold) -> bool:
        """Say the same for one hold: who wants a certain copy hopes for no other."""
        if hold.wanted_item_id is None:
            return self.hopeful
        return hold.wanted_item_id in self.hoped_for

    @property
    def hoped_for(self) -> frozenset[int]:
        """Return the copies that could serve a reader some day."""
        if self.record.withdrawn:
            return frozenset()
        return frozenset(
            item.id
            for item in self.items.values()
            if item.status in _HOPED_FOR and item.id not in self.missing
        )

    @property
    def free(self) -> list[Item]:
        """Return the copies that stand somewhere and are promised to nobody."""
        taken = {*self.loans, *self.transits, *self.missing, *self.bound}
        return [item for item in self.lendable if item.id not in taken]

    def target_of_item(self, item_id: int) -> HoldTarget | None:
        """Return for which hold the copy is being looked for."""
        return next((row for row in self.targets.values() if row.item_id == item_id), None)

    def hold_of(self, reader_id: int | None, item_id: int | None = None) -> Hold | None:
        """Return the open hold a reader has on the title, best the one on this very copy."""
        if reader_id is None:
            return None
        mine = [hold for hold in self.holds.values() if hold.reader_id == reader_id]
        return min(mine, key=lambda hold: hold.wanted_item_id != item_id, default=None)

    def hold_filled_by(self, item_id: int, reader_id: int | None) -> Hold | None:
        """Return the open hold of a reader that this copy fills: bound to it, on it, or on any."""
        if reader_id is None:
            return None
        filled = [
            hold
            for hold in self.holds.values()
            if hold.reader_id == reader_id and hold.wanted_item_id in (None, item_id)
        ]
        return min(
            filled,
            key=lambda hold: (hold.item_id != item_id, hold.wanted_item_id != item_id),
            default=None,
        )

    def loan_of(self, reader_id: int | None) -> Loan | None:
        """Return the open loan of a copy of the title to a reader."""
        found = (loan for loan in self.loans.values() if loan.reader_id == reader_id)
        return None if reader_id is None else next(found, None)


class Titles:
    """Read titles: locked, in the one order everybody keeps, or just to look."""

    def __init__(self, db: Session) -> None:
        self.db = db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Titles:
        """Make it for a request."""
        return cls(db=request.db)

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

    def read_heads(self, record_ids: Sequence[int], hold_ids: Iterable[int] = ()) -> list[Title]:
        """Do the same for many records at once."""
        return self._read(record_ids, locked=False, named=(hold_ids, ()))

    def glance(self, record: Record, *reader_ids: int) -> Title:
        """Read only what says whether readers may place a hold: the copies, and their own."""
        rows: Any = read_rows(self.db, _COPIES, {"record_id": record.id})
        title = Title(record, {row.id: row for row in rows}, {}, {}, {}, {}, at_a_glance=True)
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
            )
            if named is not None:
                title.end = end_of(title.queue, most)
                title.tail = self._tail(record.id, locked)
                title.for_copies = self._for_copies(record.id, locked)
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
            return self._rows(select(Hold).where(these, Hold.waits).order_by(Hold.id), locked)

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
