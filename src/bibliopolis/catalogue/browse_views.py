"""``@@browse``: the catalogue by the alphabet, by library, and what is new in it."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.catalogue.browsing import LONGEST, NOTES, PAGE, TITLES, Browsing, By
from bibliopolis.catalogue.resources import Catalogue
from bibliopolis.catalogue.search_page import present
from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.parameters import one_page, page_number, pager
from bibliopolis.resources.access import Permission, visible_to
from bibliopolis.robots import refuse_robots
from bibliopolis.search.asking import Asked
from bibliopolis.search.documents import RESOURCE, Query, Sort
from bibliopolis.search.services import Search

NAME = "browse"
NEW = 6


@view_config(
    context=Catalogue,
    name=NAME,
    permission=Permission.VIEW,
    request_method="GET",
    renderer="catalogue/browse.pt",
)
def browse(context: Catalogue, request: Request) -> dict[str, Any]:
    """Show what the catalogue can be gone through by, or one of its lists."""
    refuse_robots(request)
    path = f"{request.frame.search}/@@{NAME}"
    asked = request.GET.get("by", "")
    shown: dict[str, Any] = {
        "ways": [(by, title, NOTES[by], f"{path}?by={by}") for by, title in TITLES.items()],
        "by": None,
        "path": path,
        "search": request.frame.search,
        "crumbs": [(_("Search"), request.frame.search), (_("Browse the catalogue"), None)],
    }
    if not asked:
        return {**shown, **_new(request)}
    if asked not in list(By):
        raise NotFoundHere(_("There is no such list."))
    by = By(asked)
    shown |= {
        "by": by,
        "title": TITLES[by],
        "crumbs": [
            (_("Search"), request.frame.search),
            (_("Browse the catalogue"), path),
            (TITLES[by], None),
        ],
    }
    return {**shown, **(_libraries(request) if by is By.LIBRARY else _values(request, by))}


def _new(request: Request) -> dict[str, Any]:
    """Return what came into the catalogue last."""
    asked = Asked(scope="catalogue", sort=Sort.ADDED)
    found = request.find_service(Search).find(
        Query(
            visibility=visible_to(request.principals),
            filters={RESOURCE: ("record",)},
            sort=Sort.ADDED,
            limit=NEW,
        )
    )
    return {"rows": list(present(request, found)), "all_new": asked.address(request.frame.search)}


def _values(request: Request, by: By) -> dict[str, Any]:
    """Return a page of a list, or its letters and what there is most of."""
    starts = request.GET.get("starts", "").strip()[:LONGEST]
    browsing = request.find_service(Browsing, context=None)
    page = browsing.beginning(by, starts, page_number(request))
    return {
        "starts": starts,
        "letters": page.letters,
        "available": page.available,
        "entries": page.entries if starts else browsing.commonest(by),
        "pager": pager(request, page.total, PAGE) if starts else None,
        "total": page.total,
    }


def _libraries(request: Request) -> dict[str, Any]:
    names = {
        one.code: one.name_in(request.language)
        for one in request.find_service(Libraries, context=None).names.values()
    }
    found = request.find_service(Browsing, context=None).libraries(names)
    entries, pages = one_page(request, found, PAGE)
    return {
        "starts": "",
        "letters": (),
        "available": True,
        "entries": entries,
        "pager": pages,
        "total": len(found),
    }
