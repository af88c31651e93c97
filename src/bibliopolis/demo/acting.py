"""Doing something as somebody, at some moment: a request like theirs in the same transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pyramid.interfaces import IRequestExtensions
from pyramid.request import Request, apply_request_extensions

from bibliopolis.accounts.models import Person
from bibliopolis.clock import FixedClock
from bibliopolis.resources.access import Grant, Principals


def acting(
    request: Any, person: Person | None = None, when: datetime | None = None, reader_id: Any = None
) -> Any:
    """Return a request whose visitor is the person and whose clock stands at the moment.

    Services are made anew for it, so none of them remembers who acted before.
    """
    theirs = Request.blank(
        "/",
        method="POST",
        environ={
            "tm.active": True,
            "tm.manager": request.tm,
            "bibliopolis.db": request.db,
        },
    )
    theirs.registry = request.registry
    apply_request_extensions(theirs, request.registry.queryUtility(IRequestExtensions))
    grants: frozenset[Grant] = frozenset()
    if person is not None:
        grants = frozenset(Grant.parse(held.role, held.scope) for held in person.grants)
    theirs.principals = Principals(person.id if person else None, reader_id, grants)
    if when is not None:
        theirs.clock = FixedClock(when, request.settings.time_zone)
    return theirs
