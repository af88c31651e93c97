"""What a reader wants to hear by which ways, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import offset, pager
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .models import NoticeAddress
from .presenters import log_lines
from .resources import NoticesRoom
from .services import Addresses, NoticeLog, Preferences

PAGE = 25


@view_config(
    context=NoticesRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="notices/preferences.pt",
)
def show_preferences(context: NoticesRoom, request: Request) -> dict[str, Any]:
    """Show what there is to hear, and by which ways it comes."""
    return preferences_page(context, request)


@view_config(
    context=NoticesRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="notices/preferences.pt",
)
def save_preferences(context: NoticesRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Keep the choices."""
    try:
        request.find_service(Preferences).choose(request.principals.reader_id, request.POST)
    except InvalidInput as error:
        return preferences_page(context, request, error.errors)
    flash(request, _("Your choice is saved."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=NoticesRoom,
    name="sent",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="notices/sent.pt",
)
def show_sent(context: NoticesRoom, request: Request) -> dict[str, Any]:
    """Show what was sent to the reader, the latest first."""
    request.response.cache_control.no_store = True
    log, reader_id = request.find_service(NoticeLog), request.principals.reader_id
    total = log.count(reader_id, wanted_only=True)
    rows = log.page(reader_id, offset(request, PAGE), PAGE, wanted_only=True)
    return {
        "lines": log_lines(request, rows),
        "total": total,
        "pager": pager(request, total, PAGE),
        "kept_days": log.policy.kept.days,
        "url": request.address(context),
        "crumbs": [
            (_("Home"), request.frame.home),
            (_("My account"), request.address(context.__parent__)),
            (_("Notices"), request.address(context)),
            (_("What we sent you"), None),
        ],
    }


def preferences_page(
    context: NoticesRoom,
    request: Request,
    errors: Mapping[str, Any] | None = None,
    status: int = 400,
) -> dict[str, Any]:
    """Return the page with all its forms; ``errors`` are by kind, or of the form of an address."""
    request.response.cache_control.no_store = True
    if errors:
        request.response.status_int = status
    preferences = request.find_service(Preferences)
    reader_id = request.principals.reader_id
    digest, choices = preferences.of(reader_id)
    addresses = {one.channel: one for one in request.find_service(Addresses).of(reader_id)}
    channels = [
        {
            "channel": one,
            "address": addresses.get(one.name),
            "usable": one.asks is None or _is_confirmed(addresses.get(one.name)),
        }
        for one in preferences.channels
    ]
    return {
        "digest": digest,
        "choices": choices,
        "channels": channels,
        "more_ways": not all(one["usable"] for one in channels),
        "email": request.visitor.email,
        "sent": request.POST if errors else {},
        "errors": errors or {},
        "problems": problems_of(errors or {}),
        "morning": preferences.policy.morning,
        "here": request.address(context),
        "crumbs": [
            (_("Home"), request.frame.home),
            (_("My account"), request.address(context.__parent__)),
            (_("Notices"), None),
        ],
    }


def _is_confirmed(address: NoticeAddress | None) -> bool:
    return address is not None and address.confirmed is not None
