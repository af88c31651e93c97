"""The page of a library: what editors write of it, when it is open, its events and its news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request

from bibliopolis.content.head import page_url, way_to_work
from bibliopolis.content.listings import Listings
from bibliopolis.content.models import Content
from bibliopolis.content.pages import PublicPage, Teaser, posters, present, teaser
from bibliopolis.content.resources import NodeInLanguage, page_of_library
from bibliopolis.i18n import LANGUAGES
from bibliopolis.parts import Poster, Status, Today

from .calendars import Calendars
from .models import Access, Library, OrganisationKind
from .presenters import (
    ACCESS,
    HoursLine,
    days_words,
    exception_words,
    state_now,
    urgent_words,
    week_lines,
)
from .services import Libraries

EVENTS_SHOWN = 4
NEWS_SHOWN = 3
AHEAD_SHOWN = 4
"""So many closures and other hours stand on the page; the nearest come first."""

MAP = "https://www.openstreetmap.org/"

ACCESS_ICONS: Mapping[str, str] = {
    Access.STEP_FREE: "person-wheelchair",
    Access.LIFT: "arrow-down-up",
    Access.ACCESSIBLE_TOILET: "badge-wc",
    Access.HEARING_LOOP: "ear",
    Access.TACTILE_GUIDANCE: "grid-3x3-gap-fill",
    Access.SIGN_LANGUAGE: "person-raised-hand",
}


@dataclass(frozen=True)
class Ahead:
    """Days that will be different, in words."""

    days: Any
    what: Any
    reason: str


@dataclass(frozen=True)
class PickupPoint:
    """A locker or a shelf elsewhere that the library fills."""

    code: str
    title: str
    address: str
    status: Status | None
    is_locker: bool
    works: bool


@dataclass(frozen=True)
class Hall:
    """What stands on the page of a library beside what editors wrote."""

    above: str
    status: Status | None
    urgent: Any
    """That it is closed though nobody foresaw it, in words; None if it is not."""
    hours_known: bool
    week: tuple[HoursLine, ...]
    ahead: tuple[Ahead, ...]
    access: tuple[tuple[str, Any], ...]
    access_note: str
    phone: str
    phone_link: str
    email: str
    web: str
    map_url: str
    pickup_points: tuple[PickupPoint, ...]


def hall_of(request: Request, library: Library) -> Hall:
    """Return when a library is open, how to get there and how to reach it."""
    calendars = request.find_service(Calendars, context=None)
    libraries = request.find_service(Libraries, context=None)
    today = calendars.today(library)
    phone = library.contacts.get("phone", "")
    above = libraries.tree.get(library.parent_id or 0)
    return Hall(
        above=above.name_in(request.language) if above else "",
        status=state_now(request, library),
        urgent=urgent_words(request, library),
        hours_known=calendars.hours(library, today).known,
        week=tuple(week_lines(request, library)),
        ahead=ahead_of(request, library, today),
        access=tuple(
            (ACCESS_ICONS[name], title) for name, title in ACCESS.items() if name in library.access
        ),
        access_note=library.access_note_in(request.language),
        phone=phone,
        phone_link="tel:" + "".join(one for one in phone if one in "+0123456789"),
        email=library.contacts.get("email", ""),
        web=library.contacts.get("web", ""),
        map_url=map_url(library),
        pickup_points=tuple(pickup_points_of(request, library)),
    )


def ahead_of(request: Request, library: Library, today: date) -> tuple[Ahead, ...]:
    """Return the nearest closures and other hours, those of the organisations above with them."""
    found = request.find_service(Calendars, context=None).exceptions_ahead(library, today)
    return tuple(
        Ahead(
            days_words(request, one),
            exception_words(request, one),
            one.reason_in(request.language),
        )
        for one in found[:AHEAD_SHOWN]
    )


def pickup_points_of(request: Request, library: Library) -> Iterable[PickupPoint]:
    """Return the lockers and other points that the desk of a library fills."""
    for one in request.find_service(Libraries, context=None).below(library):
        if one.kind == OrganisationKind.PICKUP_POINT and not one.withdrawn:
            yield PickupPoint(
                code=one.code,
                title=one.name_in(request.language),
                address=one.address_in(request.language),
                status=state_now(request, one),
                is_locker=one.is_locker,
                works=one.is_pickup_point,
            )


def map_url(library: Library) -> str:
    """Return where a map shows the place; nothing of it is loaded into our pages."""
    if library.latitude is None or library.longitude is None:
        return ""
    marked = urlencode({"mlat": library.latitude, "mlon": library.longitude})
    return f"{MAP}?{marked}#map=17/{library.latitude}/{library.longitude}"


def written_of(context: Any, request: Request, library: Library) -> dict[str, Any]:
    """Return the public page that editors wrote about a library, and the way to edit it."""
    node = page_of_library(context, request, library.id)
    if node is None:
        return {"page": None, "fallback": None, "edit_url": None}
    page = _shown(node, request)
    other = page.language.tag != request.language
    return {
        "page": page,
        "fallback": page.language if other else None,
        "asked": LANGUAGES[request.language],
        "edit_url": way_to_work(node, request),
        "live_languages": node.live_languages,
    }


def _shown(node: NodeInLanguage, request: Request) -> PublicPage:
    shown, shared = node.shown, node.shared
    assert shown is not None  # only pages with a public text are found
    assert shown.live is not None
    return present(node, request, shown.live, shared.live if shared else None, shown.language)


def events_of(request: Request, library: Library, limit: int) -> tuple[Poster, ...]:
    """Return the nearest events at a library as posters."""
    found = request.find_service(Listings).events(Content.library_id == library.id, limit=limit)
    return posters(request, found)


def news_of(request: Request, library: Library, limit: int) -> list[Teaser]:
    """Return the latest news of a library."""
    listings = request.find_service(Listings)
    found = listings.news(Content.library_id == library.id, limit=limit)
    return [teaser(request, one) for one in found]


def next_events(request: Request, library: Library, limit: int) -> Iterable[Today]:
    """Return the nearest events at a library as lines: when, and what."""
    found = request.find_service(Listings, context=None).events(
        Content.library_id == library.id, limit=limit
    )
    for one in found:
        if one.starts is not None:
            day, whole = one.starts, bool(one.shared.get("whole_day"))
            hour = () if whole else (request.formats.time(day),)
            when = request.formats.listed((request.formats.date(day, "day"), *hour))
            url = page_url(request, request.language, one.path)
            yield Today(day, one.title, url, None, when, one.language)


def count_of(request: Request, library: Library, kind: str) -> int:
    """Return how many public pages of a type are about a library."""
    listings = request.find_service(Listings)
    return listings.count(Content.type == kind, Content.library_id == library.id)
