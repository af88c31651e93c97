"""Another edition of the same work that comes sooner, for a reader who would have to wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, load_only

from bibliopolis.catalogue.models import Record

from ..services.lendable import LendableCopies
from .expecting import Expectations, Expected
from .outlook import Outlook, outlooks_behind_all

LOOKED_AT = 12
"""So many editions are compared, the newest."""
COLUMNS = (Record.title, Record.author, Record.year, Record.publisher, Record.language)


@dataclass(frozen=True)
class Sooner:
    """Another edition, and how long one waits for it."""

    record: Record
    expected: Expected


class SoonerEditions:
    """Compare the editions of a work in one language; the same few queries for any number."""

    def __init__(self, db: Session, expectations: Expectations, lendable: LendableCopies) -> None:
        self.db = db
        self.expectations = expectations
        self.lendable = lendable

    @classmethod
    def from_request(cls, context: Any, request: Any) -> SoonerEditions:
        """Make it for a request."""
        return cls(
            db=request.db,
            expectations=request.find_service(Expectations, context=None),
            lendable=request.find_service(LendableCopies, context=None),
        )

    def than(
        self, record: Record, outlook: Outlook, mine: Expected, place_id: int
    ) -> Sooner | None:
        """Return the edition that comes soonest, if sooner than one waits for this; else None.

        Nothing is asked where a copy of this one stands ready.
        """
        if outlook.rounds == 0 or not record.work_key:
            return None
        others = self.db.scalars(
            select(Record)
            .options(load_only(*COLUMNS))
            .where(
                Record.work_key == record.work_key,
                Record.id != record.id,
                Record.kind == record.kind,
                Record.language == record.language,
                Record.withdrawn.is_(False),
            )
            .order_by(Record.year.desc(), Record.id)
            .limit(LOOKED_AT)
        ).all()
        outlooks = (
            outlooks_behind_all(self.db, self.lendable, [one.id for one in others])
            if others
            else {}
        )
        asked = [(place_id, outlooks[one.id]) for one in others]
        found = zip(others, self.expectations.for_each(asked), strict=True)
        better = [
            (_days(expected), number, Sooner(one, expected))
            for number, (one, expected) in enumerate(found)
            if _days(expected) < _days(mine)
        ]
        return min(better)[2] if better else None


def _days(expected: Expected) -> float:
    """Return by when a copy is there; what nobody knows is never sooner, unless one is ready.

    The reader asked about has none ready: one that only has to be fetched goes before.
    """
    if expected.upper is not None:
        return float(expected.upper)
    ready = expected.outlook is not None and expected.outlook.rounds == 0
    return 0.0 if ready else float("inf")
