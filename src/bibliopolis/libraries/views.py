"""The pages of libraries, and choosing one's own."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.content.listings import NEWS
from bibliopolis.content.models import Content
from bibliopolis.content.pages import Lists, events_listing, news_listing
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import LARGEST_BATCH, batch, batching, offset, pager
from bibliopolis.resources.access import Permission
from bibliopolis.view_settings import local_path

from .finding import Directory, Wanted
from .frame import keep_my_library, my_library
from .json import library_as_json, place_as_json
from .list_page import line_of
from .page import (
    EVENTS_SHOWN,
    NEWS_SHOWN,
    count_of,
    events_of,
    hall_of,
    news_of,
    written_of,
)
from .resources import LibrariesRoom, LibraryPage
from .schema_org import about_library

PAGE = 30


@view_config(
    context=LibrariesRoom,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="libraries/libraries.pt",
)
def show_libraries(context: LibrariesRoom, request: Request) -> dict[str, Any]:
    """Show libraries and lockers: those asked for, one's own first or the nearest first."""
    wanted, mine = Wanted.read(request.GET), my_library(request)
    directory = request.find_service(Directory)
    found = directory.find(wanted)
    if wanted.near is None:
        found.sort(key=lambda one: one.place is not mine)
    start = offset(request, PAGE, total=len(found))
    return {
        "wanted": wanted,
        "found": [line_of(request, one, mine) for one in found[start : start + PAGE]],
        "first": start + 1,
        "total": _n("${n} place", "${n} places", len(found)),
        "systems": directory.systems(),
        "url": request.address(context),
        "pager": pager(request, len(found), PAGE),
        "crumbs": _crumbs(request, (_("Libraries"), None)),
    }


@view_config(
    context=LibrariesRoom,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def libraries_as_json(context: LibrariesRoom, request: Request) -> dict[str, Any]:
    """Tell programs of the libraries and lockers that were asked for, batch by batch."""
    wanted = Wanted.read(request.GET)
    found = request.find_service(Directory).find(wanted)
    start, size = batch(request.GET, largest=LARGEST_BATCH)
    start = min(start or 0, len(found))
    address = request.address(context, absolute=True)
    return {
        "@id": address,
        "@type": "Libraries",
        "items": [
            place_as_json(request, one.place, one.kilometres) for one in found[start : start + size]
        ],
        "items_total": len(found),
        **batching(address, len(found), start, size, wanted.parameters()),
    }


@view_config(
    context=LibraryPage,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="libraries/library.pt",
)
def show_library(context: LibraryPage, request: Request) -> dict[str, Any]:
    """Show one library: what editors say of it, its hours, its events and its news."""
    library = context.library
    written = written_of(context, request, library)
    crumbs = _crumbs_to(context, request)
    url = request.address(context, absolute=True)
    return {
        **written,
        "library": library,
        "hall": hall_of(request, library),
        "is_mine": library is my_library(request),
        "posters": events_of(request, library, EVENTS_SHOWN),
        "teasers": news_of(request, library, NEWS_SHOWN),
        "url": request.address(context),
        "crumbs": crumbs,
        "about": about_library(request, library, written["page"], crumbs, url),
        # Its hours and its name are there in every language.
        "live_languages": None,
    }


@view_config(
    context=LibraryPage,
    name="news",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="libraries/library_news.pt",
)
def show_news(context: LibraryPage, request: Request) -> dict[str, Any]:
    """Show all news of a library, page by page."""
    total = count_of(request, context.library, NEWS)
    of_library = Content.library_id == context.library.id
    return {
        "library": context.library,
        "page": Lists(news=news_listing(request, of_library, total)),
        "crumbs": _crumbs_to(context, request, _("News")),
    }


@view_config(
    context=LibraryPage,
    name="events",
    permission=Permission.VIEW,
    request_method="GET",
    renderer="libraries/library_events.pt",
)
def show_events(context: LibraryPage, request: Request) -> dict[str, Any]:
    """Show what is on at a library: the programme, or what is over."""
    return {
        "library": context.library,
        "page": Lists(**events_listing(request, Content.library_id == context.library.id)),
        "crumbs": _crumbs_to(context, request, _("What's on")),
    }


@view_config(
    context=LibraryPage,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def show_library_as_json(context: LibraryPage, request: Request) -> dict[str, Any]:
    """Tell programs of one library."""
    return library_as_json(request, context.library)


@view_config(context=LibraryPage, name="choose", permission=Permission.VIEW, request_method="POST")
def choose_library(context: LibraryPage, request: Request) -> HTTPSeeOther:
    """Keep the library as the visitor's own, and go back to where it was chosen."""
    library = context.library
    back = local_path(request.POST.get("back") or request.address(context))
    response = HTTPSeeOther(location=back)
    keep_my_library(request, response, library)
    name = library.name_in(request.language)
    flash(request, _("${library} is your library now.", mapping={"library": name}))
    return response


def _crumbs_to(
    context: LibraryPage, request: Request, below: Any = None
) -> list[tuple[Any, str | None]]:
    """Return the way to the page of a library, or to a list below it."""
    name = context.library.name_in(request.language)
    crumbs = _crumbs(request, (_("Libraries"), request.address(context.__parent__)))
    if below is None:
        return [*crumbs, (name, None)]
    return [*crumbs, (name, request.address(context)), (below, None)]


def _crumbs(request: Request, *following: tuple[Any, str | None]) -> list[tuple[Any, str | None]]:
    return [(_("Home"), request.frame.home), *following]
