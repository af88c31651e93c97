"""What is new of what a search finds: how such a search is asked, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bibliopolis.catalogue.search_titles import ValueTitles
from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import RESOURCE, Query, Sort

FEED = "feed"
"""The view of the search page that carries what is new of it."""


def carried(asked: Asked) -> Asked:
    """Return what can be followed of a search: not its page, its order, nor what changes hourly."""
    chosen: Mapping[str, Any] = {
        name: values for name, values in asked.chosen.items() if name != "avail"
    }
    return replace(asked, chosen=chosen, scope="catalogue", sort=Sort.RELEVANCE, page=1)


def newest_first(asked: Asked, visibility: Any, offset: int, limit: int) -> Query:
    """Return the question for the records of a carried search, the last that came first."""
    return Query(
        visibility=visibility,
        text=asked.text,
        filters={**asked.filters, RESOURCE: ("record",)},
        year_from=asked.year_from,
        year_to=asked.year_to,
        sort=Sort.ADDED,
        offset=offset,
        limit=limit,
        exact=asked.exact,
    )


def search_words(request: Any, titles: ValueTitles, asked: Asked) -> str:
    """Return a search in words: those typed, then the filters as the page shows them."""
    parts = [asked.text] if asked.text else []
    parts += [
        request.translate(titles.title(name, value))
        for name, values in asked.chosen.items()
        for value in values
    ]
    if asked.year_from is not None or asked.year_to is not None:
        parts.append(f"{asked.year_from or ''}–{asked.year_to or ''}")
    return request.formats.listed(parts) if parts else ""
