"""How organisations lie to one another: what is above what, groups across the tree, distances.

Everything goes by the codes of organisations, so that nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .loading import CirculationPolicy, Distance

FAR = 99
"""Steps between organisations that have nothing above in common."""


@dataclass(frozen=True)
class Geography:
    """The tree as ``{code: code of what is above, or None}``, with the groups and distances.

    ``groups`` holds the members of each; an organisation stands for all that is below it.
    """

    above: Mapping[str, str | None]
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    distances: tuple[Distance, ...] = ()

    @classmethod
    def of(cls, above: Mapping[str, str | None], policy: CirculationPolicy) -> Geography:
        """Make it of the tree and what the site's file says."""
        groups = {name: group.members for name, group in policy.groups.items()}
        return cls(above, groups, policy.distances)

    def lineage(self, code: str | None) -> tuple[str, ...]:
        """Return an organisation and all above it, the nearest first."""
        found: list[str] = []
        while code is not None and code in self.above and code not in found:
            found.append(code)
            code = self.above[code]
        return tuple(found)

    def groups_of(self, code: str | None) -> frozenset[str]:
        """Return the groups an organisation is in, by itself or by one above it."""
        line = self.lineage(code)
        return frozenset(n for n, members in self.groups.items() if set(members) & set(line))

    def share_group(self, one: str | None, other: str | None) -> bool:
        """Say whether two organisations are in one group, or are the same."""
        return one == other or bool(self.groups_of(one) & self.groups_of(other))

    def system_of(self, code: str | None) -> str | None:
        """Return the organisation below the top of the tree, or the only one there is."""
        line = self.lineage(code)
        return line[-2] if len(line) > 1 else (line[0] if line else None)

    def steps(self, start: str | None, end: str | None, item_type: str | None = None) -> int:
        """Return the distance from one organisation to another for a copy of some type.

        It is the way in the tree up and down again, unless distances say otherwise: of those
        that give the distance itself the one for the nearest organisations counts, else all
        that add to it. A distance from A to B says nothing of the way back.
        """
        fitting = [one for one in self._fitting(start, end, item_type) if not one.closed]
        nearest = self._nearest(start, end, (one for one in fitting if one.absolute))
        if nearest is not None:
            return nearest.steps
        return max(0, self.in_tree(start, end) + sum(one.steps for one in fitting))

    def is_closed(self, start: str | None, end: str | None, item_type: str | None = None) -> bool:
        """Say whether nothing is carried from one organisation to another.

        A distance between nearer organisations opens the way again: what is said of the nearest
        counts. Within one library nothing need be carried.
        """
        if start == end:
            return False
        said = (one for one in self._fitting(start, end, item_type) if one.absolute or one.closed)
        nearest = self._nearest(start, end, said)
        return nearest is not None and nearest.closed

    def _fitting(self, start: str | None, end: str | None, item_type: str | None) -> list[Distance]:
        if not self.distances:
            return []
        there, back = self.lineage(start), self.lineage(end)
        return [
            one
            for one in self.distances
            if one.start in there and one.end in back and one.item_type in (None, item_type)
        ]

    def _nearest(
        self, start: str | None, end: str | None, distances: Iterable[Distance]
    ) -> Distance | None:
        there, back = self.lineage(start), self.lineage(end)

        def near(one: Distance) -> tuple[int, bool, bool, int]:
            steps = there.index(one.start) + back.index(one.end)
            return (steps, one.item_type is None, not one.closed, one.steps)

        return min(distances, key=near, default=None)

    def in_tree(self, start: str | None, end: str | None) -> int:
        """Return how many steps it is up the tree and down again."""
        there, back = self.lineage(start), self.lineage(end)
        common = next((code for code in there if code in back), None)
        return FAR if common is None else there.index(common) + back.index(common)
