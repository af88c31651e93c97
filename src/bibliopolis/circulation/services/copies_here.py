"""What becomes of a copy by lying on a desk: wherever it was thought to be, it is here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, SourceRecord
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.clock import Clock

from ..models import LoanState, Transit, TransitState
from .title import Title


class CopiesHere:
    """Put right what is known of copies that somebody has in their hands; titles are locked."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self._deleted_sources: frozenset[int] | None = None
        """Looked up at once where many copies are taken in."""

    def turned_up(self, title: Title, item: Item) -> None:
        """Forget that a copy was not in its place, or is to be cleared from a shelf."""
        for rows in (title.missing, title.removals):
            row = rows.pop(item.id, None)
            if row is not None:
                self.db.delete(row)

    def found_again(self, title: Title, item: Item) -> None:
        """Let a copy be lent again that was given up on loan or on its way, and is here now."""
        if item.status != ItemStatus.LOST:
            return
        loan = title.loans.get(item.id)
        if loan is None:
            last = select(Transit.state).where(Transit.item_id == item.id)
            last = last.order_by(Transit.id.desc()).limit(1)
            found = self.db.scalar(last) == TransitState.LOST
        else:
            found = loan.state == LoanState.LOST
        if found:
            item.status = ItemStatus.LENDABLE
            item.changed = self.clock.now()

    def leave_with_its_source(self, item: Item) -> None:
        """Take a copy out that stayed in somebody's hands when its library deleted its record."""
        if item.status != ItemStatus.LENDABLE or item.source_record_id is None:
            return
        known = self._deleted_sources
        if known is None:
            known = self._deleted([item])
        if item.source_record_id in known:
            item.status = ItemStatus.WITHDRAWN
            item.changed = self.clock.now()

    @contextmanager
    def together(self, items: Iterable[Item]) -> Iterator[None]:
        """Take many copies in within: where they came from is looked up at once."""
        self._deleted_sources = self._deleted(items)
        try:
            yield
        finally:
            self._deleted_sources = None

    def _deleted(self, items: Iterable[Item]) -> frozenset[int]:
        """Return which records these copies came from their libraries have deleted."""
        ids = {item.source_record_id for item in items if item.source_record_id is not None}
        mine = SourceRecord.id.in_(ids) & SourceRecord.withdrawn.is_(True)
        return frozenset(self.db.scalars(select(SourceRecord.id).where(mine)))
