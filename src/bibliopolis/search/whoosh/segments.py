"""One segment of the index with its arrays. A segment is written once and never changes."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import count, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap
from whoosh.columns import FixedBytesColumn
from whoosh.reading import IndexReader

from bibliopolis.search.documents import RESOURCE
from bibliopolis.search.fields import RANKED, Field
from bibliopolis.search.whoosh.alphabet import Alphabet
from bibliopolis.search.whoosh.postings import (
    Cache,
    Ids,
    Weights,
    bitmap_of,
    ids_of,
    open_postings,
    read_postings,
    size_of_bitmap,
    size_of_postings,
    with_deleted,
)
from bibliopolis.search.whoosh.schema import ROW, SEPARATOR, TITLE_BYTES

TITLE = "title"
LOOKED_FOR = frozenset((*RANKED, Field.WORDS, Field.LATIN))
MOST_LOOKED_THROUGH = 20_000
"""Terms with one beginning of which the commonest are taken: some 3 microseconds each, once."""
TERM_BYTES = 120
STORED_BYTES = 300
"""About what the key, the type and the language of a document take."""


@dataclass(frozen=True)
class FacetColumn:
    """The values of a facet in a segment, by their numbers.

    With one value at most for each document, ``single`` holds its number plus one, or 0; otherwise
    the values of document ``d`` are ``numbers[offsets[d]:offsets[d + 1]]``. Numbers are those of
    the facet's :class:`Vocabulary`, the same in all segments, in as few bytes as hold them.
    """

    documents: int
    single: NDArray[Any] | None
    offsets: NDArray[np.uint32]
    numbers: NDArray[Any]

    @classmethod
    def of(cls, documents: int, ids: Ids, numbers: NDArray[np.int32]) -> FacetColumn:
        """Return the column in which each of these documents has the number beside it."""
        kind = np.min_scalar_type(int(numbers.max(initial=0)) + 1)
        lengths = np.bincount(ids, minlength=documents)
        if lengths.max(initial=0) <= 1:
            single = np.zeros(documents, kind)
            single[ids] = numbers + 1
            return cls(documents, single, np.empty(0, np.uint32), np.empty(0, kind))
        offsets = np.zeros(documents + 1, np.uint32)
        np.cumsum(lengths, out=offsets[1:])
        ordered = numbers.astype(kind)[np.argsort(ids, kind="stable")]
        return cls(documents, None, offsets, ordered)

    @property
    def having(self) -> BitMap:
        """Return the documents that have any value."""
        has_any = self.single if self.single is not None else np.diff(self.offsets)
        return bitmap_of(np.flatnonzero(has_any).astype(np.uint32))

    def count(self, found: Ids, size: int) -> NDArray[np.int64]:
        """Return how many of the documents have each value; ``size`` values are known by now."""
        if len(found) * 2 <= self.documents:
            return self._count(found, size)
        # Of most of a catalogue those that are left out are sooner counted.
        others = np.ones(self.documents, bool)
        others[found] = False
        counts = -self._count(np.flatnonzero(others).astype(np.uint32), size)
        counts[: len(self.of_all)] += self.of_all
        return counts

    @cached_property
    def of_all(self) -> NDArray[np.int64]:
        """Return how many of all documents have each value, as far as this segment knows it."""
        if self.single is not None:
            return np.bincount(self.single, minlength=1)[1:]
        return np.bincount(self.numbers)

    def _count(self, found: Ids, size: int) -> NDArray[np.int64]:
        if self.single is not None:
            return np.bincount(self.single[found], minlength=size + 1)[1:]
        starts = self.offsets[found].astype(np.int64)
        lengths = self.offsets[found.astype(np.int64) + 1] - starts
        ends = np.cumsum(lengths)
        total = int(ends[-1]) if len(ends) else 0
        taken = self.numbers[np.repeat(starts - (ends - lengths), lengths) + np.arange(total)]
        return np.bincount(taken, minlength=size)


class Vocabulary:
    """Numbers for the values of one facet; it only grows, and is shared by all segments."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self._numbers: dict[str, int] = {}
        self._alphabet = Alphabet(())
        self._lock = threading.Lock()

    @property
    def alphabet(self) -> Alphabet:
        """Return all values in the order of the alphabet."""
        known = self._alphabet
        if len(known.numbers) < len(self.values):
            self._alphabet = known = Alphabet(tuple(self.values), known)
        return known

    def number(self, value: str) -> int:
        """Return the number of a value, a new one if need be."""
        with self._lock:
            if value not in self._numbers:
                self._numbers[value] = len(self.values)
                self.values.append(value)
            return self._numbers[value]

    def known(self, value: str) -> int | None:
        """Return the number of a value that some document has."""
        return self._numbers.get(value)


def open_columns(reader: IndexReader) -> Any:
    """Open the files of a segment's columns now; return the column of the rows.

    Whoosh opens them when they are first asked for, but a commit of another process may have
    merged the segment and removed its files by then; what is open stays readable. Raises
    FileNotFoundError.
    """
    column = reader.column_reader("row")
    try:
        reader.stored_fields(0)
    except TypeError as error:
        # Whoosh takes a file that is gone for a column that was never there.
        raise FileNotFoundError("the stored fields of a segment") from error
    if not reader.has_column("row"):
        raise FileNotFoundError("the rows of a segment")
    return column


def _read_rows(column: Any) -> bytes:
    """Return the rows of all documents.

    Whoosh gives them one by one: a second for a million. They lie in its file one after another.
    """
    if isinstance(column, FixedBytesColumn.Reader) and column._count == column._doccount:
        return bytes(column._dbfile.get(column._basepos, column._count * ROW.itemsize))
    return b"".join(column)


def _read_stored(reader: IndexReader, document: int) -> tuple[str, str, int, str, str]:
    return reader.stored_fields(document)["hit"]


class Segment:
    """The arrays of one segment, each made when it is first needed."""

    _serial = count()

    def __init__(
        self, reader: IndexReader, cache: Cache, vocabularies: dict[str, Vocabulary]
    ) -> None:
        self.reader = reader
        self.documents: int = reader.doc_count_all()
        self.lock = threading.RLock()
        self._cache = cache
        self._vocabularies = vocabularies
        # Ids of segments repeat between generations of the index; ours never do.
        self.number = next(self._serial)
        self._rows: Mapping[str, NDArray[Any]] | None = None
        self._facets: dict[str, FacetColumn] | None = None
        self._title_ranks: NDArray[np.int32] | None = None
        weakref.finalize(self, reader.close)
        self._row_column = open_columns(reader)

    def postings(self, field: str, text: str) -> tuple[Ids, Weights | None]:
        """Return the documents of a term and its frequencies."""
        return self._cache.get(
            (self.number, "postings", field, text),
            lambda: self._locked(read_postings, field, text),
            size_of_postings,
        )

    def bitmap(self, field: str, text: str) -> BitMap:
        """Return the documents of a term as a bitmap."""
        return self._cache.get(
            (self.number, "bitmap", field, text),
            lambda: bitmap_of(self._documents(field, text)),
            size_of_bitmap,
        )

    def _documents(self, field: str, text: str) -> Ids:
        # What a search looks for in words it ranks by them next: they are read once for both.
        read = self.postings(field, text) if field in LOOKED_FOR else None
        return (read or self._locked(read_postings, field, text))[0]

    def facet_bitmap(self, name: str, value: str) -> BitMap:
        """Return the documents that have a value of a facet."""
        return self.bitmap("facet", SEPARATOR.join((name, value)))

    def cached(self, key: Hashable, make: Callable[[], BitMap]) -> BitMap:
        """Return a bitmap of this segment that is kept as long as there is room."""
        return self._cache.get((self.number, key), make, size_of_bitmap)

    def positions(self, field: str, text: str, documents: BitMap) -> list[list[int]]:
        """Return where a term stands in each of the documents, all of which have it.

        Deleted documents may be among them: what is kept of a segment holds these, too.
        """
        found: list[list[int]] = []
        with self.lock:
            matcher = with_deleted(open_postings(self.reader, field, text))
            for document in documents:
                matcher.skip_to(document)
                found.append(matcher.value_as("positions"))
        return found

    def document_frequency(self, field: str, text: str) -> int:
        """Return how many documents have a term, deleted ones included."""
        with self.lock:
            return self.reader.doc_frequency(field, text)

    def expand(self, field: str, prefix: str, limit: int) -> list[str]:
        """Return the commonest terms that begin so, in alphabetical order."""
        return self._cache.get(
            (self.number, "expanded", field, prefix, limit),
            lambda: self._expand(field, prefix, limit),
            lambda terms: TERM_BYTES * len(terms),
        )

    def _expand(self, field: str, prefix: str, limit: int) -> list[str]:
        with self.lock:
            terms = islice(self.reader.iter_prefix(field, prefix), MOST_LOOKED_THROUGH)
            found = [(-info.doc_frequency(), term) for term, info in terms]
        return sorted(term.decode() for _frequency, term in nsmallest(limit, found))

    def lexicon(self, field: str) -> list[str]:
        """Return all terms of a field."""
        with self.lock:
            return [term.decode() for term in self.reader.lexicon(field)]

    def stored(self, document: int) -> tuple[str, str, int, str, str]:
        """Return key, resource, type and language of a document."""
        return self._cache.get(
            (self.number, "stored", document),
            lambda: self._locked(_read_stored, document),
            lambda _hit: STORED_BYTES,
        )

    @property
    def rows(self) -> Mapping[str, NDArray[Any]]:
        """The fixed columns of all documents but their titles, which only sorting needs."""
        if self._rows is None:
            table = self._table()
            names = [name for name in ROW.names or () if name != TITLE]
            self._rows = {name: np.ascontiguousarray(table[name]) for name in names}
        return self._rows

    def title_key(self, document: int) -> bytes:
        """Return what a document is sorted by under its title."""
        with self.lock:
            row = bytes(self._row_column[document])
        return bytes(np.frombuffer(row, ROW)[TITLE][0])

    @property
    def title_ranks(self) -> NDArray[np.int32]:
        """The place of each document when the segment is sorted by title."""
        if self._title_ranks is None:
            titles = np.ascontiguousarray(self._table()[TITLE])
            # Numbers of eight bytes sort as the texts do, four times faster.
            parts = titles.view(">u8").reshape(-1, TITLE_BYTES // 8).astype(np.uint64)
            ranks = np.empty(self.documents, np.int32)
            ranks[np.lexsort(parts.T[::-1])] = np.arange(self.documents)
            self._title_ranks = ranks
        return self._title_ranks

    def _table(self) -> NDArray[Any]:
        with self.lock:
            return np.frombuffer(_read_rows(self._row_column), ROW)

    @property
    def facets(self) -> dict[str, FacetColumn]:
        """The columns of all facets."""
        if self._facets is None:
            with self.lock:
                if self._facets is None:
                    self._facets = self._read_facets()
        return self._facets

    def having(self, name: str) -> BitMap:
        """Return the documents that have any value of a facet."""
        return self.cached(("having", name), lambda: self.facets[name].having)

    def resource_ids(self, type_name: str) -> tuple[Ids, NDArray[np.int64]]:
        """Return the documents of a type of resource and the ids of the resources."""
        documents = ids_of(self.facet_bitmap(RESOURCE, type_name))
        return documents, self.rows["id"][documents]

    def _locked(self, function: Any, *arguments: Any) -> Any:
        # Readers of Whoosh share one position in a file and are not safe between threads.
        with self.lock:
            return function(self.reader, *arguments)

    def _read_facets(self) -> dict[str, FacetColumn]:
        """Read the postings of all facet values once."""
        lists: dict[str, tuple[list[Ids], list[int]]] = {}
        for term in self.lexicon("facet"):
            name, _separator, value = term.partition(SEPARATOR)
            vocabulary = self._vocabularies.setdefault(name, Vocabulary())
            ids, _weights = read_postings(self.reader, "facet", term)
            documents, numbers = lists.setdefault(name, ([], []))
            documents.append(ids)
            numbers.append(vocabulary.number(value))
        return {
            name: FacetColumn.of(
                self.documents,
                np.concatenate(documents),
                np.repeat(np.array(numbers, np.int32), [len(ids) for ids in documents]),
            )
            for name, (documents, numbers) in lists.items()
        }
