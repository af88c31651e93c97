"""Cards at the desk: another one for a lost one, and one that no longer counts."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import row_id
from bibliopolis.resources.access import Permission

from .card_words import BLOCKS
from .models import Registration
from .services import Cards, Registering, SavedMeanwhile
from .staff_forms import changed_meanwhile, reader_page
from .staff_resources import ReaderPage


@view_config(
    context=ReaderPage,
    name="give-card",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_reader.pt",
)
def give_card(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Give a reader another card; the one of its kind that it replaces is blocked."""
    if context.reader.registration != Registration.FULL:
        raise Conflict(_("The registration is not finished yet."))
    sent = dict(request.POST)
    try:
        with request.db.begin_nested():
            version = str(sent.get("version", ""))
            request.find_service(Registering).demand(context.reader, version)
            request.find_service(Cards).give(
                context.reader, str(sent.get("card", "")), str(sent.get("kind", ""))
            )
    except SavedMeanwhile:
        return changed_meanwhile(context, request, sent)
    except InvalidInput as error:
        request.response.status_int = 400
        return reader_page(context, request, sent, error.errors)
    flash(request, _("The card is given."))
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=ReaderPage,
    name="block-card",
    permission=Permission.USE_DESK,
    request_method="POST",
    renderer="readers/staff_reader.pt",
)
def block_card(context: ReaderPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Let a card count no more: it opens nobody at a desk and signs nobody in."""
    wanted, reason = row_id(request.POST.get("of", "")), request.POST.get("reason", "")
    card = next((card for card in context.reader.cards if card.id == wanted), None)
    if card is None:
        raise HTTPNotFound()
    if reason not in BLOCKS:
        request.response.status_int = 400
        wrong = {f"reason-{card.id}": _("Choose a reason of the list.")}
        return reader_page(context, request, errors=wrong)
    request.find_service(Cards).block(card, reason)
    flash(request, _("The card counts no more. Give another one below."), "info")
    return HTTPSeeOther(location=request.address(context))
