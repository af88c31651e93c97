"""One search over a snapshot: match, filter, count, put in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from bibliopolis.resources.access import Visibility
from bibliopolis.search.analysis import Token
from bibliopolis.search.documents import (
    MAX_DEPTH,
    MAX_PAGE_SIZE,
    PREFERRED_IN,
    RESOURCE,
    Hit,
    Query,
    Results,
)
from bibliopolis.search.fields import Field
from bibliopolis.search.interpret import interpret
from bibliopolis.search.plans import Plan, Term
from bibliopolis.search.whoosh.live import LiveColumn
from bibliopolis.search.whoosh.matching import plan_bitmap
from bibliopolis.search.whoosh.postings import Ids, bitmap_of, ids_of
from bibliopolis.search.whoosh.ranking import best
from bibliopolis.search.whoosh.segments import FacetColumn
from bibliopolis.search.whoosh.snapshot import Placed, Snapshot
from bibliopolis.search.whoosh.spelling import MOST_CANDIDATES, Speller

YEAR = "year"
Counts = tuple[tuple[str, int], ...]


class VisibleMatcher:
    """Tell the interpretation of a query what there is for one visitor."""

    def __init__(
        self, snapshot: Snapshot, visibility: Visibility, spellers: dict[int, Speller]
    ) -> None:
        self._snapshot = snapshot
        self._visibility = visibility
        self._spellers = spellers

    def count(self, plan: Plan) -> int:
        """Return how many documents match."""
        return sum(
            plan_bitmap(placed.segment, plan).intersection_cardinality(
                self._snapshot.visible(placed, self._visibility)
            )
            for placed in self._snapshot.placed
        )

    def has(self, term: Term) -> bool:
        """Return whether any document has the term."""
        return any(
            placed.segment.bitmap(term.field, term.text).intersect(
                self._snapshot.visible(placed, self._visibility)
            )
            for placed in self._snapshot.placed
        )

    def similar(self, token: Token) -> Sequence[str]:
        """Return words of the index that are spelled much like this one, best first."""
        distances: dict[str, int] = {}
        for placed in self._snapshot.placed:
            for distance, word in self._speller(placed).near(token.folded):
                distances[word] = distance
        ranked = sorted(distances, key=lambda word: (distances[word], -self._commonness(word)))
        return [word for word in ranked[:MOST_CANDIDATES] if self.has(Term(Field.WORDS, word))]

    def _commonness(self, word: str) -> int:
        return sum(
            placed.segment.document_frequency(Field.WORDS, word) for placed in self._snapshot.placed
        )

    def _speller(self, placed: Placed) -> Speller:
        number = placed.segment.number
        if number not in self._spellers:
            self._spellers[number] = Speller(placed.segment)
        return self._spellers[number]


class Searching:
    """The work of one query."""

    def __init__(
        self,
        query: Query,
        snapshot: Snapshot,
        live: Mapping[str, LiveColumn],
        spellers: dict[int, Speller],
    ) -> None:
        self.query = query
        self.snapshot = snapshot
        self.live = live
        self.spellers = spellers

    def results(self) -> Results:
        """Return the answer."""
        query = self.query
        matcher = VisibleMatcher(self.snapshot, query.visibility, self.spellers)
        meant = interpret(query.text, query.exact, matcher, query.literal)
        self.plan = meant.plan
        found = self._narrowed(None)
        offset = max(0, query.offset)
        limit = max(0, min(query.limit, MAX_PAGE_SIZE, MAX_DEPTH - offset))
        pages = [(placed, ids) for placed, ids in found if len(ids)]
        places = best(self.snapshot, self.plan, pages, query.sort, offset, limit) if limit else []
        return Results(
            total=sum(len(ids) for _placed, ids in found),
            hits=tuple(self._hit(*place) for place in places),
            facets={name: self._facet(name, found) for name in query.facets},
            also_searched=meant.also_searched,
            did_you_mean=meant.did_you_mean,
            all_words=meant.all_words,
        )

    @cached_property
    def _selections(self) -> dict[str, list[BitMap]]:
        """For each facet in use, the documents of each segment that its selection leaves."""
        selections = {
            name: [self._selected(placed, name, values) for placed in self.snapshot.placed]
            for name, values in self.query.filters.items()
            if values
        }
        if self.query.year_from is not None or self.query.year_to is not None:
            years = [self._in_years(placed) for placed in self.snapshot.placed]
            if YEAR in selections:
                years = [a & b for a, b in zip(years, selections[YEAR], strict=True)]
            selections[YEAR] = years
        return selections

    @cached_property
    def _base(self) -> list[BitMap]:
        """What the words find and the visitor may see, before any facet narrows it."""
        found: list[BitMap] = []
        for placed in self.snapshot.placed:
            bitmap = self.snapshot.visible(placed, self.query.visibility)
            if not self._takes_everything:
                bitmap = plan_bitmap(placed.segment, self.plan) & bitmap
            found.append(self._one_translation(placed, bitmap))
        return found

    def _one_translation(self, placed: Placed, found: BitMap) -> BitMap:
        """Leave out translations beside which the reader's preferred one was found as well.

        All documents of a resource are written together, so they lie in one segment.
        """
        if not self.query.reading or PREFERRED_IN not in placed.segment.facets:
            return found
        preferred = found & placed.segment.facet_bitmap(PREFERRED_IN, self.query.reading)
        others = (found & placed.segment.having(PREFERRED_IN)) - preferred
        if not preferred or not others:
            return found
        ids = placed.segment.rows["id"]
        rest = ids_of(others)
        known = ids[ids_of(preferred)]
        return found - bitmap_of(rest[np.isin(ids[rest], known)])

    @property
    def _takes_everything(self) -> bool:
        return self.plan.everything and not (self.plan.excluded or self.plan.excluded_phrases)

    @cached_property
    def _all_of(self) -> str | None:
        """Return of which kind of resource everything is asked for, ``""`` of all; None if not so.

        Such counts are kept: the front page and the lists by letters ask for nothing else.
        """
        if not self._takes_everything or self.query.reading:
            return None
        if not self._selections:
            return ""
        kinds = self.query.filters.get(RESOURCE, ())
        return kinds[0] if self._selections.keys() == {RESOURCE} and len(kinds) == 1 else None

    def _narrowed(self, apart: str | None) -> list[tuple[Placed, Ids]]:
        """Return what all selections leave, except that of one facet."""
        narrowed: list[tuple[Placed, Ids]] = []
        for index, placed in enumerate(self.snapshot.placed):
            bitmap = self._base[index]
            for name, selected in self._selections.items():
                if name != apart:
                    bitmap = bitmap & selected[index]
            narrowed.append((placed, ids_of(bitmap)))
        return narrowed

    def _selected(self, placed: Placed, name: str, values: Iterable[str]) -> BitMap:
        live = self.live.get(name)
        bitmaps = [
            live.bitmap(placed.segment, value) if live else placed.segment.facet_bitmap(name, value)
            for value in values
        ]
        return BitMap.union(*bitmaps)

    def _in_years(self, placed: Placed) -> BitMap:
        first = self.query.year_from if self.query.year_from is not None else -10_000
        last = self.query.year_to if self.query.year_to is not None else 10_000
        return placed.segment.cached(
            ("years", first, last), lambda: self._union_of_years(placed, first, last)
        )

    def _union_of_years(self, placed: Placed, first: int, last: int) -> BitMap:
        if YEAR not in placed.segment.facets:
            return BitMap()
        return BitMap().union(
            *(
                placed.segment.facet_bitmap(YEAR, value)
                for value in self.snapshot.vocabularies[YEAR].values
                if value.isdecimal() and first <= int(value) <= last
            )
        )

    def _facet(self, name: str, found: list[tuple[Placed, Ids]]) -> Counts:
        """Return the values of a facet with their counts."""
        if name in self._selections:
            found = self._narrowed(name)
        counts = self._live_counts(name, found) if name in self.live else self._counts(name, found)
        if name == YEAR:
            years = [value for value in counts if value.isdecimal()]
            return tuple((value, counts[value]) for value in sorted(years, key=int))
        chosen = self.query.filters.get(name, ())
        if name in self.query.only:
            wanted = {*self.query.only[name], *chosen}
            counts = {value: count for value, count in counts.items() if value in wanted}
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        shown = ranked[: max(0, self.query.facet_limit)]
        shown += [value for value in dict.fromkeys(chosen) if value not in shown]
        return tuple((value, counts.get(value, 0)) for value in shown)

    def _live_counts(self, name: str, found: list[tuple[Placed, Ids]]) -> dict[str, int]:
        live = self.live[name]
        values: Iterable[str] = live.values
        if name in self.query.only:
            # A city has hundreds of libraries, a page offers two of them.
            values = {*self.query.only[name], *self.query.filters.get(name, ())}
        bitmaps = [(placed, bitmap_of(ids)) for placed, ids in found if len(ids)]
        counts = {
            value: sum(
                live.bitmap(placed.segment, value).intersection_cardinality(bitmap)
                for placed, bitmap in bitmaps
            )
            for value in values
        }
        return {value: number for value, number in counts.items() if number}

    def _counts(self, name: str, found: list[tuple[Placed, Ids]]) -> dict[str, int]:
        """Count values by their numbers; only those worth showing become texts."""
        columns: list[tuple[FacetColumn, Ids]] = []
        for placed, ids in found:
            column = placed.segment.facets.get(name)
            if column is not None and len(ids):
                columns.append((column, ids))
        vocabulary = self.snapshot.vocabularies.get(name)
        if vocabulary is None or not columns:
            return {}
        size = len(vocabulary.values)
        total = np.zeros(size, np.int64)
        if (kind := self._all_of) is not None:
            # Of a facet the counts are those without its own selection.
            kind = "" if name == RESOURCE else kind
            known = self.snapshot.counts(name, self.query.visibility, kind)
            total[: len(known)] = known[:size]
        else:
            for column, ids in columns:
                total += column.count(ids, size)[:size]
        largest = _largest(total, None if name == YEAR else max(0, self.query.facet_limit))
        counts = {vocabulary.values[number]: int(total[number]) for number in largest}
        for value in self.query.filters.get(name, ()):
            number = vocabulary.known(value)
            if number is not None and number < size:
                counts[value] = int(total[number])
        return counts

    def _hit(self, placed: Placed, document: int, score: float) -> Hit:
        key, name, identity, type_name, language = placed.segment.stored(document)
        return Hit(key, (name, identity), type_name, language, score)


def _largest(counts: NDArray[np.int64], wanted: int | None) -> Iterable[int]:
    """Return the numbers of the largest counts and of all that equal the last of them."""
    some = np.flatnonzero(counts)
    if wanted is None or len(some) <= wanted:
        return some.tolist()
    if not wanted:
        return []
    threshold = np.partition(counts[some], len(some) - wanted)[len(some) - wanted]
    above = some[counts[some] > threshold].tolist()
    return above + some[counts[some] == threshold].tolist()
