"""Where to collect a hold, as a list people can choose from without a map.

The place used last comes first, then one's own library, then the others: the nearest to it first.
Who asks for it gets them by distance, by what is open now, or by when they were used last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.finding import Point, distance
from bibliopolis.libraries.frame import my_library
from bibliopolis.libraries.models import Library, OrganisationKind
from bibliopolis.libraries.presenters import state_now
from bibliopolis.libraries.services import Libraries

from .services import Lists

PARAMETER = "places"
"""The parameter of an address that says in which order they stand."""
SHOWN = 3
"""So many stand open on a page; whether the others are open is told to who asks."""
LATER = datetime.max.replace(tzinfo=UTC)


class By(StrEnum):
    """What the list can be sorted by."""

    NEAR = "near"
    OPEN = "open"
    LAST = "last"


TITLES = {
    By.NEAR: _("nearest to my library"),
    By.OPEN: _("open now"),
    By.LAST: _("used last"),
}


@dataclass(frozen=True)
class Choice:
    """A place as the list shows it; ``words`` are how far, whether open, and what else to know."""

    place: Library
    words: tuple[str, ...] = ()
    used: bool = False
    point: str | None = None
    """Where it is, for a browser that knows where its reader is and tells nobody."""


def wanted_order(request: Request) -> By | None:
    """Return the order the address asks for; what is none counts as not said."""
    asked = request.GET.get(PARAMETER)
    return By(asked) if asked in set(By) else None


def offered_places(
    request: Request,
    places: Sequence[Library],
    reader_ids: Sequence[int],
    url: str | None,
    part: str = "",
) -> dict[str, Any]:
    """Return what `circulation/places.pt` shows: the places, and what they can be sorted by.

    ``url`` is the address up to the parameter, ``part`` what follows it; without ``url`` the order
    is chosen by a button of the form the list stands in.
    """
    by = wanted_order(request)
    return {
        "choices": choices(request, places, reader_ids, by),
        "by": by,
        "orders": [
            (str(name), words, url and f"{url}{PARAMETER}={name}{part}")
            for name, words in TITLES.items()
        ],
    }


def choices(
    request: Request, places: Sequence[Library], reader_ids: Sequence[int], by: By | None = None
) -> list[Choice]:
    """Return places in the order wanted, or in the usual one."""
    lists = request.find_service(Lists, context=None)
    last = {one: n for n, one in enumerate(lists.places_used(reader_ids))}
    lockers = any(one.is_locker for one in places)
    taken = lists.cells_taken() if lockers else {}
    mine = my_library(request)
    origin = _origin(mine)
    own = mine.id if mine else None

    def far(one: Library) -> float:
        kilometres = _kilometres(request, origin, one)
        return kilometres if kilometres is not None else float("inf")

    def usually(one: Library) -> Any:
        # The one used last goes before all, the others that were used do not.
        return (last.get(one.id) != 0, one.id != own, far(one))

    orders: dict[By | None, Callable[[Library], Any]] = {
        None: usually,
        By.NEAR: lambda one: (one.id != own, far(one)),
        By.OPEN: lambda one: (_opens(request, one), far(one)),
        By.LAST: lambda one: (last.get(one.id, len(last)), far(one)),
    }
    found = sorted(places, key=orders[by])
    return [
        Choice(
            one,
            tuple(_words(request, one, origin, taken, told=by is not None or n < SHOWN)),
            used=one.id in last,
            point=_point(request, one),
        )
        for n, one in enumerate(found)
    ]


def _words(
    request: Request, one: Library, origin: Point | None, taken: Any, *, told: bool
) -> list[str]:
    words = []
    kilometres = _kilometres(request, origin, one)
    if kilometres:
        words.append(request.formats.distance(kilometres))
    state = state_now(request, one) if told else None
    if state is not None:
        words.append(request.translate(state.text))
    if one.is_locker and taken.get(one.id, 0) >= (one.cells or 0):
        libraries = request.find_service(Libraries, context=None)
        desk = libraries.tree[libraries.desk_of(one.id)].name_in(request.language)
        full = _(
            "all cells are taken now: your book may wait for one at ${desk}", mapping={"desk": desk}
        )
        words.append(request.translate(full))
    return words


def _kilometres(request: Request, origin: Point | None, one: Library) -> float | None:
    return distance(origin, _on_the_map(request, one))


def _on_the_map(request: Request, one: Library) -> Library:
    """Return what stands where a place is: a locker nobody has set there, before its library."""
    if one.latitude is None and one.kind == OrganisationKind.PICKUP_POINT:
        libraries = request.find_service(Libraries, context=None)
        return libraries.tree[libraries.desk_of(one.id)]
    return one


def _point(request: Request, one: Library) -> str | None:
    there = _on_the_map(request, one)
    if there.latitude is None or there.longitude is None:
        return None
    return f"{there.latitude},{there.longitude}"


def _opens(request: Request, one: Library) -> tuple[int, datetime]:
    """Return what is open now first, then what opens soonest, then what nobody knows."""
    calendars, now = request.find_service(Calendars, context=None), request.clock.now()
    if calendars.is_open(one, now):
        return 0, now
    opens = calendars.next_opening(one, now)
    return (1, opens) if opens is not None else (2, LATER)


def _origin(mine: Library | None) -> Point | None:
    if mine is None or mine.latitude is None or mine.longitude is None:
        return None
    return mine.latitude, mine.longitude
