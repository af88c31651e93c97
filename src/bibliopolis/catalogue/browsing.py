"""Going through the catalogue by the alphabet: authors, subjects, classes, libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from bibliopolis.catalogue.resources import TYPE
from bibliopolis.i18n import LANGUAGES, _, _n
from bibliopolis.resources.access import Visibility, visible_to
from bibliopolis.search.analysis import fold, sort_key
from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import RESOURCE, Listing, Query
from bibliopolis.search.scripts import Script, script_of
from bibliopolis.search.services import Search

PAGE = 60
COMMONEST = 30
LONGEST = 60
LIBRARIES_AT_MOST = 1_000
LETTERS = 60
"""So many first letters of a script are offered: Chinese has thousands, which can be typed."""


class By(StrEnum):
    """What the catalogue can be gone through by."""

    AUTHOR = "author"
    SUBJECT = "subject"
    CLASS = "class"
    LIBRARY = "library"


TITLES: Mapping[By, Any] = {
    By.AUTHOR: _("Authors"),
    By.SUBJECT: _("Subjects"),
    By.CLASS: _("Classes"),
    By.LIBRARY: _("Libraries"),
}
NOTES: Mapping[By, Any] = {
    By.AUTHOR: _("By name, in every alphabet"),
    By.SUBJECT: _("What books are about"),
    By.CLASS: _("By the classification of the libraries"),
    By.LIBRARY: _("What each of them has"),
}
PARAMETERS: Mapping[By, str] = {
    By.AUTHOR: "auth",
    By.SUBJECT: "subj",
    By.CLASS: "cls",
    By.LIBRARY: "lib",
}


@dataclass(frozen=True)
class Entry:
    """A value with the number of its titles and the search it stands for."""

    title: str
    count: int
    asked: Asked

    @property
    def titles(self) -> Any:
        """Return how many titles it has."""
        return _n("${n} title", "${n} titles", self.count)


@dataclass(frozen=True)
class Letter:
    """A first letter, as it is shown and as an address asks for it."""

    title: str
    starts: str
    current: bool
    query: str


@dataclass(frozen=True)
class Page:
    """One page of a list: ``letters`` by script, ``total`` the values that begin so."""

    entries: Sequence[Entry]
    total: int
    letters: Sequence[Sequence[Letter]] = ()
    available: bool = True


class Browsing:
    """List what records have, as far as a visitor may see them."""

    def __init__(self, search: Search, visibility: Visibility, own: Script) -> None:
        self.search = search
        self.visibility = visibility
        self.own = own

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Browsing:
        """Make it for a request."""
        return cls(
            search=request.find_service(Search, context=None),
            visibility=visible_to(request.principals),
            own=script_of(fold(LANGUAGES[request.language].name)),
        )

    def beginning(self, by: By, starts: str, page: int) -> Page:
        """Return values that begin so by the alphabet; a page past the end is empty."""
        listed = self.search.list_values(
            Listing(
                visibility=self.visibility,
                facet=by.value,
                resource=TYPE,
                starts=starts,
                offset=(page - 1) * PAGE,
                limit=PAGE,
            )
        )
        key = sort_key(starts)
        letters = [
            Letter(
                initial.upper(),
                initial,
                key.startswith(initial),
                urlencode({"by": by, "starts": initial}),
            )
            for initial, _count in listed.initials
        ]
        return Page(
            [_entry(by, value, count) for value, count in listed.values],
            listed.total,
            self._by_script(letters),
            listed.available,
        )

    def _by_script(self, letters: Sequence[Letter]) -> list[list[Letter]]:
        """Return the letters of each script, those of the page's language first."""
        scripts: dict[Script, list[Letter]] = {}
        for letter in letters:
            # Not all of a script need stand together: figures and Greek are both "other".
            scripts.setdefault(script_of(letter.starts), []).append(letter)
        ordered = sorted(scripts, key=lambda script: script != self.own)
        return [scripts[script][:LETTERS] for script in ordered]

    def commonest(self, by: By) -> Sequence[Entry]:
        """Return the values with the most titles, the most first."""
        return [_entry(by, *one) for one in self._counted(by, COMMONEST)]

    def libraries(self, names: Mapping[str, str]) -> Sequence[Entry]:
        """Return the libraries that have something, by name; ``names`` are those of codes."""
        counted = self._counted(By.LIBRARY, LIBRARIES_AT_MOST)
        found = [
            Entry(names[code], count, _asked(By.LIBRARY, code))
            for code, count in counted
            if code in names
        ]
        return sorted(found, key=lambda one: sort_key(one.title))

    def _counted(self, by: By, limit: int) -> Sequence[tuple[str, int]]:
        query = Query(
            visibility=self.visibility,
            filters={RESOURCE: (TYPE,)},
            limit=0,
            facets=(by.value,),
            facet_limit=limit,
        )
        return self.search.find(query).facets.get(by.value, ())


def _entry(by: By, value: str, count: int) -> Entry:
    return Entry(value, count, _asked(by, value))


def _asked(by: By, value: str) -> Asked:
    return Asked(scope="catalogue", chosen={PARAMETERS[by]: (value,)})
