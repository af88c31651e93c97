"""``@workflow`` of holds and of loans: the state of one, the steps from there, taking one."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.request import Request

from bibliopolis.circulation.resources import HoldPage, LoanPage
from bibliopolis.resources.access import Permission
from bibliopolis.resources.operations import operation

from .holds import STEP, hold_workflow, take_hold_step
from .loans import loan_workflow, take_loan_step
from .workflow import COMMENT, TAKEN, WORKFLOW, one_step, taken

HOLD, LOAN = "/{language}/account/holds/{hold}", "/{language}/account/loans/{loan}"
STATE = "The state of a {}, and the steps from there"
VIEWED = {"name": "@workflow", "permission": Permission.VIEW}


def _seen(tag: str) -> dict[str, Any]:
    return {"answer": WORKFLOW, "problems": (401, 403), "tag": tag}


def _taken(tag: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"answer": TAKEN, "body": body, "problems": (401, 403, 409), "tag": tag}


@operation(
    "GET",
    f"{HOLD}/@workflow",
    STATE.format("hold"),
    context=HoldPage,
    facts=_seen("holds"),
    **VIEWED,
)
@operation(
    "GET",
    f"{LOAN}/@workflow",
    STATE.format("loan"),
    context=LoanPage,
    facts=_seen("loans"),
    **VIEWED,
)
def show_steps(context: HoldPage | LoanPage, request: Request) -> dict[str, Any]:
    """Show them."""
    if request.subpath:
        raise HTTPNotFound
    if isinstance(context, HoldPage):
        return hold_workflow(context, request)
    return loan_workflow(context, request)


@operation(
    "POST",
    f"{HOLD}/@workflow/{{transition}}",
    "Take a step with a hold",
    context=HoldPage,
    facts=_taken("holds", STEP),
    **VIEWED,
)
@operation(
    "POST",
    f"{LOAN}/@workflow/{{transition}}",
    "Take a step with a loan",
    context=LoanPage,
    facts=_taken("loans", COMMENT),
    **VIEWED,
)
def take_step(context: HoldPage | LoanPage, request: Request) -> dict[str, Any]:
    """Take it; what is refused is refused with every reason."""
    name = one_step(request)
    if isinstance(context, HoldPage):
        step, comment = take_hold_step(context, request, name)
    else:
        step, comment = take_loan_step(context, request, name)
    return taken(request, step, comment)
