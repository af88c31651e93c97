"""Who may do what: roles held at a scope, and the lists a resource's state gives them.

Roles inherit, permissions never. A resource names, for each permission, the roles that have it now
(its state's map), and the scopes it lies in (the nodes above it, its language, its library). A
visitor has a permission if one of their grants names such a role and every scope of that grant is
one of the resource's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol


class Role(StrEnum):
    """The roles of the house; ``everyone``, ``signed_in`` and ``owner`` are never granted."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"
    OWNER = "owner"
    READER = "reader"
    TRANSLATOR = "translator"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    CONSULTANT = "consultant"
    LIBRARIAN = "librarian"
    ADMINISTRATOR = "administrator"


DERIVED_ROLES = frozenset({Role.EVERYONE, Role.SIGNED_IN, Role.OWNER, Role.READER})
STAFF_ROLES = frozenset(Role) - DERIVED_ROLES


class Permission(StrEnum):
    """The permissions that views and transitions name."""

    ACCEPT = "accept"
    ADD = "add"
    ANSWER = "answer"
    ASK_BACK = "ask_back"
    BRING_IN = "bring_in"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    CAPTURE = "capture"
    CLOSE = "close"
    DELETE = "delete"
    EDIT = "edit"
    MANAGE = "manage"
    MARK_LOST = "mark_lost"
    MOVE = "move"
    NOTE = "note"
    NOTE_CLAIM = "note_claim"
    OVERRIDE_LIMITS = "override_limits"
    OVERRIDE_PLACES = "override_places"
    OVERRIDE_RULES = "override_rules"
    OVERRIDE_STANDING = "override_standing"
    PASS_ON = "pass_on"
    PLACE = "place"
    PUBLISH = "publish"
    RECEIVE = "receive"
    REFUSE = "refuse"
    RENEW = "renew"
    REOPEN = "reopen"
    REPLY = "reply"
    REVIEW = "review"
    SEE_COUNTS = "see_counts"
    SETTLE = "settle"
    SHARE = "share"
    SUBMIT = "submit"
    TAKE = "take"
    USE_ACCOUNT = "use_account"
    USE_DESK = "use_desk"
    USE_QUEUE = "use_queue"
    USE_STAFF_AREA = "use_staff_area"
    VIEW = "view"
    VIEW_WORKING = "view_working"


class Protected(Protocol):
    """What the security policy asks of a context."""

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes it lies in, such as ``node:5``, ``lang:ru``, ``library:17``."""

    @property
    def owner_id(self) -> int | None:
        """The person it belongs to."""

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles that have the permission here and now."""


@dataclass(frozen=True)
class Grant:
    """A role, held where all its scopes hold; no scopes mean the whole site."""

    role: str
    scopes: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, role: str, scope: str) -> Grant:
        """Read the stored form: ``""``, ``lang:ar`` or ``node:5+lang:ar``."""
        return cls(role, frozenset(part for part in scope.split("+") if part))

    @property
    def scope(self) -> str:
        """Return the stored form of the scopes, always in the same order."""
        return "+".join(sorted(self.scopes))


# Each alternative is (an allowed role, scopes that all must hold); any one is enough.
Alternative = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Visibility:
    """What one visitor may see, as alternatives; listings, counts and the index all use it."""

    alternatives: tuple[Alternative, ...]

    def admits(self, allowed: Iterable[str], scopes: Iterable[str]) -> bool:
        """Say whether something with these allowed roles, in these scopes, may be seen."""
        allowed, scopes = frozenset(allowed), frozenset(scopes)
        return any(role in allowed and needed <= scopes for role, needed in self.alternatives)


@dataclass(frozen=True)
class Principals:
    """Who is asking: a person, perhaps a reader, and the roles they hold."""

    person_id: int | None = None
    reader_id: int | None = None
    grants: frozenset[Grant] = frozenset()

    def roles_at(self, resource: Protected) -> frozenset[str]:
        """Return the roles held at a resource."""
        scopes = resource.scopes
        roles = {grant.role for grant in self.all_grants if grant.scopes <= scopes}
        if self.person_id is not None and resource.owner_id == self.person_id:
            roles.add(Role.OWNER)
        return frozenset(roles)

    def may(self, permission: str, resource: Protected) -> bool:
        """Say whether the visitor has the permission at the resource."""
        return bool(resource.allowed_roles(permission) & self.roles_at(resource))

    @cached_property
    def all_grants(self) -> frozenset[Grant]:
        """Return the grants together with what everybody, the signed in and readers have."""
        derived = {Grant(Role.EVERYONE)}
        if self.person_id is not None:
            derived.add(Grant(Role.SIGNED_IN))
        if self.reader_id is not None:
            derived.add(Grant(Role.READER))
        return self.grants | derived

    def holds_anywhere(self, roles: Iterable[str]) -> bool:
        """Say whether any of the roles is held at any scope: for menus, never for a decision."""
        wanted = frozenset(roles)
        return any(grant.role in wanted for grant in self.grants)


def visible_to(principals: Principals) -> Visibility:
    """Return what the visitor may see; ``owner:<person id>`` stands for what is their own."""
    alternatives = {(str(grant.role), grant.scopes) for grant in principals.all_grants}
    if principals.person_id is not None:
        alternatives.add((f"{Role.OWNER}:{principals.person_id}", frozenset()))
    return Visibility(tuple(sorted(alternatives, key=lambda one: (one[0], sorted(one[1])))))


def index_access(
    resource: Protected, permission: str = Permission.VIEW
) -> tuple[frozenset[str], frozenset[str]]:
    """Return (allowed roles, scopes) as a search document stores them."""
    allowed: set[str] = {str(role) for role in resource.allowed_roles(permission)}
    if Role.OWNER in allowed:
        allowed.discard(Role.OWNER)
        if resource.owner_id is not None:
            allowed.add(f"{Role.OWNER}:{resource.owner_id}")
    return frozenset(allowed), resource.scopes


def permission_map(**permissions: Iterable[str]) -> Mapping[str, frozenset[Any]]:
    """Return a map from permissions to sets of roles."""
    return {name: frozenset(roles) for name, roles in permissions.items()}
