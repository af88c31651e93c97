"""What the method would have promised: older waits teach it, newer ones try it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .expecting import ANY, DAY
from .law import Interval, law_of
from .models import Ending, HoldWait
from .tally import Line, Tally, grouped

MOST = 200_000
"""So many waits are read, the latest."""

Lineage = Mapping[int, Sequence[int]]
"""Of each pickup place: itself and what is above, the nearest first, by their ids."""


@dataclass(frozen=True)
class Wait:
    """A wait that has been seen; ``ended`` is None while it lasts."""

    place_id: int
    item_type: str
    rounds: int
    since: datetime
    ended: datetime | None = None
    ending: str | None = None

    def until(self, moment: datetime) -> tuple[float, str | None]:
        """Return how many days it had lasted at a moment, and how it had ended by then."""
        if self.ended is None or self.ended > moment:
            return (moment - self.since) / DAY, None
        return (self.ended - self.since) / DAY, self.ending


class Taught:
    """The intervals that follow from what was known at a moment."""

    def __init__(self, waits: Iterable[Wait], moment: datetime, lineages: Lineage) -> None:
        self.lineages = lineages
        seen: dict[tuple[int, str, int], list[tuple[float, str | None]]] = defaultdict(list)
        for wait in waits:
            if wait.since >= moment:
                continue
            so_far = wait.until(moment)
            for one in lineages[wait.place_id]:
                seen[one, wait.item_type, wait.rounds].append(so_far)
                seen[one, ANY, wait.rounds].append(so_far)
        self.intervals = {key: law_of(some).interval() for key, some in seen.items()}

    def promise(self, place_id: int, item_type: str, rounds: int) -> Interval | None:
        """Return what a reader would have been told, by the nearest group that knows."""
        for kind in (item_type, ANY):
            for one in self.lineages[place_id]:
                if (interval := self.intervals.get((one, kind, rounds))) is not None:
                    return interval
        return None


def back_test(
    waits: Sequence[Wait], split: datetime, now: datetime, lineages: Lineage
) -> tuple[Sequence[Line], int]:
    """Return what came of what would have been promised from ``split`` on, and how often nothing.

    Only promises that have fallen due by ``now`` are judged: else the quick ones would flatter it.
    """
    taught = Taught(waits, split, lineages)
    found: list[Line] = []
    silent = 0
    for wait in waits:
        if wait.since < split:
            continue
        interval = taught.promise(wait.place_id, wait.item_type, wait.rounds)
        if interval is None:
            silent += 1
        elif (tally := judged(wait, interval, now)) is not None:
            found.append(Line(wait.place_id, wait.item_type, wait.rounds, tally))
    together = grouped(found, lambda one: (one.place_id, one.item_type, one.rounds))
    return [Line(*group, tally) for group, tally in together.items()], silent


def judged(wait: Wait, interval: Interval, now: datetime) -> Tally | None:
    """Return what came of a promise; None while it has not fallen due."""
    latest = wait.since + timedelta(days=interval.upper)
    if latest > now:
        return None
    if wait.ended is None or wait.ended > latest or wait.ending == Ending.NEVER:
        return Tally(late=1)
    if wait.ending == Ending.LEFT:
        return Tally(left=1)
    early = wait.ended < wait.since + timedelta(days=interval.lower)
    return Tally(early=1) if early else Tally(inside=1)


def read_waits(db: Session, place_ids: Sequence[int] | None = None) -> Sequence[Wait]:
    """Return the latest waits, of some pickup places or of all; no hold and no reader is read."""
    columns: tuple[Any, ...] = (
        HoldWait.pickup_library_id,
        HoldWait.item_type,
        HoldWait.rounds,
        HoldWait.since,
        HoldWait.ended,
        HoldWait.ending,
    )
    query = select(*columns).order_by(HoldWait.since.desc()).limit(MOST)
    if place_ids is not None:
        query = query.where(HoldWait.pickup_library_id.in_(place_ids))
    return [Wait(*row) for row in db.execute(query)]
