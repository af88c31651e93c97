"""What is beside a record, in full: ``@@editions`` of its work and ``@@similar`` ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.indexing import rows
from bibliopolis.catalogue.labels import language_of
from bibliopolis.catalogue.resources import TYPE, RecordResource
from bibliopolis.catalogue.search_json import row_json
from bibliopolis.catalogue.siblings import Siblings
from bibliopolis.catalogue.similar import Similar
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import batch, batching, offset, pager
from bibliopolis.resources.access import Permission
from bibliopolis.robots import refuse_robots
from bibliopolis.search.documents import Hit, resource_key
from bibliopolis.search.rows import Row

EDITIONS, SIMILAR = "editions", "similar"
PAGE = 20


@view_config(
    context=RecordResource,
    name=EDITIONS,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="catalogue/beside.pt",
)
def editions(context: RecordResource, request: Request) -> dict[str, Any]:
    """Show all other editions of the work, page by page."""
    refuse_robots(request)
    context.demand_presence()
    siblings = request.find_service(Siblings)
    start = offset(request, PAGE)
    ids, total = siblings.editions(context.record, start, PAGE)
    return {
        **_about(context, request, _("Other editions and languages")),
        "note": _n("${n} edition", "${n} editions", total),
        "rows": _rows(request, ids),
        "first": start + 1,
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=RecordResource,
    name=EDITIONS,
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def editions_as_json(context: RecordResource, request: Request) -> dict[str, Any]:
    """Answer the other editions, batch by batch."""
    refuse_robots(request)
    context.demand_presence()
    start, size = batch(request.GET)
    ids, total = request.find_service(Siblings).editions(context.record, start or 0, size)
    address = f"{request.address(context, absolute=True)}/@@{EDITIONS}"
    return {
        "@id": address,
        "@type": EDITIONS,
        "items": [row_json(row, request.host_url) for row in _rows(request, ids)],
        "items_total": total,
        **batching(address, total, start or 0, size),
    }


@view_config(
    context=RecordResource,
    name=SIMILAR,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="catalogue/beside.pt",
)
def similar(context: RecordResource, request: Request) -> dict[str, Any]:
    """Show what is most like the record."""
    refuse_robots(request)
    context.demand_presence()
    ids = request.find_service(Similar).of(context.record)
    return {
        **_about(context, request, _("More like this")),
        "note": _("By author and subjects, not by what anybody has read"),
        "rows": _rows(request, ids),
        "first": 1,
        "pager": None,
    }


@view_config(
    context=RecordResource,
    name=SIMILAR,
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def similar_as_json(context: RecordResource, request: Request) -> dict[str, Any]:
    """Answer what is most like the record."""
    refuse_robots(request)
    context.demand_presence()
    found = _rows(request, request.find_service(Similar).of(context.record))
    return {
        "@id": f"{request.address(context, absolute=True)}/@@{SIMILAR}",
        "@type": SIMILAR,
        "items": [row_json(row, request.host_url) for row in found],
        "items_total": len(found),
    }


def _about(context: RecordResource, request: Request, title: Any) -> dict[str, Any]:
    record, path = context.record, request.address(context)
    return {
        "title": title,
        "record": record,
        "title_lang": language_of(record.title, record.language),
        "path": path,
        "crumbs": [
            (_("Catalogue"), request.frame.search),
            (record.title, path),
            (title, None),
        ],
    }


def _rows(request: Request, ids: Sequence[int]) -> list[Row]:
    """Return records as lines of a list, in the order of their ids."""
    hits = [Hit(resource_key(TYPE, one), (TYPE, one), TYPE, "") for one in ids]
    found = rows(request, hits) if hits else {}
    return [found[hit.key] for hit in hits if hit.key in found]
