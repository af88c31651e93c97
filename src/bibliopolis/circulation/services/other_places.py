"""Where else holds can be collected: what a page offers is not refused afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader

from ..models import Hold, HoldState
from .deliveries import Deliveries
from .permits import Permits
from .titles import Titles

MOVABLE = (HoldState.QUEUED, HoldState.IN_TRANSIT)


class OtherPlaces:
    """Ask the rules of a change for every place at once, with the same few queries for all holds.

    A place is left out where no copy could come by the rules, where the reader has as many holds as
    they may, and, for what is brought home, where nothing is brought to the reader.
    """

    def __init__(self, permits: Permits, titles: Titles, deliveries: Deliveries) -> None:
        self.permits = permits
        self.titles = titles
        self.deliveries = deliveries

    @classmethod
    def from_request(cls, context: Any, request: Any) -> OtherPlaces:
        """Make it for a request."""
        return cls(
            permits=request.find_service(Permits, context=None),
            titles=request.find_service(Titles, context=None),
            deliveries=request.find_service(Deliveries, context=None),
        )

    def of(
        self, holds: Sequence[Hold], readers: Mapping[int, Reader], *, own: bool
    ) -> Mapping[int, Sequence[Library]]:
        """Return the places for each hold that can be moved, by its id, in the order of names.

        ``readers`` are whose holds they are. What is on its way staff may send anywhere (``own`` is
        false): the copy is there.
        """
        moving = [hold for hold in holds if hold.state in MOVABLE]
        if not moving:
            return {}
        points = self.permits.libraries.pickup_points()
        heads = self.titles.read_heads(
            sorted({hold.record_id for hold in moving}), hold_ids=[hold.id for hold in moving]
        )
        titles = {title.record.id: title for title in heads}
        known = self.permits.reader_facts(readers.values())
        to_whom = [readers[one.reader_id or 0] for one in moving if one.by_delivery]
        brought = self.deliveries.bringing(points, to_whom) if to_whom else {}
        found = {}
        for hold in moving:
            reader_id = hold.reader_id or 0
            left = [one for one in points if one.id != hold.pickup_library_id]
            if hold.by_delivery:
                left = [one for one in left if one.id in brought[reader_id]]
            if own or hold.state == HoldState.QUEUED:
                against = self.permits.against_places(
                    titles[hold.record_id], hold, known.get(reader_id)
                )
                left = [one for one in left if not against(one.id)]
            found[hold.id] = left
        return found
