"""The index as it is at one moment: segments, what is deleted in them, averages."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from bibliopolis.resources.access import Alternative, Visibility
from bibliopolis.search.documents import RESOURCE
from bibliopolis.search.plans import Group
from bibliopolis.search.whoosh.postings import ids_of
from bibliopolis.search.whoosh.ranking import frequency, rarity
from bibliopolis.search.whoosh.segments import Segment, Vocabulary

LENGTH_SHARE = 0.5
"""How much the length of a field counts (the b of BM25)."""
COUNTS_KEPT = 16
"""So many lists of counts are kept, of a number for each value: a million authors are 8 MB."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A segment in a snapshot: its deleted documents and the number its documents begin with."""

    segment: Segment
    deleted: BitMap
    first: int


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What searches look at; never changed, replaced when the index has changed."""

    generation: str
    toc: int
    placed: tuple[Placed, ...]
    vocabularies: dict[str, Vocabulary]
    documents: int
    _averages: dict[str, float] = field(default_factory=dict)
    _norms: dict[tuple[int, str], NDArray[np.float32]] = field(default_factory=dict)
    _visible: dict[tuple[int, Visibility], BitMap] = field(default_factory=dict)
    _counts: dict[tuple[str, Visibility, str], NDArray[np.int64]] = field(default_factory=dict)
    _rarities: dict[Group, float] = field(default_factory=dict)

    def visible(self, placed: Placed, visibility: Visibility) -> BitMap:
        """Return the documents of a segment that exist and that this visitor may see."""
        key = (placed.first, visibility)
        if key not in self._visible:
            if len(self._visible) > 2000:
                self._visible.clear()
            admitted = BitMap()
            for alternative in visibility.alternatives:
                admitted = admitted | _admitted(placed.segment, alternative)
            self._visible[key] = admitted - placed.deleted
        return self._visible[key]

    def counts(self, name: str, visibility: Visibility, resource: str) -> NDArray[np.int64]:
        """Return how many documents this visitor may see of each value of a facet, by number.

        Only resources of this type count, or all with ``""``.
        """
        key = (name, self._telling(visibility, resource), resource)
        counted = self._counts.get(key)
        if counted is None:
            if len(self._counts) >= COUNTS_KEPT:
                self._counts.clear()
            self._counts[key] = counted = self._counted(*key)
        return counted

    def _telling(self, visibility: Visibility, resource: str) -> Visibility:
        """Leave out alternatives that admit nothing: visitors who see the same share its counts.

        Without that each person would have counts of their own, as ``owner:<person id>`` differs.
        """
        return Visibility(
            tuple(
                alternative
                for alternative in visibility.alternatives
                if any(
                    self._of_type(placed, _admitted(placed.segment, alternative), resource)
                    for placed in self.placed
                )
            )
        )

    @staticmethod
    def _of_type(placed: Placed, documents: BitMap, resource: str) -> BitMap:
        return (
            documents & placed.segment.facet_bitmap(RESOURCE, resource) if resource else documents
        )

    def _counted(self, name: str, visibility: Visibility, resource: str) -> NDArray[np.int64]:
        columns = [(one, column) for one in self.placed if (column := one.segment.facets.get(name))]
        # Reading the columns fills the vocabulary: its size is known after that.
        size = len(self.vocabularies[name].values) if name in self.vocabularies else 0
        total = np.zeros(size, np.int64)
        for placed, column in columns:
            visible = self._of_type(placed, self.visible(placed, visibility), resource)
            found = ids_of(visible)
            total += column.count(found, size)[:size]
        return total

    def rarity(self, group: Group) -> float:
        """Return how much a word says."""
        if group not in self._rarities:
            if len(self._rarities) > 10_000:
                self._rarities.clear()
            total = sum(one.segment.documents for one in self.placed)
            self._rarities[group] = rarity(total, frequency(self.placed, group))
        return self._rarities[group]

    def norms(self, placed: Placed, name: str) -> NDArray[np.float32]:
        """Return for each document by how much its length lessens a field's weight."""
        key = (placed.first, name)
        if key not in self._norms:
            lengths = placed.segment.rows[f"length_{name}"]
            relative = lengths.astype(np.float32) / self._average(name)
            norms = 1 / (1 - LENGTH_SHARE + LENGTH_SHARE * relative)
            self._norms[key] = norms.astype(np.float32)
        return self._norms[key]

    def _average(self, name: str) -> np.float32:
        if name not in self._averages:
            total = sum(int(one.segment.rows[f"length_{name}"].sum()) for one in self.placed)
            having = sum(
                int(np.count_nonzero(one.segment.rows[f"length_{name}"])) for one in self.placed
            )
            self._averages[name] = total / having if having else 1.0
        return np.float32(self._averages[name])


def _admitted(segment: Segment, alternative: Alternative) -> BitMap:
    role, scopes = alternative
    documents = segment.bitmap("allowed", role)
    for scope in scopes:
        documents = documents & segment.bitmap("scope", scope)
    return documents
