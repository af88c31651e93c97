"""What the page of a library says of itself to search engines: where it is and when it is open."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from pyramid.request import Request

from bibliopolis.content.pages import PublicPage
from bibliopolis.publicity import About, breadcrumbs, organization, shortened, whole

from .calendars import Calendars, Day
from .models import ExceptionKind, HoursException, Library
from .page import AHEAD_SHOWN, map_url
from .presenters import ACCESS

SCHEMA = "https://schema.org/"
MIDNIGHT = time()
END_OF_DAY = "23:59"
"""What machines read as the end of a day; 00:00 would be its beginning."""


def about_library(
    request: Request, library: Library, page: PublicPage | None, crumbs: Any, url: str
) -> About:
    """Return what the page of a library says of itself."""
    name = library.name_in(request.language)
    description = shortened(page.values.get("summary") if page else "")
    picture = page.values.get("picture") if page else None
    image = whole(request, picture["scales"]["wide"]) if picture else None
    words = {
        "@type": "Library",
        "@id": url,
        "url": url,
        "name": name,
        "description": description,
        "image": image,
        "telephone": library.contacts.get("phone"),
        "email": library.contacts.get("email"),
        "sameAs": library.contacts.get("web"),
        "address": library.address_in(request.language),
        "geo": _geo(library),
        "hasMap": map_url(library),
        "openingHoursSpecification": list(_hours(request, library)),
        "amenityFeature": [
            {
                "@type": "LocationFeatureSpecification",
                "name": request.translate(title),
                "value": True,
            }
            for access, title in ACCESS.items()
            if access in library.access
        ],
        "parentOrganization": organization(request),
    }
    return About(
        title=name,
        url=url,
        description=description or library.address_in(request.language),
        image=image,
        image_alt=str(page.values.get("picture_alt") or "") if page and image else "",
        data=(words, breadcrumbs(request, crumbs)),
    )


def _geo(library: Library) -> dict[str, Any] | None:
    if library.latitude is None or library.longitude is None:
        return None
    return {
        "@type": "GeoCoordinates",
        "latitude": library.latitude,
        "longitude": library.longitude,
    }


def _hours(request: Request, library: Library) -> Iterable[dict[str, Any]]:
    """Return the hours of each of the coming seven days, and the closures after them."""
    calendars = request.find_service(Calendars, context=None)
    today = calendars.today(library)
    week = calendars.week(library, today)
    for day in week:
        yield from _day(day)
    last = week[-1].date
    ahead = calendars.exceptions_ahead(library, today)
    for one in [one for one in ahead if one.first > last][:AHEAD_SHOWN]:
        # "Closed between two hours" has no words there.
        if one.whole_day or one.kind == ExceptionKind.OTHER_HOURS:
            yield _exception(one)


def _day(day: Day) -> Iterable[dict[str, Any]]:
    if not day.known:
        return
    if not day.spans:
        yield _specification(day.date, day.date, "00:00", "00:00", day.date)
    for span in day.spans:
        opens, closes = _hour(span.opens_at), _end(span.closes_at)
        yield _specification(day.date, day.date, opens, closes, day.date)


def _exception(one: HoursException) -> dict[str, Any]:
    opens = closes = "00:00"
    if not one.whole_day and one.starts is not None and one.ends is not None:
        opens, closes = _hour(one.starts), _end(one.ends)
    return _specification(one.first, one.last, opens, closes)


def _specification(
    first: date, last: date | None, opens: str, closes: str, day: date | None = None
) -> dict[str, Any]:
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": f"{SCHEMA}{DAYS[day.weekday()]}" if day else None,
        "opens": opens,
        "closes": closes,
        "validFrom": first.isoformat(),
        "validThrough": last.isoformat() if last else None,
    }


def _hour(moment: time) -> str:
    return moment.strftime("%H:%M")


def _end(moment: time) -> str:
    return END_OF_DAY if moment == MIDNIGHT else _hour(moment)


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
