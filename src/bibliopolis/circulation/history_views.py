"""``account/history``: what a reader has borrowed, for those who chose to keep it."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import offset, pager
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Permission

from .loan_presenters import loan_lines
from .services import ReadingHistory

PAGE = 25


@view_config(
    context=AccountRoom,
    name="history",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="circulation/history.pt",
)
def show_history(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show the loans of the past, the last returned first."""
    request.response.cache_control.no_store = True
    reader = request.find_service(Readers).get(request.principals.reader_id)
    total, rows = 0, ()
    if reader is not None:
        history = request.find_service(ReadingHistory)
        total, rows = history.page(reader.id, offset(request, PAGE), PAGE)
    return {
        "crumbs": [(_("My account"), request.address(context)), (_("Reading history"), None)],
        "keeps": reader is not None and reader.keeps_history,
        "total": total,
        "lines": loan_lines(request, rows),
        "profile_url": request.address(context, "profile"),
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=AccountRoom,
    name="forget-loan",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
)
def forget_loan(context: AccountRoom, request: Request) -> HTTPSeeOther:
    """Take one loan out of the history."""
    reader_id = request.principals.reader_id
    if reader_id is None:
        raise HTTPNotFound()
    request.find_service(ReadingHistory).forget_one(reader_id, request.POST.get("loan", ""))
    flash(request, _("It is forgotten that you borrowed it."))
    return HTTPSeeOther(location=request.address(context, "history"))
