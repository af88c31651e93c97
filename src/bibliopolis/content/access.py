"""Who may do what with a page: the maps of its workflow, in the scopes the page lies in.

A page has three lists. What visitors see is its live revision, whatever state the working one is
in; what staff do with the working revision depends on the state of that language; what belongs to
no language (place, address, children) has a list of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bibliopolis.resources.access import Permission
from bibliopolis.workflow import Workflow

from .models import Content

NODE_PERMISSIONS = frozenset({Permission.ADD, Permission.DELETE, Permission.MOVE, Permission.SHARE})
"""Permissions that belong to no language."""


def lineage_ids(ancestors: str) -> list[int]:
    """Return the ids in the column ``ancestors``: from the root to the node itself."""
    return [int(part) for part in ancestors.split("/") if part]


def scopes_of(node: Content, language: str) -> frozenset[str]:
    """Return the scopes of a node in one language: every node above it, itself, the language."""
    nodes: Iterable[str] = (f"node:{one}" for one in lineage_ids(node.ancestors))
    return frozenset((*nodes, f"lang:{language}"))


@dataclass(frozen=True)
class WorkingAccess:
    """The list of the working revision, and of the node's own affairs."""

    workflow: Workflow
    scopes: frozenset[str]
    owner_id: int | None
    state: str | None = None

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles that have the permission; what was never begun counts as a draft."""
        if permission in NODE_PERMISSIONS:
            return self.workflow.node_roles(permission)
        return self.workflow.allowed_roles(permission, self.state or self.workflow.initial)


@dataclass(frozen=True)
class LiveAccess:
    """The list of the live revision."""

    workflow: Workflow
    scopes: frozenset[str]
    owner_id: int | None = None

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles that have the permission."""
        return self.workflow.live_roles(permission)


@dataclass(frozen=True)
class NodeAccess:
    """The list of the node itself: who may know of it as staff."""

    workflow: Workflow
    scopes: frozenset[str]
    owner_id: int | None = None

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles that have the permission."""
        return self.workflow.node_roles(permission)
