"""The desk and loans: renewing, what was not returned, what was lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import batch, batching, read_page
from bibliopolis.readers.services import Readers
from bibliopolis.resources.access import Permission
from bibliopolis.spreadsheets import csv_response

from .loan_presenters import loan_json, loan_lines, told_of_all
from .models import Loan
from .posted import number, posted, text
from .resources import Desk
from .services import Lists, Losses, NotReturned, Renewals
from .services.not_returned import Shown

SIZE = 50
CSV_ROWS = 5000

TABS: Mapping[Shown, Any] = {
    Shown.OVERDUE: _("Overdue books"),
    Shown.CLAIMED: _("Said to be returned"),
    Shown.LOST: _("Lost books"),
}

Step = Callable[[Losses, Renewals, int, int, str], Any]

STEPS: Mapping[str, tuple[Step, Any]] = {
    "renew": (lambda _losses, renewals, loan, here, _said: renewals.renew(loan, here), None),
    "mark_lost": (
        lambda losses, _renewals, loan, here, said: losses.lose(loan, here, said),
        _("Marked as lost. Who waits for it is served by other copies."),
    ),
    "claim": (
        lambda losses, _renewals, loan, here, said: losses.claim(loan, here, said),
        _("Noted: it is to be searched for on the shelves."),
    ),
    "withdraw_claim": (
        lambda losses, _renewals, loan, here, _said: losses.withdraw_claim(loan, here),
        _("Noted: the reader has it."),
    ),
    "settle": (
        lambda losses, _renewals, loan, here, said: losses.settle(loan, here, said),
        _("The loan is closed. The copy stays marked as lost."),
    ),
}
"""What a desk does with a loan without the copy: by whom, and what is said then."""


@view_config(context=Desk, name="loan-step", permission=Permission.USE_DESK, request_method="POST")
def take_step(context: Desk, request: Request) -> HTTPSeeOther:
    """Take a step with a loan, and go back to where it was asked for."""
    sent = posted(request)
    act, said = STEPS.get(text(sent, "step"), (None, None))
    if act is None:
        raise InvalidInput(_("There is no such step."))
    loan = _loan(request, text(sent, "loan"))
    services = request.find_service(Losses), request.find_service(Renewals)
    try:
        with request.db.begin_nested():
            act(*services, loan.id, context.library.id, text(sent, "comment"))
    except Conflict as refusal:
        flash(request, refusal.reasons[0] if refusal.reasons else refusal.reason, "warn")
    else:
        until = {"date": request.formats.date(loan.due)}
        flash(request, said or _("Renewed: to be back by ${date}.", mapping=until))
    return _back(context, request, sent)


@view_config(context=Desk, name="renew-all", permission=Permission.USE_DESK, request_method="POST")
def renew_all(context: Desk, request: Request) -> HTTPSeeOther:
    """Renew what the reader at the desk has, as far as it can be."""
    sent = posted(request)
    reader = request.find_service(Readers).by_uid(text(sent, "reader"))
    if reader is None:
        raise NotFoundHere(_("There is no such reader."))
    answers = request.find_service(Renewals).renew_all(reader.id, library_id=context.library.id)
    message, kind = told_of_all(request, answers)
    flash(request, message, kind)
    return _back(context, request, sent)


@view_config(
    context=Desk, name="lost-on-the-way", permission=Permission.USE_DESK, request_method="POST"
)
def lose_on_the_way(context: Desk, request: Request) -> HTTPSeeOther:
    """Give up a copy that never arrived."""
    transit_id = number(posted(request), "transit")
    try:
        with request.db.begin_nested():
            request.find_service(Losses).lose_on_the_way(transit_id, context.library.id)
    except Conflict as refusal:
        flash(request, refusal.reasons[0] if refusal.reasons else refusal.reason, "warn")
    else:
        flash(request, _("Marked as lost. Who waits for it is served by other copies."))
    return HTTPSeeOther(location=request.address(context, "transits"))


@view_config(
    context=Desk,
    name="not-returned",
    permission=Permission.USE_DESK,
    request_method="GET",
    renderer="circulation/not_returned.pt",
)
def show_not_returned(context: Desk, request: Request) -> dict[str, Any]:
    """Show what is overdue here, what is said to be returned, what is lost."""
    show, lists = _shown(request), request.find_service(NotReturned)
    total, rows, pages = read_page(
        request, SIZE, lambda start: lists.page(context.library.id, show, start, SIZE)
    )
    here = request.address(context, "not-returned")
    lines = loan_lines(request, [(loan, item, record) for loan, item, record, _who in rows])
    return {
        "url": request.address(context),
        "place": context.library.name_in(request.language),
        "show": show,
        "tabs": [(name, title, f"{here}?show={name}") for name, title in TABS.items()],
        "total": total,
        "rows": list(zip(lines, (row[3] for row in rows), strict=True)),
        "pager": pages,
    }


@view_config(
    context=Desk,
    name="not-returned",
    permission=Permission.USE_DESK,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def not_returned_as_json(context: Desk, request: Request) -> dict[str, Any]:
    """Tell a program of the same list; readers are named by their UID only."""
    asked, size = batch(request.GET, SIZE)
    start, show = asked or 0, _shown(request)
    total, rows = request.find_service(NotReturned).page(context.library.id, show, start, size)
    here = request.address(context, "not-returned", absolute=True)
    lines = loan_lines(request, [(loan, item, record) for loan, item, record, _who in rows])
    return {
        "@id": here,
        "@type": "NotReturned",
        "items_total": total,
        "items": [
            {**loan_json(request, line), "reader": row[3].uid}
            for line, row in zip(lines, rows, strict=True)
        ],
        **batching(here, total, start, size, [("show", str(show))]),
    }


@view_config(
    context=Desk, name="not-returned.csv", permission=Permission.USE_DESK, request_method="GET"
)
def not_returned_as_csv(context: Desk, request: Request) -> Response:
    """Give the list to a spreadsheet."""
    show = _shown(request)
    _total, rows = request.find_service(NotReturned).page(context.library.id, show, limit=CSV_ROWS)
    heads = (
        _("Title"),
        _("Barcode"),
        _("Shelf mark"),
        _("Reader"),
        _("Card"),
        _("Telephone"),
        _("Taken"),
        _("To be back by"),
        _("Renewals"),
    )
    cells = (
        (
            record.title,
            item.barcode,
            item.shelf_mark,
            reader.name,
            reader.card.number if reader.card else "",
            reader.phone,
            request.clock.local(loan.opened).date().isoformat(),
            loan.due.isoformat(),
            str(loan.renewals),
        )
        for loan, item, record, reader in rows
    )
    return csv_response(request, f"{show}-{context.library.id}.csv", heads, cells)


def _loan(request: Request, uid: str) -> Loan:
    loan = request.find_service(Lists).loan(uid)
    if loan is None:
        raise NotFoundHere(_("There is no such loan."))
    return loan


def _shown(request: Request) -> Shown:
    asked = request.GET.get("show")
    return Shown(asked) if asked in set(Shown) else Shown.OVERDUE


def _back(context: Desk, request: Request, sent: Mapping[str, Any]) -> HTTPSeeOther:
    """Lead back to the list or to the reader at the desk."""
    show = text(sent, "show")
    if show in set(Shown):
        query = {"show": show}
        return HTTPSeeOther(location=request.address(context, "not-returned", query=query))
    reader = request.find_service(Readers).by_uid(text(sent, "reader"))
    query = {"reader": reader.uid} if reader else {}
    return HTTPSeeOther(location=request.address(context, query=query))
