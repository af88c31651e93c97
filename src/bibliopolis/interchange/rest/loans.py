"""Loans for programs: the steps one may take, by the verbs of the desk."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from bibliopolis.circulation.loan_presenters import loan_url
from bibliopolis.circulation.resources import LoanPage
from bibliopolis.circulation.services import CopySteps
from bibliopolis.circulation.services.copy_steps import LOAN
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.workflow import Transition, Workflows

from .workflow import read_comment, workflow_told

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


def take_loan_step(context: LoanPage, request: Request, name: str) -> tuple[Transition, str]:
    """Call the verb of a step, as the buttons do; return the step and what was said with it."""
    comment = read_comment(request)
    if name == IN_HAND:
        raise InvalidInput(
            _("There is no step “${name}” without a copy in the hand.", mapping={"name": name})
        )
    steps = request.find_service(CopySteps)
    asked = steps.asking(context.loan, comment=comment or None)
    request.find_service(Workflows).perform(LOAN, name, *asked)
    return steps.workflow(LOAN).transitions[name], comment
