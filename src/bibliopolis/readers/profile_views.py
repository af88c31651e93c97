"""``account/profile``: one's own particulars, and what the libraries may remember."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.models import Person
from bibliopolis.accounts.resources import AccountRoom
from bibliopolis.accounts.services import People
from bibliopolis.errors import InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.services import Libraries
from bibliopolis.parts import problems_of
from bibliopolis.resources.access import Permission

from .models import Reader
from .services import Profile, Readers

FIELDS = {
    "name": _("First and last name"),
    "phone": _("Telephone"),
    "address": _("Address"),
    "home": _("Home library"),
}


@view_config(
    context=AccountRoom,
    name="profile",
    permission=Permission.USE_ACCOUNT,
    request_method="GET",
    renderer="readers/profile.pt",
)
def show_profile(context: AccountRoom, request: Request) -> dict[str, Any]:
    """Show what the libraries know of the person, with the forms that change it."""
    return _page(context, request)


@view_config(
    context=AccountRoom,
    name="profile",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="readers/profile.pt",
)
def change_profile(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Keep what was changed."""
    person, reader = _who(request)
    sent = dict(request.POST)
    try:
        request.find_service(Profile).change(person, reader, sent)
    except InvalidInput as error:
        request.response.status_int = 400
        return _page(context, request, sent, error.errors)
    flash(request, _("Your particulars are saved."))
    return HTTPSeeOther(location=request.address(context, "profile"))


@view_config(
    context=AccountRoom,
    name="reading-history",
    permission=Permission.USE_ACCOUNT,
    request_method="POST",
    renderer="readers/forget_history.pt",
)
def choose_history(context: AccountRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Switch the reading history on, or off; what would be forgotten is told first."""
    _person, reader = _who(request)
    if reader is None:
        raise HTTPNotFound()
    profile, keep = request.find_service(Profile), request.POST.get("keep") == "yes"
    kept = 0 if keep else profile.kept_loans(reader)
    if kept and request.POST.get("sure") != "yes":
        return {
            "crumbs": _crumbs(context, request),
            "question": _n(
                "${n} book of your reading history will be forgotten.",
                "${n} books of your reading history will be forgotten.",
                kept,
            ),
            "back": request.address(context, "profile"),
        }
    profile.keep_history(reader, keep)
    flash(
        request,
        _("What you borrow from now on is kept in your reading history.")
        if keep
        else _("Your reading history is off, and nothing of it is left."),
    )
    return HTTPSeeOther(location=request.address(context, "profile"))


def _page(
    context: AccountRoom,
    request: Request,
    sent: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    request.response.cache_control.no_store = True
    person, reader = _who(request)
    libraries = request.find_service(Libraries)
    values = {"name": person.name}
    if reader is not None:
        home = libraries.by_id.get(reader.home_library_id)
        values = {
            "name": reader.name,
            "phone": reader.phone,
            "address": reader.address,
            "home": home.code if home else "",
        }
    if sent is not None:
        typed = {name: sent[name] for name in FIELDS if isinstance(sent.get(name), str)}
        values = {**values, **typed}
    return {
        "crumbs": _crumbs(context, request),
        "person": person,
        "reader": reader,
        "may_rename": request.find_service(Profile).may_rename(reader),
        "values": values,
        "errors": errors or {},
        "problems": problems_of(errors or {}, FIELDS),
        "libraries": [(one.code, one.name_in(request.language)) for one in libraries.all()],
    }


def _crumbs(context: AccountRoom, request: Request) -> list[tuple[Any, str | None]]:
    return [(_("My account"), request.address(context)), (_("Particulars and privacy"), None)]


def _who(request: Request) -> tuple[Person, Reader | None]:
    person_id = request.principals.person_id
    person = request.find_service(People).by_id(person_id)
    return person, request.find_service(Readers).of_person(person_id)
