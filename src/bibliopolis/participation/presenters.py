"""Saved searches as their owner sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.catalogue.new_finds import FEED, carried, search_words
from bibliopolis.catalogue.search_titles import ValueTitles
from bibliopolis.i18n import _
from bibliopolis.search.asking import Asked

from .models import Frequency, SavedSearch
from .queries import read_query
from .resources import NAME

FREQUENCIES: Mapping[Frequency, Any] = {
    Frequency.NEVER: _("No letters"),
    Frequency.DAILY: _("Once a day, if there is something new"),
    Frequency.WEEKLY: _("On Mondays, if there is something new"),
}


@dataclass(frozen=True)
class SearchLine:
    """A saved search in a list; ``words`` is what is searched for."""

    search: SavedSearch
    words: str
    often: Any
    run_url: str
    feed_url: str
    edit_url: str


def search_lines(request: Request, searches: Iterable[SavedSearch]) -> list[SearchLine]:
    """Return saved searches for a list."""
    searches = list(searches)
    titles = ValueTitles.from_request(request) if searches else None
    return [_line(request, titles, search) for search in searches]


def _line(request: Request, titles: Any, search: SavedSearch) -> SearchLine:
    asked = read_query(search.query)
    found = f"{request.script_name}/{search.language}/catalogue"
    return SearchLine(
        search=search,
        words=words_of(request, titles, asked),
        often=FREQUENCIES[Frequency(search.frequency)],
        run_url=asked.address(found),
        feed_url=carried(asked).address(f"{found}/@@{FEED}"),
        edit_url=f"{request.frame.home}/account/{NAME}/{search.uid}",
    )


def words_of(request: Request, titles: Any, asked: Asked) -> str:
    """Return what is searched for, in words; there is always something to say."""
    words = search_words(request, titles, asked)
    return words or request.translate(_("Everything in the catalogue"))
