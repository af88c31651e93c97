"""The slip of a copy as a page for the printer, and the page that shows what a slip is about."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission

from .models import Hold, HoldState
from .posted import number
from .presenters import library_name
from .resources import Desk
from .services import Slips
from .services.slips import Slip

NO_COPY = _("There is no such copy.")
NEEDLESS = _("No slip is needed: nobody waits for this copy here, and it is not on its way.")


@view_config(
    context=Desk,
    name="slip",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/slip.pt",
)
def show_slip(context: Desk, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Show what is laid into a copy that waits or travels: no name and no number of a card."""
    slip = _wanted(context, request)
    if slip is None:
        flash(request, NEEDLESS, "warn")
        return HTTPSeeOther(location=request.address(context))
    return {
        "url": request.address(context),
        "place": context.library.name_in(request.language),
        "slip": slip,
        **_told(request, slip),
    }


@view_config(
    context=Desk,
    name="slip",
    permission=Permission.USE_DESK,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def slip_as_json(context: Desk, request: Request) -> dict[str, Any]:
    """Tell the same to a program that has a printer of its own."""
    if not number(request.GET, "item"):
        raise InvalidInput(NO_COPY, {"item": NO_COPY})
    slip = _wanted(context, request)
    if slip is None:
        raise NotFoundHere(NEEDLESS)
    told = _told(request, slip)
    day = told["collect_by"]
    return {
        "@id": request.address(context, "slip", query={"item": slip.item.id}, absolute=True),
        "@type": "Slip",
        "alias": slip.alias,
        "title": slip.record.title,
        "barcode": slip.item.barcode,
        "from": told["sender"] or None,
        "to": told["to"] or None,
        "pickup_library": told["waits_at"] or None,
        "delivery": told["by_delivery"],
        "cell": slip.cell,
        "collect_by": day.isoformat() if day else None,
    }


def _wanted(context: Desk, request: Request) -> Slip | None:
    return request.find_service(Slips).of_copy(number(request.GET, "item"), context.library.id)


def _told(request: Request, slip: Slip) -> dict[str, Any]:
    """Return where a copy comes from, goes to and waits, in the language of the request."""
    hold, transit = slip.hold, slip.transit
    return {
        "sender": library_name(request, transit.from_library_id) if transit else "",
        "to": library_name(request, transit.to_library_id) if transit else "",
        "waits_at": library_name(request, hold.pickup_library_id) if hold else "",
        "by_delivery": hold is not None and hold.by_delivery,
        "collect_by": hold.collect_by if hold and hold.state == HoldState.READY else None,
    }


def page_of_hold(context: Desk, request: Request, hold: Hold) -> str:
    """Return where a desk sees the hold whose slip was scanned: its shelf, or the slip again."""
    on_shelf = hold.state == HoldState.READY and not hold.by_delivery and not hold.cancel_requested
    slips = request.find_service(Slips)
    if on_shelf and slips.places.is_served_from(hold, context.library.id):
        return str(request.address(context, "shelf", query={"alias": slips.alias(hold)}))
    return str(request.address(context, "slip", query={"item": hold.item_id}))
