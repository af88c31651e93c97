"""What readers have read, for those who chose to keep it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.readers.interfaces import IReadingHistory

from ..models import Loan


@implementer(IReadingHistory)
class ReadingHistory:
    """Closed loans that still know their reader: made while they kept a history."""

    def __init__(self, db: Session) -> None:
        self.db = db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> ReadingHistory:
        """Make it for a request."""
        return cls(db=request.db)

    def page(self, reader_id: int, offset: int = 0, limit: int = 50) -> tuple[int, Sequence[Any]]:
        """Return how many loans a reader has kept and (loan, item, record) of one page of them."""
        mine = (Loan.reader_id == reader_id) & Loan.closed.is_not(None)
        total = self.count(reader_id)
        rows = self.db.execute(
            select(Loan, Item, Record)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(mine)
            .order_by(Loan.closed.desc(), Loan.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()
        return total, rows

    def count(self, reader_id: int) -> int:
        """Return how many loans a reader has kept."""
        mine = (Loan.reader_id == reader_id) & Loan.closed.is_not(None)
        return self.db.scalar(select(func.count()).select_from(Loan).where(mine)) or 0

    def forget_one(self, reader_id: int, uid: str) -> None:
        """Forget that a reader had one of the loans of the past; another's is left alone."""
        one = (Loan.uid == uid) & (Loan.reader_id == reader_id) & Loan.closed.is_not(None)
        self.db.execute(update(Loan).where(one).values(reader_id=None, kept=False))

    def forget(self, reader_id: int) -> None:
        """Forget whose the loans of the past were, and keep none of the open ones afterwards."""
        mine = Loan.reader_id == reader_id
        self.db.execute(
            update(Loan).where(mine, Loan.closed.is_not(None)).values(reader_id=None, kept=False)
        )
        self.db.execute(update(Loan).where(mine).values(kept=False))
