"""Where holds are collected: the shelf of a library, or a locker that a library's desk serves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import Library, OrganisationKind
from bibliopolis.libraries.services import Libraries

from ..models import Hold, LockerCell
from .rules import CirculationRules

PICKUP_WHILE_CLOSED = "pickup_while_closed"


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

    def has_room(self, hold: Hold, item_id: int | None = None) -> bool:
        """Say whether the copy can be put where its reader collects it.

        What has a cell already, or was promised one when it set out, has room.
        """
        locker = self.locker(hold.pickup_library_id)
        if locker is None:
            return True
        cell = self.cell_of(item_id or hold.item_id or 0)
        kept = cell is not None and cell.library_id == locker.id
        return kept or bool(self._free(locker))

    def locker(self, place_id: int) -> Library | None:
        """Return the place if it is a locker."""
        place = self.libraries.tree.get(place_id)
        return place if place is not None and place.is_locker else None

    def in_order(self, locker: Library) -> bool:
        """Say whether cells of a locker can be filled and opened now."""
        return locker.is_pickup_point and self.libraries.is_there(locker)

    def cell_of(self, item_id: int) -> LockerCell | None:
        """Return the cell in which a copy lies, or that is kept for it; the caller has its lock."""
        if not any(one.is_locker for one in self.libraries.tree.values()):
            return None
        query = select(LockerCell).where(LockerCell.item_id == item_id)
        return self.db.scalar(query, execution_options={"populate_existing": True})

    def keep_cell(self, hold: Hold) -> None:
        """Let the copy of a hold have a cell where it is collected, and none anywhere else.

        Where no cell is free it gets none: then it waits at the desk that serves the locker.
        """
        item_id, locker = hold.item_id or 0, self.locker(hold.pickup_library_id)
        cell = self.cell_of(item_id)
        if cell is not None and (locker is None or cell.library_id != locker.id):
            self.free_cell(item_id)
            cell = None
        free = self._free(locker) if locker is not None and cell is None else ()
        if locker is not None and free:
            cell = LockerCell(library_id=locker.id, number=free[0], item_id=item_id)
            self.db.add(cell)
            # Flush: the next copy of the same transaction must see it taken.
            self.db.flush()

    def lock_lockers(self, holds: Iterable[Hold]) -> None:
        """Lock the lockers of these holds by id, before cells of several of them are kept."""
        places = {hold.pickup_library_id for hold in holds}
        ids = [one for one in places if self.locker(one) is not None]
        if len(ids) > 1:
            rows = select(Library.id).where(Library.id.in_(ids)).order_by(Library.id)
            self.db.execute(rows.with_for_update(key_share=True))

    def free_cell(self, item_id: int) -> None:
        """Note that a copy lies in no cell any more."""
        cell = self.cell_of(item_id)
        if cell is not None:
            self.db.delete(cell)
            self.db.flush()

    def _free(self, locker: Library) -> Sequence[int]:
        """Return the cells that are free; one that is out of order has none.

        The row of the locker is locked, so that two desks at work do not fill its last cell twice.
        """
        if not self.in_order(locker):
            return ()
        row = select(Library.id).where(Library.id == locker.id)
        self.db.execute(row.with_for_update(key_share=True))
        cells = select(LockerCell.number).where(LockerCell.library_id == locker.id)
        taken = set(self.db.scalars(cells))
        return [number for number in range(1, (locker.cells or 0) + 1) if number not in taken]


def had_to_close(place: Library, rules: CirculationRules, calendars: Calendars) -> bool:
    """Say whether a place is closed in an emergency, where the rules let nobody choose it then."""
    # Calendars are asked only on sites that have such a rule.
    if not any(one.value is False for one in rules.book.of(PICKUP_WHILE_CLOSED)):
        return False
    if rules.decide(PICKUP_WHILE_CLOSED, place).value:
        return False
    return calendars.closed_urgently(place, calendars.today(place)) is not None


def served_from(library_id: int) -> Select[Any]:
    """Return the ids, as a subquery, of the places whose holds the desk of a library handles."""
    point = (Library.parent_id == library_id) & (Library.kind == OrganisationKind.PICKUP_POINT)
    return select(Library.id).where(or_(Library.id == library_id, point))
