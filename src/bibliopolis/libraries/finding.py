"""Find libraries and lockers: by words, by system, open now, without steps, the nearest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Any
from urllib.parse import urlencode

from bibliopolis.clock import Clock
from bibliopolis.search.analysis import fold

from .calendars import Calendars
from .models import Access, Library, OrganisationKind
from .services import COLLECTED_AT, Libraries

LONGEST = 100
"""So many letters of what was typed are looked at."""

EARTH = 6371.0
"""The mean radius in kilometres."""

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


class Kind(StrEnum):
    """What may be listed by itself."""

    LIBRARY = "library"
    PICKUP_POINT = "pickup_point"


@dataclass(frozen=True)
class Wanted:
    """What a list of libraries is asked for, as its address puts it."""

    text: str = ""
    kind: str = ""
    system: str = ""
    open_now: bool = False
    step_free: bool = False
    near: Point | None = None

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Wanted:
        """Read the parameters of an address; what cannot be understood counts as not said."""
        kind = parameters.get("kind", "")
        return cls(
            text=_plain(parameters.get("q", "")),
            kind=kind if kind in tuple(Kind) else "",
            system=_plain(parameters.get("system", "")),
            open_now=bool(parameters.get("open")),
            step_free=bool(parameters.get("step_free")),
            near=read_point(parameters.get("near", "")),
        )

    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the address, always in the same order."""
        pairs = [
            ("q", self.text),
            ("kind", self.kind),
            ("system", self.system),
            ("open", "1" if self.open_now else ""),
            ("step_free", "1" if self.step_free else ""),
            ("near", f"{self.near[0]:g},{self.near[1]:g}" if self.near else ""),
        ]
        return [(name, value) for name, value in pairs if value]

    def but(self, **changes: Any) -> str:
        """Return the query of the same list with something asked for otherwise."""
        return "?" + urlencode(replace(self, **changes).parameters())

    @property
    def is_narrowed(self) -> bool:
        """Say whether some places may have been left out."""
        return bool(self.text or self.kind or self.system or self.open_now or self.step_free)


@dataclass(frozen=True)
class Found:
    """A library or a pickup point, and how far it is, if that was asked and is known."""

    place: Library
    kilometres: float | None = None


class Directory:
    """The list of libraries; everything is in memory but the exceptions, which are one query."""

    def __init__(self, libraries: Libraries, calendars: Calendars, clock: Clock) -> None:
        self.libraries = libraries
        self.calendars = calendars
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Directory:
        """Make it for a request."""
        return cls(
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
            clock=request.clock,
        )

    def find(self, wanted: Wanted) -> list[Found]:
        """Return the places that fit: the nearest first, or in the order of their names.

        Where the way was asked for, places without coordinates come last.
        """
        found = [
            Found(place, distance(wanted.near, place))
            for place in self.libraries.tree.values()
            if self._fits(place, wanted)
        ]
        if wanted.near is None:
            return found
        return sorted(found, key=lambda one: (one.kilometres is None, one.kilometres or 0))

    def systems(self) -> Sequence[Library]:
        """Return what libraries may be chosen by."""
        return [
            one
            for one in self.libraries.tree.values()
            if one.kind == OrganisationKind.SYSTEM and self.libraries.is_there(one)
        ]

    def _fits(self, place: Library, wanted: Wanted) -> bool:
        if place.kind not in COLLECTED_AT or not self.libraries.is_there(place):
            return False
        if wanted.kind and place.kind != wanted.kind:
            return False
        if wanted.step_free and Access.STEP_FREE not in place.access:
            return False
        lineage = self.libraries.lineage(place)
        if wanted.system and wanted.system not in {one.code for one in lineage}:
            return False
        if wanted.text and not _has_words(lineage, wanted.text):
            return False
        return not wanted.open_now or self.calendars.is_open(place, self.clock.now())


def distance(origin: Point | None, place: Library) -> float | None:
    """Return how far a place is as the crow flies, in kilometres; None where nobody knows."""
    if origin is None or place.latitude is None or place.longitude is None:
        return None
    here, there = radians(origin[0]), radians(place.latitude)
    eastwards = radians(place.longitude - origin[1])
    half = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * sin(eastwards / 2) ** 2
    # At the other end of the world rounding may make it a little more than one.
    return 2 * EARTH * asin(sqrt(min(1.0, half)))


def read_point(text: str) -> Point | None:
    """Return the place that ``59.934,30.306`` is; None for anything else."""
    parts = text.split(",") if len(text) <= LONGEST else []
    if len(parts) != 2:
        return None
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        return None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return round(latitude, 3), round(longitude, 3)


def _has_words(lineage: Sequence[Library], text: str) -> bool:
    """Say whether each word is part of a name or the address, or of a name above."""
    known = [*lineage[0].address.values()]
    for one in lineage:
        known += [*one.name.values(), one.code]
    words = fold(" ".join(known))
    return all(word in words for word in fold(text).split())


def _plain(text: str) -> str:
    # Lone surrogates and NUL cannot be written into an address or a page again.
    return " ".join(text.encode("utf-8", "ignore").decode().replace("\0", "").split())[:LONGEST]
