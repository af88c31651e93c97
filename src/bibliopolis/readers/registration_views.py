"""Becoming a reader on the site: the form, the link of the letter, and children of readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from bibliopolis.accounts.attempts import Attempts, too_many
from bibliopolis.accounts.identity import origin_of, remember
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.services import People
from bibliopolis.accounts.sign_in import SignIn
from bibliopolis.accounts.tokens import hash_of
from bibliopolis.accounts.used_links import when_used
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.frame import my_library
from bibliopolis.libraries.services import Libraries
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .categories import ReaderPolicy
from .models import Reader
from .services import Joining, Readers

FORMS_AN_HOUR = 20
FORMS_AN_HOUR_IN_LIBRARY = 500
PASSWORDS_A_LINK = 10
FIELDS = {
    "name": _("First and last name"),
    "born": _("Day of birth"),
    "email": _("E-mail"),
    "password": _("Password"),
    "home": _("Home library"),
    "rules": _("Rules of the libraries"),
    "privacy": _("Personal data"),
}


def account_is_open(context: AccountRoom, request: Request, used: Any) -> HTTPSeeOther:
    """Lead on whoever opens a link that has opened an account already."""
    if request.visitor is not None:
        flash(request, _("This link has done its work: your account is open."), "info")
        return HTTPSeeOther(location=request.address(context))
    said = _("This link has done its work: your account is open. Sign in with your password.")
    flash(request, said, "info")
    return HTTPSeeOther(location=request.address(context, "sign-in"))


@view_config(
    context=AccountRoom,
    name="register",
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="readers/register.pt",
)
def show_register(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Show the form; a reader has what it leads to."""
    if request.principals.reader_id is not None:
        return HTTPSeeOther(location=request.address(context))
    home = my_library(request)
    known = request.visitor
    values = {"name": known.name if known else "", "home": home.code if home else ""}
    return _form(request, values)


@view_config(
    context=AccountRoom,
    name="register",
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="readers/register.pt",
)
def register(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Write to the address; for an account that is signed in, begin at once."""
    sent, joining = dict(request.POST), request.find_service(Joining)
    if (refusal := _too_often(request)) is not None:
        return _wrong(request, sent, refusal=refusal)
    try:
        if request.visitor is not None:
            person = request.find_service(People).by_id(request.visitor.person_id)
            joining.become_reader(person, sent)
            flash(request, _("You are a reader now: this number serves as your card."))
            return HTTPSeeOther(location=request.address(context))
        email = joining.ask(sent, request.language)
    except InvalidInput as error:
        return _wrong(request, sent, error.errors)
    said = _(
        "We have written to ${email}. Open the link in the letter to get your card.",
        mapping={"email": email},
    )
    flash(request, said, "info")
    return HTTPSeeOther(location=request.address(context, "sign-in"))


@view_config(
    context=AccountRoom,
    name="confirm-registration",
    decorator=when_used(account_is_open),
    permission=NO_PERMISSION_REQUIRED,
    request_method="GET",
    renderer="readers/confirm_registration.pt",
)
def show_confirm(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show whom the link makes a reader, and ask for the password."""
    return _password_form(request)


@view_config(
    context=AccountRoom,
    name="confirm-registration",
    decorator=when_used(account_is_open),
    permission=NO_PERMISSION_REQUIRED,
    request_method="POST",
    renderer="readers/confirm_registration.pt",
)
def confirm(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Open the account, sign in and show the card."""
    token, attempts = token_of(request), request.find_service(Attempts)
    wait = attempts.allow("registration", hash_of(token), PASSWORDS_A_LINK)
    if wait is not None:
        request.response.status_int = 400
        return _password_form(request, too_many(wait))
    try:
        person = request.find_service(Joining).confirm(token, request.POST.get("password", ""))
    except InvalidInput as error:
        request.response.status_int = 400
        return _password_form(request, error.errors["password"])
    signed_in = request.find_service(SignIn).open_session(
        person, request.user_agent or "", origin_of(request)
    )
    response = HTTPSeeOther(location=request.address(context))
    remember(request, response, signed_in)
    flash(request, _("Your account is open. This number serves as your card."))
    return response


@view_config(
    context=AccountRoom,
    name="register-child",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="readers/register_child.pt",
)
def show_register_child(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show the form to a grown-up reader."""
    home = request.find_service(Libraries).by_id.get(_guardian(request).home_library_id)
    return _form(request, {"home": home.code if home else ""})


@view_config(
    context=AccountRoom,
    name="register-child",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="readers/register_child.pt",
)
def register_child(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Write the child down; a desk sees a document and gives a card that lasts."""
    sent, guardian = dict(request.POST), _guardian(request)
    if (refusal := _too_often(request)) is not None:
        return _wrong(request, sent, refusal=refusal)
    try:
        child = request.find_service(Joining).bring_child(guardian, sent)
    except InvalidInput as error:
        return _wrong(request, sent, error.errors)
    said = _(
        "${name} is registered. Bring a document to any library desk to finish it.",
        mapping={"name": child.name},
    )
    flash(request, said)
    return HTTPSeeOther(location=request.address(context))


def _guardian(request: Request) -> Reader:
    reader = request.find_service(Readers).of_person(request.principals.person_id)
    if reader is None or not request.find_service(Joining).may_bring_children(reader):
        raise Conflict(
            _("A grown-up whose own registration is finished may register a child here.")
        )
    return reader


def _too_often(request: Request) -> Any | None:
    """Count a form; return why no more are read for a while."""
    wait = request.find_service(Attempts).allow_from(
        "registrations", origin_of(request), FORMS_AN_HOUR, FORMS_AN_HOUR_IN_LIBRARY
    )
    return None if wait is None else too_many(wait)


def _wrong(
    request: Request,
    sent: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
    refusal: Any = None,
) -> dict[str, Any]:
    request.response.status_int = 400
    return _form(request, sent, errors, refusal)


def _form(
    request: Request,
    values: Mapping[str, Any],
    errors: Mapping[str, Any] | None = None,
    refusal: Any = None,
) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    policy = request.find_service(ReaderPolicy)
    home = request.frame.home
    shown = {name: values.get(name, "") for name in FIELDS if name != "password"}
    return {
        "values": {name: text if isinstance(text, str) else "" for name, text in shown.items()},
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
        "refusal": refusal,
        "asks_address": request.visitor is None,
        "today": request.clock.today().isoformat(),
        "finish_note": _n(
            "You get a number that serves as a card at once. Within ${n} day show a document at "
            "any library desk and take your card.",
            "You get a number that serves as a card at once. Within ${n} days show a document at "
            "any library desk and take your card.",
            policy.finish_within.days,
        ),
        "libraries": [
            (library.code, library.name_in(request.language))
            for library in request.find_service(Libraries).all()
        ],
        "rules_url": f"{home}/{policy.rules_page}" if policy.rules_page else None,
        "privacy_url": f"{home}/{policy.privacy_page}" if policy.privacy_page else None,
    }


def _password_form(request: Request, refusal: Any = None) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    return {"wanted": request.find_service(Joining).wanted(token_of(request)), "refusal": refusal}


def token_of(request: Request) -> str:
    """Return the token of a link."""
    return "/".join(request.subpath)
