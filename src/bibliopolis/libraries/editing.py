"""Found, change and withdraw organisations; every change is in the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.resources.history import History
from bibliopolis.search.analysis import sort_key

from .closures import follower_of
from .models import Library, OrganisationKind
from .services import Libraries

HISTORY = "library"


class SavedMeanwhile(Conflict):
    """Somebody else has changed it since the form was opened."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has saved it meanwhile. Look at what is there now, then change it again.")
        )


@dataclass(frozen=True)
class Description:
    """All that can be changed of an organisation."""

    name: Mapping[str, str]
    address: Mapping[str, str] = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None
    contacts: Mapping[str, str] = field(default_factory=dict)
    access: tuple[str, ...] = ()
    access_note: Mapping[str, str] = field(default_factory=dict)
    is_pickup_point: bool = False
    cells: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


class Organisations:
    """Write to the tree of organisations."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        libraries: Libraries,
        history: History,
        follower: Any,
    ) -> None:
        self.db = db
        self.clock = clock
        self.libraries = libraries
        self.history = history
        self.follower = follower

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Organisations:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            libraries=request.find_service(Libraries, context=None),
            history=request.find_service(History, context=None),
            follower=follower_of(request),
        )

    def found(
        self, kind: OrganisationKind, parent: Library | None, code: str, name: Mapping[str, str]
    ) -> Library:
        """Put a new organisation into the tree."""
        library = self.libraries.add(code, name, kind=kind, parent=parent)
        self.history.write((HISTORY, library.id), "found")
        return library

    def change(self, library: Library, wanted: Description, version: int) -> frozenset[str]:
        """Make it what is wanted, if it still is what the form showed; return what changed."""
        # Lock: whoever saves at the same moment must see the other's version.
        self.db.refresh(library, with_for_update={"key_share": True})
        if library.version != version:
            raise SavedMeanwhile
        changed = {
            name for name, value in _columns(wanted).items() if getattr(library, name) != value
        }
        if not changed:
            return frozenset()
        for name in changed:
            setattr(library, name, _columns(wanted)[name])
        library.sort_key = sort_key(next(iter(library.name.values()), library.code))
        self._touch(library)
        self.history.write((HISTORY, library.id), "change", data={"changed": sorted(changed)})
        if "settings" in changed:
            self.follower.hours_changed()
        return frozenset(changed)

    def withdraw(self, library: Library, *, withdrawn: bool) -> None:
        """Let it, and all below it, be there no more for readers; or take that back."""
        if library.withdrawn == withdrawn:
            return
        library.withdrawn = withdrawn
        self._touch(library)
        self.history.write((HISTORY, library.id), "withdraw" if withdrawn else "bring_back")

    def _touch(self, library: Library) -> None:
        library.version += 1
        library.changed = self.clock.now()
        # Flush: the tree is read anew in the order of the names.
        self.db.flush()
        self.libraries.forget()


def _columns(wanted: Description) -> dict[str, Any]:
    """Return the values of the columns, mappings and tuples as JSON keeps them."""
    return {
        "name": dict(wanted.name),
        "address": dict(wanted.address),
        "latitude": wanted.latitude,
        "longitude": wanted.longitude,
        "contacts": dict(wanted.contacts),
        "access": list(wanted.access),
        "access_note": dict(wanted.access_note),
        "is_pickup_point": wanted.is_pickup_point,
        "cells": wanted.cells,
        "settings": dict(wanted.settings),
    }
