"""Signing in and out, and "my account"."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import exception_view_config, view_config

from bibliopolis.accounts.frame import sign_in_url
from bibliopolis.accounts.identity import forget, origin_of, token_of
from bibliopolis.accounts.panels import show_panels
from bibliopolis.accounts.presenters import role_lines
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.second_step_views import (
    begin_second_step,
    lead_to_second_factor,
    let_in,
)
from bibliopolis.accounts.services import People
from bibliopolis.accounts.sign_in import Refusal, SecondStep, SignIn
from bibliopolis.frame import Link
from bibliopolis.given_back import given_back, page_of_the_form
from bibliopolis.i18n import LANGUAGES, _
from bibliopolis.negotiation import LANGUAGE_COOKIE
from bibliopolis.problems import problem, wants_json
from bibliopolis.resources.access import Permission
from bibliopolis.resources.traversal import LanguageRoot
from bibliopolis.view_settings import keep_choice, local_path


@view_config(
    context=AccountRoom,
    name="sign-in",
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="accounts/sign_in.pt",
)
def show_sign_in(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Show the form, unless nobody needs it."""
    came_from = local_path(request.GET.get("came_from"), request.address(context))
    if request.visitor is not None:
        return HTTPSeeOther(location=came_from)
    return {"came_from": came_from, "name": "", "refusal": None}


@view_config(
    context=AccountRoom,
    name="sign-in",
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="accounts/sign_in.pt",
)
def sign_in(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Try the name and the password; a refusal is counted, so it is an answer, not an error."""
    service = request.find_service(SignIn)
    name, password = request.POST.get("name", ""), request.POST.get("password", "")
    came_from = local_path(request.POST.get("came_from"), request.address(context))
    answer = service.sign_in(name, password, request.user_agent or "", origin_of(request))
    if isinstance(answer, SecondStep):
        return begin_second_step(context, request, answer, came_from)
    if isinstance(answer, Refusal):
        request.response.status_int = 400
        return {"came_from": came_from, "name": name, "refusal": answer.reason}
    return let_in(request, answer, came_from)


@view_config(
    context=AccountRoom,
    name="sign-out",
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
)
def sign_out(context: AccountRoom, request: Request) -> HTTPSeeOther:
    """Close this browser's session and show the front page."""
    if token := token_of(request):
        request.find_service(SignIn).sign_out(token)
    response = HTTPSeeOther(location=request.address(_language_root(context)))
    forget(request, response)
    return response


@view_config(
    context=AccountRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="accounts/account.pt",
)
def show_account(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show what belongs to the person: panels of other rooms, then their own particulars."""
    panels = show_panels(request, "account")
    return {
        "person": request.visitor,
        "panels": [panel for panel in panels if not panel.side],
        "side_panels": [panel for panel in panels if panel.side],
        "roles": role_lines(request, request.visitor.grants),
        "languages": [LANGUAGES[tag] for tag in request.settings.languages],
    }


@view_config(
    context=AccountRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    accept="application/json",
    renderer="json",
)
def account_as_json(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Tell a program who it is signed in as."""
    visitor = request.visitor
    return {
        "@id": request.address(context, absolute=True),
        "@type": "Account",
        "fullname": visitor.name,
        "email": visitor.email,
        "language": visitor.language,
        "roles": [
            {"role": grant.role, "scope": grant.scope}
            for grant in sorted(visitor.grants, key=lambda grant: (grant.role, grant.scope))
        ],
    }


@view_config(
    context=AccountRoom,
    name="choose-language",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
)
def choose_language(context: AccountRoom, request: Request) -> HTTPSeeOther:
    """Remember the language, in the account for mail and in the browser for the front page."""
    people = request.find_service(People)
    language = request.POST.get("language", "")
    people.choose_language(people.by_id(request.principals.person_id), language)
    site = _language_root(context).__parent__
    if language not in request.settings.languages:
        language = request.language
    response = HTTPSeeOther(location=request.address(site[language]["account"]))
    keep_choice(request, response, LANGUAGE_COOKIE, language)
    return response


@exception_view_config(HTTPForbidden)
def ask_to_sign_in(error: HTTPForbidden, request: Request) -> Response:
    """Lead a visitor who is nobody yet to the form; tell everybody else that they may not."""
    known = request.principals.person_id is not None
    if not known and wants_json(request):
        return problem(request, 401)
    if known and request.owes_second_factor:
        return lead_to_second_factor(request)
    if known:
        return problem(request, 403)
    if request.method not in {"GET", "HEAD"}:
        return _signed_out_meanwhile(request)
    return HTTPSeeOther(location=sign_in_url(request), headers={"Cache-Control": "no-store"})


def _signed_out_meanwhile(request: Request) -> Response:
    """Lead somebody whose form was sent after their session had ended to signing in and back.

    What they wrote is on this page, which stays open: the way to sign in opens in another tab.
    """
    back = given_back(request)
    page = page_of_the_form(request)
    there = f"{request.frame.home}/account/sign-in"
    if page is not None:
        there += f"?{urlencode({'came_from': page})}"
    if back.texts:
        way = Link(_("Sign in (opens in a new tab)"), there, new_tab=True)
        advice = _("Sign in, come back to this page, and send what you wrote again.")
        if not back.is_whole:
            advice = _("Copy what you wrote, sign in, and send it again.")
    else:
        way = Link(_("Sign in"), there)
        advice = _("Sign in, and do it again.")
    said = _("You are not signed in, or not any more: nothing was changed.")
    return problem(request, 401, said, advice=advice, ways=(way,), again=bool(back.texts))


def _language_root(context: AccountRoom) -> LanguageRoot:
    root: LanguageRoot = context.__parent__
    return root
