"""Libraries and pickup points for programs."""

from __future__ import annotations

from typing import Any

from pyramid.request import Request

from .calendars import Calendars, Day
from .list_page import page_of
from .models import HoursException, Library, OrganisationKind
from .services import Libraries


def place_as_json(
    request: Request, place: Library, kilometres: float | None = None
) -> dict[str, Any]:
    """Return the short JSON form of a library or a pickup point, as lists have it.

    ``open`` is null where nobody has said when the place is open; ``distance`` is in kilometres.
    """
    libraries = request.find_service(Libraries)
    above = libraries.tree.get(place.parent_id or 0)
    calendars = request.find_service(Calendars)
    known = calendars.hours(place, calendars.today(place)).known
    closes = calendars.closing(place, request.clock.now()) if known else None
    found = {
        "@id": request.host_url + page_of(request, place, above),
        "@type": place.kind,
        "UID": place.uid,
        "id": place.code,
        "title": place.name_in(request.language),
        "address": place.address_in(request.language),
        "is_pickup_point": place.is_pickup_point,
        "parent": above.code if above else None,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "access": list(place.access),
        "open": closes is not None if known else None,
        "closes": closes.isoformat(timespec="seconds") if closes else None,
    }
    if kilometres is not None:
        found["distance"] = round(kilometres, 3)
    return found


def library_as_json(request: Request, library: Library) -> dict[str, Any]:
    """Return the whole JSON form: with contacts, the coming week and what will be different."""
    calendars = request.find_service(Calendars)
    today = calendars.today(library)
    hours = calendars.settings.setting(library, "opening_hours").value
    return {
        **place_as_json(request, library),
        "contacts": dict(library.contacts),
        "access_note": library.access_note_in(request.language),
        "opening_hours": hours,
        "time_zone": calendars.zone(library).key,
        "week": [_day(one) for one in calendars.week(library, today)],
        "exceptions": [
            _exception(one, request.language) for one in calendars.exceptions_ahead(library, today)
        ],
        "pickup_points": [
            place_as_json(request, one)
            for one in request.find_service(Libraries).below(library)
            if one.kind == OrganisationKind.PICKUP_POINT and not one.withdrawn
        ],
    }


def _day(day: Day) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "hours": [
            {
                "opens": one.opens.astimezone(one.zone).isoformat(timespec="seconds"),
                "closes": one.closes.astimezone(one.zone).isoformat(timespec="seconds"),
            }
            for one in day.spans
        ]
        if day.known
        else None,
    }


def _exception(one: HoursException, language: str) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "first": one.first.isoformat(),
        "last": one.last.isoformat() if one.last else None,
        "starts": one.starts.isoformat("minutes") if one.starts else None,
        "ends": one.ends.isoformat("minutes") if one.ends else None,
        "reason": one.reason_in(language),
        "urgent": one.urgent,
    }
