"""``staff/people``: who has an account, and which roles they hold, by themselves or by a group."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.groups import Groups
from bibliopolis.accounts.presenters import person_lines, role_choices
from bibliopolis.accounts.resources import PeopleRoom, PersonPage, SiteWide
from bibliopolis.accounts.roles import Roles
from bibliopolis.accounts.scopes import scope_fields
from bibliopolis.accounts.second_factor import SecondFactors
from bibliopolis.accounts.services import People
from bibliopolis.accounts.sessions import Sessions
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import LANGUAGES, _, _n
from bibliopolis.parameters import offset, pager, row_id
from bibliopolis.resources.access import STAFF_ROLES, Permission

PAGE = 50
MOST_GROUPS = 500


@view_config(
    context=PeopleRoom,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/people.pt",
)
def list_people(context: PeopleRoom, request: Request) -> dict[str, Any]:
    """List people with their roles, a page at a time."""
    text = request.GET.get("q", "").strip()
    role = request.GET.get("role", "")
    group_id = row_id(request.GET.get("group", ""))
    total, people = request.find_service(People).page(
        text, offset(request, PAGE), PAGE, role if role in STAFF_ROLES else None, group_id
    )
    places = request.scope_titles
    groups = request.find_service(Roles).groups_of(person.id for person in people)
    _total, choices = request.find_service(Groups).page(limit=MOST_GROUPS)
    return {
        "people": [
            (
                person,
                request.address(context, str(person.id)),
                person_lines(person, groups.get(person.id, ()), places),
            )
            for person in people
        ],
        "total": _n("${n} person", "${n} people", total),
        "text": text,
        "role": role,
        "group_id": group_id,
        "roles": role_choices(),
        "groups": [(group.id, group.name) for group, _members in choices],
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=PeopleRoom,
    name="add",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/add_person.pt",
)
def show_add_person(context: PeopleRoom, request: Request) -> dict[str, Any]:
    """Show the form for a new account."""
    return _add_form(request, {"language": request.language}, {})


@view_config(
    context=PeopleRoom,
    name="add",
    permission=Permission.MANAGE,
    request_method="POST",
    renderer="accounts/add_person.pt",
)
def add_person(context: PeopleRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Open an account and go on to its roles."""
    fields = ("name", "email", "password", "language")
    values = {name: request.POST.get(name, "") for name in fields}
    try:
        person = request.find_service(People).create(**values)
    except InvalidInput as error:
        request.response.status_int = 400
        return _add_form(request, values, error.errors)
    flash(request, _("The account has been opened."))
    return HTTPSeeOther(location=request.address(context, str(person.id)))


@view_config(
    context=PersonPage,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/person.pt",
)
def show_person(context: PersonPage, request: Request) -> dict[str, Any]:
    """Show a person with the forms that grant and revoke roles."""
    person = request.find_service(People).by_id(context.person_id)
    groups = request.find_service(Roles).groups_of([person.id]).get(person.id, [])
    fields = scope_fields(request)
    return {
        "person": person,
        "url": request.address(context),
        "no_role": _("No role: this person may do what every signed in person may."),
        "groups": groups,
        "roles": person_lines(person, groups, request.scope_titles),
        "factor_since": request.find_service(SecondFactors).since(person.id),
        "choices": role_choices(),
        "scope_fields": fields,
        "people_url": request.address(context.__parent__),
        "groups_url": f"{request.frame.home}/staff/groups",
        "audit_url": f"{request.frame.home}/staff/audit?{urlencode({'who': person.email})}",
    }


@view_config(
    context=PersonPage,
    name="reset-second-factor",
    permission=Permission.MANAGE,
    request_method="POST",
)
def reset_second_factor(context: PersonPage, request: Request) -> HTTPSeeOther:
    """Switch the second step off for somebody who has lost it; they are signed out everywhere."""
    person = request.find_service(People).by_id(context.person_id)

    def reset() -> None:
        # Whoever found an administrator signed in must not get rid of it without a code.
        if person.id == request.principals.person_id:
            raise Conflict(_("Switch off your own second step in your account."))
        request.find_service(SecondFactors).reset(person)
        request.find_service(Sessions).end_all(person.id, programs=True)

    return changed(context, request, reset, _("The second step has been reset."))


@view_config(context=PersonPage, name="close", permission=Permission.MANAGE, request_method="POST")
def close_account(context: PersonPage, request: Request) -> HTTPSeeOther:
    """Close the account or open it again."""
    people = request.find_service(People)
    disabled = request.POST.get("disabled") == "yes"
    said = _("The account has been closed.") if disabled else _("The account is open again.")
    return changed(
        context,
        request,
        lambda: people.set_disabled(people.by_id(context.person_id), disabled),
        said,
    )


def _add_form(request: Request, values: dict[str, Any], errors: dict[str, Any]) -> dict[str, Any]:
    languages = [LANGUAGES[tag] for tag in request.settings.languages]
    return {"values": values, "errors": errors, "languages": languages}


def sent_id(request: Request, name: str) -> int:
    """Return the id that a button sends."""
    number = row_id(request.POST.get(name, ""))
    if number is None:
        raise HTTPNotFound()
    return number


def changed(context: SiteWide, request: Request, change: Any, said: Any) -> HTTPSeeOther:
    """Try a change and say on the page what came of it."""
    # A refusal changed nothing, so the page can simply say it.
    try:
        change()
        flash(request, said)
    except Conflict as error:
        flash(request, error.reason, "bad")
    return HTTPSeeOther(location=request.address(context))
