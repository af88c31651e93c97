"""Slips: what a desk lays into a copy that waits or travels, without who it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record

from ..models import BOUND_STATES, Hold, LockerCell, Transit
from .aliases import Aliases
from .places import PickupPlaces


@dataclass(frozen=True)
class Slip:
    """What a slip tells; ``alias`` is None for a copy that only travels home."""

    item: Item
    record: Record
    hold: Hold | None
    transit: Transit | None
    cell: int | None
    alias: str | None


class Slips:
    """Make slips for a desk, and find what lies under an alias."""

    def __init__(self, db: Session, places: PickupPlaces, aliases: Aliases) -> None:
        self.db = db
        self.places = places
        self.aliases = aliases

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Slips:
        """Make it for a request."""
        return cls(
            db=request.db,
            places=request.find_service(PickupPlaces, context=None),
            aliases=Aliases.from_request(context, request),
        )

    def of_copy(self, item_id: int, library_id: int) -> Slip | None:
        """Return the slip of a copy, for the desk that has it, sent it or is to get it.

        None where nobody waits for the copy and it travels nowhere, or for any other desk.
        """
        bound = and_(Hold.item_id == Item.id, Hold.state.in_(BOUND_STATES))
        row = self.db.execute(
            select(Item, Record, Hold, Transit, LockerCell.number)
            .join(Record, Record.id == Item.record_id)
            .outerjoin(Hold, bound)
            .outerjoin(Transit, and_(Transit.item_id == Item.id, Transit.received.is_(None)))
            .outerjoin(LockerCell, LockerCell.item_id == Item.id)
            .where(Item.id == item_id)
        ).one_or_none()
        if row is None:
            return None
        item, record, hold, transit, cell = row
        ends = [item.holding_library_id]
        if hold is not None:
            ends.append(self.places.desk_of(hold.pickup_library_id))
        if transit is not None:
            ends += (transit.from_library_id, self.places.desk_of(transit.to_library_id))
        if (hold is None and transit is None) or library_id not in ends:
            return None
        return Slip(item, record, hold, transit, cell, self.alias(hold) if hold else None)

    def alias(self, hold: Hold) -> str | None:
        """Return the alias of a hold for which there is a copy, else None."""
        return self.aliases.of(hold.id) if hold.state in BOUND_STATES else None

    def found(self, typed: str, library_id: int) -> Hold | None:
        """Return the hold with an alias whose copy is at a desk, was sent by it or comes to it."""
        hold_id = self.aliases.hold_id(typed)
        hold = self.db.get(Hold, hold_id) if hold_id else None
        if hold is None or hold.item_id is None or hold.state not in BOUND_STATES:
            return None
        return hold if self.of_copy(hold.item_id, library_id) else None
