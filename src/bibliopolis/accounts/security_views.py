"""``account/security``: the address, the password, and where one is signed in."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.identity import origin_of, token_of
from bibliopolis.accounts.models import Person, SignedInSession
from bibliopolis.accounts.recovery import AddressChange, NewPasswords
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.services import People
from bibliopolis.accounts.sessions import Sessions, browser_name
from bibliopolis.accounts.sign_in import SignIn
from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

PAGE = 20
FIELDS = {
    "old_password": _("Present password"),
    "new_password": _("New password"),
    "new_email": _("New address"),
    "address_password": _("Password"),
}


@view_config(
    context=AccountRoom,
    name="security",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="accounts/security.pt",
)
def show_security(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show what protects the account, with the forms that change it."""
    return security_page(context, request)


@view_config(
    context=AccountRoom,
    name="change-password",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/security.pt",
)
def change_password(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Change the password and end the person's sessions elsewhere."""
    person = _person(request)
    old, new = request.POST.get("old_password", ""), request.POST.get("new_password", "")
    refused = request.find_service(SignIn).check_again(person, old, origin_of(request))
    if refused is not None:
        return _wrong(context, request, {"old_password": refused})
    try:
        request.find_service(NewPasswords).change(person, new, token_of(request) or "")
    except InvalidInput as error:
        return _wrong(context, request, error.errors)
    return _done(context, request, _("Your password has been changed."))


@view_config(
    context=AccountRoom,
    name="change-address",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/security.pt",
)
def change_address(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Write to the new address; nothing changes before its owner confirms it."""
    person = _person(request)
    password, email = request.POST.get("address_password", ""), request.POST.get("new_email", "")
    refused = request.find_service(SignIn).check_again(person, password, origin_of(request))
    if refused is not None:
        return _wrong(context, request, {"address_password": refused}, email)
    try:
        request.find_service(AddressChange).ask(person, email)
    except InvalidInput as error:
        return _wrong(context, request, error.errors, email)
    said = _(
        "We have written to ${email}. Open the link in the letter to confirm the address.",
        mapping={"email": email.strip()},
    )
    return _done(context, request, said)


@view_config(
    context=AccountRoom,
    name="end-session",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
)
def end_session(context: AccountRoom, request: Request) -> HTTPSeeOther:
    """End one of the person's sessions."""
    session_id = row_id(request.POST.get("session", ""))
    if session_id is None:
        raise HTTPNotFound()
    request.find_service(Sessions).end(request.principals.person_id, session_id)
    return _done(context, request, _("You are signed out there."))


@view_config(
    context=AccountRoom,
    name="end-other-sessions",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
)
def end_other_sessions(context: AccountRoom, request: Request) -> HTTPSeeOther:
    """End all the person's sessions but this one."""
    sessions = request.find_service(Sessions)
    sessions.end_all(request.principals.person_id, but=token_of(request) or "")
    return _done(context, request, _("You are signed out everywhere else."))


def security_page(
    context: AccountRoom,
    request: Request,
    errors: dict[str, Any] | None = None,
    new_email: str = "",
) -> dict[str, Any]:
    """Return what the page shows; ``errors`` by the names of its fields."""
    start = offset(request, PAGE)
    total, sessions = request.find_service(Sessions).page(request.principals.person_id, start, PAGE)
    return {
        "crumbs": [(_("My account"), request.address(context)), (_("Sign-in and security"), None)],
        "person": request.visitor,
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
        "new_email": new_email,
        "sessions": [_line(request, session) for session in sessions],
        "others": total > 1,
        "pager": pager(request, total, PAGE),
    }


def _line(request: Request, session: SignedInSession) -> dict[str, Any]:
    return {
        "id": session.id,
        "here": session.id == request.visitor.session_id,
        "browser": browser_name(session.browser) or _("Unknown browser"),
        "place": _("in a library") if session.in_library else _("elsewhere"),
        "created": session.created,
        "last_used": session.last_used,
    }


def _person(request: Request) -> Person:
    return request.find_service(People).by_id(request.principals.person_id)


def _wrong(
    context: AccountRoom, request: Request, errors: dict[str, Any], new_email: str = ""
) -> dict[str, Any]:
    request.response.status_int = 400
    return security_page(context, request, errors, new_email)


def _done(context: AccountRoom, request: Request, said: Any) -> HTTPSeeOther:
    flash(request, said)
    return HTTPSeeOther(location=request.address(context, "security"))
