"""The values of a facet in the order of the alphabet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bibliopolis.search.analysis import sort_key

AFTER_ALL = "\U0010ffff"


class Alphabet:
    """The numbers of values in the order of their sort keys.

    It is made anew when values have come, out of the one before: only new ones are folded, and
    what was in order is soon in order again.
    """

    keys: list[str]
    numbers: NDArray[np.int64]

    def __init__(self, values: Sequence[str], before: Alphabet | None = None) -> None:
        known = len(before.numbers) if before else 0
        pairs = list(zip(before.keys, before.numbers.tolist(), strict=True)) if before else []
        pairs += [(sort_key(value), known + place) for place, value in enumerate(values[known:])]
        pairs.sort(key=lambda pair: (pair[0], values[pair[1]]))
        self.keys = [key for key, _number in pairs]
        self.numbers = np.array([number for _key, number in pairs], np.int64)
        self.initials: dict[str, tuple[int, int]] = {}
        place = 0
        while place < len(self.keys):
            letter = self.keys[place][:1]
            end = self.span(letter)[1] if letter else bisect_left(self.keys, "\0", place)
            self.initials[letter] = (place, end)
            place = end

    def span(self, starts: str) -> tuple[int, int]:
        """Return between which places the keys lie that begin so."""
        return bisect_left(self.keys, starts), bisect_left(self.keys, starts + AFTER_ALL)
