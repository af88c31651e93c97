"""Closing a place in an emergency, and what can be done to such a closing afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.libraries.staff_resources import OrganisationPage
from bibliopolis.parameters import read_day
from bibliopolis.problems import status_of
from bibliopolis.resources.access import Permission

from ..posted import text
from .closings import AlreadyClosed, Closings
from .models import EmergencyClosing
from .views import closing_of, closing_page, list_page, read_wanted, typed


@view_config(
    context=OrganisationPage,
    name="close",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="circulation/emergency.pt",
)
def close_place(context: OrganisationPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Close the place; the same said twice leads to what came of it."""
    sent = typed(request.POST)
    try:
        wanted = read_wanted(context, request, sent)
        with request.db.begin_nested():
            closing = request.find_service(Closings).begin(wanted)
    except InvalidInput as error:
        request.response.status_int = status_of(error)
        return list_page(context, request, sent, error.errors)
    except AlreadyClosed as refusal:
        flash(request, refusal.reason, "info")
        return _to(context, request, refusal.closing)
    except Conflict as refusal:
        request.response.status_int = 409
        return list_page(context, request, sent, {"first": refusal.reason})
    flash(request, _("It is closed. The dates are being moved, and readers are written to."))
    return _to(context, request, closing)


@view_config(
    context=OrganisationPage,
    name="change-closing",
    permission=Permission.EDIT,
    request_method="POST",
    renderer="circulation/closing.pt",
)
def change_closing(context: OrganisationPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Let the worker rest or go on, let the closing end on another day, or undo it."""
    closing, closings = closing_of(context, request), request.find_service(Closings)
    asked = request.POST.get("do", "")
    try:
        with request.db.begin_nested():
            if asked == "pause":
                closings.pause(closing)
                said = _("The worker rests. The place stays closed.")
            elif asked == "resume":
                closings.resume(closing)
                said = _("The worker goes on.")
            elif asked == "undo":
                closings.undo(closing)
                said = _("It is open again. Dates that nothing has changed since are put back.")
            elif asked == "last":
                closings.set_last(closing, _day(request))
                said = _("Saved. Readers see it at once.")
            else:
                raise InvalidInput(_("There is no such step."))
    except InvalidInput as error:
        request.response.status_int = status_of(error)
        return closing_page(context, request, error.errors or {"last": error.reason})
    except Conflict as refusal:
        flash(request, refusal.reason, "warn")
    else:
        flash(request, said)
    return _to(context, request, closing)


def _day(request: Request) -> date:
    day = read_day(text(request.POST, "last"))
    if day is None:
        reason = _("Write the day as a date, such as 2026-12-31.")
        raise InvalidInput(reason, {"last": reason})
    return day


def _to(context: OrganisationPage, request: Request, closing: EmergencyClosing) -> HTTPSeeOther:
    """Lead to the page of a closing."""
    where = request.address(context, "closing", query={"closing": str(closing.id)})
    return HTTPSeeOther(location=where)
