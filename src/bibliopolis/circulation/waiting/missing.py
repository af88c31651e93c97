"""Waits that nobody has written down: those of holds that were in a queue before there were any."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.libraries.services import Libraries

from ..models import Hold
from ..services.titles import Titles
from .keeping import Waits
from .models import HoldWait


class MissingWaits:
    """Begin them where the holds stand now: how long they have waited before is not compared."""

    def __init__(self, db: Session, titles: Titles, waits: Waits) -> None:
        self.db = db
        self.titles = titles
        self.waits = waits

    @classmethod
    def from_request(cls, context: Any, request: Any) -> MissingWaits:
        """Make it for a request."""
        libraries = request.find_service(Libraries, context=None)
        waits = Waits(request.db, request.clock, libraries)
        return cls(db=request.db, titles=request.find_service(Titles), waits=waits)

    def begin(self, place_id: int, after: int, limit: int) -> int | None:
        """Begin so many at most at a pickup place, behind a hold; return the last, if more follow.

        Who waits for one copy only, is paused, begins later, or for whom there is no hope has none.
        """
        is_open = HoldWait.ended.is_(None)
        has_one = select(HoldWait.id).where(HoldWait.hold_id == Hold.id, is_open)
        query = select(Hold.id, Hold.record_id).where(
            Hold.pickup_library_id == place_id,
            Hold.waits,
            Hold.wanted_item_id.is_(None),
            Hold.hopeless_since.is_(None),
            Hold.id > after,
            ~has_one.exists(),
        )
        rows = self.db.execute(query.order_by(Hold.id).limit(limit)).all()
        ids = [row.id for row in rows]
        titles = self.titles.lock_heads(sorted({row.record_id for row in rows}), hold_ids=ids)
        begun = set(
            self.db.scalars(
                select(HoldWait.hold_id).where(HoldWait.hold_id.in_(ids), HoldWait.ended.is_(None))
            )
        )
        with self.waits.together():
            for title in titles:
                # Under the lock: meanwhile some may have left, or waits have begun.
                here = [title.holds[one] for one in ids if one in title.holds]
                self.waits.begin(title, *(one for one in here if one.id not in begun))
        return ids[-1] if len(ids) == limit else None
