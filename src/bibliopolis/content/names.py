"""Names of the people who wrote, for pages that only staff see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bibliopolis.resources.interfaces import IPrincipals


def names_of(request: Any, ids: Iterable[int | None]) -> dict[int | None, str]:
    """Return the names of people by id, by one query."""
    people = request.find_service(IPrincipals, context=None)
    return people.names(one for one in ids if one is not None)
