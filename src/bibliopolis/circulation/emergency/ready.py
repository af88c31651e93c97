"""How long copies wait that became ready about when a place was said to close, or later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.readers.models import Reader
from bibliopolis.resources.history import HistoryEntry

from ..models import Hold, HoldState
from ..services import ShelfPeriods

FETCHED = "fetch_from_the_shelf"
"""It was to be brought and waited already, without a day: with this step its days begin."""


class NewlyReady:
    """Work the last day to collect out anew, from the day on which a copy became ready.

    A desk that put it onto the shelf in the same moment may have gone by the old calendar or by
    the new one; which, is not written down anywhere.
    """

    def __init__(self, db: Session, shelf: ShelfPeriods) -> None:
        self.db = db
        self.shelf = shelf

    def last_days(self, holds: Sequence[Hold], after: datetime) -> Mapping[int, date]:
        """Return by the ids of those that became ready after an instant until when they wait.

        It is what the calendar says that counts now; statements do not grow with their number.
        """
        changed = {one.id: one for one in holds if one.changed > after}
        if not changed:
            return {}
        since = self._since(list(changed), after)
        newly = [changed[one] for one in since]
        readers = self._by_id(Reader, {one.reader_id for one in newly})
        items = self._by_id(Item, {one.item_id for one in newly})
        records = self._by_id(Record, {one.record_id for one in newly})
        return {
            one.id: self.shelf.last_day(
                one,
                readers.get(one.reader_id),
                items.get(one.item_id),
                records.get(one.record_id),
                since=self.shelf.day_of(one, since[one.id]),
            )
            for one in newly
        }

    def _since(self, hold_ids: Sequence[int], after: datetime) -> dict[int, datetime]:
        """Return when each was put onto the shelf for good, of those that were since."""
        arrives = (HistoryEntry.state_after == HoldState.READY) & (
            HistoryEntry.state_before != HoldState.READY
        )
        rows = self.db.execute(
            select(HistoryEntry.resource_id, func.max(HistoryEntry.happened).label("happened"))
            .where(
                HistoryEntry.resource_type == "hold",
                HistoryEntry.resource_id.in_(hold_ids),
                HistoryEntry.happened > after,
                or_(arrives, HistoryEntry.action == FETCHED),
            )
            .group_by(HistoryEntry.resource_id)
        )
        return {row.resource_id: row.happened for row in rows}

    def _by_id(self, kind: Any, ids: set[int | None]) -> dict[int | None, Any]:
        found = self.db.scalars(select(kind).where(kind.id.in_(ids - {None})))
        return {one.id: one for one in found}
