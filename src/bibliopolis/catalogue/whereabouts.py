"""Where the libraries of a table are: how far, and whether they are open.

Both ask for more of the libraries than their names. They are told to those who have a library or
say where they are, and to those who ask; everybody else gets the table without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from pyramid.request import Request

from bibliopolis.libraries.finding import Point, distance, read_point
from bibliopolis.libraries.frame import my_library
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.presenters import state_now
from bibliopolis.libraries.services import Libraries
from bibliopolis.parts import Status

NEAR, HOURS = "near", "hours"


@dataclass
class Whereabouts:
    """What is told of libraries; ``near`` is where the visitor says to be, ``origin`` the start."""

    request: Request
    near: Point | None = None
    origin: Point | None = None
    are_told: bool = False
    _known: dict[int, tuple[str, Status | None]] = field(default_factory=dict)

    @classmethod
    def of(cls, request: Request) -> Whereabouts:
        """Read what the visitor has said."""
        near = read_point(request.GET.get(NEAR, ""))
        mine = my_library(request)
        at_mine = None
        if mine is not None and mine.latitude is not None and mine.longitude is not None:
            at_mine = (mine.latitude, mine.longitude)
        told = bool(near or mine or request.GET.get(HOURS))
        return cls(request, near, near or at_mine, told)

    @property
    def _libraries(self) -> Mapping[int, Library]:
        return self.request.find_service(Libraries, context=None).by_id

    def kilometres(self, library_id: int) -> float | None:
        """Return how far a library is, None where that is not known."""
        library = self._libraries.get(library_id) if self.origin else None
        return distance(self.origin, library) if library is not None else None

    def order(self, ids: Sequence[int]) -> dict[int, int]:
        """Return the places of libraries among one another: the nearest first, or as they come."""
        if self.origin is None:
            return {library_id: place for place, library_id in enumerate(ids)}
        far = {one: self.kilometres(one) for one in ids}
        nearest = sorted(ids, key=lambda one: (far[one] is None, far[one] or 0))
        return {library_id: place for place, library_id in enumerate(nearest)}

    def told(self, library_id: int) -> tuple[str, Status | None]:
        """Return how far a library is and whether it is open, in words; nothing unless told."""
        if not self.are_told:
            return "", None
        if library_id not in self._known:
            library = self._libraries.get(library_id)
            far = self.kilometres(library_id)
            self._known[library_id] = (
                self.request.formats.distance(far) if far else "",
                state_now(self.request, library) if library is not None else None,
            )
        return self._known[library_id]

    def query(self, **changes: Any) -> str:
        """Return the query of the page with what the visitor has said, and something else."""
        said = {
            NEAR: f"{self.near[0]:g},{self.near[1]:g}" if self.near else None,
            HOURS: "1" if self.request.GET.get(HOURS) else None,
            **changes,
        }
        return f"?{urlencode({name: value for name, value in said.items() if value})}"
