"""What a wait for a title begins with: the place in the queue, and the copies there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.item_types import item_type_of
from bibliopolis.catalogue.models import Item, Record

from ..models import BOUND_STATES, Hold, HoldState, Loan, LoanState, MissingCopy, Transit
from .law import rounds_of

if TYPE_CHECKING:
    from ..services.lendable import LendableCopies
    from ..services.title import Title

GONE = (LoanState.LOST, LoanState.CLAIMED)
"""Loans from which nobody expects a copy back."""


@dataclass(frozen=True)
class Outlook:
    """Where a wait begins; ``copies`` can be lent some day, ``free`` of them stand ready."""

    position: int
    copies: int
    free: int
    item_type: str

    @property
    def rounds(self) -> int | None:
        """Return what it is counted under, None where no copy can come."""
        return rounds_of(self.position, self.copies, self.free) if self.copies else None


def outlook_of(title: Title, position: int) -> Outlook:
    """Return the outlook of one who stands at a place in the queue of a title that was read."""
    gone = {item_id for item_id, loan in title.loans.items() if loan.state in GONE}
    gone.update(title.missing)
    taken = {*title.loans, *title.transits, *title.bound}
    copies = [item for item in title.lendable if item.id not in gone]
    return Outlook(
        position,
        len(copies),
        sum(1 for item in copies if item.id not in taken),
        _commonest(copies or title.items.values(), title.record.kind),
    )


def outlook_behind_all(db: Session, lendable: LendableCopies, record_id: int) -> Outlook:
    """Return the outlook of one who would place a hold now; two queries."""
    return outlooks_behind_all(db, lendable, [record_id])[record_id]


def outlooks_behind_all(
    db: Session, lendable: LendableCopies, record_ids: Sequence[int]
) -> Mapping[int, Outlook]:
    """Return for each title the outlook of one who would place a hold now; two queries."""
    copies: dict[int, list[Any]] = {record_id: [] for record_id in record_ids}
    wanted = _COPIES.where(Item.record_id.in_(record_ids), lendable.condition())
    for row in db.execute(wanted):
        copies[row.record_id].append(row)
    counted = db.execute(
        select(Hold.record_id, func.count(Hold.id))
        .where(
            Hold.record_id.in_(record_ids),
            Hold.state == HoldState.QUEUED,
            # Who wants it from a later day on stands behind, unless put first.
            or_(Hold.starts.is_(None), Hold.cut_in_line.is_(True)),
        )
        .group_by(Hold.record_id)
    )
    waiting = {row[0]: row[1] for row in counted}
    return {
        record_id: _outlook(rows, waiting.get(record_id, 0) + 1)
        for record_id, rows in copies.items()
    }


def _outlook(rows: Sequence[Any], position: int) -> Outlook:
    copies = [row for row in rows if row.loan not in GONE and row.missing is None]
    free = [row for row in copies if row.loan is row.transit is row.hold is None]
    kind = rows[0].kind if rows else ""
    return Outlook(position, len(copies), len(free), _commonest(copies or rows, kind))


_COPIES = (
    select(
        Item.record_id,
        Item.item_type,
        Record.kind,
        Loan.state.label("loan"),
        Transit.id.label("transit"),
        Hold.id.label("hold"),
        MissingCopy.item_id.label("missing"),
    )
    .join(Record, Record.id == Item.record_id)
    .outerjoin(Loan, and_(Loan.item_id == Item.id, Loan.closed.is_(None)))
    .outerjoin(Transit, and_(Transit.item_id == Item.id, Transit.received.is_(None)))
    .outerjoin(Hold, and_(Hold.item_id == Item.id, Hold.state.in_(BOUND_STATES)))
    .outerjoin(MissingCopy, MissingCopy.item_id == Item.id)
    .where(Record.withdrawn.is_(False))
)


def _commonest(copies: Iterable[Any], kind: str) -> str:
    """Return the item type that most of the copies have, the first by name of several."""
    types = Counter(item_type_of(item, kind) for item in copies)
    return min(types, key=lambda one: (-types[one], one)) if types else kind
