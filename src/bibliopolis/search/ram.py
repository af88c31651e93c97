"""An index in memory without any tricks: for tests and as the plain statement of the rules."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from zope.interface import implementer

from bibliopolis.resources.access import Visibility
from bibliopolis.search.analysis import Token, plain_word, sort_key
from bibliopolis.search.documents import (
    MAX_DEPTH,
    MAX_PAGE_SIZE,
    PREFERRED_IN,
    RESOURCE,
    Document,
    Health,
    Hit,
    Listed,
    Listing,
    LiveChanges,
    LiveState,
    Query,
    Results,
    Sort,
)
from bibliopolis.search.fields import RANKED, Field, Terms, sort_title, sort_year, terms_of
from bibliopolis.search.interfaces import IRebuild, ISearchIndex
from bibliopolis.search.interpret import interpret
from bibliopolis.search.plans import IN_ORDER, Group, Phrase, Plan, Term

Entry = tuple[Document, Terms]


@dataclass(frozen=True)
class _Live:
    """A live facet: which values each resource has now, and which of them are hidden."""

    facet: Any
    sequence: int
    values: Mapping[int, tuple[str, ...]]
    hidden: frozenset[str]

    def of(self, document: Document) -> tuple[str, ...]:
        if document.resource[0] != self.facet.type_name:
            return ()
        known = self.values.get(document.resource[1], ())
        shown = tuple(value for value in known if value not in self.hidden)
        return (self.facet.anywhere, *shown) if shown and self.facet.anywhere else shown


@implementer(ISearchIndex)
class RamIndex:
    """See ``ISearchIndex``. Every search looks at every document."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Be as new: empty and whole."""
        self._entries: dict[str, Entry] = {}
        self._live: dict[str, _Live] = {}
        self._broken = False

    def break_down(self) -> None:
        """Be unusable from now on, as an index on a damaged disk."""
        self._broken = True

    def update(self, documents: Iterable[Document], removed: Iterable[str] = ()) -> None:
        """Replace the documents of these resources."""
        documents = list(documents)
        gone = {*removed, *(document.resource_key for document in documents)}
        with self._lock:
            kept = {k: e for k, e in self._entries.items() if e[0].resource_key not in gone}
            added = {one.key: (one, terms_of(one)) for one in documents}
            self._entries = kept | added

    def refresh(self) -> bool:
        """Have nothing to refresh: nobody else can write here."""
        return False

    def rebuild(self) -> RamRebuild:
        """Return a new content for this index."""
        return RamRebuild(self)

    def health(self) -> Health:
        """Be well, unless it was broken."""
        if self._broken:
            return Health(False, "broken down")
        return Health(True, documents=len(self._entries))

    def doc_count(self) -> int:
        """Return the number of documents."""
        return len(self._entries)

    def live_sequence(self, name: str) -> int:
        """Return up to where a live facet is known."""
        return self._live[name].sequence if name in self._live else -1

    def load_live(self, facet: Any, state: LiveState) -> None:
        """Take over all of a live facet."""
        values: dict[int, tuple[str, ...]] = {}
        for value, ids in state.values.items():
            for identity in ids:
                values[identity] = (*values.get(identity, ()), value)
        with self._lock:
            self._live[facet.name] = _Live(facet, state.sequence, values, state.hidden)

    def apply_live(self, facet: Any, changes: LiveChanges) -> None:
        """Take over changes of a live facet."""
        with self._lock:
            known = self._live.get(facet.name)
            values = {identity: tuple(values) for identity, values in changes.changes.items()}
            if known is None or known.sequence <= changes.sequence:
                values = {**(known.values if known else {}), **values}
                self._live[facet.name] = _Live(facet, changes.sequence, values, changes.hidden)

    def search(self, query: Query) -> Results:
        """Return the answer to a query."""
        if self._broken:
            return Results(available=False)
        visible = self._visible(query.visibility)
        meant = interpret(query.text, query.exact, _PlainMatcher(visible), query.literal)
        base = [entry for entry in visible if matches(meant.plan, entry[1])]
        base = _one_translation(base, query.reading)
        found = [entry for entry in base if self._passes(entry[0], query, None)]
        ordered = self._ordered(found, query.sort, meant.plan)
        offset = max(0, query.offset)
        limit = max(0, min(query.limit, MAX_PAGE_SIZE, MAX_DEPTH - offset))
        return Results(
            total=len(found),
            hits=tuple(
                Hit(one.key, one.resource, one.type, one.language)
                for one, _terms in ordered[offset : offset + limit]
            ),
            facets={name: self._facet(name, base, query) for name in query.facets},
            also_searched=meant.also_searched,
            did_you_mean=meant.did_you_mean,
            all_words=meant.all_words,
        )

    def _visible(self, visibility: Visibility) -> list[Entry]:
        return [
            entry
            for entry in self._entries.values()
            if visibility.admits(entry[0].allowed, entry[0].scopes)
        ]

    def list_values(self, listing: Listing) -> Listed:
        """Return values of a facet by the alphabet."""
        if self._broken:
            return Listed(available=False)
        counts: Counter[str] = Counter()
        for document, _terms in self._visible(listing.visibility):
            if listing.resource in ("", document.resource[0]):
                counts.update(set(self._values(document, listing.facet)))
        ordered = sorted(counts, key=lambda value: (sort_key(value), value))
        initials = Counter(sort_key(value)[:1] for value in ordered)
        starts = sort_key(listing.starts)
        found = [value for value in ordered if sort_key(value).startswith(starts)]
        page = found[listing.offset : listing.offset + min(listing.limit, MAX_PAGE_SIZE)]
        return Listed(
            total=len(found),
            values=tuple((value, counts[value]) for value in page),
            initials=tuple((letter, number) for letter, number in initials.items() if letter),
        )

    def _values(self, document: Document, name: str) -> Iterable[str]:
        if name in self._live:
            return self._live[name].of(document)
        return (document.resource[0],) if name == RESOURCE else document.facets.get(name, ())

    def _passes(self, document: Document, query: Query, apart: str | None) -> bool:
        for name, chosen in query.filters.items():
            if name == apart or not chosen:
                continue
            if not set(chosen) & set(self._values(document, name)):
                return False
        if apart == "year" or (query.year_from is None and query.year_to is None):
            return True
        first = -10_000 if query.year_from is None else query.year_from
        last = 10_000 if query.year_to is None else query.year_to
        years = [int(year) for year in document.facets.get("year", ()) if year.isdecimal()]
        return any(first <= year <= last for year in years)

    def _facet(self, name: str, base: list[Entry], query: Query) -> tuple[tuple[str, int], ...]:
        counts: Counter[str] = Counter()
        for document, _terms in base:
            if self._passes(document, query, name):
                counts.update(set(self._values(document, name)))
        if name == "year":
            years = [value for value in counts if value.isdecimal()]
            return tuple((value, counts[value]) for value in sorted(years, key=int))
        if name in query.only:
            wanted = {*query.only[name], *query.filters.get(name, ())}
            counts = Counter({one: n for one, n in counts.items() if one in wanted})
        shown = sorted(counts, key=lambda value: (-counts[value], value))[: query.facet_limit]
        shown += [value for value in query.filters.get(name, ()) if value not in shown]
        return tuple((value, counts[value]) for value in shown)

    def _ordered(self, found: list[Entry], sort: Sort, plan: Plan) -> list[Entry]:
        keys: dict[Sort, Callable[[Entry], tuple[float | str, ...]]] = {
            Sort.TITLE: lambda entry: (sort_title(entry[0]),),
            Sort.NEWEST: lambda entry: (-(_year(entry[0], -9999)),),
            Sort.ADDED: lambda entry: (-entry[0].resource[1],),
            Sort.OLDEST: lambda entry: (_year(entry[0], 9999),),
            Sort.RELEVANCE: lambda entry: (-score(plan, entry[1]), -_year(entry[0], -9999)),
        }
        return sorted(found, key=keys[sort])


@implementer(IRebuild)
class RamRebuild:
    """See ``IRebuild``."""

    def __init__(self, index: RamIndex) -> None:
        self._index = index
        self._new = RamIndex()

    def __enter__(self) -> RamRebuild:
        return self

    def add(self, documents: Iterable[Document]) -> None:
        """Keep documents for the new content."""
        self._new.update(documents)

    def finish(self, load: Callable[[Sequence[str]], Iterable[Document]]) -> None:
        """Swap; nothing can have changed meanwhile that was not added."""
        self._index._entries = self._new._entries

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Forget what was not finished."""


class _PlainMatcher:
    """Tell the interpretation what there is, by looking at everything."""

    def __init__(self, entries: list[Entry]) -> None:
        self._terms = [terms for _document, terms in entries]

    def count(self, plan: Plan) -> int:
        return sum(matches(plan, terms) for terms in self._terms)

    def has(self, term: Term) -> bool:
        return any(_has(term, terms) for terms in self._terms)

    def similar(self, token: Token) -> Sequence[str]:
        word = token.folded
        slips = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
        known = Counter(word for terms in self._terms for word in terms.keywords[Field.WORDS])
        near = {
            other: distance
            for other in known
            if len(other) > 3 and (distance := _distance(word, plain_word(other))) <= slips
        }
        return sorted(near, key=lambda other: (near[other], -known[other], other))


def _one_translation(base: list[Entry], reading: str) -> list[Entry]:
    """Leave out translations beside which the reader's preferred one was found as well."""

    def languages(document: Document) -> tuple[str, ...]:
        return document.facets.get(PREFERRED_IN, ())

    preferred = {one.resource for one, _terms in base if reading and reading in languages(one)}
    return [
        entry
        for entry in base
        if entry[0].resource not in preferred
        or not languages(entry[0])
        or reading in languages(entry[0])
    ]


def matches(plan: Plan, terms: Terms) -> bool:
    """Say whether a document matches a plan."""
    if any(_has_any(group, terms) for group in plan.excluded):
        return False
    if any(_has_phrase(phrase, terms) for phrase in plan.excluded_phrases):
        return False
    if plan.everything or _has_any(plan.identified, terms):
        return True
    if not plan.required:
        return False
    present = sum(_has_any(group, terms) for group in plan.required)
    return present >= plan.minimum and all(_has_phrase(one, terms) for one in plan.phrases)


def score(plan: Plan, terms: Terms) -> float:
    """Return a rough measure of how well a document matches."""
    groups = (*plan.required, *plan.optional, plan.identified, plan.whole)
    total = sum(term.boost for group in groups for term in group if _has(term, terms))
    return total + IN_ORDER * bool(plan.in_order and _has_phrase(plan.in_order, terms))


def _has_any(group: Group, terms: Terms) -> bool:
    return any(_has(term, terms) for term in group)


def _has(term: Term, terms: Terms) -> bool:
    if term.field in RANKED:
        stems = (stem for stem, _position in terms.stems[term.field])
        if term.prefix:
            return any(stem.startswith(term.text) for stem in stems)
        return term.text in stems
    keywords = terms.keywords[term.field]
    if term.prefix:
        return any(word.startswith(term.text) for word in keywords)
    return term.text in keywords


def _has_phrase(phrase: Phrase, terms: Terms) -> bool:
    for field in phrase.fields:
        places = set(terms.stems[field])
        for stem, position in places:
            if stem == phrase.stems[0] and all(
                (other, position + step) in places for step, other in enumerate(phrase.stems)
            ):
                return True
    return False


def _year(document: Document, missing: int) -> int:
    year = sort_year(document)
    return missing if year is None else year


def _distance(one: str, other: str) -> int:
    """Return the edit distance, a swap of neighbours counting once."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, its in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]
