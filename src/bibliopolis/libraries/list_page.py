"""The list of libraries: each with what is open now, how far it is and how to get in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from bibliopolis.parts import Status

from .finding import Found
from .models import Library, OrganisationKind
from .page import ACCESS_ICONS
from .presenters import ACCESS, state_now, urgent_words
from .services import Libraries

SHOWN_ACCESS = 3


@dataclass(frozen=True)
class PlaceLine:
    """A library or a pickup point as the list shows it; ``filled_by`` is a locker's library."""

    code: str
    title: str
    url: str
    is_mine: bool
    is_library: bool
    is_locker: bool
    holds: bool
    status: Status | None
    urgent: Any
    distance: str
    address: str
    access: tuple[tuple[str, Any], ...]
    filled_by: str = ""
    choose: str = ""


def line_of(request: Request, found: Found, mine: Library | None) -> PlaceLine:
    """Return a place of the list in words."""
    place = found.place
    is_library = place.kind == OrganisationKind.LIBRARY
    above = request.find_service(Libraries).tree.get(place.parent_id or 0)
    page = page_of(request, place, above)
    return PlaceLine(
        code=place.code,
        title=place.name_in(request.language),
        url=page,
        is_mine=place is mine,
        is_library=is_library,
        is_locker=place.is_locker,
        holds=place.is_pickup_point,
        status=state_now(request, place),
        urgent=urgent_words(request, place),
        distance="" if found.kilometres is None else request.formats.distance(found.kilometres),
        address=place.address_in(request.language),
        access=tuple(
            (ACCESS_ICONS[name], title) for name, title in ACCESS.items() if name in place.access
        )[:SHOWN_ACCESS],
        filled_by=above.name_in(request.language) if above and not is_library else "",
        choose=f"{page}/choose" if is_library else "",
    )


def page_of(request: Request, place: Library, above: Library | None) -> str:
    """Return where a place is described: a pickup point on the page of its library."""
    start = f"{request.frame.home}/libraries"
    if place.kind == OrganisationKind.LIBRARY or above is None:
        return f"{start}/{place.code}"
    return f"{start}/{above.code}#{place.code}"
