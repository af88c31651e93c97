"""What came of what readers were promised, by groups: the report for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.libraries.services import Libraries

from .models import WaitingCalibration
from .reckoning import Reckoning
from .tally import Line, Tally, grouped


@dataclass(frozen=True)
class Report:
    """Promises that have fallen due at an organisation and below it."""

    lines: Sequence[Line]
    reckoned: datetime | None
    """When; None where that was never done."""

    @property
    def all(self) -> Tally:
        """Return all of them together."""
        return sum((line.tally for line in self.lines), Tally())

    def by_place(self) -> Mapping[int, Tally]:
        """Return them by the place where readers collect."""
        return grouped(self.lines, lambda line: line.place_id)

    def by_item_type(self) -> Mapping[str, Tally]:
        """Return them by the type of the copies."""
        return grouped(self.lines, lambda line: line.item_type)

    def by_rounds(self) -> Mapping[int, Tally]:
        """Return them by how far behind in the queue readers stood, the nearest first."""
        return dict(sorted(grouped(self.lines, lambda line: line.rounds).items()))


class Calibrations:
    """Read what last night's work has counted; its rows do not grow with the history."""

    def __init__(self, db: Session, libraries: Libraries, reckoning: Reckoning) -> None:
        self.db = db
        self.libraries = libraries
        self.reckoning = reckoning

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Calibrations:
        """Make it for a request."""
        return cls(
            db=request.db,
            libraries=request.find_service(Libraries, context=None),
            reckoning=request.find_service(Reckoning, context=None),
        )

    def report(self, organisation_id: int) -> Report:
        """Return the promises of an organisation and of all below it."""
        places = self.reckoning.below(organisation_id)
        rows = self.db.scalars(
            select(WaitingCalibration)
            .where(WaitingCalibration.pickup_library_id.in_(places))
            .order_by(
                WaitingCalibration.pickup_library_id,
                WaitingCalibration.item_type,
                WaitingCalibration.rounds,
            )
        )
        lines = [
            Line(
                row.pickup_library_id,
                row.item_type,
                row.rounds,
                Tally(row.inside, row.early, row.late, row.left),
            )
            for row in rows
        ]
        return Report(lines, self.reckoning.reckoned_since(organisation_id))
