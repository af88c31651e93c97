"""Choose which copy is to be looked for, for whom, and on whose pull list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock

from ..matching import match
from ..models import Hold, HoldTarget
from .permits import Permits
from .places import PickupPlaces
from .titles import Title


def assign(
    queue: Sequence[Hold],
    free: Sequence[Item],
    present: Mapping[int, int],
    desk_of: Callable[[int], int],
) -> dict[int, int]:
    """Return which copy is looked for, for which hold: ``{hold id: item id}``.

    As many holds from the head of the queue get a copy as there are copies. Who has one keeps it,
    so that nobody is sent for another book while walking to the first; then copies that already
    stand where the reader will be served are given out, then the rest.
    """
    served = queue[: len(free)]
    left = {item.id: item for item in sorted(free, key=_order)}
    chosen: dict[int, int] = {}

    def give(hold: Hold, item: Item) -> None:
        chosen[hold.id] = item.id
        del left[item.id]

    for hold in served:
        item = left.get(present.get(hold.id, 0))
        if item is not None:
            give(hold, item)
    for hold in served:
        desk = desk_of(hold.pickup_library_id)
        near = (i for i in left.values() if i.holding_library_id == desk)
        item = None if hold.id in chosen else next(near, None)
        if item is not None:
            give(hold, item)
    for hold in served:
        if hold.id not in chosen:
            give(hold, next(iter(left.values())))
    return chosen


def _order(item: Item) -> tuple[int, int]:
    return (item.holding_library_id, item.id)


class Targeting:
    """Rewrite the targets of a title; called whenever its queue or its copies change."""

    def __init__(self, db: Session, clock: Clock, places: PickupPlaces, permits: Permits) -> None:
        self.db = db
        self.clock = clock
        self.places = places
        self.permits = permits

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Targeting:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            places=request.find_service(PickupPlaces),
            permits=request.find_service(Permits, context=None),
        )

    def _wanted(self, title: Title, present: Mapping[int, int]) -> dict[int, int]:
        """Return which copy is to be looked for, for which hold."""
        free = title.free
        fits = self.permits.fits(title, free) if title.queue else None
        if fits is None:
            return assign(title.queue, free, present, self.places.desk_of)

        def worth(hold: Hold, item: Item) -> tuple[bool, bool, int, int]:
            desk = self.places.desk_of(hold.pickup_library_id)
            far = item.holding_library_id != desk
            return (item.id != present.get(hold.id), far, *_order(item))

        return {hold.id: item.id for hold, item in match(title.queue, free, fits, worth)}

    def retarget(self, title: Title) -> None:
        """Make the rows of ``hold_target`` what they should be now; the title must be locked."""
        present = {row.hold_id: row.item_id for row in title.targets.values()}
        wanted = self._wanted(title, present)
        for row in title.targets.values():
            row.library_id = title.items[row.item_id].holding_library_id
        if wanted == present:
            return
        found = {row.item_id: row.found for row in title.targets.values()}
        for hold_id in [hold_id for hold_id in present if wanted.get(hold_id) != present[hold_id]]:
            self.db.delete(title.targets.pop(hold_id))
        # Flush: a copy that changes hands must leave its old row before it enters the new one.
        self.db.flush()
        for hold_id, item_id in wanted.items():
            if hold_id in title.targets:
                continue
            row = HoldTarget(
                hold_id=hold_id,
                item_id=item_id,
                library_id=title.items[item_id].holding_library_id,
                targeted=self.clock.now(),
                found=found.get(item_id),
            )
            self.db.add(row)
            title.targets[hold_id] = row
