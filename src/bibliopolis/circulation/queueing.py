"""Where holds stand when staff give their queue another order: pure, without a database.

A place is (put first, time, number of the hold). As few holds as can be are moved: they get a time
between those of their new neighbours, so that everybody else stays as they are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

Stand = tuple[bool, datetime]
"""Whether a hold was put first, and the time by which it stands."""

STEP = timedelta(seconds=1)
LEAST = timedelta(microseconds=1)


def with_places(line: Sequence[int], places: Mapping[int, int]) -> list[int]:
    """Return the queue with some holds at other places (from 1), the others in their order."""
    at = {place: one for one, place in places.items()}
    others = (one for one in line if one not in places)
    return [at[place] if place in at else next(others) for place in range(1, len(line) + 1)]


def to_move(line: Sequence[int], places: Mapping[int, int], order: Sequence[int]) -> set[int]:
    """Return who has to be moved so that these stand at their places.

    Who was named is moved, though others making way might be fewer; with them the fewest of the
    others, where somebody stood at their place already and others have to change theirs around.
    """
    named = {one for one, place in places.items() if line[place - 1] != one}
    others = [one for one in line if one not in named]
    return named | moved(others, [one for one in order if one not in named])


def moved(line: Sequence[int], order: Sequence[int]) -> set[int]:
    """Return the fewest holds that have to be moved to make the one order of the other."""
    before = {one: place for place, one in enumerate(line)}
    # The longest part of the new order that is in the old one, too, stays where it is.
    ends: list[int] = []
    last: list[int] = []
    previous: dict[int, int | None] = {}
    for one in order:
        place = before[one]
        length = bisect_left(ends, place)
        previous[one] = last[length - 1] if length else None
        if length == len(ends):
            ends.append(place)
            last.append(one)
        else:
            ends[length], last[length] = place, one
    staying = set[int]()
    one_staying: int | None = last[-1] if last else None
    while one_staying is not None:
        staying.add(one_staying)
        one_staying = previous[one_staying]
    return set(order) - staying


def stands(
    order: Sequence[int], known: Mapping[int, Stand], moving: set[int], now: datetime
) -> dict[int, Stand]:
    """Return the new stands of those whose stand changes, so that ``order`` is that of the queue.

    Who was put first stays so where that still holds. Where no time is left between two
    neighbours, all of their line get times a second apart, in the past.
    """
    put_first = _put_first(order, known, moving)
    found: dict[int, Stand] = {}
    for first in (True, False):
        line = [one for one in order if put_first[one] is first]
        times = _times(line, known, moving, now)
        found |= {
            one: (first, time)
            for one, time in zip(line, times, strict=True)
            if known[one] != (first, time)
        }
    return found


def _put_first(
    order: Sequence[int], known: Mapping[int, Stand], moving: set[int]
) -> dict[int, bool]:
    staying = [one for one in order if one not in moving and known[one][0]]
    last = order.index(staying[-1]) if staying else -1
    found, unbroken = {}, True
    for place, one in enumerate(order):
        unbroken = place <= last or (unbroken and known[one][0])
        found[one] = unbroken
    return found


def _times(
    line: Sequence[int], known: Mapping[int, Stand], moving: set[int], now: datetime
) -> list[datetime]:
    times = [known[one][1] for one in line]
    start = 0
    while start < len(line):
        if line[start] not in moving:
            start += 1
            continue
        end = start
        while end < len(line) and line[end] in moving:
            end += 1
        before = times[start - 1] if start else None
        after = times[end] if end < len(line) else None
        between = _between(before, after, end - start, now)
        if between is None:
            return _apart(times, now)
        times[start:end] = between
        start = end
    return times


def _between(
    before: datetime | None, after: datetime | None, number: int, now: datetime
) -> list[datetime] | None:
    # A hold that begins later stands by a time to come: before it there is room up to now, so that
    # nobody who is moved stands behind those who come tomorrow.
    if before is None:
        end = min(after or now, now)
        return [end - STEP * (number - n) for n in range(number)]
    end = after or before + STEP * (number + 1)
    if before <= now and (after is None or now < after):
        end = now
    step = (end - before) // (number + 1)
    return [before + step * (n + 1) for n in range(number)] if step >= LEAST else None


def _apart(times: Sequence[datetime], now: datetime) -> list[datetime]:
    """Return times a second apart: in the past, but for those at the end that begin later."""
    ahead = sum(1 for _one in takewhile(lambda time: time > now, reversed(times)))
    begun, later = times[: len(times) - ahead], times[len(times) - ahead :]
    start = min([*begun, now]) - STEP * len(begun)
    return [start + STEP * n for n in range(len(begun))] + [
        min(later) + STEP * n for n in range(ahead)
    ]
