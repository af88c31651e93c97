"""What a library lent and has not seen again: overdue, said to be returned, lost."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.readers.models import Reader

from ..models import Loan, LoanState
from .periods import LoanPeriods


class Shown(StrEnum):
    """Which part of what was not returned."""

    OVERDUE = "overdue"
    CLAIMED = "claimed"
    LOST = "lost"


STATES = {Shown.CLAIMED: LoanState.CLAIMED, Shown.LOST: LoanState.LOST}


class NotReturned:
    """The lists of a library; each is one query, and one for its length."""

    def __init__(self, db: Session, periods: LoanPeriods) -> None:
        self.db = db
        self.periods = periods

    @classmethod
    def from_request(cls, context: Any, request: Any) -> NotReturned:
        """Make it for a request."""
        return cls(db=request.db, periods=request.find_service(LoanPeriods, context=None))

    def page(
        self, library_id: int, show: Shown, offset: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[Any]]:
        """Return how many there are and (loan, item, record, reader), the longest ago first."""
        mine = [Loan.library_id == library_id, Loan.closed.is_(None)]
        order: tuple[Any, ...] = (Loan.due, Loan.id)
        if show is Shown.OVERDUE:
            today = self.periods.today(library_id)
            mine += [Loan.state == LoanState.ON_LOAN, Loan.due < today]
        else:
            mine.append(Loan.state == STATES[show])
            order = (Loan.changed, Loan.id)
        total = self.db.scalar(select(func.count()).select_from(Loan).where(*mine)) or 0
        rows = self.db.execute(
            select(Loan, Item, Record, Reader)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .join(Reader, Reader.id == Loan.reader_id)
            .options(selectinload(Reader.cards))
            .where(*mine)
            .order_by(*order)
            .offset(offset)
            .limit(limit)
        ).all()
        return total, rows
