"""The page of a record, and the same for programs."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.json import record_json
from bibliopolis.catalogue.page import RecordPage, books, editions
from bibliopolis.catalogue.panels import copy_offer, record_panels
from bibliopolis.catalogue.provenance import descriptions_path
from bibliopolis.catalogue.records import Records
from bibliopolis.catalogue.resources import RecordResource
from bibliopolis.catalogue.schema_org import about_record
from bibliopolis.catalogue.siblings import EDITIONS, Beside, Siblings
from bibliopolis.resources.access import Permission
from bibliopolis.robots import is_robot


@view_config(
    context=RecordResource,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="catalogue/record.pt",
)
def record(context: RecordResource, request: Request) -> dict[str, Any]:
    """Show a record, its copies, and what rooms put beside it."""
    context.demand_presence()
    view = request.find_service(Records).view(context.record, request.language)
    robot = is_robot(request)
    page = RecordPage.of(
        request,
        view,
        everything=request.GET.get("copies") == "all",
        **({} if robot else {"offer": copy_offer(context, request)}),
    )
    beside = Beside() if robot else request.find_service(Siblings).of(context.record)
    path = request.address(context)
    return {
        "page": page,
        "panels": () if robot else record_panels(context, request),
        "editions": editions(request, beside.editions[:EDITIONS]),
        "all_editions": f"{path}/@@editions" if beside.has_more_editions else None,
        "similar": f"{path}/@@similar",
        "siblings": books(request, beside.works),
        "descriptions": descriptions_path(context, request),
        "crumbs": page.crumbs,
        "about": about_record(request, page),
    }


@view_config(
    context=RecordResource,
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def record_as_json(context: RecordResource, request: Request) -> dict[str, Any]:
    """Answer a record and a page of its copies."""
    context.demand_presence()
    view = request.find_service(Records).view(context.record, request.language)
    return record_json(context, request, view)
