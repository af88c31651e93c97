"""Letters that fit into no thread by themselves: shown, put where they belong, or deleted."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.resources.access import Permission

from .presenters import queue_url
from .resources import StrayLetters
from .services import IncomingLetters
from .services import incoming as why

PAGE = 20
REASONS = {
    why.UNKNOWN: _("It replies to no letter of ours."),
    why.OTHER_SENDER: _("Its sender is not the one who asked."),
    why.NOTHING_WRITTEN: _("Nothing is written in it."),
    why.NOT_NOW: _("The question is closed."),
    why.TOO_LARGE: _("It is too large; only its beginning was read."),
    why.UNREADABLE: _("It cannot be read; the file is kept in DATA/mail-in/kept."),
}


@view_config(
    context=StrayLetters,
    name="",
    permission=Permission.USE_QUEUE,
    request_method="GET",
    renderer="consultations/strays.pt",
)
def show_strays(context: StrayLetters, request: Request) -> dict[str, Any]:
    """Show what fits nowhere, the oldest first."""
    total, rows = request.find_service(IncomingLetters).strays(offset(request, PAGE), PAGE)
    return {
        "rows": [(one, REASONS.get(one.reason, one.reason)) for one in rows],
        "total": total,
        "url": request.address(context),
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=StrayLetters, name="put", permission=Permission.USE_QUEUE, request_method="POST"
)
def put_stray(context: StrayLetters, request: Request) -> HTTPSeeOther:
    """Put a letter into the thread it belongs to."""
    number = row_id(request.POST.get("question", "").strip().lstrip("№# "))
    if number is None:
        raise InvalidInput(_("Write the number of the question."))
    letters = request.find_service(IncomingLetters)
    enquiry = letters.put_into(row_id(request.POST.get("letter", "")) or 0, number)
    flash(request, _("The letter is in its thread now."))
    return HTTPSeeOther(location=f"{queue_url(request)}/{enquiry.id}")


@view_config(
    context=StrayLetters, name="delete", permission=Permission.USE_QUEUE, request_method="POST"
)
def delete_stray(context: StrayLetters, request: Request) -> HTTPSeeOther:
    """Delete a letter that belongs nowhere."""
    letters = request.find_service(IncomingLetters)
    letters.discard(row_id(request.POST.get("letter", "")) or 0)
    flash(request, _("The letter is deleted."))
    return HTTPSeeOther(location=request.address(context))
