"""Which records are new of what a search finds, and up to which record one can be sure of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.new_finds import newest_first
from bibliopolis.clock import Clock
from bibliopolis.outbox import OutboxRow
from bibliopolis.resources.access import Principals, visible_to
from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import MAX_PAGE_SIZE
from bibliopolis.search.jobs import TOPIC as INDEX
from bibliopolis.search.services import Search

SETTLING = timedelta(minutes=10)
"""A record so young may still be missing from the index, or from other transactions."""
MOST_PAGES = 10
"""So many pages of an answer are gone through; what lies beyond is counted as "more"."""


@dataclass(frozen=True)
class Found:
    """Ids of new records, the last that came first; ``more`` if there may be others."""

    ids: tuple[int, ...]
    more: bool = False


class NewFinds:
    """Records come with rising ids, and the index can put the highest first."""

    def __init__(self, db: Session, clock: Clock, search: Search) -> None:
        self.db = db
        self.clock = clock
        self.search = search

    @classmethod
    def from_request(cls, context: Any, request: Any) -> NewFinds:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            search=request.find_service(Search, context=None),
        )

    def settled(self) -> int:
        """Return the highest id up to which every record is in the index by now."""
        waiting = self.db.scalar(
            select(func.min(OutboxRow.created)).where(
                OutboxRow.topic == INDEX, OutboxRow.failed.is_(False)
            )
        )
        now = self.clock.now()
        horizon = (now if waiting is None else min(now, waiting)) - SETTLING
        newest = select(Record.id).where(Record.created <= horizon)
        return self.db.scalar(newest.order_by(Record.id.desc()).limit(1)) or 0

    def between(self, asked: Asked, reader: Principals, after: int, upto: int) -> Found | None:
        """Return what the search finds of the records after one id, up to another.

        None if that cannot be said now: the index does not answer, or so much came since ``upto``
        that it hides what came before.
        """
        found: list[int] = []
        for page in range(MOST_PAGES):
            start = page * MAX_PAGE_SIZE
            answer = self.search.find(newest_first(asked, visible_to(reader), start, MAX_PAGE_SIZE))
            if not answer.available:
                return None
            ids = [hit.resource[1] for hit in answer.hits]
            found += [one for one in ids if after < one <= upto]
            if len(ids) < MAX_PAGE_SIZE or ids[-1] <= after:
                return Found(tuple(found))
        return Found(tuple(found), more=True) if found else None
