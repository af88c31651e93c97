"""``account/second-factor``: signing in in two steps, set up and switched off by the person."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.identity import origin_of, token_of
from bibliopolis.accounts.models import Person
from bibliopolis.accounts.presenters import ROLE_TITLES
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.second_factor import CODES, ISSUER, NewKey, SecondFactors, grouped
from bibliopolis.accounts.services import People
from bibliopolis.accounts.sessions import Sessions
from bibliopolis.accounts.sign_in import SignIn
from bibliopolis.errors import ConfigurationError, InvalidInput, NotAllowed
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parts import problems_of
from bibliopolis.qr import qr_path
from bibliopolis.resources.access import STAFF_ROLES, Permission, Role, permission_map
from bibliopolis.resources.traversal import MountedRoom
from bibliopolis.view_settings import local_path

FIELDS = {
    "password": _("Password"),
    "code": _("Code of the app"),
    "off_password": _("Password"),
    "off_code": _("Code of the app, or a recovery code"),
    "renew_password": _("Password"),
    "renew_code": _("Code of the app, or a recovery code"),
}


class SecondFactorRoom(MountedRoom):
    """The second step of a person's own account."""

    permissions = permission_map(use_account=[Role.SIGNED_IN])

    def __init__(self, parent: AccountRoom, request: Request) -> None:
        super().__init__(parent, request, "second-factor")


@view_config(
    context=SecondFactorRoom,
    name="",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="accounts/second_factor.pt",
)
def show_second_factor(context: SecondFactorRoom, request: Request) -> dict[str, Any]:
    """Say how things stand, with the forms that change it."""
    return _page(context, request)


@view_config(
    context=SecondFactorRoom,
    name="begin",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/second_factor.pt",
)
def begin(context: SecondFactorRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Make a key for the app, for somebody who shows the password again."""
    person = _person(request)
    if refused := _wrong_password(request, person, "password"):
        return _wrong(context, request, refused)
    request.find_service(SecondFactors).begin(person)
    came_from = request.POST.get("came_from", "")
    query = {"came_from": came_from} if came_from else {}
    return HTTPSeeOther(location=request.address(context, query=query))


@view_config(
    context=SecondFactorRoom,
    name="confirm",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/second_factor.pt",
)
def confirm(context: SecondFactorRoom, request: Request) -> dict[str, Any]:
    """Switch it on by a first code, and show the recovery codes, the only time."""
    person = _person(request)
    try:
        codes = request.find_service(SecondFactors).confirm(person, request.POST.get("code", ""))
    except InvalidInput as error:
        return _wrong(context, request, error.errors)
    # Sessions that were begun with the password alone end.
    request.find_service(Sessions).end_all(person.id, but=token_of(request) or "")
    return _page(context, request, codes=codes)


@view_config(
    context=SecondFactorRoom,
    name="renew-codes",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/second_factor.pt",
)
def renew_codes(context: SecondFactorRoom, request: Request) -> dict[str, Any]:
    """Show new recovery codes, the only time, to somebody who shows password and code."""
    person = _person(request)
    if refused := _not_proved(request, person, "renew"):
        return _wrong(context, request, refused)
    codes = request.find_service(SecondFactors).renew_codes(person)
    return _page(context, request, codes=codes)


@view_config(
    context=SecondFactorRoom,
    name="switch-off",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="accounts/second_factor.pt",
)
def switch_off(context: SecondFactorRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Switch it off for somebody who shows password and code."""
    person = _person(request)
    if refused := _not_proved(request, person, "off"):
        return _wrong(context, request, refused)
    request.find_service(SecondFactors).switch_off(person)
    flash(request, _("The second step is switched off: the password is enough again."))
    return HTTPSeeOther(location=request.address(context))


def _person(request: Request) -> Person:
    # A token that came into wrong hands must not be able to keep its owner out.
    if request.bearer is not None:
        raise NotAllowed(_("A program cannot change how its person signs in."))
    return request.find_service(People).by_id(request.principals.person_id)


def _wrong_password(request: Request, person: Person, field: str) -> dict[str, Any]:
    sign_in, password = request.find_service(SignIn), request.POST.get(field, "")
    refused = sign_in.check_again(person, password, origin_of(request))
    return {} if refused is None else {field: refused}


def _not_proved(request: Request, person: Person, form: str) -> dict[str, Any]:
    """Return what is wrong with the password, else with the code: it is used up."""
    if refused := _wrong_password(request, person, f"{form}_password"):
        return refused
    code = request.POST.get(f"{form}_code", "")
    refusal = request.find_service(SignIn).prove_code(person, code, origin_of(request))
    return {} if refusal is None else {f"{form}_code": refusal.reason}


def _wrong(context: SecondFactorRoom, request: Request, errors: dict[str, Any]) -> dict[str, Any]:
    request.response.status_int = 400
    return _page(context, request, errors)


def _page(
    context: SecondFactorRoom,
    request: Request,
    errors: dict[str, Any] | None = None,
    codes: list[str] | None = None,
) -> dict[str, Any]:
    # Keys and codes stay in no cache.
    request.response.cache_control.no_store = True
    factors = request.find_service(SecondFactors)
    person = _person(request)
    since = factors.since(person.id)
    key = None if since else factors.new_key(person, request.translate(ISSUER))
    asked = request.params.get("came_from")
    left = factors.codes_left(person.id)
    return {
        "url": request.address(context),
        "crumbs": [
            (_("My account"), request.address(context.__parent__)),
            (_("Sign-in and security"), request.address(context.__parent__, "security")),
            (_("Two-step sign-in"), None),
        ],
        "since": since,
        "key": _shown(key) if key else None,
        "codes": codes,
        "left": _n("${n} recovery code is left.", "${n} recovery codes are left.", left),
        "few": left < CODES // 3,
        "required_for": _required_for(request),
        "came_from": local_path(asked, "") if asked else "",
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
        "email": person.email,
    }


def _shown(key: NewKey) -> dict[str, Any]:
    path, size = qr_path(key.uri)
    return {"uri": key.uri, "text": " ".join(grouped(key.key)), "path": path, "size": size}


def _required_for(request: Request) -> list[Any]:
    required = request.settings.second_factor_for
    held = {grant.role for grant in request.visitor.grants}
    return [ROLE_TITLES[role] for role in required if role in held]


def includeme(config: Configurator) -> None:
    """Put the page below "my account"; refuse to start with roles that nobody can hold."""
    for role in config.registry["bibliopolis.settings"].second_factor_for:
        if role not in STAFF_ROLES:
            raise ConfigurationError(
                "settings",
                None,
                f"bibliopolis.second_factor_for names {role}; roles that are granted are "
                + ", ".join(sorted(STAFF_ROLES)),
            )
    config.add_account_page("second-factor", SecondFactorRoom)
    config.scan(__name__)
