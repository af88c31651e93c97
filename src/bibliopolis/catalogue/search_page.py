"""The one search page: over records and all else that can be found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from bibliopolis.catalogue.availability import CITY
from bibliopolis.catalogue.search_limits import counts_facets
from bibliopolis.catalogue.search_titles import FACET_TITLES, FIELD_TITLES, ValueTitles
from bibliopolis.i18n import _, _n
from bibliopolis.parts import Choice, Facet, Pager, make_pager
from bibliopolis.resources.access import visible_to
from bibliopolis.search.asking import FACETS, Asked
from bibliopolis.search.documents import MAX_DEPTH, RESOURCE, Query, Results, Sort
from bibliopolis.search.histogram import Histogram, make_histogram
from bibliopolis.search.registration import PRESENTERS
from bibliopolis.search.rows import Row
from bibliopolis.search.services import Search

PAGE_SIZE = 20
SHOWN = 7
SHOWN_AT_MOST = 100
CLOSED = frozenset({"subj", "auth", "lib"})
UNLISTED = frozenset({"cls"})
"""Facets that come from elsewhere: the page shows what is chosen of them, and offers nothing."""

KEPT = ("avail", "lib")
"""What a new question in the search box goes on with, until somebody drops it."""


SORTS: Mapping[Sort, Any] = {
    Sort.RELEVANCE: _("best matches"),
    Sort.NEWEST: _("newest editions"),
    Sort.OLDEST: _("oldest editions"),
    Sort.ADDED: _("new in the catalogue"),
    Sort.TITLE: _("by title"),
}

SCOPES: Mapping[str, tuple[Any, tuple[str, tuple[str, ...]] | None]] = {
    "": (_("Everywhere"), None),
    "catalogue": (_("In the catalogue"), (RESOURCE, ("record",))),
    "site": (_("On the site"), (RESOURCE, ("content",))),
    "events": (_("Among events"), ("kind", ("event",))),
}
"""Where the search box may search: what it is called, and the facet it stands for."""


@dataclass(frozen=True)
class Chosen:
    """A filter in use, with the address of the search without it; ``field`` is where it looks."""

    title: Any
    url: str
    field: Any = None


class SearchPage:
    """What the page and its JSON twin show of one search."""

    def __init__(
        self,
        *,
        asked: Asked,
        search: Search,
        visibility: Any,
        titles: ValueTitles,
        present: Callable[[Results], list[Row]],
        base: str,
        this_year: int,
        start: int | None = None,
        size: int = PAGE_SIZE,
        more: str = "",
        counted: bool = True,
    ) -> None:
        self.asked = asked
        self.titles = titles
        self.base = base
        self.this_year = this_year
        self.size = size
        self.more = more
        self.counted = counted
        self.start = (asked.page - 1) * size if start is None else start
        self.search = search
        self.visibility = visibility
        self.results = search.find(self._query(visibility))
        self.rows = present(self.results)

    @classmethod
    def from_request(
        cls, request: Any, base: str, start: int | None = None, size: int = PAGE_SIZE
    ) -> SearchPage:
        """Make it for a request; ``base`` is the page's address without a query."""
        return cls(
            asked=Asked.read(request.GET),
            search=request.find_service(Search),
            visibility=visible_to(request.principals),
            titles=ValueTitles.from_request(request),
            present=lambda results: list(present(request, results)),
            base=base,
            this_year=request.clock.today().year,
            start=start,
            size=size,
            more=request.GET.get("more", ""),
            counted=counts_facets(request),
        )

    def _query(self, visibility: Any) -> Query:
        filters = dict(self.asked.filters)
        _title, scope = SCOPES.get(self.asked.scope, SCOPES[""])
        if scope and scope[0] not in filters:
            filters[scope[0]] = scope[1]
        return Query(
            visibility=visibility,
            text=self.asked.text,
            filters=filters,
            year_from=self.asked.year_from,
            year_to=self.asked.year_to,
            sort=self.asked.sort,
            offset=self.start,
            limit=self.size,
            facets=(*(FACETS[name] for name in self._listed), "year") if self.counted else (),
            facet_limit=SHOWN_AT_MOST,
            only={FACETS["avail"]: self._offered(self.asked.chosen.get("avail", ()))},
            exact=self.asked.exact,
            reading=self.titles.language,
        )

    # Words

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.results.total

    @property
    def words(self) -> str:
        """Return what was asked for, without the names of fields."""
        return " ".join(clause.value for clause in self.asked.clauses)

    @property
    def leaves_something(self) -> bool:
        """Return whether the catalogue has not what was asked for, or not so."""
        found_all = self.total and self.results.all_words
        return bool(self.asked.text) and self.results.available and not found_all

    @property
    def is_in_vain(self) -> bool:
        """Return whether nothing but the words is to blame, on the first page of the answer."""
        everywhere = self.asked.scope in ("", "catalogue")
        narrowed = self.asked.is_narrowed or self.asked.exact or self.asked.page > 1
        return self.leaves_something and everywhere and not narrowed

    @cached_property
    def without_filters(self) -> int:
        """Return how many there are without the filters; asked only where they leave nothing."""
        asked = replace(
            self._query(self.visibility), filters={}, year_from=None, year_to=None, limit=0
        )
        return self.search.find(replace(asked, facets=(), offset=0)).total

    @cached_property
    def heading(self) -> Any:
        """Return what was found, with its number."""
        words = {"text": self.words}
        if not self.total:
            if self.asked.text:
                return _("${text}: nothing found", mapping=words)
            return _("Nothing found")
        today = CITY in self.asked.chosen.get("avail", ())
        if self.asked.text and today:
            return _n(
                "${text}: ${n} can be borrowed today",
                "${text}: ${n} can be borrowed today",
                self.total,
                words,
            )
        if self.asked.text:
            return _n("${text}: ${n} result", "${text}: ${n} results", self.total, words)
        return _n("Catalogue: ${n} title", "Catalogue: ${n} titles", self.total)

    @property
    def button(self) -> Any:
        """Return the text of the button that applies the facets."""
        return _n("Show ${n}", "Show ${n}", self.total)

    @property
    def range(self) -> Any:
        """Return which hits are shown."""
        first, last = self.start + 1, self.start + len(self.results.hits)
        return _(
            "${first}–${last} of ${total}",
            mapping={"first": str(first), "last": str(last), "total": str(self.total)},
        )

    @property
    def is_beyond(self) -> bool:
        """Return whether this page lies behind the last hit."""
        return bool(self.total) and not self.results.hits

    @property
    def is_cut(self) -> bool:
        """Return whether there are more hits than anybody may leaf through."""
        return self.total > MAX_DEPTH and self.start + self.size >= MAX_DEPTH

    # Facets

    @cached_property
    def facets(self) -> dict[str, Facet]:
        """Return the facets by the name of their parameter; those with nothing to choose go."""
        facets = {name: self._facet(name) for name in self._listed}
        return {name: facet for name, facet in facets.items() if facet.choices}

    @property
    def _listed(self) -> list[str]:
        return [name for name in FACETS if name not in UNLISTED or name in self.asked.chosen]

    def _facet(self, name: str) -> Facet:
        chosen = self.asked.chosen.get(name, ())
        counted = self.results.facets.get(FACETS[name], ())
        if name == "avail":
            counted = self._availability(dict(counted), chosen)
        known = [(value, count) for value, count in counted if value]
        cut = len(known) > SHOWN + 1 and self.more != name
        # Titles cost more than counts: only what is shown gets one.
        choices = tuple(
            Choice(value, self.titles.title(name, value), count, value in chosen)
            for place, (value, count) in enumerate(known)
            if not cut or place < SHOWN or value in chosen
        )
        return Facet(
            name=name,
            title=FACET_TITLES[name],
            choices=choices,
            open=name not in CLOSED or bool(chosen) or self.more == name,
            more=self._more(name) if cut else None,
        )

    def _availability(
        self, counts: Mapping[str, int], chosen: tuple[str, ...]
    ) -> tuple[tuple[str, int], ...]:
        """Return the two places worth offering, and what was chosen otherwise."""
        if not counts and not chosen:
            return ()
        return tuple((value, counts.get(value, 0)) for value in self._offered(chosen))

    def _offered(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        home = (self.titles.home,) if self.titles.home else ()
        return tuple(dict.fromkeys((*home, CITY, *chosen)))

    def _more(self, name: str) -> str:
        return self._with("more", name)

    def _with(self, name: str, value: Any) -> str:
        """Return the address of the first page with one parameter more."""
        return f"{self.first_page}{'&' if '?' in self.first_page else '?'}{name}={value}"

    @cached_property
    def histogram(self) -> Histogram | None:
        """Return the years of what was found."""
        return make_histogram(
            self.results.facets.get("year", ()),
            self.asked.year_from,
            self.asked.year_to,
            self.this_year,
        )

    @property
    def histogram_title(self) -> Any:
        """Return what the histogram shows, for those who cannot see it."""
        assert self.histogram is not None
        tallest = self.histogram.tallest
        return _(
            "Editions by year: most of them from ${first} to ${last}",
            mapping={"first": str(tallest.first), "last": str(tallest.last)},
        )

    @property
    def can_be_refined(self) -> bool:
        """Return whether there is anything to choose from, or to remove."""
        return self.counted and (bool(self.total) or self.asked.is_narrowed)

    @cached_property
    def has_years(self) -> bool:
        """Return whether the years are worth asking for."""
        return bool(self.results.facets.get("year")) or self.asked.is_narrowed

    @cached_property
    def chosen(self) -> list[Chosen]:
        """Return the filters in use, each with the way to remove it."""
        return list(self._chosen())

    def _chosen(self) -> Iterator[Chosen]:
        for name, values in self.asked.chosen.items():
            for value in values:
                url = self.asked.without(name, value).address(self.base)
                yield Chosen(self.titles.title(name, value), url)
        first, last = self.asked.year_from, self.asked.year_to
        url = self.asked.but(year_from=None, year_to=None).address(self.base)
        if first is not None and last is not None:
            title = str(first) if first == last else f"{first}–{last}"
            yield Chosen(title, url)
        elif first is not None:
            yield Chosen(_("from ${year}", mapping={"year": str(first)}), url)
        elif last is not None:
            yield Chosen(_("up to ${year}", mapping={"year": str(last)}), url)

    @cached_property
    def fields(self) -> list[Chosen]:
        """Return what is asked for in single fields, each with the way to leave it out."""
        return [
            Chosen(
                _("not ${words}", mapping={"words": clause.value})
                if clause.excluded
                else clause.value,
                self.asked.without_clause(place).address(self.base),
                FIELD_TITLES[clause.within],
            )
            for place, clause in enumerate(self.asked.clauses)
            if clause.within
        ]

    # Addresses

    @property
    def advanced(self) -> str:
        """Return the address of the form that puts this search field by field."""
        return self.asked.but().address(f"{self.base}/@@advanced")

    @cached_property
    def pager(self) -> Pager:
        """Return the pages that can be turned to."""
        reachable = min(self.total, MAX_DEPTH)
        return make_pager(
            reachable,
            self.size,
            self.asked.page,
            lambda page: self.first_page if page == 1 else self._with("page", page),
        )

    @property
    def widened(self) -> str:
        """Return the address of the search without any filter."""
        return self.asked.widened().address(self.base)

    @property
    def everywhere(self) -> str:
        """Return the address of the search without filters and in every place."""
        return self.asked.widened().but(scope="").address(self.base)

    @property
    def anywhere(self) -> str:
        """Return the address of the search for the same words in any field."""
        return self.asked.but(text=self.words).address(self.base)

    @property
    def inexact(self) -> str:
        """Return the address of the search for the words in all their forms."""
        return self.asked.but(exact=False).address(self.base)

    @property
    def exactly(self) -> str:
        """Return the address of the search for the words just as they were typed."""
        return self.asked.but(exact=True).address(self.base)

    @cached_property
    def first_page(self) -> str:
        """Return the address of the first page."""
        return self.asked.but().address(self.base)

    def suggestion(self) -> str:
        """Return the address of the search for what was perhaps meant."""
        return self.asked.but(text=self.results.did_you_mean or "").address(self.base)

    def kept(self, *dropped: str) -> list[tuple[str, str]]:
        """Return the parameters a form has to carry on, without those it asks for itself."""
        return [
            (name, value)
            for name, value in self.asked.parameters()
            if name not in dropped and name != "page"
        ]

    @property
    def sorts(self) -> list[tuple[str, Any, bool]]:
        """Return the orders there are: value, title, whether it is the present one."""
        return [(str(sort), title, sort is self.asked.sort) for sort, title in SORTS.items()]

    @property
    def is_plain(self) -> bool:
        """Return whether this is nothing but the search words: worth a place in other indexes."""
        return not (self.asked.is_narrowed or self.asked.page > 1 or self.more)


def present(request: Any, results: Results) -> Iterator[Row]:
    """Yield the rows of the hits, in their order; one call for each kind of resource."""
    rows: dict[str, Row] = {}
    presenters = request.registry[PRESENTERS]
    for name in dict.fromkeys(hit.resource[0] for hit in results.hits):
        hits = [hit for hit in results.hits if hit.resource[0] == name]
        if name in presenters:
            rows |= presenters[name](request, hits)
    for hit in results.hits:
        if hit.key in rows:
            yield rows[hit.key]


def kept_filters(request: Any) -> list[tuple[str, str]]:
    """Return the filters that the search box of the search page carries on."""
    if request.path.rstrip("/") != request.frame.search:
        return []
    chosen = Asked.read(request.GET).chosen
    return [(name, value) for name in KEPT for value in chosen.get(name, ())]


def search_scopes(request: Any) -> list[tuple[str, Any]]:
    """Return where the search box of every page may search."""
    return [(value, request.translate(title)) for value, (title, _facet) in SCOPES.items()]
