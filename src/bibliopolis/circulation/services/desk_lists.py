"""The lists of a desk: what hands are to fetch, put away, take off, or wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, select, union_all
from sqlalchemy.orm import Session, selectinload

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader

from ..models import Hold, HoldState, HoldTarget, MissingCopy, ShelfRemoval, Transit
from .places import served_from

Rows = Sequence[Any]
Paged = tuple[int, Rows]

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


class DeskLists:
    """Read-only lists of one library's desk; each is one query, and one for its length."""

    def __init__(self, db: Session) -> None:
        self.db = db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> DeskLists:
        """Make it for a request."""
        return cls(db=request.db)

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
                Hold.waits,
                HoldTarget.hold_id.is_(None),
            )
            .order_by(*((Hold.hopeless_since,) if hopeless else ()), Hold.placed, Hold.id)
        )
        if hopeless:
            query = query.where(Hold.hopeless_since.is_not(None))
        return self._page(query, offset, limit)

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
                    Hold.waits,
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
