"""The one search page, and the same for programs."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.resources import Catalogue
from bibliopolis.catalogue.search_json import search_json
from bibliopolis.catalogue.search_limits import demand_modest
from bibliopolis.catalogue.search_page import PAGE_SIZE, SearchPage
from bibliopolis.catalogue.search_tools import search_tools
from bibliopolis.catalogue.sought import count_afterwards
from bibliopolis.catalogue.ways_out import ways_out
from bibliopolis.i18n import _
from bibliopolis.parameters import batch
from bibliopolis.resources.access import Permission
from bibliopolis.robots import is_robot
from bibliopolis.search.documents import MAX_PAGE_SIZE


@view_config(
    context=Catalogue,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="catalogue/search.pt",
)
def search(context: Catalogue, request: Request) -> dict[str, Any]:
    """Show what was found."""
    demand_modest(request)
    page = SearchPage.from_request(request, request.frame.search)
    if page.is_in_vain and not is_robot(request):
        count_afterwards(request, page.asked.text)
    return {
        "page": page,
        "ways_out": ways_out(request, page.words) if page.leaves_something else (),
        "tools": search_tools(request, page.asked) if page.results.available else (),
        "crumbs": [(_("Search"), None)],
    }


@view_config(
    context=Catalogue,
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def search_as_json(context: Catalogue, request: Request) -> dict[str, Any]:
    """Answer what was found, a batch at a time."""
    demand_modest(request)
    start, size = batch(request.GET, PAGE_SIZE, MAX_PAGE_SIZE)
    page = SearchPage.from_request(request, request.frame.search, start, size)
    return search_json(page, request.translate, request.host_url)
