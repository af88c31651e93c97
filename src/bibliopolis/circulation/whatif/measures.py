"""What came of a period, in figures: waiting, copies sent, refusals, and how fair it was."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..rules.geography import Geography
from .facts import PastHold, Period
from .replay import Replay
from .state import Going, Stage

DAY = 24 * 3600
FEWEST = 5
"""So many holds must be collected at a library for it to count when libraries are compared."""


@dataclass(frozen=True)
class Fate:
    """What became of a hold: when it was ready to collect, when its waiting ended without that."""

    hold: PastHold
    ready: int | None
    ended: int | None
    why: str | None = None


def as_it_was(period: Period, geography: Geography) -> dict[str, Any]:
    """Return the figures of what really happened."""
    fates = [Fate(one, one.ready, one.ended) for one in period.holds]
    going, desk = Going(), {place.id: place.desk for place in period.places}
    codes, types = {one.id: one.code for one in period.places}, _types(period)
    for trip in period.journeys:
        if trip.sent < period.since:
            continue
        end = desk.get(trip.end, trip.end)
        going.steps += geography.steps(codes[trip.start], codes[end], types.get(trip.copy))
        if trip.held:
            going.for_holds += 1
        else:
            going.home += 1
    return _figures(period, fates, going, geography)


def as_replayed(replay: Replay, geography: Geography) -> dict[str, Any]:
    """Return the figures of a replay that is done."""
    fates = []
    for hold in replay.period.holds:
        run = replay.state.holds.get(hold.id)
        if run is None:
            continue
        ended = hold.ended if run.stage == Stage.ENDED else None
        why = run.why if run.stage == Stage.REFUSED else None
        fates.append(Fate(hold, run.ready, ended, why))
    return _figures(replay.period, fates, replay.state.going, geography)


def _figures(
    period: Period, fates: Sequence[Fate], going: Going, geography: Geography
) -> dict[str, Any]:
    codes = {place.id: place.code for place in period.places}
    desk = {place.id: place.desk for place in period.places}
    by_library: dict[str, list[Fate]] = defaultdict(list)
    by_system: dict[str, list[Fate]] = defaultdict(list)
    for fate in fates:
        library = codes[desk[fate.hold.pickup]]
        by_library[library].append(fate)
        by_system[geography.system_of(library) or library].append(fate)
    libraries = {code: row(each, period.until) for code, each in sorted(by_library.items())}
    return {
        "all": row(fates, period.until),
        "libraries": libraries,
        "systems": {code: row(each, period.until) for code, each in sorted(by_system.items())},
        "fairness": fairness(libraries.values()),
        "sent": {"holds": going.for_holds, "home": going.home, "steps": going.steps},
        "refusals": dict(Counter(fate.why for fate in fates if fate.why).most_common()),
    }


def row(fates: Sequence[Fate], until: int) -> dict[str, Any]:
    """Return the figures of some holds; waiting is in days.

    ``median`` and ``ninety`` are of those who got a copy; ``mean`` of all who were not refused,
    those with them who still waited at the end, so that nobody's waiting is left out.
    """
    taken = [one for one in fates if one.why is None]
    waits = sorted(
        (one.ready - one.hold.placed) / DAY
        for one in taken
        if one.ready is not None and one.ready <= until
    )
    still = [
        (min(one.ended or until, until) - one.hold.placed) / DAY
        for one in taken
        if one.ready is None or one.ready > until
    ]
    every = [max(0.0, wait) for wait in (*waits, *still)]
    return {
        "holds": len(fates),
        "refused": len(fates) - len(taken),
        "filled": len(waits),
        "share": round(len(waits) / len(taken), 4) if taken else None,
        "median": percentile(waits, 0.5),
        "ninety": percentile(waits, 0.9),
        "mean": round(sum(every) / len(every), 2) if every else None,
    }


def percentile(sorted_values: Sequence[float], share: float) -> float | None:
    """Return the value that so large a share does not exceed (nearest rank); None of nothing."""
    if not sorted_values:
        return None
    rank = max(1, math.ceil(share * len(sorted_values)))
    return round(max(0.0, sorted_values[rank - 1]), 2)


def fairness(libraries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Compare how long readers of the libraries wait on average, small ones left out.

    ``ratio`` is the longest by the shortest; ``gini`` is 0 where all wait alike and nears 1 where
    one library does all the waiting, each library weighing as much as it has holds.
    """
    rows = [
        (float(one["mean"]), int(one["holds"] - one["refused"]))
        for one in libraries
        if one["mean"] is not None and one["holds"] - one["refused"] >= FEWEST
    ]
    longest = max((mean for mean, _number in rows), default=None)
    shortest = min((mean for mean, _number in rows), default=None)
    ratio = round(longest / shortest, 2) if longest is not None and shortest else None
    return {
        "compared": len(rows),
        "shortest": shortest,
        "longest": longest,
        "ratio": ratio,
        "gini": gini(rows),
    }


def gini(rows: Sequence[tuple[float, int]]) -> float | None:
    """Return the Gini coefficient of (value, weight) pairs; None of fewer than two."""
    weight = sum(number for _value, number in rows)
    total = sum(value * number for value, number in rows)
    if len(rows) < 2:
        return None
    if not total:
        return 0.0
    apart = sum(n * m * abs(v - w) for v, n in rows for w, m in rows)
    return round(apart / (2 * weight * total), 3)


def _types(period: Period) -> dict[int, str]:
    return {copy.id: copy.item_type for copy in period.copies}
