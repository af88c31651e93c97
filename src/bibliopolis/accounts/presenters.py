"""Words for what accounts keeps as names: roles and where they are held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyramid.request import Request

from bibliopolis.accounts.models import Person, PersonGroup, RoleGrant
from bibliopolis.i18n import _
from bibliopolis.resources.access import STAFF_ROLES, Grant, Role

ROLE_TITLES: Mapping[str, Any] = {
    Role.EVERYONE: _("Everyone"),
    Role.SIGNED_IN: _("Signed in"),
    Role.OWNER: _("Owner"),
    Role.READER: _("Reader"),
    Role.TRANSLATOR: _("Translator"),
    Role.EDITOR: _("Editor"),
    Role.REVIEWER: _("Reviewer"),
    Role.MANAGER: _("Manager"),
    Role.CONSULTANT: _("Consultant"),
    Role.LIBRARIAN: _("Librarian"),
    Role.ADMINISTRATOR: _("Administrator"),
}


@dataclass(frozen=True)
class RoleLine:
    """A role as a page shows it; ``places`` is empty for the whole site.

    ``group`` is the group by which a person holds it, None for what is their own.
    """

    role: Any
    places: tuple[Any, ...]
    grant_id: int | None = None
    group: PersonGroup | None = None


def role_line(grant: Grant, places: Mapping[str, Any], grant_id: int | None = None) -> RoleLine:
    """Return the words for a role; a scope without a title is shown as it is kept."""
    shown = tuple(places.get(scope, scope) for scope in sorted(grant.scopes))
    return RoleLine(ROLE_TITLES.get(grant.role, grant.role), shown, grant_id)


def held_lines(
    grants: Iterable[RoleGrant], places: Mapping[str, Any], group: PersonGroup | None = None
) -> list[RoleLine]:
    """Return the words for what a person or a group holds, in a steady order."""
    ordered = sorted(grants, key=lambda held: (held.role, held.scope))
    lines = (role_line(Grant.parse(held.role, held.scope), places, held.id) for held in ordered)
    return [replace(line, group=group) for line in lines]


def person_lines(
    person: Person, groups: Iterable[PersonGroup], places: Mapping[str, Any]
) -> list[RoleLine]:
    """Return the words for a person's own roles, then for those of each of their groups."""
    lines = held_lines(person.grants, places)
    for group in groups:
        lines += held_lines(group.grants, places, group)
    return lines


def role_choices() -> list[tuple[str, Any]]:
    """Return the roles that can be granted, with their words."""
    return [(str(role), ROLE_TITLES[role]) for role in Role if role in STAFF_ROLES]


def role_lines(request: Request, grants: Iterable[Grant]) -> list[RoleLine]:
    """Return the words for a person's own roles, in a steady order."""
    ordered = sorted(grants, key=lambda grant: (grant.role, grant.scope))
    if not ordered:
        return []
    places = request.scope_titles
    return [role_line(grant, places) for grant in ordered]
