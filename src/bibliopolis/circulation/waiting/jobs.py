"""What the worker does at night: one organisation after the other, idempotent."""

from __future__ import annotations

from collections.abc import Sequence

from pyramid.request import Request

from bibliopolis.outbox import Outbox, Priority
from bibliopolis.parameters import row_id

from .reckoning import Reckoning

TOPIC = "waiting times"
"""Organisations to be reckoned; the topic of the outbox."""


def look_for_nights(request: Request) -> None:
    """Put into the outbox what last night's work has not come to yet."""
    due = request.find_service(Reckoning, context=None).due()
    outbox = request.find_service(Outbox)
    outbox.add_all(TOPIC, outbox.not_in_it(TOPIC, map(str, due)), Priority.BULK)


def reckon(request: Request, keys: Sequence[str]) -> None:
    """Reckon these organisations."""
    reckoning = request.find_service(Reckoning, context=None)
    for key in keys:
        reckoning.reckon(row_id(key) or 0)
