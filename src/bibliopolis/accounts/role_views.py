"""Giving roles and taking them away: the same for a person and for a group."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.view import view_config

from bibliopolis.accounts.groups import Groups
from bibliopolis.accounts.models import Person, PersonGroup
from bibliopolis.accounts.people_views import changed, sent_id
from bibliopolis.accounts.resources import GroupPage, PersonPage
from bibliopolis.accounts.roles import Roles
from bibliopolis.accounts.scopes import chosen_scope
from bibliopolis.accounts.services import People
from bibliopolis.frame import flash
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission


@view_config(context=GroupPage, name="grant", permission=Permission.MANAGE, request_method="POST")
@view_config(context=PersonPage, name="grant", permission=Permission.MANAGE, request_method="POST")
def grant_role(context: PersonPage | GroupPage, request: Request) -> HTTPSeeOther:
    """Let the person or the group hold a role."""
    role, scope = request.POST.get("role", ""), chosen_scope(request)
    request.find_service(Roles).grant(_holder(context, request), role, scope)
    flash(request, _("The role has been granted."))
    return HTTPSeeOther(location=request.address(context))


@view_config(context=GroupPage, name="revoke", permission=Permission.MANAGE, request_method="POST")
@view_config(context=PersonPage, name="revoke", permission=Permission.MANAGE, request_method="POST")
def revoke_role(context: PersonPage | GroupPage, request: Request) -> HTTPSeeOther:
    """Take a role from the person or the group."""
    holder, grant_id = _holder(context, request), sent_id(request, "grant")
    return changed(
        context,
        request,
        lambda: request.find_service(Roles).revoke(holder, grant_id),
        _("The role has been taken away."),
    )


def _holder(context: PersonPage | GroupPage, request: Request) -> Person | PersonGroup:
    if isinstance(context, GroupPage):
        return request.find_service(Groups).by_id(context.group_id)
    return request.find_service(People).by_id(context.person_id)
