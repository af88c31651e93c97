"""``@search``: one search over everything the visitor may see, as clients made for Plone ask it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request

from bibliopolis.catalogue.labels import KINDS
from bibliopolis.catalogue.search_page import present
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.parameters import batch, batching
from bibliopolis.resources.access import Permission, visible_to
from bibliopolis.resources.operations import Parameter, operation
from bibliopolis.resources.traversal import LanguageRoot
from bibliopolis.search.documents import MAX_DEPTH, Query, Sort
from bibliopolis.search.plans import MAX_LENGTH
from bibliopolis.search.services import Search

from .schemas import BATCH, NUMBER, TEXT, listing, shape

RECORD = "record"
FACETS = ("kind", "language", "library", "subject")
SORTS = {
    "relevance": Sort.RELEVANCE,
    "sortable_title": Sort.TITLE,
    "effective": Sort.NEWEST,
    "newest": Sort.NEWEST,
    "oldest": Sort.OLDEST,
}
MOST_VALUES = 20
FOUND = shape(
    {"@id": TEXT, "@type": TEXT, "title": TEXT, "description": TEXT, "language": TEXT},
    closed=False,
)
COUNTED = {"type": "array", "items": shape({"value": TEXT, "count": NUMBER})}
PARAMETERS = (
    Parameter("SearchableText", "What to look for", {"type": "string", "maxLength": MAX_LENGTH}),
    Parameter("portal_type", "Types to look among; several may be named", TEXT, many=True),
    Parameter("Language", "Languages of the texts", TEXT, many=True),
    Parameter("Subject", "Subjects", TEXT, many=True),
    Parameter(
        "sort_on", "The order", {"type": "string", "enum": list(SORTS), "default": "relevance"}
    ),
    Parameter("facets", "Facets to count, parted by commas: " + ", ".join(FACETS), TEXT),
    *BATCH,
)


@operation(
    "GET",
    "/{language}/@search",
    "Search records and pages",
    context=LanguageRoot,
    name="@search",
    permission=Permission.VIEW,
    facts={
        "answer": listing(FOUND, facets={"type": "object", "additionalProperties": COUNTED}),
        "parameters": PARAMETERS,
        "tag": "search",
    },
)
def search(context: LanguageRoot, request: Request) -> dict[str, Any]:
    """Answer a batch of what was found."""
    asked = request.GET
    start, size = batch(asked)
    start = min(start or 0, MAX_DEPTH)
    results = request.find_service(Search).find(
        Query(
            visibility=visible_to(request.principals),
            text=asked.get("SearchableText", "")[:MAX_LENGTH],
            filters=_filters(request),
            sort=_sort(request),
            offset=start,
            limit=size,
            facets=_facets(request),
            reading=request.language,
        )
    )
    address = f"{request.host_url}{request.frame.home}/@search"
    kept = [(name, value) for name, value in asked.items() if name not in ("b_start", "b_size")]
    return {
        "@id": f"{address}?{urlencode(list(asked.items()))}" if asked else address,
        "items": [_row(request, row) for row in present(request, results)],
        "items_total": results.total,
        "facets": {
            name: [{"value": value, "count": count} for value, count in results.facets[name]]
            for name in _facets(request)
            if name in results.facets
        },
        **batching(address, min(results.total, MAX_DEPTH), start, size, kept),
    }


def _row(request: Request, row: Any) -> dict[str, Any]:
    return {
        "@id": row.url if "://" in row.url else request.host_url + row.url,
        "@type": row.type,
        "title": row.title,
        "description": row.snippet or row.by,
        "language": row.lang,
        **row.json,
    }


def _filters(request: Request) -> Mapping[str, tuple[str, ...]]:
    """Return what is chosen; of records the index knows the kinds, of pages the types."""
    chosen: dict[str, tuple[str, ...]] = {}
    types = _values(request, "portal_type")
    if types:
        records = tuple(str(kind) for kind in KINDS) if RECORD in types else ()
        chosen["kind"] = (*(name for name in types if name != RECORD), *records)
    for parameter, facet in (("Language", "language"), ("Subject", "subject")):
        if values := _values(request, parameter):
            chosen[facet] = values
    return chosen


def _values(request: Request, name: str) -> tuple[str, ...]:
    values = [value.strip()[:200] for value in request.GET.getall(name)[:MOST_VALUES]]
    return tuple(dict.fromkeys(value for value in values if value))


def _sort(request: Request) -> Sort:
    wanted = request.GET.get("sort_on", "relevance")
    if wanted not in SORTS:
        reason = _("This order is not known; there are: ${orders}.", mapping={"orders": _orders()})
        raise InvalidInput(reason, {"sort_on": reason})
    return SORTS[wanted]


def _orders() -> str:
    return ", ".join(SORTS)


def _facets(request: Request) -> tuple[str, ...]:
    asked = request.GET.get("facets", "").split(",")
    return tuple(name for name in FACETS if name in asked)
