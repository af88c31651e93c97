"""Roles: given to people and groups, taken away, and never so that nobody manages the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, selectinload

from bibliopolis.accounts import events
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.models import (
    GroupMember,
    Person,
    PersonGroup,
    RoleGrant,
    held_by_person,
)
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.access import STAFF_ROLES, Grant, Role

SCOPE = re.compile(r"lang:[a-z]{2,3}|(?:node|library|topic):[1-9][0-9]{0,9}")

Holder = Person | PersonGroup


class Roles:
    """Give roles to people and groups, and take them away."""

    def __init__(self, db: Session, audit: AuditLog) -> None:
        self.db = db
        self.audit = audit

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Roles:
        """Make it for a request."""
        return cls(request.db, request.find_service(AuditLog))

    def grant(self, holder: Holder, role: str, scope: str = "") -> None:
        """Let a person or a group hold a role at a scope; granting twice changes nothing."""
        if role not in STAFF_ROLES:
            raise InvalidInput(
                _("This role cannot be granted."), {"role": _("Choose a role of the list.")}
            )
        scope = parse_scope(scope)
        if any(held.role == role and held.scope == scope for held in holder.grants):
            return
        holder.grants.append(RoleGrant(role=str(role), scope=scope))
        details = {"role": str(role), "scope": scope}
        self.audit.record(events.ROLE_GRANTED, about=subject_of(holder), details=details)

    def revoke(self, holder: Holder, grant_id: int) -> None:
        """Take a role from a person or a group; the site keeps an administrator."""
        held = next((grant for grant in holder.grants if grant.id == grant_id), None)
        if held is None:
            return
        details = {"role": held.role, "scope": held.scope}
        with self.keeping_an_administrator():
            holder.grants.remove(held)
            self.db.delete(held)
        self.audit.record(events.ROLE_TAKEN, about=subject_of(holder), details=details)

    @contextmanager
    def keeping_an_administrator(self) -> Iterator[None]:
        """Do something, and undo it if afterwards nobody could manage the whole site.

        Raises ``Conflict`` then. Two that do so at the same time wait for each other.
        """
        manages = (RoleGrant.role == Role.ADMINISTRATOR) & (RoleGrant.scope == "")
        self.db.scalars(
            select(RoleGrant.id).where(manages).order_by(RoleGrant.id).with_for_update()
        ).all()
        administrators = select(func.count(Person.id)).where(
            Person.disabled.is_(False),
            exists().where(manages, held_by_person()).correlate(Person),
        )
        before = self.db.scalar(administrators)
        with self.db.begin_nested():
            yield
            self.db.flush()  # what is counted is what the database has
            if before and not self.db.scalar(administrators):
                raise Conflict(_("The site needs an administrator: name another one first."))

    def groups_of(self, person_ids: Iterable[int]) -> dict[int, list[PersonGroup]]:
        """Return the groups of people with their roles, by name; two queries for all of them."""
        rows = self.db.execute(
            select(GroupMember.person_id, PersonGroup)
            .join(PersonGroup, PersonGroup.id == GroupMember.group_id)
            .where(GroupMember.person_id.in_(set(person_ids)))
            .order_by(PersonGroup.folded)
            .options(selectinload(PersonGroup.grants))
        )
        found: dict[int, list[PersonGroup]] = {}
        for person_id, group in rows:
            found.setdefault(person_id, []).append(group)
        return found


def subject_of(holder: Holder) -> tuple[str, int]:
    """Return how the audit log names who holds a role."""
    return ("person" if isinstance(holder, Person) else "group", holder.id)


def parse_scope(scope: str) -> str:
    """Return a scope in its stored form, or say what it may look like."""
    grant = Grant.parse("", scope.strip())
    kinds = [part.partition(":")[0] for part in grant.scopes]
    usable = all(SCOPE.fullmatch(part) for part in grant.scopes) and len(kinds) == len(set(kinds))
    if not usable:
        raise InvalidInput(
            _("This scope cannot be read."),
            {"scope": _("Write it like lang:ar, library:17, node:5 or node:5+lang:ar.")},
        )
    return grant.scope
