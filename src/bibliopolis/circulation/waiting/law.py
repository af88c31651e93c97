"""From waits that were seen to an interval of days: no database, no web.

The method is that of Kaplan and Meier (Journal of the American Statistical Association 53, 1958):
whoever left early waited at least so long, and counts until then. Whoever never got a copy counts
as waiting for ever. The interval lies between two order statistics of the waits, as for a
prediction of one more of them: of n waits the k-th and the (n + 1 - k)-th hold the next one between
them with the probability (n + 1 - 2 k) / (n + 1).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .models import Ending

SHARE = 0.8
"""So many of the waits end within the interval."""
FEWEST = 20
"""With fewer copies that came nothing is said: a tenth of them is not known to be rare."""
POINTS = 120
"""So many points of a curve are kept; between them it is read to the careful side."""
BUCKETS = (0, 1, 2, 3, 4, 5, 7, 10)
"""Waits of so many rounds, up to the next number, are counted together."""
_TINY = 1e-9


@dataclass(frozen=True)
class Interval:
    """Whole days from now within which a copy comes to ``SHARE`` of those who wait."""

    lower: int
    upper: int
    came: int
    """Copies that came, of those it rests on."""


@dataclass(frozen=True)
class Law:
    """How many still wait after so many days.

    ``points`` are (days, share that still waits after them, copies that came later), by days.
    """

    cases: int
    came: int
    points: Sequence[tuple[float, float, int]]

    def interval(self, waited: float = 0.0) -> Interval | None:
        """Return when a copy comes to one who has waited so many days already.

        None where fewer than ``FEWEST`` came later than that, or where so many never got one that
        nothing can be promised.
        """
        waiting, left = self._after(waited)
        if left < FEWEST or waiting <= 0:
            return None
        tail = (1 - SHARE) / 2
        rank = max(1, math.floor((left + 1) * tail + _TINY))
        first = self._last_before(waiting * (1 - rank / left))
        last = self._first_below(waiting * (rank - 1) / left)
        if last is None:
            return None
        soonest = math.floor(max(first, waited) - waited)
        return Interval(soonest, max(soonest + 1, math.ceil(last - waited)), left)

    def _after(self, waited: float) -> tuple[float, int]:
        place = bisect_left(self.points, (waited + _TINY,))
        if place == 0:
            return 1.0, self.came
        return self.points[place - 1][1], self.points[place - 1][2]

    def _last_before(self, share: float) -> float:
        """Return the last point after which at least so many still wait."""
        found = [days for days, waiting, _left in self.points if waiting >= share - _TINY]
        return found[-1] if found else 0.0

    def _first_below(self, share: float) -> float | None:
        """Return the first point after which no more than so many wait, if there is one."""
        reached = (days for days, waiting, _left in self.points if waiting <= share + _TINY)
        return next(reached, None)


def law_of(waits: Iterable[tuple[float, Ending | str | None]]) -> Law:
    """Return the law of waits, each given as days and how it ended; None is still waiting."""
    seen = sorted(
        (math.inf if ending == Ending.NEVER else max(0.0, days), ending != Ending.CAME)
        for days, ending in waits
    )
    came = sum(1 for _days, censored in seen if not censored)
    at_risk, share, left = len(seen), 1.0, came
    points: list[tuple[float, float, int]] = []
    for days, censored in seen:
        if not censored:
            share *= 1 - 1 / at_risk
            left -= 1
            if points and points[-1][0] == days:
                points.pop()
            points.append((days, share, left))
        at_risk -= 1
    return Law(len(seen), came, _thinned(points))


def rounds_of(position: int, copies: int, free: int) -> int:
    """Return how often the copies must go round until one is for this place in the queue.

    0 means that a copy stands ready for it. The longest are counted together, see ``BUCKETS``.
    """
    rounds = 0 if position <= free else math.ceil((position - free) / copies)
    return max(one for one in BUCKETS if one <= rounds)


def _thinned(points: Sequence[tuple[float, float, int]]) -> Sequence[tuple[float, float, int]]:
    """Leave points out evenly, but not near the end, where few are left."""
    surplus = len(points) - FEWEST
    step = math.ceil(surplus / (POINTS - FEWEST)) if surplus > 0 else 1
    if step <= 1:
        return tuple(points)
    return (*points[step - 1 : surplus : step], *points[max(0, surplus) :])
