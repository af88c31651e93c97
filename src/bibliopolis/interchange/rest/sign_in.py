"""``@login``: a program says who it acts for, and gets a token instead of a cookie."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from bibliopolis.accounts.access_tokens import Issued, Tokens
from bibliopolis.accounts.identity import origin_of
from bibliopolis.accounts.second_step_views import OWED
from bibliopolis.accounts.sign_in import Refusal, SignIn
from bibliopolis.bodies import demand_json
from bibliopolis.errors import InvalidInput, NotSignedIn
from bibliopolis.i18n import _
from bibliopolis.problems import problem
from bibliopolis.resources.exact import problems_of
from bibliopolis.resources.operations import operation
from bibliopolis.resources.traversal import LanguageRoot, Site

CREDENTIALS = {
    "type": "object",
    "properties": {
        "login": {"type": "string", "maxLength": 320},
        "password": {"type": "string", "maxLength": 1000},
        "code": {"type": "string", "maxLength": 100},
    },
    "required": ["login", "password"],
    "additionalProperties": False,
}
TOKEN = {
    "type": "object",
    "properties": {
        "token": {"type": "string"},
        "expires": {"type": "string", "format": "date-time"},
    },
    "required": ["token", "expires"],
    "additionalProperties": False,
}


@operation(
    "POST",
    "/@login",
    "Sign in with an e-mail address or a card number, and get a token",
    context=Site,
    name="@login",
    permission=NO_PERMISSION_REQUIRED,
    require_csrf=False,  # no cookie is looked at and none is set
    facts={"answer": TOKEN, "body": CREDENTIALS, "problems": (401, 403, 429), "tag": "sign-in"},
)
@operation(
    "POST",
    "/{language}/@login",
    "Sign in with an e-mail address or a card number, and get a token",
    context=LanguageRoot,
    name="@login",
    permission=NO_PERMISSION_REQUIRED,
    require_csrf=False,  # no cookie is looked at and none is set
    facts={"answer": TOKEN, "body": CREDENTIALS, "problems": (401, 403, 429), "tag": "sign-in"},
)
def login(context: Site | LanguageRoot, request: Request) -> dict[str, Any] | Response:
    """Give a token; a refusal is returned, not raised, because the attempt must be counted."""
    sent = demand_json(request)
    wrong = dict(problems_of(CREDENTIALS, sent))
    if wrong:
        raise InvalidInput(_("Some fields need mending."), wrong)
    sign_in, origin = request.find_service(SignIn), origin_of(request)
    person = sign_in.prove_program(sent["login"], sent["password"], sent.get("code"), origin)
    if isinstance(person, Refusal):
        return _refused(request, person)
    if sign_in.owes_second_factor(person, request.settings.second_factor_for):
        return problem(request, 403, OWED)
    tokens = request.find_service(Tokens)
    return _told(request, tokens.begin(person.id, request.user_agent or ""))


@operation(
    "POST",
    "/@login-renew",
    "Get a new token for the one in use, which ends",
    context=Site,
    name="@login-renew",
    permission=NO_PERMISSION_REQUIRED,
    facts={"answer": TOKEN, "problems": (401, 409), "tag": "sign-in"},
)
@operation(
    "POST",
    "/{language}/@login-renew",
    "Get a new token for the one in use, which ends",
    context=LanguageRoot,
    name="@login-renew",
    permission=NO_PERMISSION_REQUIRED,
    facts={"answer": TOKEN, "problems": (401, 409), "tag": "sign-in"},
)
def renew(context: Site | LanguageRoot, request: Request) -> dict[str, Any]:
    """Give a new token."""
    return _told(request, request.find_service(Tokens).renew(_bearer(request).token_id))


@operation(
    "POST",
    "/@logout",
    "End the token in use",
    context=Site,
    name="@logout",
    permission=NO_PERMISSION_REQUIRED,
    facts={"status": 204, "problems": (401,), "tag": "sign-in"},
)
@operation(
    "POST",
    "/{language}/@logout",
    "End the token in use",
    context=LanguageRoot,
    name="@logout",
    permission=NO_PERMISSION_REQUIRED,
    facts={"status": 204, "problems": (401,), "tag": "sign-in"},
)
def logout(context: Site | LanguageRoot, request: Request) -> Response:
    """End it."""
    bearer = _bearer(request)
    request.find_service(Tokens).end(bearer.visitor.person_id, bearer.token_id)
    return Response(status=204)


def _refused(request: Request, refusal: Refusal) -> Response:
    answer = problem(request, 429 if refusal.wait else 401, refusal.reason)
    if refusal.wait:
        answer.headers["Retry-After"] = str(int(refusal.wait.total_seconds()) + 1)
    return answer


def _bearer(request: Request) -> Any:
    if request.bearer is None:
        raise NotSignedIn(_("Send the token in the header Authorization."))
    return request.bearer


def _told(request: Request, issued: Issued) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    return {"token": issued.secret, "expires": issued.token.expires.isoformat()}
