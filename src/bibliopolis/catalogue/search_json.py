"""The search page for programs, in the shapes of the Plone REST API."""

from __future__ import annotations

from typing import Any

from bibliopolis.catalogue.search_page import SearchPage
from bibliopolis.parameters import batching
from bibliopolis.search.documents import MAX_DEPTH
from bibliopolis.search.rows import Row


def search_json(page: SearchPage, translate: Any, host: str) -> dict[str, Any]:
    """Return the answer for programs."""
    base = host + page.base
    return {
        "@id": host + page.asked.address(page.base),
        "@type": "search",
        "title": translate(page.heading),
        "items": [row_json(row, host) for row in page.rows],
        "items_total": page.total,
        "facets": {
            name: [
                {
                    "value": choice.value,
                    "title": translate(choice.title),
                    "count": choice.count,
                    "chosen": choice.chosen,
                }
                for choice in facet.choices
            ]
            for name, facet in page.facets.items()
        },
        "years": [
            {"year": int(year), "count": count}
            for year, count in page.results.facets.get("year", ())
        ],
        "also_searched": list(page.results.also_searched),
        "did_you_mean": page.results.did_you_mean,
        "all_words": page.results.all_words,
        "available": page.results.available,
        **batching(base, min(page.total, MAX_DEPTH), page.start, page.size, page.kept()),
    }


def row_json(row: Row, host: str) -> dict[str, Any]:
    """Return one line of a list for programs."""
    return {
        "@id": row.url if "://" in row.url else host + row.url,
        "@type": row.type,
        "title": row.title,
        "description": row.snippet or row.by,
        "language": row.lang,
        **row.json,
    }
