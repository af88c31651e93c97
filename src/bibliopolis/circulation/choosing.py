"""Which hold gets a copy: the orders of Evergreen's best-hold selection, and Koha's local priority.

Pure: the same facts always give the same choice, for the id comes last in every order. The orders
are those of Evergreen's seed data (``config.best_hold_order``), which differ from its manual for
"FIFO + always go home"; of its criteria, group priority and selection depth are the same for all
holds here and so decide nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from .permits.facts import CopyFacts
from .rules.geography import Geography


@dataclass(frozen=True)
class Candidate:
    """A hold that waits, as a choice sees it; organisations go by their codes."""

    id: int
    pickup: str
    """The library at whose desk it is collected."""
    home: str
    """The reader's home library, which stands for where the hold was requested."""
    placed: datetime
    """By which it stands in its queue."""
    cut_in_line: bool = False
    local_priority: str = "none"
    """The rule for this reader and this copy."""
    requested: datetime | None = None
    """When its reader asked for it, where staff have moved it in the queue since."""
    wanted_since: datetime | None = None
    """From when on they want it, where that is later than when they asked."""


@dataclass(frozen=True)
class Choice:
    """The copy in hand, the desk it lies on, and what is decided about it."""

    copy: CopyFacts
    desk: str
    geography: Geography
    go_home: bool = False
    """Whether it has been away from home for too long, see `should_go_home`."""
    local_reader: str = "pickup"
    local_item: str = "home"


Criterion = Callable[[Candidate, Choice], Any]


def _near(hold: Candidate, choice: Choice) -> int:
    return choice.geography.in_tree(choice.desk, hold.pickup)


def _near_adjusted(hold: Candidate, choice: Choice) -> int:
    return choice.geography.steps(choice.desk, hold.pickup, choice.copy.item_type)


def _from_home_adjusted(hold: Candidate, choice: Choice) -> int:
    return choice.geography.steps(choice.copy.home, hold.pickup, choice.copy.item_type)


def _from_home(hold: Candidate, choice: Choice) -> int:
    return choice.geography.in_tree(choice.copy.home, hold.home)


def _home_now_and_then(hold: Candidate, choice: Choice) -> int:
    return _from_home(hold, choice) if choice.go_home else 0


def _cut(hold: Candidate, _choice: Choice) -> bool:
    return not hold.cut_in_line


def _placed(hold: Candidate, _choice: Choice) -> datetime:
    return hold.placed


_TRADITIONAL: tuple[Criterion, ...] = (_near_adjusted, _near, _from_home_adjusted, _cut, _placed)

ORDERS: Mapping[str, tuple[Criterion, ...]] = {
    "traditional": _TRADITIONAL,
    "traditional_always_home": (_from_home, *_TRADITIONAL),
    "traditional_home": (_home_now_and_then, *_TRADITIONAL),
    "fifo": (_cut, _placed, _near, _from_home, _from_home_adjusted, _home_now_and_then),
    "fifo_always_home": (
        _from_home,
        _cut,
        _placed,
        _near,
        _from_home_adjusted,
        _home_now_and_then,
    ),
    "fifo_home": (_home_now_and_then, _cut, _placed, _near, _from_home_adjusted, _from_home),
    # The library that owns a copy and the one it circulates from are one here, and so are the
    # library of the request and the reader's home: the first two criteria are the same.
    "chase_home": (_from_home, *_TRADITIONAL),
}
GO_HOME = frozenset({"traditional_home", "fifo_home"})
"""The orders for which it matters how long a copy has been away."""


def in_order(holds: Iterable[Candidate], choice: Choice, order: str) -> list[Candidate]:
    """Return the holds, the one that gets the copy first: local ones, then by the order."""
    criteria = ORDERS[order]

    def key(hold: Candidate) -> tuple[Any, ...]:
        best = (one(hold, choice) for one in criteria)
        return (local_rank(hold, choice), *best, hold.id)

    return sorted(holds, key=key)


def tier_of(hold: Candidate, choice: Choice, order: str) -> tuple[int, ...]:
    """Return what puts a hold before others whenever they were placed, the least first.

    It is the same for all who collect at one place, live in one library's part of the city and are
    of one category: a queue is looked through tier by tier, and within one by time.
    """
    before = takewhile(lambda one: one is not _cut, ORDERS[order])
    return (local_rank(hold, choice), *(one(hold, choice) for one in before))


def local_rank(hold: Candidate, choice: Choice) -> int:
    """Return how local a hold is to the copy, 0 most; where local ones do not come first, 2.

    So Koha's ``LocalHoldsPriority``: the library (``give_library``), the library and then its
    groups (``give_library_and_group``), or both alike (``give_library_group``).
    """
    if hold.local_priority == "none":
        return 2
    reader = hold.home if choice.local_reader == "home" else hold.pickup
    item = choice.copy.holding if choice.local_item == "holding" else choice.copy.home
    if reader == item:
        return 0
    if hold.local_priority != "give_library" and choice.geography.share_group(reader, item):
        return 0 if hold.local_priority == "give_library_group" else 1
    return 2


def waits_for_local(
    hold: Candidate, choice: Choice, sought: Choice | None, days: int, now: datetime
) -> bool:
    """Say whether a copy from elsewhere must leave the hold to a local one that is looked for.

    So Koha's ``LocalHoldsExclusivityPeriod``: for so many days after it was asked for, or has
    begun where it began later; then any copy may fill it. ``sought`` is the choice of the copy that
    is looked for, if there is one.
    """
    asked = hold.wanted_since or hold.requested or hold.placed
    if not days or sought is None or now - asked >= timedelta(days=days):
        return False
    return _is_local(hold, sought) and not _is_local(hold, choice)


def _is_local(hold: Candidate, choice: Choice) -> bool:
    reader = hold.home if choice.local_reader == "home" else hold.pickup
    item = choice.copy.holding if choice.local_item == "holding" else choice.copy.home
    return reader == item or choice.geography.share_group(reader, item)


@dataclass(frozen=True)
class Event:
    """A loan or a journey of a copy: where it was last, and when."""

    at: datetime
    place: str
    """Of a loan the library that lent it, of a journey where it went."""
    left: str | None = None
    """Of a journey where it began; None for a loan."""


def should_go_home(home: str, events: Sequence[Event], interval: timedelta, now: datetime) -> bool:
    """Say whether a copy has been away from its library for too long (Evergreen, holds go home).

    It stays where it is asked for if the last thing that happened to it was at home, if it was
    lent from home within the interval, or left or reached home on a journey within it. A copy
    nothing ever happened to is taken for one that is at home now.
    """
    if not events:
        return False
    last = max(events, key=lambda event: event.at)
    if last.place == home:
        return False
    since = now - interval
    return not any(event.at >= since and home in (event.place, event.left) for event in events)
