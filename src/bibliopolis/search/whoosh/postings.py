"""Posting lists as arrays, and the memory they may take."""

from __future__ import annotations

import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.reading import IndexReader, TermNotFound

Ids = NDArray[np.uint32]
Weights = NDArray[np.float32]

NO_IDS: Ids = np.empty(0, np.uint32)


def bitmap_of(ids: Ids) -> BitMap:
    """Return numbers as a bitmap, ten times faster than it would read them one by one."""
    return BitMap(array("I", ids.tobytes()))


def ids_of(bitmap: BitMap) -> Ids:
    """Return the numbers of a bitmap, in their order."""
    return np.frombuffer(bitmap.to_array(), np.uint32)


class Damaged(OSError):
    """A file of the index does not hold what it should."""


def open_postings(reader: IndexReader, field: str, text: str) -> Any:
    """Return Whoosh's matcher of a term."""
    try:
        return reader.postings(field, text)
    except Exception as error:
        # Whoosh raises just an Exception where a posting list does not begin as one.
        if type(error) is Exception:
            raise Damaged(str(error)) from error
        raise


def with_deleted(matcher: Any) -> Any:
    """Return the matcher below the one that passes over deleted documents, at its beginning."""
    while not isinstance(matcher, W3LeafMatcher) and hasattr(matcher, "child"):
        matcher = matcher.child
        # The one above has moved it to the first document that is not deleted.
        matcher.reset()
    return matcher


def read_postings(reader: IndexReader, field: str, text: str) -> tuple[Ids, Weights | None]:
    """Return the documents of a term and how often it occurs in each; None means once.

    Whole blocks are taken from Whoosh's own codec, which is some fifty times faster than its
    public matchers; for any other codec the public way is taken.
    """
    try:
        matcher = open_postings(reader, field, text)
    except TermNotFound:
        return NO_IDS, None
    matcher = with_deleted(matcher)
    if isinstance(matcher, W3LeafMatcher):
        return _read_blocks(matcher)
    return read_publicly(matcher)


def read_publicly(matcher: Any) -> tuple[Ids, Weights | None]:
    """Return documents and weights through the public interface of a matcher."""
    ids: list[int] = []
    weights: list[float] = []
    while matcher.is_active():
        ids.append(matcher.id())
        weights.append(matcher.weight())
        matcher.next()
    return np.array(ids, np.uint32), np.array(weights, np.float32)


def _read_blocks(matcher: W3LeafMatcher) -> tuple[Ids, Weights | None]:
    """Read the blocks of a posting list without a step of Python for each posting."""
    ids: list[Ids] = []
    weights: list[Weights] = []
    all_once = True
    while True:
        matcher._read_data()
        deltas, raw, _values = matcher._data
        block = np.cumsum(np.asarray(deltas, np.int64)).astype(np.uint32)
        ids.append(block)
        if raw is None:
            weights.append(np.ones(len(block), np.float32))
        else:
            all_once = False
            weights.append(
                np.full(len(block), raw, np.float32)
                if isinstance(raw, float)
                else np.asarray(raw, np.float32)
            )
        if matcher._lastblock:
            break
        matcher._next_block()
    return np.concatenate(ids), None if all_once else np.concatenate(weights)


class Cache:
    """A store of arrays and bitmaps that forgets what was not used when it grows too large."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """Return the entry, making it if need be; two threads may make it at the same time."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
        value = make()
        weight = size(value) + 200
        with self._lock:
            if key not in self._entries:
                self._entries[key] = (value, weight)
                self._bytes += weight
            while self._bytes > self._max_bytes and len(self._entries) > 1:
                _key, (_value, freed) = self._entries.popitem(last=False)
                self._bytes -= freed
        return value


def size_of_postings(postings: tuple[Ids, Weights | None]) -> int:
    """Return the bytes of a posting list."""
    ids, weights = postings
    return ids.nbytes + (weights.nbytes if weights is not None else 0)


def size_of_bitmap(bitmap: BitMap) -> int:
    """Return about the bytes of a bitmap; its real size is costly to ask for."""
    return min(2 * len(bitmap), 125_000) + 64
