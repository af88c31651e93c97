"""The advanced search: a form that leads to an ordinary search, without any script."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.advanced import (
    EXAMPLES,
    LONGEST_FIELD,
    WORDS,
    Fields,
    offered,
    places_today,
)
from bibliopolis.catalogue.resources import Catalogue
from bibliopolis.catalogue.search_limits import demand_modest
from bibliopolis.catalogue.search_titles import FIELD_TITLES, ValueTitles
from bibliopolis.i18n import _
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission
from bibliopolis.robots import refuse_robots
from bibliopolis.search.asking import Asked
from bibliopolis.search.plans import MAX_LENGTH

NAME = "advanced"
SENT = "find"


@view_config(
    context=Catalogue,
    name=NAME,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="catalogue/advanced.pt",
)
def advanced_search(context: Catalogue, request: Request) -> Any:
    """Show the form, filled with the search it was opened from, or lead to what it asks for."""
    refuse_robots(request)
    demand_modest(request)
    sent = SENT in request.GET
    fields = Fields.read(request.GET) if sent else Fields.of(Asked.read(request.GET))
    problems = fields.problems(request.language) if sent else {}
    if sent and not problems:
        return HTTPSeeOther(fields.search(request.language).address(request.frame.search))
    if problems:
        request.response.status_int = 400
    titles = ValueTitles.from_request(request)
    return {
        "fields": fields,
        "titles": FIELD_TITLES,
        "facets": offered(request, titles, fields.asked),
        "today": places_today(titles, fields.asked),
        "problems": problems_of(problems, {WORDS: _("Words")}),
        "examples": EXAMPLES,
        "longest": LONGEST_FIELD,
        "longest_words": MAX_LENGTH,
        "path": f"{request.frame.search}/@@{NAME}",
        "crumbs": [(_("Search"), request.frame.search), (_("Advanced search"), None)],
    }
