"""Who waits for which title, in order; long queues are never sorted anew."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator

from .facts import PastHold

Key = tuple[bool, int, int]


class Queues:
    """The queues of all titles; who was put first, then who was placed first."""

    def __init__(self) -> None:
        self._keys: dict[int, list[Key]] = defaultdict(list)
        self._holds: dict[int, PastHold] = {}
        self._particular: dict[int, int] = defaultdict(int)

    def __contains__(self, hold_id: int) -> bool:
        """Say whether a hold stands in its queue."""
        return hold_id in self._holds

    def add(self, hold: PastHold) -> None:
        """Put a hold where it belongs."""
        if hold.id not in self._holds:
            self._holds[hold.id] = hold
            insort(self._keys[hold.title], _key(hold))
            self._particular[hold.title] += hold.wanted is not None

    def discard(self, hold: PastHold) -> None:
        """Take a hold out, if it is there."""
        if self._holds.pop(hold.id, None) is not None:
            keys = self._keys[hold.title]
            del keys[bisect_left(keys, _key(hold))]
            self._particular[hold.title] -= hold.wanted is not None

    def of(self, title: int) -> Iterator[PastHold]:
        """Go through the queue of a title, the next to be served first."""
        return (self._holds[hold_id] for _later, _placed, hold_id in self._keys[title])

    def particular(self, title: int) -> bool:
        """Say whether anybody waits for a certain copy of a title."""
        return self._particular[title] > 0

    def titles(self) -> list[int]:
        """Return the titles somebody waits for."""
        return [title for title, keys in self._keys.items() if keys]


def _key(hold: PastHold) -> Key:
    return (not hold.cut_in_line, hold.placed, hold.id)
