"""The loans of readers: one of them, renewing it, renewing all."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.errors import Conflict, TooLate
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.readers.services import Guardians
from bibliopolis.resources.access import Permission

from .family import whose
from .loan_presenters import LoanLine, loan_json, loan_lines, told_of_all
from .posted import posted, text
from .resources import LoanPage, LoansRoom
from .services import Lists, Renewals
from .services.renewals import Answer


@view_config(
    context=LoansRoom, name="renew-all", permission=Permission.USE_ACCOUNT, request_method="POST"
)
def renew_all(context: LoansRoom, request: Request) -> HTTPSeeOther:
    """Renew what can be renewed, one's own and the children's; the list says why not the rest."""
    message, kind = told_of_all(request, _renew_all(request))
    flash(request, message, kind)
    return HTTPSeeOther(location=f"{request.frame.home}/account#loans")


@view_config(
    context=LoansRoom,
    name="renew-all",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    accept="application/json",
    renderer="json",
)
def renew_all_by_program(context: LoansRoom, request: Request) -> dict[str, Any]:
    """Renew what can be renewed, and answer for each loan."""
    answers = _renew_all(request)
    lines = _lines_of(request, [answer.loan.id for answer in answers])
    return {
        "@id": f"{request.address(context, absolute=True)}/renew-all",
        "@type": "Renewals",
        "items": [
            {
                **loan_json(request, lines[answer.loan.id]),
                "renewed": answer.renewed,
                "reasons": [request.translate(reason) for reason in answer.reasons],
            }
            for answer in answers
        ],
    }


@view_config(context=LoanPage, name="", permission=Permission.VIEW, request_method="GET")
def show_loan(context: LoanPage, request: Request) -> HTTPSeeOther:
    """Show a loan among the others."""
    return HTTPSeeOther(location=f"{request.frame.home}/account#loan-{context.loan.uid}")


@view_config(
    context=LoanPage,
    name="",
    permission=Permission.VIEW,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def loan_as_json(context: LoanPage, request: Request) -> dict[str, Any]:
    """Tell a program of one loan."""
    return loan_json(request, _lines_of(request, [context.loan.id])[context.loan.id])


@view_config(context=LoanPage, name="renew", permission=Permission.VIEW, request_method="POST")
def renew(context: LoanPage, request: Request) -> HTTPSeeOther:
    """Renew a loan; what speaks against it is said above the list."""
    try:
        with request.db.begin_nested():
            loan = request.find_service(Renewals).renew(context.loan.id)
    except TooLate:
        flash(request, _("It is no longer on loan: nothing is left to renew."), "info")
    except Conflict as refusal:
        for reason in refusal.reasons:
            flash(request, reason, "warn")
    else:
        named = {"date": request.formats.date(loan.due)}
        flash(request, _("Renewed: return it by ${date}.", mapping=named))
    return HTTPSeeOther(location=f"{request.frame.home}/account#loan-{context.loan.uid}")


@view_config(
    context=LoanPage,
    name="renew",
    permission=Permission.VIEW,
    request_method="POST",
    accept="application/json",
    renderer="json",
)
def renew_by_program(context: LoanPage, request: Request) -> dict[str, Any]:
    """Renew a loan, or answer 409 with every reason."""
    request.find_service(Renewals).renew(context.loan.id)
    return loan_as_json(context, request)


def _renew_all(request: Request) -> list[Answer]:
    """Renew for who is named, else for the visitor and all whose guardian they are."""
    named = text(posted(request), "reader")
    reader_id = whose(request, named)
    if reader_id is None:
        return []
    children = () if named else request.find_service(Guardians).children_of(reader_id)
    readers = {reader_id, *(child.id for child in children)}
    return list(request.find_service(Renewals).renew_all(*readers))


def _lines_of(request: Request, loan_ids: list[int]) -> dict[int, LoanLine]:
    rows = request.find_service(Lists).loans_with_copies(loan_ids)
    return {line.loan.id: line for line in loan_lines(request, rows, renewable=True)}
