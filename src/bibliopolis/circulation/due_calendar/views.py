"""``account/calendar``: switching one's calendar on and off; the calendar itself for programs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.errors import NotAllowed, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.mail import site_url
from bibliopolis.resources.access import Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom
from bibliopolis.templates import speaker

from .calendars import DueCalendars
from .limits import ReadingLimit

NAME = "calendar"
ENDING = ".ics"


class CalendarRoom(MountedRoom):
    """``account/calendar``: of the reader who is signed in."""

    permissions = permission_map(use_account=[Role.SIGNED_IN])

    def __init__(self, parent: AccountRoom, request: Request) -> None:
        super().__init__(parent, request, NAME)

    def __getitem__(self, name: str) -> CalendarFile:
        """Return the calendar at a secret address, whether or not there is one."""
        if not name.endswith(ENDING):
            raise KeyError(name)
        return CalendarFile(self, self.request, name)


class CalendarFile(MountedRoom):
    """``account/calendar/4fJ….ics``: for whoever has the address."""

    permissions = permission_map(view=[Role.EVERYONE])

    def __init__(self, parent: CalendarRoom, request: Request, name: str) -> None:
        super().__init__(parent, request, name)
        self.secret = name.removesuffix(ENDING)


@view_config(
    context=CalendarRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="circulation/due_calendar.pt",
)
def show_page(context: CalendarRoom, request: Request) -> dict[str, Any]:
    """Say what a calendar is for, what whoever has its address sees, and whether there is one."""
    return _page(context, request)


@view_config(
    context=CalendarRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="circulation/due_calendar.pt",
)
def renew(context: CalendarRoom, request: Request) -> dict[str, Any]:
    """Make a new address and show it, the only time: it is kept nowhere, for no redirect either."""
    titles = bool(request.POST.get("titles"))
    secret = request.find_service(DueCalendars).renew(_reader_id(request), titles=titles)
    request.response.cache_control.no_store = True
    address = f"{site_url(request)}/{request.language}/account/{NAME}/{secret}{ENDING}"
    return _page(context, request, address)


@view_config(
    context=CalendarRoom, name="titles", permission=Permission.USE_ACCOUNT, request_method="POST"
)
def show_titles(context: CalendarRoom, request: Request) -> HTTPSeeOther:
    """Say whether the calendar names the books."""
    wanted = bool(request.POST.get("titles"))
    try:
        request.find_service(DueCalendars).show_titles(_reader_id(request), wanted)
    except NotFoundHere as refusal:
        flash(request, refusal.reason, "warn")
    else:
        flash(request, _("Saved. Your calendar shows it when it asks next."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=CalendarRoom, name="off", permission=Permission.USE_ACCOUNT, request_method="POST"
)
def switch_off(context: CalendarRoom, request: Request) -> HTTPSeeOther:
    """End the address."""
    request.find_service(DueCalendars).switch_off(_reader_id(request))
    flash(request, _("The calendar is switched off: its address leads nowhere now."), "info")
    return HTTPSeeOther(location=request.address(context))


@view_config(context=CalendarFile, name="", permission=Permission.VIEW, request_method="GET")
def show_calendar(context: CalendarFile, request: Request) -> Response:
    """Give the calendar to whoever has its address; what they have already is not sent again."""
    calendars = request.find_service(DueCalendars)
    shown = calendars.by_secret(context.secret)
    if shown is None:
        raise NotFoundHere(_("There is no calendar at this address."))
    limit: ReadingLimit = request.registry[ReadingLimit.__name__]
    wait = limit.wait(shown.calendar.uid, request.clock.now())
    if wait is not None:
        return Response(status=429, retry_after=int(wait.total_seconds()) + 1)
    # The package takes some megabytes: it is loaded where somebody asks for a calendar.
    from .ical import MEDIA_TYPE, write

    language, speak = shown.language, speaker(request)
    tree = request.find_service(Libraries).tree
    site = site_url(request)
    body = write(
        calendars.entries(shown.calendar),
        lambda place_id: _place(tree.get(place_id), language),
        lambda message: speak(message, language),
        urlsplit(site).hostname or "localhost",
        f"{site}/{language}/account",
    )
    response = Response(body, content_type=MEDIA_TYPE, charset="UTF-8")
    response.md5_etag()
    response.conditional_response = True
    response.cache_control = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _place(place: Any, language: str) -> str:
    """Return the name and the address of a place in a language."""
    if place is None:
        return ""
    return ", ".join(filter(None, (place.name_in(language), place.address_in(language))))


def _reader_id(request: Request) -> int:
    """Return whose calendar it is; a program must not make addresses that outlive its token."""
    if request.bearer is not None:
        raise NotAllowed(_("A program cannot make or end the address of a calendar."))
    reader_id: int | None = request.principals.reader_id
    if reader_id is None:
        raise NotAllowed(_("Only readers with a library card have such a calendar."))
    return reader_id


def _page(context: CalendarRoom, request: Request, address: str = "") -> dict[str, Any]:
    reader_id = request.principals.reader_id
    calendar = None
    if reader_id is not None:
        calendar = request.find_service(DueCalendars).of(reader_id)
    return {
        "reader": reader_id is not None,
        "calendar": calendar,
        "new_address": address,
        "url": request.address(context),
        "crumbs": [
            (_("My account"), request.address(context.__parent__)),
            (_("Due dates in my calendar"), None),
        ],
    }
