"""The table of what is available where, kept by whoever changes a copy, read by the search.

It is derived: ``recompute`` makes it from the copies and from what circulation does with them.
Every change takes the next number of a sequence, whose row is locked until the commit, so that
numbers become visible in their order and a reader who has seen one has seen all before it.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import String, bindparam, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bibliopolis.catalogue.interfaces import IItemsInUse, ItemUse
from bibliopolis.catalogue.models import Availability as Row
from bibliopolis.catalogue.models import ClosedLibrary, Item, Record
from bibliopolis.catalogue.models import Sequence as Counter
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.catalogue.standing import availability_of
from bibliopolis.db import read_rows
from bibliopolis.libraries.models import Library
from bibliopolis.search.documents import LiveChanges, LiveState

SEQUENCE = "availability"
CITY = "city"
"""The value of the facet for "somewhere in the city"."""

AT_ONCE = 500

Place = tuple[int, int]


class NothingInUse:
    """What is in use where no room lends: nothing."""

    def of_records(self, record_ids: Sequence[int]) -> Mapping[int, ItemUse]:
        """Return no copy."""
        return {}

    def of_items(self, item_ids: Sequence[int]) -> Mapping[int, ItemUse]:
        """Return no copy."""
        return {}

    def waiting(self, record_id: int) -> int:
        """Return that nobody waits."""
        return 0

    def copies_changed(self, record_ids: Iterable[int]) -> None:
        """Do nothing: nobody waits for a copy."""


class Availability:
    """Keep and read the table of what is available where."""

    def __init__(self, db: Session, in_use: Any) -> None:
        self.db = db
        self.in_use = in_use

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Availability:
        """Make it for a request."""
        return cls(db=request.db, in_use=items_in_use(request))

    def recompute(self, record_ids: Iterable[int]) -> None:
        """Count anew for these records; only what differs is written.

        Call it last in a transaction: it takes the lock all such changes queue for.
        """
        self.db.flush()  # what the caller has changed must be counted
        ids = iter(sorted(set(record_ids)))
        while part := list(islice(ids, AT_ONCE)):
            self._recompute(part)

    def _recompute(self, record_ids: list[int]) -> None:
        counted = self._count(record_ids)
        known = {
            (row.record_id, row.library_id): (row.total, row.available)
            for row in self.db.execute(
                select(Row.record_id, Row.library_id, Row.total, Row.available).where(
                    Row.record_id.in_(record_ids)
                )
            )
        }
        # A row stays when its last copy is gone: those who follow the sequence must see zero.
        wanted = dict.fromkeys(known, (0, 0)) | counted
        changed = {place: n for place, n in wanted.items() if known.get(place) != n}
        if not changed:
            return
        sequence = self._next()
        rows = [
            {
                "record_id": record_id,
                "library_id": library_id,
                "total": total,
                "available": available,
                "sequence": sequence,
            }
            for (record_id, library_id), (total, available) in changed.items()
        ]
        upsert = self._insert(Row)
        self.db.execute(
            upsert.on_conflict_do_update(
                index_elements=["record_id", "library_id"],
                set_={name: upsert.excluded[name] for name in ("total", "available", "sequence")},
            ),
            rows,
        )

    def _count(self, record_ids: list[int]) -> dict[Place, tuple[int, int]]:
        """Return (total, available) by record and library, for copies that still exist."""
        uses = self.in_use.of_records(record_ids)
        counted: dict[Place, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for item in self.db.execute(
            select(Item.id, Item.record_id, Item.holding_library_id, Item.status)
            .join(Record, Record.id == Item.record_id)
            .where(
                Item.record_id.in_(record_ids),
                Item.status != ItemStatus.WITHDRAWN,
                Record.withdrawn.is_(False),
            )
        ):
            place = (item.record_id, item.holding_library_id)
            total, available = counted[place]
            free = availability_of(item.status, uses.get(item.id)).available
            counted[place] = (total + 1, available + free)
        return dict(counted)

    def tell_all(self) -> None:
        """Let those who follow the sequence look again, though no row has changed."""
        self._next()

    def _next(self) -> int:
        """Return the next number; its row stays locked until the transaction ends."""
        upsert = self._insert(Counter)
        number = self.db.scalar(
            upsert.values(name=SEQUENCE, value=1)
            .on_conflict_do_update(
                index_elements=["name"], set_={"value": Counter.__table__.c.value + 1}
            )
            .returning(Counter.value)
        )
        assert number is not None
        return number

    def _insert(self, model: Any) -> Any:
        """Return the insert of the dialect, which can update instead."""
        dialect = self.db.get_bind().dialect.name
        return (postgresql if dialect == "postgresql" else sqlite).insert(model)


def items_in_use(request: Any) -> Any:
    """Return what circulation knows of copies, or that nothing is in use without it."""
    try:
        return request.find_service(IItemsInUse)
    except LookupError:
        return NothingInUse()


_NEWEST = select(Counter.value).where(Counter.name == SEQUENCE)
"""Each search asks for it: to write the statement anew would take longer than the answer."""


AT_LOADING = 200_000
"""So many records are read at once when a process starts: a few megabytes as text."""

_LOADED = (
    select(Row.library_id, func.aggregate_strings(cast(Row.record_id, String), ","))
    .where(Row.available > 0, Row.record_id.between(bindparam("first"), bindparam("last")))
    .group_by(Row.library_id)
)
"""The database puts the numbers together: a million rows one by one would take seconds."""


class AvailabilityFacet:
    """The live facet "availability": codes of libraries with a copy to take, and "city".

    A library that is closed for days is hidden: it keeps its copies, nothing of it is available.
    """

    name = "availability"
    type_name = "record"
    anywhere = CITY

    def everything(self, db: Session) -> LiveState:
        """Return which records each library has a copy of to take."""
        newest = read_rows(db, _NEWEST).scalar() or 0
        codes = {row.id: row.code for row in db.execute(select(Library.id, Library.code))}
        values: dict[str, array[int]] = {}
        last = db.scalar(select(func.max(Row.record_id))) or 0
        for first in range(1, last + 1, AT_LOADING):
            part = {"first": first, "last": first + AT_LOADING - 1}
            for library_id, ids in db.execute(_LOADED, part):
                values.setdefault(codes[library_id], array("I")).extend(map(int, ids.split(",")))
        return LiveState(newest, values, _closed(db))

    def changes_since(self, db: Session, sequence: int) -> LiveChanges:
        """Return what changed after a number; only the number where nothing did, or it is lower."""
        newest = read_rows(db, _NEWEST).scalar() or 0
        if newest <= sequence:
            return LiveChanges(newest, {})
        changed = select(Row.record_id).where(Row.sequence > sequence).distinct()
        values: dict[int, list[str]] = {record_id: [] for record_id in db.scalars(changed)}
        for record_id, code in db.execute(
            select(Row.record_id, Library.code)
            .join(Library, Library.id == Row.library_id)
            .where(Row.available > 0, Row.record_id.in_(changed.scalar_subquery()))
            .order_by(Row.record_id)
        ):
            values.setdefault(record_id, []).append(code)
        changes = {record_id: tuple(codes) for record_id, codes in values.items()}
        return LiveChanges(newest, changes, _closed(db))


def _closed(db: Session) -> frozenset[str]:
    """Return the codes of libraries where nothing can be had for days."""
    return frozenset(
        db.scalars(select(Library.code).join(ClosedLibrary, ClosedLibrary.library_id == Library.id))
    )
