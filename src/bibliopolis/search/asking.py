"""What the address of the search page says, read so that nothing in it can be wrong.

``q`` words, ``scope`` where, ``avail kind lang subj auth cls lib`` values of facets, ``from`` and
``to`` years, ``sort``, ``page``, and ``exact`` for the words just as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from bibliopolis.parameters import whole_number
from bibliopolis.search.documents import Sort
from bibliopolis.search.plans import MAX_LENGTH
from bibliopolis.search.within import Clause, clauses, joined

FACETS: Mapping[str, str] = {
    "avail": "availability",
    "kind": "kind",
    "lang": "language",
    "subj": "subject",
    "auth": "author",
    "cls": "class",
    "lib": "library",
}
"""Parameters and the facets of the index they choose from, in the order of the page."""

MAX_VALUES = 20
MAX_VALUE = 200
MAX_PAGE = 1_000_000
LAST_YEAR = 9_999


@dataclass(frozen=True)
class Asked:
    """A search as its address puts it; ``chosen`` maps a parameter to values."""

    text: str = ""
    scope: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    year_from: int | None = None
    year_to: int | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    exact: bool = False

    @classmethod
    def read(cls, parameters: Any) -> Asked:
        """Read a multidict; what cannot be understood counts as not said."""
        first, last = _year(parameters.get("from")), _year(parameters.get("to"))
        if first is not None and last is not None and first > last:
            first, last = last, first
        page = _figures(parameters.get("page"), 7)
        return cls(
            text=_plain(parameters.get("q", ""))[:MAX_LENGTH],
            scope=_plain(parameters.get("scope", ""))[:MAX_VALUE],
            chosen={
                name: values for name in FACETS if (values := _values(parameters.getall(name)))
            },
            year_from=first,
            year_to=last,
            sort=_sort(parameters.get("sort")),
            page=max(1, min(page or 1, MAX_PAGE)),
            exact=bool(parameters.get("exact")),
        )

    @property
    def filters(self) -> dict[str, tuple[str, ...]]:
        """Return what is chosen by the names of the index."""
        return {FACETS[name]: values for name, values in self.chosen.items()}

    @property
    def is_narrowed(self) -> bool:
        """Return whether any facet or year is chosen."""
        return bool(self.chosen) or self.year_from is not None or self.year_to is not None

    @property
    def clauses(self) -> list[Clause]:
        """Return the words by the fields they are asked for in."""
        return clauses(self.text)

    def without_clause(self, place: int) -> Asked:
        """Return the search without the words of one field, the one that stands at this place."""
        said = self.clauses
        return self.but(text=joined([*said[:place], *said[place + 1 :]]))

    def but(self, **changes: Any) -> Asked:
        """Return a changed search, on its first page."""
        return replace(self, **{"page": 1, **changes})

    def without(self, name: str, value: str) -> Asked:
        """Return the search without one value of a facet."""
        values = tuple(one for one in self.chosen.get(name, ()) if one != value)
        kept = {**self.chosen, name: values}
        return self.but(chosen={key: chosen for key, chosen in kept.items() if chosen})

    def widened(self) -> Asked:
        """Return the search without facets and years."""
        return self.but(chosen={}, year_from=None, year_to=None)

    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the address, always in the same order."""
        pairs = [("q", self.text), ("scope", self.scope)]
        pairs += [(name, value) for name in FACETS for value in self.chosen.get(name, ())]
        pairs += [("from", _said(self.year_from)), ("to", _said(self.year_to))]
        pairs.append(("sort", "" if self.sort is Sort.RELEVANCE else str(self.sort)))
        pairs.append(("exact", "1" if self.exact else ""))
        pairs.append(("page", "" if self.page == 1 else str(self.page)))
        return [(name, value) for name, value in pairs if value]

    def address(self, base: str) -> str:
        """Return the address of this search below the address of the page."""
        query = urlencode(self.parameters())
        return f"{base}?{query}" if query else base


def _plain(text: str) -> str:
    # Lone surrogates and NUL cannot be written into an address or a page again.
    return text.encode("utf-8", "ignore").decode().replace("\0", "").strip()


def _values(values: Iterable[str]) -> tuple[str, ...]:
    plain = (_plain(value)[:MAX_VALUE] for value in list(values)[:MAX_VALUES])
    return tuple(dict.fromkeys(value for value in plain if value))


def _figures(text: str | None, most: int) -> int | None:
    return whole_number((text or "").strip(), most)


def _year(text: str | None) -> int | None:
    year = _figures(text, 4)
    return year if year is not None and year <= LAST_YEAR else None


def _sort(text: str | None) -> Sort:
    try:
        return Sort(text or Sort.RELEVANCE)
    except ValueError:
        return Sort.RELEVANCE


def _said(number: int | None) -> str:
    return "" if number is None else str(number)
