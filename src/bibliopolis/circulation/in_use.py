"""What circulation does with copies now, for the catalogue's pages and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    bindparam,
    cast,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.catalogue.interfaces import IItemsInUse, ItemUse, UseKind
from bibliopolis.catalogue.models import Item
from bibliopolis.db import read_rows
from bibliopolis.outbox import Outbox

from .models import Hold, HoldState, HoldTarget, Loan, MissingCopy, ShelfRemoval, Transit
from .services.lists import Lists

TOPIC = "targets"
"""Records whose holds are to be targeted anew; ``jobs.py`` works it off."""

AT_HAND = (HoldState.READY, HoldState.OUT_FOR_DELIVERY)

# Where a copy is in use in two ways, the first that stands here is told.
FIRST = (
    UseKind.ON_LOAN,
    UseKind.IN_TRANSIT,
    UseKind.ON_HOLD_SHELF,
    UseKind.MISSING,
    UseKind.REQUESTED,
    UseKind.RESHELVING,
)


def _statement(wanted: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Return the statement for how copies are in use; made once, for it is long."""
    uses = (
        (UseKind.ON_LOAN, Loan, null(), Loan.closed.is_(None)),
        (UseKind.IN_TRANSIT, Transit, Transit.to_library_id, Transit.received.is_(None)),
        (UseKind.ON_HOLD_SHELF, Hold, Hold.pickup_library_id, Hold.state.in_(AT_HAND)),
        (UseKind.MISSING, MissingCopy, MissingCopy.library_id, None),
        (UseKind.REQUESTED, HoldTarget, HoldTarget.library_id, None),
        (UseKind.RESHELVING, ShelfRemoval, ShelfRemoval.library_id, None),
    )
    return union_all(
        *(
            select(
                literal(kind.value).label("kind"),
                Item.id.label("item_id"),
                place.label("library_id"),
                (Loan.due if model is Loan else cast(null(), Date)).label("due"),
            )
            .join(model, model.item_id == Item.id)
            .where(wanted, *(() if condition is None else (condition,)))
            for kind, model, place, condition in uses
        )
    )


_OF_RECORDS = _statement(Item.record_id.in_(bindparam("ids", expanding=True)))
_OF_ITEMS = _statement(Item.id.in_(bindparam("ids", expanding=True)))


@implementer(IItemsInUse)
class ItemsInUse:
    """Answers from the open holds, loans and transits, in one query."""

    def __init__(self, db: Session, outbox: Outbox) -> None:
        self.db = db
        self.outbox = outbox

    @classmethod
    def from_request(cls, context: Any, request: Any) -> ItemsInUse:
        """Make it for a request."""
        return cls(db=request.db, outbox=request.find_service(Outbox))

    def of_records(self, record_ids: Iterable[int]) -> Mapping[int, ItemUse]:
        """Return how the copies of these records are in use."""
        return self._read(_OF_RECORDS, record_ids)

    def of_items(self, item_ids: Iterable[int]) -> Mapping[int, ItemUse]:
        """Return how these copies are in use."""
        return self._read(_OF_ITEMS, item_ids)

    def waiting(self, record_id: int) -> int:
        """Return how many holds on a record have no copy yet."""
        return Lists(self.db).queue_length(record_id)

    def copies_changed(self, record_ids: Iterable[int]) -> None:
        """Let the worker choose anew what is looked for, where somebody waits."""
        waiting = (Hold.record_id.in_(list(record_ids))) & (Hold.state == HoldState.QUEUED)
        found = self.db.scalars(select(Hold.record_id).where(waiting).distinct())
        self.outbox.add_all(TOPIC, [str(record_id) for record_id in found])

    def _read(self, statement: Any, ids: Iterable[int]) -> Mapping[int, ItemUse]:
        self.db.flush()  # what the caller has changed counts
        found: dict[int, ItemUse] = {}
        rows = read_rows(self.db, statement, {"ids": list(ids)})
        for kind, item_id, library_id, due in rows:
            use = ItemUse(UseKind(kind), library_id, due)
            known = found.get(item_id)
            if known is None or FIRST.index(use.kind) < FIRST.index(known.kind):
                found[item_id] = use
        return found
