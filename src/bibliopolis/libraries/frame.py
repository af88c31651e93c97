"""What libraries put into every page: their section, and the visitor's own library."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from bibliopolis.frame import Column, Link, RailGroup
from bibliopolis.i18n import _
from bibliopolis.parts import LibraryRow, Place
from bibliopolis.view_settings import keep_choice

from .finding import Directory, Wanted
from .interfaces import IHomeLibrary
from .models import Library, OrganisationKind
from .page import next_events
from .presenters import access_words, state_now, tomorrow_words, urgent_words
from .services import Libraries, Named
from .staff_resources import may_see_organisations

COOKIE = "my_library"
FRONT_LIBRARIES = 4
NAMED_IN_FOOTER = 6
COMING = 2
"""So many events of the visitor's library stand on the front page."""


def my_library(request: Request) -> Library | None:
    """Return the visitor's own library: a reader's home library, else what this browser chose.

    Whoever is signed in finds theirs on every device, whatever somebody chose here before.
    """
    libraries = request.find_service(Libraries, context=None)
    home = request.find_service(IHomeLibrary, context=None).get()
    library = libraries.by_id.get(home) if home is not None else None
    if library is None:
        code = request.cookies.get(COOKIE)
        library = libraries.find(code) if code else None
    return library if library is not None and libraries.is_there(library) else None


def keep_my_library(request: Request, response: Response, library: Library) -> None:
    """Keep a library as the visitor's own: in this browser, and for readers as their home."""
    keep_choice(request, response, COOKIE, library.code)
    request.find_service(IHomeLibrary, context=None).keep(library.id)


def my_library_link(request: Request) -> Link | None:
    """Return the chosen library for the top bar, with its hours today."""
    library = my_library(request)
    if library is None:
        return None
    state = state_now(request, library)
    return replace(library_link(request, library), note=state.text if state else None)


def library_link(request: Request, library: Library | Named) -> Link:
    """Return a library as a link to its page."""
    here = f"{request.frame.home}/libraries/{library.code}"
    return Link(library.name_in(request.language), here)


def way_to_choose(request: Request) -> Link:
    """Return where a library can be chosen, for those who have none."""
    return Link(_("choose"), f"{request.frame.home}/libraries")


def place_today(request: Request) -> Place | None:
    """Return the visitor's library for the river of the front page: open now, and what is on."""
    library = my_library(request)
    if library is None:
        return None
    state = state_now(request, library)
    return Place(
        title=library.name_in(request.language),
        state=state.text if state else None,
        note=_today_note(request, library),
        url=f"{request.frame.home}/libraries",
        action=_("Change library"),
        home=library_link(request, library).url,
        coming=tuple(next_events(request, library, COMING)),
    )


def _today_note(request: Request, library: Library) -> Any:
    """Return what matters most of a library: that it had to close, else its hours of tomorrow."""
    return (
        urgent_words(request, library)
        or tomorrow_words(request, library)
        or library.address_in(request.language)
        or None
    )


def front_band(request: Request) -> dict[str, Any] | None:
    """Return a few libraries for the front page, the visitor's own first."""
    mine = my_library(request)
    around = (mine.latitude, mine.longitude) if mine and mine.latitude and mine.longitude else None
    wanted = Wanted(kind=OrganisationKind.LIBRARY, near=around)
    libraries = [one.place for one in request.find_service(Directory, context=None).find(wanted)]
    if not libraries:
        return None
    shown = sorted(libraries, key=lambda library: library is not mine)[:FRONT_LIBRARIES]
    return {
        "heading": _("My library and those nearby") if around else _("Libraries"),
        "more": Link(_("All libraries"), f"{request.frame.home}/libraries"),
        "libraries": [
            LibraryRow(
                title=library.name_in(request.language),
                url=library_link(request, library).url,
                status=state_now(request, library),
                note=_note(request, library, mine=library is mine),
                mine=library is mine,
            )
            for library in shown
        ],
    }


def _note(request: Request, library: Library, *, mine: bool) -> str | None:
    words = [request.translate(_("my library"))] if mine else []
    if urgent := urgent_words(request, library):
        words.append(request.translate(urgent))
    words += [library.address_in(request.language)]
    words += [request.translate(one) for one in access_words(library)[:2]]
    return " · ".join(filter(None, words)) or None


def rail(request: Request) -> Iterable[RailGroup]:
    """Return the staff side's section of organisations."""
    if may_see_organisations(request):
        link = Link(_("Libraries"), f"{request.frame.home}/staff/libraries", "building")
        yield RailGroup(_("Organisations"), (link,))


def navigation(request: Request) -> Iterable[Link]:
    """Return the section of libraries."""
    return (Link(_("Libraries"), f"{request.frame.home}/libraries"),)


def footer(request: Request) -> Iterable[Column]:
    """Return the way to the libraries; a small network is named in full."""
    first = request.find_service(Libraries, context=None).first(NAMED_IN_FOOTER + 1)
    named = first if len(first) <= NAMED_IN_FOOTER else ()
    links = [library_link(request, library) for library in named]
    links.append(Link(_("All libraries"), f"{request.frame.home}/libraries"))
    return (Column(_("Libraries"), tuple(links)),)


def scope_choices(request: Request) -> Iterable[tuple[str, str]]:
    """Return the organisations a role may be held at: it holds for all below them, too."""
    tree = request.find_service(Libraries, context=None).tree.values()
    return [
        (str(one.id), one.name_in(request.language))
        for one in tree
        if one.kind != OrganisationKind.PICKUP_POINT
    ]
