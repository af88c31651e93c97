"""Facets that change too often for the index, kept as bitmaps of resources beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Set

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from bibliopolis.search.whoosh.postings import Ids, bitmap_of, ids_of
from bibliopolis.search.whoosh.segments import Segment

FEW = 2000
"""Of so many resources the documents are looked up one by one, of more all are looked through."""

Places = tuple[Ids, NDArray[np.uint32]]


class LiveColumn:
    """One live facet: which resources have which value now.

    ``anywhere`` is the value of all resources that have any other one that is not hidden.
    """

    def __init__(self, type_name: str, anywhere: str = "") -> None:
        self.type_name = type_name
        self.anywhere = anywhere
        self.sequence = -1
        self._values: dict[str, BitMap] = {}
        self._hidden: frozenset[str] = frozenset()
        self._open: BitMap | None = None
        self._documents: dict[tuple[int, str], tuple[BitMap, BitMap]] = {}
        self._places: dict[int, Places] = {}
        self._lock = threading.Lock()

    @property
    def values(self) -> list[str]:
        """Return all values there are."""
        named = [value for value in list(self._values) if value not in self._hidden]
        return [self.anywhere, *named] if self.anywhere and named else named

    def load(
        self, sequence: int, values: Mapping[str, BitMap], hidden: Set[str] = frozenset()
    ) -> None:
        """Take over everything: the resources that have each value."""
        with self._lock:
            self._values = dict(values)
            self._hidden = frozenset(hidden)
            self._open = None
            self.sequence = sequence

    def apply(
        self,
        sequence: int,
        changes: Mapping[int, Iterable[str]],
        hidden: Set[str] = frozenset(),
    ) -> None:
        """Take over what each of these resources has now, unless it is known already."""
        with self._lock:
            if sequence < self.sequence:
                return
            touched = BitMap(changes)
            with_value: dict[str, list[int]] = {}
            for identity, values in changes.items():
                for value in values:
                    with_value.setdefault(value, []).append(identity)
            for value in {*self._values, *with_value}:
                old = self._values.get(value, BitMap())
                # Others may be reading the old bitmap: it is replaced, never changed.
                if value in with_value or old.intersect(touched):
                    self._values[value] = (old - touched) | BitMap(with_value.get(value, ()))
            if hidden != self._hidden:
                self._hidden, self._open = frozenset(hidden), None
            elif self._open is not None:
                still = [ids for value, ids in with_value.items() if value not in hidden]
                self._open = (self._open - touched) | BitMap().union(*map(BitMap, still))
            self.sequence = sequence

    def bitmap(self, segment: Segment, value: str) -> BitMap:
        """Return the documents of a segment whose resources have the value."""
        resources = self._having(value)
        if not resources:
            return BitMap()
        key = (segment.number, value)
        known = self._documents.get(key)
        if known is not None and known[0] is resources:
            return known[1]
        documents = self._followed(segment, resources, known)
        self._documents[key] = (resources, documents)
        return documents

    def forget(self, segments: Iterable[int]) -> None:
        """Drop what was kept for segments that are gone."""
        keep = set(segments)
        self._documents = {
            key: value for key, value in list(self._documents.items()) if key[0] in keep
        }
        self._places = {
            number: places for number, places in list(self._places.items()) if number in keep
        }

    def _having(self, value: str) -> BitMap | None:
        """Return the resources with a value, the same object as long as they are the same."""
        with self._lock:
            if not self.anywhere or value != self.anywhere:
                return None if value in self._hidden else self._values.get(value)
            if self._open is None:
                shown = [ids for name, ids in self._values.items() if name not in self._hidden]
                self._open = BitMap().union(*shown)
            return self._open

    def _followed(
        self, segment: Segment, resources: BitMap, known: tuple[BitMap, BitMap] | None
    ) -> BitMap:
        """Return the documents of resources, out of what they were before where little changed."""
        if known is not None:
            before, documents = known
            changed = before ^ resources
            if len(changed) <= FEW:
                gone = self._documents_of(segment, changed - resources)
                return (documents - gone) | self._documents_of(segment, changed - before)
        if len(resources) <= FEW:
            return self._documents_of(segment, resources)
        documents_, identities = self._sorted_places(segment)
        if not len(identities):
            return BitMap()
        present = np.zeros(max(int(identities[-1]), resources.max()) + 1, bool)
        present[ids_of(resources)] = True
        return bitmap_of(np.sort(documents_[present[identities]]))

    def _documents_of(self, segment: Segment, resources: BitMap) -> BitMap:
        """Return the documents of a few resources."""
        documents, identities = self._sorted_places(segment)
        wanted = ids_of(resources)
        first = np.searchsorted(identities, wanted, "left")
        last = np.searchsorted(identities, wanted, "right")
        taken = [documents[a:b] for a, b in zip(first, last, strict=True) if a < b]
        return bitmap_of(np.concatenate(taken)) if taken else BitMap()

    def _sorted_places(self, segment: Segment) -> Places:
        """Return documents and their resources, in the order of the resources."""
        places = self._places.get(segment.number)
        if places is None:
            documents, wide = segment.resource_ids(self.type_name)
            identities = wide.astype(np.uint32)
            if np.any(identities[1:] < identities[:-1]):
                order = np.argsort(identities, kind="stable")
                documents, identities = documents[order], identities[order]
            self._places[segment.number] = places = (documents, identities)
        return places
