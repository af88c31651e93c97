"""Links in letters: a new password, another address. Opening one only shows what it would do."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.accounts.attempts import Attempts, too_many
from bibliopolis.accounts.devices import Devices
from bibliopolis.accounts.identity import keep_device, origin_of
from bibliopolis.accounts.recovery import AddressChange, NewPasswords
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.used_links import when_used
from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _

LETTERS_AN_HOUR = 20
LETTERS_AN_HOUR_IN_LIBRARY = 500


def _password_is_set(context: AccountRoom, request: Request, used: Any) -> HTTPSeeOther:
    said = _(
        "This link has done its work: the password or the address of the account has been changed"
        " since. Sign in with the present ones, or ask for a new link."
    )
    flash(request, said, "info")
    return HTTPSeeOther(location=request.address(context, "sign-in"))


def _address_is_changed(context: AccountRoom, request: Request, used: Any) -> HTTPSeeOther:
    said = _("This link has done its work: the address of the account has been changed.")
    flash(request, said, "info")
    own = f"person:{request.principals.person_id}" == used.subject
    return HTTPSeeOther(location=request.address(context, "security" if own else "sign-in"))


@view_config(
    context=AccountRoom,
    name="forgot-password",
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="accounts/forgot_password.pt",
)
def show_forgot_password(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Ask whose password it is."""
    return {"name": "", "refusal": None}


@view_config(
    context=AccountRoom,
    name="forgot-password",
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="accounts/forgot_password.pt",
)
def forgot_password(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Answer everybody alike; the worker finds out whether there is somebody to write to."""
    name, attempts = request.POST.get("name", "").strip(), request.find_service(Attempts)
    wait = attempts.allow_from(
        "letters", origin_of(request), LETTERS_AN_HOUR, LETTERS_AN_HOUR_IN_LIBRARY
    )
    if wait is not None or not name:
        request.response.status_int = 400
        refusal = _("Enter your e-mail address or card number.") if wait is None else too_many(wait)
        return {"name": name, "refusal": refusal}
    request.find_service(NewPasswords).ask(name)
    said = _(
        "If there is such an account, a letter with a link is on its way to its address. "
        "It may take a few minutes."
    )
    flash(request, said, "info")
    return HTTPSeeOther(location=request.address(context, "sign-in"))


@view_config(
    context=AccountRoom,
    name="new-password",
    decorator=when_used(_password_is_set),
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="accounts/new_password.pt",
)
def show_new_password(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show the form of a link that is still good."""
    return _password_form(request, {})


@view_config(
    context=AccountRoom,
    name="new-password",
    decorator=when_used(_password_is_set),
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="accounts/new_password.pt",
)
def set_new_password(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Set the password and lead to the sign-in, from a browser that is known now."""
    new = request.POST.get("new_password", "")
    try:
        person = request.find_service(NewPasswords).set(_token(request), new)
    except InvalidInput as error:
        request.response.status_int = 400
        return _password_form(request, error.errors)
    response = HTTPSeeOther(location=request.address(context, "sign-in"))
    origin = origin_of(request)
    if not origin.in_library:
        device = request.find_service(Devices).remember(person.id, origin.device)
        keep_device(request, response, device)
    flash(request, _("Your password has been changed. Sign in with the new one."))
    return response


@view_config(
    context=AccountRoom,
    name="confirm-address",
    decorator=when_used(_address_is_changed),
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="accounts/confirm_address.pt",
)
def show_confirm_address(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show which address the link confirms."""
    request.response.cache_control.no_store = True
    return {"email": request.find_service(AddressChange).wanted(_token(request))}


@view_config(
    context=AccountRoom,
    name="confirm-address",
    decorator=when_used(_address_is_changed),
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
)
def confirm_address(context: AccountRoom, request: Request) -> HTTPSeeOther:
    """Use the new address."""
    person = request.find_service(AddressChange).confirm(_token(request))
    said = _("Your address is ${email} now.", mapping={"email": person.email})
    flash(request, said)
    page = "security" if request.principals.person_id == person.id else "sign-in"
    return HTTPSeeOther(location=request.address(context, page))


def _token(request: Request) -> str:
    return "/".join(request.subpath)


def _password_form(request: Request, errors: dict[str, Any]) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    owner = request.find_service(NewPasswords).owner(_token(request))
    return {"email": owner.email, "errors": errors}
