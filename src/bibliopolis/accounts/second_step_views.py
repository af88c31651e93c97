"""``account/second-step``: a code, after the password."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.accounts.identity import keep_ticket, origin_of, remember, ticket_of, token_of
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.sign_in import Refusal, SecondStep, SignedIn, SignIn
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.problems import problem, wants_json
from bibliopolis.view_settings import local_path

OWED = _("Your roles wait until you have set up the second step of signing in, in your account.")


@view_config(
    context=AccountRoom,
    name="second-step",
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="accounts/second_step.pt",
)
def show_second_step(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Ask whoever has given the password for a code."""
    came_from = local_path(request.GET.get("came_from"), request.address(context))
    if request.visitor is not None:
        return HTTPSeeOther(location=came_from)
    if not ticket_of(request):
        return HTTPSeeOther(location=_sign_in(context, request, came_from))
    request.response.cache_control.no_store = True
    return {"came_from": came_from, "refusal": None}


@view_config(
    context=AccountRoom,
    name="second-step",
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="accounts/second_step.pt",
)
def take_second_step(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Try the code; a refusal is counted, so it is an answer, not an error."""
    came_from = local_path(request.POST.get("came_from"), request.address(context))
    code = request.POST.get("code", "")
    answer = request.find_service(SignIn).go_on(
        ticket_of(request), code, request.user_agent or "", origin_of(request)
    )
    if answer is None:
        flash(request, _("This took too long. Begin with the password again."), "warn")
        return HTTPSeeOther(location=_sign_in(context, request, came_from))
    if isinstance(answer, Refusal):
        request.response.status_int = 400
        request.response.cache_control.no_store = True
        return {"came_from": came_from, "refusal": answer.reason}
    return let_in(request, answer, came_from)


def begin_second_step(
    context: AccountRoom, request: Request, step: SecondStep, came_from: str
) -> HTTPSeeOther:
    """Go on to the code after a password that was right."""
    there = request.address(context, "second-step")
    response = HTTPSeeOther(location=f"{there}?{urlencode({'came_from': came_from})}")
    keep_ticket(request, response, step.ticket)
    return response


def let_in(request: Request, signed_in: SignedIn, came_from: str) -> HTTPSeeOther:
    """Put the new session into the browser in the place of an old one, and lead on."""
    if token := token_of(request):
        request.find_service(SignIn).sign_out(token)
    response = HTTPSeeOther(location=came_from)
    remember(request, response, signed_in)
    return response


def lead_to_second_factor(request: Request) -> Response:
    """Lead somebody whose roles wait for a second factor to where it is set up."""
    if wants_json(request) or request.method not in {"GET", "HEAD"}:
        return problem(request, 403, OWED)
    asked = urlencode({"came_from": request.path_qs})
    there = f"{request.frame.home}/account/second-factor?{asked}"
    return HTTPSeeOther(location=there, headers={"Cache-Control": "no-store"})


def _sign_in(context: AccountRoom, request: Request, came_from: str) -> str:
    there: str = request.address(context, "sign-in")
    return f"{there}?{urlencode({'came_from': came_from})}"
