"""The night's work: how long readers waited, and what came of what they were promised.

Each organisation is reckoned by itself, in a short transaction; who is broken off goes on with the
next one. What is read is bounded: the latest waits of two years, so many at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.libraries.services import Libraries, lineage

from .expecting import ANY, DAY
from .law import Law, law_of
from .models import Ending, HoldWait, WaitingCalibration, WaitingReckoned, WaitingStatistic

WINDOW = timedelta(days=730)
"""Waits that began longer ago tell nothing of today's."""
MOST = 20_000
"""So many waits of an organisation are looked at, the latest: more make no law more certain."""
AT_NIGHT = time(3)
"""By the city's clock."""


class Reckoning:
    """Make the small tables anew that pages read."""

    def __init__(self, db: Session, clock: Clock, libraries: Libraries) -> None:
        self.db = db
        self.clock = clock
        self.libraries = libraries

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Reckoning:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            libraries=request.find_service(Libraries, context=None),
        )

    def due(self) -> Sequence[int]:
        """Return the organisations that last night's work has not come to, by their ids."""
        done = select(WaitingReckoned.organisation_id).where(
            WaitingReckoned.reckoned >= self.last_night()
        )
        return sorted(set(self.libraries.outline) - set(self.db.scalars(done)))

    def reckoned_since(self, organisation_id: int) -> datetime | None:
        """Return when an organisation was last reckoned."""
        row = self.db.get(WaitingReckoned, organisation_id)
        return row.reckoned if row else None

    def last_night(self) -> datetime:
        """Return when the latest night's work began."""
        now = self.clock.local(self.clock.now())
        tonight = now.replace(hour=AT_NIGHT.hour, minute=0, second=0, microsecond=0)
        return tonight if tonight <= now else tonight - timedelta(days=1)

    def reckon(self, organisation_id: int) -> None:
        """Make the rows of one organisation anew; one that is not there any more has none."""
        if organisation_id not in self.libraries.outline:
            return
        self._forget(organisation_id)
        self._statistics(organisation_id)
        self._calibration(organisation_id)
        self.db.execute(
            delete(WaitingReckoned).where(WaitingReckoned.organisation_id == organisation_id)
        )
        row = {"organisation_id": organisation_id, "reckoned": self.clock.now()}
        self.db.execute(insert(WaitingReckoned), [row])

    def below(self, organisation_id: int) -> Sequence[int]:
        """Return an organisation and all below it, by their ids."""
        outline = self.libraries.outline
        return [
            one.id
            for one in outline.values()
            if any(above.id == organisation_id for above in lineage(outline, one))
        ]

    def _forget(self, place_id: int) -> None:
        """Delete waits that have ended and tell nothing any more."""
        old = HoldWait.since <= self.clock.now() - WINDOW
        mine = HoldWait.pickup_library_id == place_id
        self.db.execute(delete(HoldWait).where(mine, old, HoldWait.ended.is_not(None)))

    def _statistics(self, organisation_id: int) -> None:
        now = self.clock.now()
        waits = self.db.execute(
            select(
                HoldWait.since,
                HoldWait.ended,
                HoldWait.ending,
                HoldWait.item_type,
                HoldWait.rounds,
            )
            .where(
                HoldWait.pickup_library_id.in_(self.below(organisation_id)),
                HoldWait.since > now - WINDOW,
            )
            .order_by(HoldWait.since.desc())
            .limit(MOST)
        )
        found: dict[tuple[str, int], list[tuple[float, str | None]]] = defaultdict(list)
        for since, ended, ending, item_type, rounds in waits:
            wait = ((ended or now) - since) / DAY, ending
            found[item_type, rounds].append(wait)
            found[ANY, rounds].append(wait)
        rows = list(_rows(organisation_id, {key: law_of(some) for key, some in found.items()}))
        mine = WaitingStatistic.organisation_id == organisation_id
        self.db.execute(delete(WaitingStatistic).where(mine))
        if rows:
            self.db.execute(insert(WaitingStatistic), rows)

    def _calibration(self, place_id: int) -> None:
        now = self.clock.now()
        counted = {name: func.sum(case((one, 1), else_=0)) for name, one in _judged().items()}
        found = self.db.execute(
            select(HoldWait.item_type, HoldWait.rounds, *counted.values())
            .where(
                HoldWait.pickup_library_id == place_id,
                HoldWait.since > now - WINDOW,
                HoldWait.latest <= now,
            )
            .group_by(HoldWait.item_type, HoldWait.rounds)
        ).all()
        mine = WaitingCalibration.pickup_library_id == place_id
        self.db.execute(delete(WaitingCalibration).where(mine))
        rows = [
            {
                "pickup_library_id": place_id,
                "item_type": item_type,
                "rounds": rounds,
                **dict(zip(counted, numbers, strict=True)),
            }
            for item_type, rounds, *numbers in found
        ]
        if rows:
            self.db.execute(insert(WaitingCalibration), rows)


def _judged() -> Mapping[str, ColumnElement[bool]]:
    """Return what has become of a promise that has fallen due, as conditions."""
    in_time = HoldWait.ended <= HoldWait.latest
    came = HoldWait.ending == Ending.CAME
    return {
        "inside": and_(came, HoldWait.ended >= HoldWait.earliest, in_time),
        "early": and_(came, HoldWait.ended < HoldWait.earliest),
        "late": or_(
            HoldWait.ended.is_(None),
            HoldWait.ended > HoldWait.latest,
            HoldWait.ending == Ending.NEVER,
        ),
        "left": and_(HoldWait.ending == Ending.LEFT, in_time),
    }


def _rows(organisation_id: int, laws: Mapping[tuple[str, int], Law]) -> Iterable[dict[str, Any]]:
    for (item_type, rounds), law in laws.items():
        interval = law.interval()
        if interval is not None:
            yield {
                "organisation_id": organisation_id,
                "item_type": item_type,
                "rounds": rounds,
                "cases": law.cases,
                "came": law.came,
                "lower": interval.lower,
                "upper": interval.upper,
                "curve": [[round(days, 3), share, left] for days, share, left in law.points],
            }
