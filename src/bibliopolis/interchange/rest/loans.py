"""Loans for programs: the workflow of one, by the verbs of the desk."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request

from bibliopolis.circulation.loan_presenters import loan_url
from bibliopolis.circulation.resources import LoanPage
from bibliopolis.circulation.services import CopySteps
from bibliopolis.circulation.services.copy_steps import LOAN
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission
from bibliopolis.resources.operations import operation
from bibliopolis.workflow import Workflows

from .workflow import COMMENT, TAKEN, one_step, read_comment, taken, workflow_told
from .workflow import WORKFLOW as WORKFLOW_SHAPE

IN_HAND = "check_in"
"""The one step that needs the copy: it is taken at a desk."""


def loan_workflow(context: LoanPage, request: Request) -> dict[str, Any]:
    """Return the state of a loan, and the steps its visitor may take without a copy in hand."""
    address = f"{request.host_url}{loan_url(request, context.loan)}/@workflow"
    steps = request.find_service(CopySteps)
    state = steps.workflow(LOAN).states[context.loan.state]
    offers = [
        (one.transition.name, one.transition.title, one.reasons)
        for one in steps.offers(context.loan, None)
        if one.transition.name != IN_HAND
    ]
    return workflow_told(request, address, state, offers)


@operation(
    "GET",
    "/{language}/account/loans/{loan}/@workflow",
    "The state of a loan, and the steps from there",
    context=LoanPage,
    name="@workflow",
    permission=Permission.VIEW,
    facts={"answer": WORKFLOW_SHAPE, "problems": (401, 403), "tag": "loans"},
)
def show_loan_workflow(context: LoanPage, request: Request) -> dict[str, Any]:
    """Show them."""
    if request.subpath:
        raise HTTPNotFound
    return loan_workflow(context, request)


@operation(
    "POST",
    "/{language}/account/loans/{loan}/@workflow/{transition}",
    "Take a step with a loan",
    context=LoanPage,
    name="@workflow",
    permission=Permission.VIEW,
    facts={"answer": TAKEN, "body": COMMENT, "problems": (401, 403, 409), "tag": "loans"},
)
def take_loan_step(context: LoanPage, request: Request) -> dict[str, Any]:
    """Call the verb of the step, as the buttons do."""
    name, comment = one_step(request), read_comment(request)
    if name == IN_HAND:
        raise InvalidInput(
            _("There is no step “${name}” without a copy in the hand.", mapping={"name": name})
        )
    steps = request.find_service(CopySteps)
    asked = steps.asking(context.loan, comment=comment or None)
    request.find_service(Workflows).perform(LOAN, name, *asked)
    return taken(request, steps.workflow(LOAN).transitions[name], comment)
