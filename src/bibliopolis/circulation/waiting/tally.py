"""Promises counted by what came of them, and by what they were for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Group = TypeVar("Group")


@dataclass(frozen=True)
class Tally:
    """What came of promises that have fallen due."""

    inside: int = 0
    early: int = 0
    late: int = 0
    left: int = 0
    """Who left before: what would have come is not known, so they count for no share."""

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.inside + other.inside,
            self.early + other.early,
            self.late + other.late,
            self.left + other.left,
        )

    @property
    def judged(self) -> int:
        """Return how many promises the shares are of."""
        return self.inside + self.early + self.late

    def share(self, part: int) -> float | None:
        """Return which part of the promises that is, None where there were none."""
        return part / self.judged if self.judged else None


@dataclass(frozen=True)
class Line:
    """Promises of one pickup place, item type and number of rounds."""

    place_id: int
    item_type: str
    rounds: int
    tally: Tally


def grouped(lines: Iterable[Line], by: Callable[[Line], Group]) -> Mapping[Group, Tally]:
    """Return the promises of each group together, in the order in which groups come."""
    found: dict[Group, Tally] = {}
    for line in lines:
        group = by(line)
        found[group] = found.get(group, Tally()) + line.tally
    return found
