"""Where holds are collected: the shelf of a library, or a locker that a library's desk serves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.libraries.models import Library, OrganisationKind
from bibliopolis.libraries.services import Libraries

from ..models import Hold, HoldState


class PickupPlaces:
    """Say which desk serves a pickup place, and whether it has room for one more."""

    def __init__(self, db: Session, libraries: Libraries) -> None:
        self.db = db
        self.libraries = libraries

    @classmethod
    def from_request(cls, context: Any, request: Any) -> PickupPlaces:
        """Make it for a request."""
        return cls(db=request.db, libraries=request.find_service(Libraries, context=None))

    def desk_of(self, pickup_library_id: int) -> int:
        """Return the library at whose desk holds for a pickup place are handled."""
        return self.libraries.desk_of(pickup_library_id)

    def is_served_from(self, hold: Hold, library_id: int | None) -> bool:
        """Say whether the desk of a library puts the hold where its reader collects it."""
        return library_id == self.desk_of(hold.pickup_library_id)

    def has_room(self, hold: Hold) -> bool:
        """Say whether the hold's copy can be put where its reader collects it.

        A locker's row is locked, so that two desks at work do not fill its last cell twice.
        """
        free = self.free_cells(hold.pickup_library_id, locked=True)
        return free is None or free > 0 or hold.state == HoldState.READY

    def free_cells(self, pickup_library_id: int, *, locked: bool = False) -> int | None:
        """Return how many cells of a locker are free; None is a shelf, which always has room."""
        place = self.libraries.tree.get(pickup_library_id)
        if place is None or not place.is_locker:
            return None
        if locked:
            row = select(Library.id).where(Library.id == pickup_library_id)
            self.db.execute(row.with_for_update(key_share=True))
        taken = select(func.count(Hold.id)).where(
            Hold.pickup_library_id == pickup_library_id, Hold.state == HoldState.READY
        )
        return max(0, (place.cells or 0) - (self.db.scalar(taken) or 0))


def served_from(library_id: int) -> Select[Any]:
    """Return the ids, as a subquery, of the places whose holds the desk of a library handles."""
    point = (Library.parent_id == library_id) & (Library.kind == OrganisationKind.PICKUP_POINT)
    return select(Library.id).where(or_(Library.id == library_id, point))
