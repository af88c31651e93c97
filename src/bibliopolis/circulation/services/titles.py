"""All that circulates of one title, read under its locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam, or_, select
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
    HoldState,
    HoldTarget,
    Loan,
    LockerCell,
    MissingCopy,
    ShelfRemoval,
    Transit,
)

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
    Item.location,
    Item.created,
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
    cells: dict[int, LockerCell] = field(default_factory=dict)
    """By the id of the item; read only with the locks."""
    at_a_glance: bool = False
    """Whether what others have of it was left out."""

    @property
    def queue(self) -> list[Hold]:
        """Return the holds that wait for a copy, the next to be served first.

        One that is suspended keeps its place but is never served, so it is not among them.
        """
        waiting = (
            hold
            for hold in self.holds.values()
            if hold.state == HoldState.QUEUED and not hold.is_suspended
        )
        return sorted(waiting, key=lambda hold: (not hold.cut_in_line, hold.placed, hold.id))

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

    @property
    def free(self) -> list[Item]:
        """Return the copies that stand somewhere and are promised to nobody."""
        taken = {*self.loans, *self.transits, *self.missing, *self.bound}
        return [item for item in self.lendable if item.id not in taken]

    def target_of_item(self, item_id: int) -> HoldTarget | None:
        """Return for which hold the copy is being looked for."""
        return next((row for row in self.targets.values() if row.item_id == item_id), None)

    def hold_of(self, reader_id: int | None) -> Hold | None:
        """Return the open hold a reader has on the title."""
        found = (hold for hold in self.holds.values() if hold.reader_id == reader_id)
        return None if reader_id is None else next(found, None)

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
        return self._read(record_id, locked=True)

    def lock_head(
        self, record_id: int, *, hold_ids: Iterable[int] = (), reader_ids: Iterable[int | None] = ()
    ) -> Title:
        """Do the same without the long tail of the queue, of which most steps need nothing.

        Its ``queue`` ends behind the holds that could be served by the copies there are; what has
        a copy or is looked for, these holds and those of these readers are always there. The lock
        of the record keeps the others as they are.
        """
        return self._read(record_id, locked=True, named=(hold_ids, reader_ids))

    def read(self, record_id: int) -> Title:
        """Read without locks: good enough to show, not to decide."""
        return self._read(record_id, locked=False)

    def read_head(self, record_id: int, *, hold_ids: Iterable[int] = ()) -> Title:
        """Read without locks and without the tail of the queue."""
        return self._read(record_id, locked=False, named=(hold_ids, ()))

    def glance(self, record: Record, *reader_ids: int) -> Title:
        """Read only what says whether readers may place a hold: the copies, and their own."""
        rows: Any = read_rows(self.db, _COPIES, {"record_id": record.id})
        title = Title(record, {row.id: row for row in rows}, {}, {}, {}, {}, at_a_glance=True)
        if reader_ids:
            mine = (Hold.record_id == record.id) & Hold.reader_id.in_(reader_ids)
            title.holds = self._by(Hold, "id", mine, Hold.state.in_(OPEN_STATES))
            own = Loan.reader_id.in_(reader_ids) & Loan.closed.is_(None)
            title.loans = self._of_items(Loan, record.id, own)
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

    def _read(
        self,
        record_id: int,
        *,
        locked: bool,
        named: tuple[Iterable[int], Iterable[int | None]] | None = None,
    ) -> Title:
        # FOR NO KEY UPDATE: rows that merely refer to the record need not wait.
        records = select(Record).options(load_only(*SHOWN)).where(Record.id == record_id)
        items = select(Item).where(Item.record_id == record_id).order_by(Item.id)
        holds = (
            select(Hold)
            .where(Hold.record_id == record_id, Hold.state.in_(OPEN_STATES))
            .order_by(Hold.id)
        )
        if locked:
            records = records.with_for_update(key_share=True)
            items = items.with_for_update(key_share=True)
            holds = holds.with_for_update(key_share=True)
        record = self.db.scalars(records, execution_options=FRESH).one_or_none()
        if record is None:
            raise NotFoundHere(_("There is no such record."))
        found_items = {row.id: row for row in self.db.scalars(items, execution_options=FRESH)}
        if named is not None:
            holds = holds.where(or_(*self._near(record_id, len(found_items), *named)))
        found_holds = {row.id: row for row in self.db.scalars(holds, execution_options=FRESH)}
        return Title(
            record=record,
            items=found_items,
            holds=found_holds,
            targets=self._targets(record_id, found_holds),
            loans=self._of_items(Loan, record_id, Loan.closed.is_(None)),
            transits=self._of_items(Transit, record_id, Transit.received.is_(None)),
            missing=self._of_items(MissingCopy, record_id),
            removals=self._of_items(ShelfRemoval, record_id),
            cells=self._of_items(LockerCell, record_id) if locked else {},
        )

    def _near(
        self,
        record_id: int,
        copies: int,
        hold_ids: Iterable[int],
        reader_ids: Iterable[int | None],
    ) -> list[ColumnElement[bool]]:
        """Return which open holds of a record matter to most steps."""
        mine = Item.record_id == record_id
        sought = select(HoldTarget.hold_id).join(Item, Item.id == HoldTarget.item_id).where(mine)
        near: list[ColumnElement[bool]] = [
            Hold.state.in_(BOUND_STATES),
            Hold.id.in_(sought),
            Hold.id.in_(list(hold_ids)),
            Hold.reader_id.in_([one for one in reader_ids if one is not None]),
        ]
        for first in (True, False):
            waiting = (
                select(Hold.id)
                .where(
                    Hold.record_id == record_id,
                    Hold.state == HoldState.QUEUED,
                    Hold.cut_in_line.is_(first),
                    Hold.suspended.is_(None),
                )
                .order_by(Hold.placed, Hold.id)
                # Who has one in somebody's hands is passed over: so twice as many as copies.
                .limit(2 * copies + 1)
            )
            # A derived table: some databases take no limit directly within IN.
            near.append(Hold.id.in_(select(waiting.subquery().c.id)))
        return near

    def _targets(self, record_id: int, holds: Mapping[int, Hold]) -> dict[int, HoldTarget]:
        found = self._of_items(HoldTarget, record_id).values()
        return {row.hold_id: row for row in found if row.hold_id in holds}

    def _of_items(self, model: Any, record_id: int, *conditions: Any) -> dict[int, Any]:
        mine = model.item_id.in_(select(Item.id).where(Item.record_id == record_id))
        return self._by(model, "item_id", mine, *conditions)

    def _by(self, model: type[_Row], key: str, *conditions: Any) -> dict[int, _Row]:
        rows = self.db.scalars(select(model).where(*conditions), execution_options=FRESH)
        return {getattr(row, key): row for row in rows}
