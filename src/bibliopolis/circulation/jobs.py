"""What the worker does for circulation: idempotent, and only where somebody waits."""

from __future__ import annotations

from collections.abc import Sequence

from pyramid.request import Request

from bibliopolis.outbox import Outbox, Priority

from .in_use import TOPIC
from .services import HoldDates, Holds, Losses
from .services.dates import AT_MOST
from .services.leaving import HOUSE

DATES = "hold dates"
"""Holds whose day has come; the topic of the outbox."""
GOING_ON = "copies to look for"
"""From which record on the look for copies goes on: so many are found at once, and no more."""
LOOK = 600.0
"""Seconds between looks for them."""
OVERDUE_LOOK = 300.0
"""Seconds between looks for what is given up: some copies a time, until all are done."""


def retarget(request: Request, keys: Sequence[str]) -> None:
    """Choose anew what is looked for of these records: their copies have changed."""
    holds = request.find_service(Holds, context=None)
    titles = holds.titles.lock_heads(sorted({int(key) for key in keys}))
    holds.settle(*titles, farthest=None)


def give_up_overdue(request: Request) -> None:
    """Mark as lost what is overdue for longer than its library waits; the house takes the step."""
    losses = request.find_service(Losses, context=None)
    losses.steps.actor = HOUSE
    losses.give_up_overdue()


def look_for_copies(request: Request) -> None:
    """Let the titles be targeted anew where a copy was looked for too long, or one is free."""
    outbox = request.find_service(Outbox)
    # One that failed goes on no more: the looks of the whole network must not end with it.
    if not outbox.has_waiting(GOING_ON):
        _look(request, after=0)


def go_on_looking(request: Request, keys: Sequence[str]) -> None:
    """Look on where the last look had to end."""
    _look(request, after=max(int(key) for key in keys))


def _look(request: Request, after: int) -> None:
    found = request.find_service(HoldDates).to_look_for_anew(AT_MOST, after)
    _add(request, TOPIC, found)
    if len(found) == AT_MOST:
        outbox = request.find_service(Outbox)
        outbox.add(GOING_ON, str(found[-1]), Priority.BULK)


def look_for_dates(request: Request) -> None:
    """Put the holds whose day has come into the outbox, so many at a time as a job can do."""
    _add(request, DATES, request.find_service(HoldDates).due())


def keep_dates(request: Request, keys: Sequence[str]) -> None:
    """Do with these holds what their dates say, if they still do."""
    request.find_service(HoldDates).keep([int(key) for key in keys])


def _add(request: Request, topic: str, ids: Sequence[int]) -> None:
    """Put into the outbox what is not there; what failed there keeps no other from its turn."""
    outbox = request.find_service(Outbox)
    outbox.add_all(topic, outbox.not_in_it(topic, map(str, ids)), Priority.BULK)
