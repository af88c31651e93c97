"""Giving a telephone number and the like, and confirming it with the code that came there."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission

from .account_views import preferences_page
from .resources import NoticesRoom
from .services import Addresses


@view_config(
    context=NoticesRoom,
    name="address",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="notices/preferences.pt",
)
def give_address(context: NoticesRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Send a code to the address."""
    sent = request.POST
    channel = sent.get("channel", "")
    try:
        request.find_service(Addresses).ask(
            request.principals.reader_id, channel, sent.get("address", ""), request.language
        )
    except InvalidInput as error:
        wrong = {f"address-{channel}": error.errors["address"]}
        return preferences_page(context, request, wrong)
    except Conflict as refusal:
        return preferences_page(context, request, {f"address-{channel}": refusal.reason}, 409)
    flash(request, _("A code is on its way. Type it in below."), "info")
    return HTTPSeeOther(location=request.address(context) + "#addresses")


@view_config(
    context=NoticesRoom,
    name="confirm",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="notices/preferences.pt",
)
def confirm_address(context: NoticesRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Take the code; a wrong one is counted, so it is an answer, not an error."""
    sent = request.POST
    channel = sent.get("channel", "")
    try:
        request.find_service(Addresses).confirm(
            request.principals.reader_id, channel, sent.get("code", "")
        )
    except InvalidInput as error:
        return preferences_page(context, request, {f"code-{channel}": error.errors["code"]})
    except Conflict as refusal:
        return preferences_page(context, request, {f"code-{channel}": refusal.reason}, 409)
    flash(request, _("The address is confirmed: you can choose it below."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=NoticesRoom,
    name="forget-address",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
)
def forget_address(context: NoticesRoom, request: Request) -> HTTPSeeOther:
    """Forget an address."""
    channel = request.POST.get("channel", "")
    request.find_service(Addresses).forget(request.principals.reader_id, channel)
    flash(request, _("The address is deleted: nothing goes there any more."), "info")
    return HTTPSeeOther(location=request.address(context))
