"""What one visitor may see, as a condition of SQL: every list and every count uses it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, false, or_, true

from bibliopolis.resources.access import Permission, Principals, Role, visible_to
from bibliopolis.resources.types import ResourceTypes
from bibliopolis.workflow import Workflow

from .models import Content, ContentTranslation

KEPT = 256
"""Conditions and statements are put together once for so many different visitors.

All visitors who are not signed in are one. Putting a statement together costs SQLAlchemy more than
asking the database; nothing that was answered is kept.
"""


def _in_scope(scope: str) -> ColumnElement[bool]:
    """Return the condition for lying in a scope; one that is not ours holds nowhere."""
    kind, _colon, value = scope.partition(":")
    if kind == "lang":
        return ContentTranslation.language == value
    if kind == "node" and value.isdigit():
        return Content.ancestors.like(f"%/{value}/%")
    return false()


def _holders(roles: frozenset[str], principals: Principals) -> ColumnElement[bool]:
    """Return the condition for the visitor holding one of the roles."""
    conditions: list[ColumnElement[bool]] = []
    for role, scopes in visible_to(principals).alternatives:
        if role in roles:
            conditions.append(and_(true(), *(_in_scope(scope) for scope in sorted(scopes))))
    if Role.OWNER in roles and principals.person_id is not None:
        conditions.append(Content.owner_id == principals.person_id)
    return or_(false(), *conditions)


def _by_workflow(types: ResourceTypes) -> Iterable[tuple[Workflow, list[str]]]:
    found: dict[str, tuple[Workflow, list[str]]] = {}
    for one in types:
        if one.workflow is not None:
            found.setdefault(one.workflow.name, (one.workflow, []))[1].append(one.name)
    return found.values()


@lru_cache(maxsize=KEPT)
def live_to(principals: Principals, types: ResourceTypes) -> ColumnElement[bool]:
    """Return the condition for a translation whose live revision the visitor may see."""
    return and_(
        Content.binned.is_(None),
        ContentTranslation.live_revision_id.is_not(None),
        or_(
            false(),
            *(
                and_(
                    # A statement with IN is finished anew each time it is asked.
                    or_(*(Content.type == name for name in names)),
                    _holders(workflow.live_roles(Permission.VIEW), principals),
                )
                for workflow, names in _by_workflow(types)
            ),
        ),
    )


def working_allows(
    principals: Principals, types: ResourceTypes, permission: str
) -> ColumnElement[bool]:
    """Return the condition for a translation the visitor has a permission on, state by state."""
    return and_(
        Content.binned.is_(None),
        or_(
            false(),
            *(
                and_(
                    Content.type.in_(names),
                    ContentTranslation.state == state,
                    _holders(workflow.allowed_roles(permission, state), principals),
                )
                for workflow, names in _by_workflow(types)
                for state in workflow.states
            ),
        ),
    )
