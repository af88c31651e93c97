"""What the worker does at night: one organisation after the other, idempotent.

Then waits begin for those who were in a queue before waits were written down, or for whom no copy
could come until now; so many at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyramid.request import Request

from bibliopolis.outbox import Outbox, Priority
from bibliopolis.parameters import row_id

from .missing import MissingWaits
from .reckoning import Reckoning

TOPIC = "waiting times"
"""Organisations to be reckoned; the topic of the outbox."""
BEGINNING = "waits to begin"
"""Pickup places, and behind which hold to go on there: ``3:0``."""
AT_ONCE = 200
"""So many waits begin at a time: a writing transaction stays short."""


def look_for_nights(request: Request) -> None:
    """Put into the outbox what last night's work has not come to yet."""
    due = request.find_service(Reckoning, context=None).due()
    outbox = request.find_service(Outbox)
    outbox.add_all(TOPIC, outbox.not_in_it(TOPIC, map(str, due)), Priority.BULK)


def reckon(request: Request, keys: Sequence[str]) -> None:
    """Reckon these organisations; then the waits of their holds begin by what is known now."""
    reckoning = request.find_service(Reckoning, context=None)
    for key in keys:
        place_id = row_id(key) or 0
        reckoning.reckon(place_id)
        request.find_service(Outbox).add(BEGINNING, f"{place_id}:0", Priority.BULK)


def begin(request: Request, keys: Sequence[str]) -> None:
    """Begin waits of holds in queues that have none."""
    missing = request.find_service(MissingWaits, context=None)
    for key in keys:
        place, _colon, after = key.partition(":")
        place_id = row_id(place) or 0
        last = missing.begin(place_id, row_id(after) or 0, AT_ONCE)
        if last is not None:
            request.find_service(Outbox).add(BEGINNING, f"{place_id}:{last}", Priority.BULK)
