"""The one security policy: a resource's own list for the roles its visitor has there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.security import Allowed, Denied

from bibliopolis.resources.access import Principals

PrincipalsFinder = Callable[[Request], Principals]


def _principals(request: Request) -> Principals:
    find: PrincipalsFinder | None = request.registry.get("bibliopolis.find_principals")
    return find(request) if find is not None else Principals()


class RolePolicy:
    """Ask the context which roles have the permission, and the visitor which roles they hold."""

    def identity(self, request: Request) -> Principals:
        """Return who is asking."""
        return request.principals

    def authenticated_userid(self, request: Request) -> str | None:
        """Return the person's id as text, for logs."""
        person_id = request.principals.person_id
        return None if person_id is None else str(person_id)

    def permits(self, request: Request, context: Any, permission: str) -> Allowed | Denied:
        """Allow what the context's list allows; a context without a list allows nothing."""
        if hasattr(context, "allowed_roles") and request.principals.may(permission, context):
            return Allowed("%s is allowed here", permission)
        return Denied("%s is not allowed here", permission)

    def remember(self, request: Request, userid: str, **options: Any) -> list[tuple[str, str]]:
        """Signing in is a service of accounts, not a header."""
        return []

    def forget(self, request: Request, **options: Any) -> list[tuple[str, str]]:
        """Signing out is a service of accounts, not a header."""
        return []


def _set_principals_finder(config: Configurator, find: PrincipalsFinder) -> None:
    """Say how the principals of a request are found; accounts does."""

    def register() -> None:
        config.registry["bibliopolis.find_principals"] = find

    config.action("bibliopolis principals finder", register)


def includeme(config: Configurator) -> None:
    """Set the policy and give requests their principals."""
    config.add_directive("set_principals_finder", _set_principals_finder)
    config.add_request_method(_principals, "principals", reify=True)
    config.set_security_policy(RolePolicy())
