"""``staff/groups``: groups, who belongs to them, and the roles they hold."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.groups import Groups
from bibliopolis.accounts.people_views import changed, sent_id
from bibliopolis.accounts.presenters import held_lines, role_choices
from bibliopolis.accounts.resources import GroupPage, GroupsRoom
from bibliopolis.accounts.scopes import scope_fields
from bibliopolis.accounts.services import People
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.frame import flash
from bibliopolis.i18n import _, _n
from bibliopolis.parameters import offset, pager
from bibliopolis.resources.access import Permission

PAGE = 50
FOUND = 10


@view_config(
    context=GroupsRoom,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/groups.pt",
)
def list_groups(context: GroupsRoom, request: Request) -> dict[str, Any]:
    """List groups with their roles, a page at a time."""
    text = request.GET.get("q", "").strip()
    total, groups = request.find_service(Groups).page(text, offset(request, PAGE), PAGE)
    places = request.scope_titles
    return {
        "groups": [
            (
                group,
                request.address(context, str(group.id)),
                _n("${n} person", "${n} people", members),
                held_lines(group.grants, places),
            )
            for group, members in groups
        ],
        "total": _n("${n} group", "${n} groups", total),
        "text": text,
        "pager": pager(request, total, PAGE),
    }


@view_config(
    context=GroupsRoom,
    name="add",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/add_group.pt",
)
def show_add_group(context: GroupsRoom, request: Request) -> dict[str, Any]:
    """Show the form for a new group."""
    return {"name": "", "errors": {}}


@view_config(
    context=GroupsRoom,
    name="add",
    permission=Permission.MANAGE,
    request_method="POST",
    renderer="accounts/add_group.pt",
)
def add_group(context: GroupsRoom, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Make a group and go on to its roles and members."""
    name = request.POST.get("name", "")
    try:
        group = request.find_service(Groups).add(name)
    except InvalidInput as error:
        request.response.status_int = 400
        return {"name": name, "errors": error.errors}
    flash(request, _("The group has been made."))
    return HTTPSeeOther(location=request.address(context, str(group.id)))


@view_config(
    context=GroupPage,
    name="",
    permission=Permission.MANAGE,
    request_method="GET",
    renderer="accounts/group.pt",
)
def show_group(context: GroupPage, request: Request) -> dict[str, Any]:
    """Show a group with its roles and members, and look for people to take in."""
    return _page(context, request)


@view_config(
    context=GroupPage,
    name="rename",
    permission=Permission.MANAGE,
    request_method="POST",
    renderer="accounts/group.pt",
)
def rename_group(context: GroupPage, request: Request) -> dict[str, Any] | HTTPSeeOther:
    """Give the group another name."""
    groups, name = request.find_service(Groups), request.POST.get("name", "")
    try:
        groups.rename(groups.by_id(context.group_id), name)
    except InvalidInput as error:
        request.response.status_int = 400
        return _page(context, request, name, error.errors)
    flash(request, _("The group has been renamed."))
    return HTTPSeeOther(location=request.address(context))


@view_config(context=GroupPage, name="delete", permission=Permission.MANAGE, request_method="POST")
def delete_group(context: GroupPage, request: Request) -> HTTPSeeOther:
    """Delete the group; its members stay, without its roles."""
    groups = request.find_service(Groups)
    try:
        groups.delete(groups.by_id(context.group_id))
    except Conflict as error:
        flash(request, error.reason, "bad")
        return HTTPSeeOther(location=request.address(context))
    flash(request, _("The group has been deleted."))
    return HTTPSeeOther(location=request.address(context.__parent__))


@view_config(context=GroupPage, name="take-in", permission=Permission.MANAGE, request_method="POST")
def take_in(context: GroupPage, request: Request) -> HTTPSeeOther:
    """Let a person belong to the group."""
    groups = request.find_service(Groups)
    person = request.find_service(People).by_id(sent_id(request, "person"))
    groups.join(groups.by_id(context.group_id), person)
    said = _("${name} belongs to the group now.", mapping={"name": person.name})
    flash(request, said)
    return HTTPSeeOther(location=request.address(context))


@view_config(
    context=GroupPage, name="take-out", permission=Permission.MANAGE, request_method="POST"
)
def take_out(context: GroupPage, request: Request) -> HTTPSeeOther:
    """Let a person belong to the group no more."""
    groups = request.find_service(Groups)
    person = request.find_service(People).by_id(sent_id(request, "person"))
    group = groups.by_id(context.group_id)
    return changed(
        context,
        request,
        lambda: groups.leave(group, person),
        _("${name} belongs to the group no more.", mapping={"name": person.name}),
    )


def _page(
    context: GroupPage,
    request: Request,
    name: str | None = None,
    errors: dict[str, Any] | None = None,
) -> dict[str, Any]:
    groups = request.find_service(Groups)
    group = groups.by_id(context.group_id)
    total, members = groups.members(group, offset(request, PAGE), PAGE)
    fields = scope_fields(request)
    text = request.GET.get("find", "").strip()
    count, found = (0, [])
    if text:
        start = offset(request, FOUND, "found")
        count, found = request.find_service(People).page(text, start, FOUND)
    belonging = groups.belonging(group, [person.id for person in found])
    return {
        "group": group,
        "url": request.address(context),
        "name": group.name if name is None else name,
        "errors": errors or {},
        "no_role": _("This group holds no role yet."),
        "roles": held_lines(group.grants, request.scope_titles),
        "choices": role_choices(),
        "scope_fields": fields,
        "members": members,
        "total": _n("${n} person", "${n} people", total),
        "pager": pager(request, total, PAGE),
        "text": text,
        "found": [(person, person.id in belonging) for person in found],
        "found_total": _n("${n} person found", "${n} people found", count),
        "found_pager": pager(request, count, FOUND, "found"),
        "people_url": f"{request.frame.home}/staff/people",
    }
