"""Facets that change too often for the index, kept as bitmaps of resources beside it."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

import numpy as np
from pyroaring import BitMap

from bibliopolis.search.whoosh.segments import Segment


class LiveColumn:
    """One live facet: which resources have which value now."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name
        self.sequence = -1
        self._values: dict[str, BitMap] = {}
        self._documents: dict[tuple[int, str], tuple[BitMap, BitMap]] = {}
        self._lock = threading.Lock()

    @property
    def values(self) -> list[str]:
        """Return all values there are."""
        return list(self._values)

    def apply(self, sequence: int, changes: Mapping[int, Iterable[str]]) -> None:
        """Take over what each of these resources has now."""
        with self._lock:
            touched = BitMap(changes)
            with_value: dict[str, list[int]] = {}
            for identity, values in changes.items():
                for value in values:
                    with_value.setdefault(value, []).append(identity)
            for value in {*self._values, *with_value}:
                old = self._values.get(value, BitMap())
                new = (old - touched) | BitMap(with_value.get(value, ()))
                if new != old or value not in self._values:
                    # Others may be reading the old bitmap: it is replaced, never changed.
                    self._values[value] = new
            self.sequence = sequence

    def bitmap(self, segment: Segment, value: str) -> BitMap:
        """Return the documents of a segment whose resources have the value."""
        resources = self._values.get(value)
        if not resources:
            return BitMap()
        key = (segment.number, value)
        known = self._documents.get(key)
        if known is not None and known[0] is resources:
            return known[1]
        documents = self._project(segment, resources)
        self._documents[key] = (resources, documents)
        return documents

    def forget(self, segments: Iterable[int]) -> None:
        """Drop what was kept for segments that are gone."""
        keep = set(segments)
        self._documents = {
            key: value for key, value in list(self._documents.items()) if key[0] in keep
        }

    def _project(self, segment: Segment, resources: BitMap) -> BitMap:
        documents, identities = segment.resource_ids(self.type_name)
        if not len(identities):
            return BitMap()
        present = np.zeros(max(int(identities.max()), resources.max()) + 1, bool)
        present[np.frombuffer(resources.to_array(), np.uint32)] = True
        return BitMap(documents[present[identities]])
