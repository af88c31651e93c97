"""Organisations in words: what is open now, the hours of a week, what is different soon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pyramid.request import Request

from bibliopolis.i18n import _
from bibliopolis.parts import Available, Status

from .calendars import DAY, Calendars
from .calendars import Day as CalendarDay
from .models import Access, ExceptionKind, HoursException, Library, OrganisationKind

KINDS = {
    OrganisationKind.NETWORK: _("Network"),
    OrganisationKind.SYSTEM: _("System"),
    OrganisationKind.LIBRARY: _("Library"),
    OrganisationKind.PICKUP_POINT: _("Pickup point"),
}
ACCESS = {
    Access.STEP_FREE: _("step-free entrance"),
    Access.LIFT: _("lift"),
    Access.ACCESSIBLE_TOILET: _("accessible toilet"),
    Access.HEARING_LOOP: _("hearing loop"),
    Access.TACTILE_GUIDANCE: _("tactile guidance"),
    Access.SIGN_LANGUAGE: _("sign language spoken"),
}

EXAMPLES = (
    (
        "Mo-Fr 10:00-20:00; Sa 11:00-18:00; Su off",
        _("Weekdays, a shorter Saturday, closed on Sundays"),
    ),
    ("Tu-Su 11:00-13:00,14:00-19:00", _("A break at noon, closed on Mondays")),
    ("Mo-Su 09:00-21:00; PH off", _("Every day but public holidays")),
    ("Jun-Aug Mo-Fr 10:00-18:00; Sep-May Mo-Sa 10:00-20:00", _("Other hours in summer")),
    ("Mo-Fr 10:00-20:00; Fr[-1] off", _("Closed on the last Friday of a month")),
    ("24/7", _("Round the clock")),
)
"""Weekly hours as they are written, and what they mean."""


URGENT_AHEAD = timedelta(days=7)
"""So long ahead readers are told of an emergency closing wherever the library is named."""


@dataclass(frozen=True)
class HoursLine:
    """A day of a week in words."""

    day: date
    title: str
    hours: Any
    note: str = ""
    is_today: bool = False


def state_now(request: Request, library: Library) -> Status | None:
    """Return whether the place is open and what comes next; None where its hours are unknown."""
    calendars = request.find_service(Calendars, context=None)
    now, today = request.clock.now(), calendars.today(library)
    if not calendars.hours(library, today).known:
        return None
    closes = calendars.closing(library, now)
    zone = calendars.zone(library)
    if closes is not None:
        if closes - now > timedelta(days=7):
            return Status(Available.IN, _("open round the clock"))
        hour = request.formats.time(closes.astimezone(zone).time())
        return Status(Available.IN, _("open until ${time}", mapping={"time": hour}))
    opens = calendars.next_opening(library, now)
    if opens is None:
        return Status(Available.OUT, _("closed until further notice"))
    return Status(Available.OUT, _opening(request, opens.astimezone(zone), today))


def _opening(request: Request, opens: datetime, today: date) -> Any:
    """Return when it opens; ``opens`` is by the clocks of the place."""
    formats = request.formats
    hour = formats.time(opens.time())
    if opens.date() == today:
        return _("closed, opens at ${time}", mapping={"time": hour})
    if opens.date() == today + DAY:
        return _("closed, opens tomorrow at ${time}", mapping={"time": hour})
    near = opens.date() - today < timedelta(days=7)
    day = formats.date(opens.date(), "weekday" if near else "day")
    return _("closed, opens on: ${when}", mapping={"when": formats.listed((day, hour))})


def hours_words(request: Request, day: CalendarDay) -> Any:
    """Return the hours of a day: «10:00–14:00, 15:00–20:00»."""
    if not day.known:
        return _("not known")
    if not day.spans:
        return _("closed")
    time = request.formats.time
    whole = [f"{time(one.opens_at)}–{time(one.closes_at)}" for one in day.spans]
    if whole == [f"{time(day.spans[0].opens_at)}–{time(day.spans[0].opens_at)}"]:
        return _("round the clock")
    return request.formats.listed(whole)


def week_lines(request: Request, library: Library, text: str | None = None) -> list[HoursLine]:
    """Return the coming seven days in words, today first; ``text`` tries other weekly hours."""
    calendars = request.find_service(Calendars, context=None)
    today = calendars.today(library)
    return [
        HoursLine(
            day=day.date,
            title=request.formats.date(day.date, "weekday_day"),
            hours=hours_words(request, day),
            note=", ".join(filter(None, (e.reason_in(request.language) for e in day.exceptions))),
            is_today=day.date == today,
        )
        for day in calendars.week(library, today, text=text)
    ]


def tomorrow_words(request: Request, library: Library) -> str:
    """Return the hours of tomorrow: «завтра 11:00–18:00»; nothing where nobody knows."""
    calendars = request.find_service(Calendars, context=None)
    day = calendars.hours(library, calendars.today(library) + DAY)
    if not day.known:
        return ""
    hours = request.translate(hours_words(request, day))
    return str(request.translate(_("Tomorrow: ${hours}", mapping={"hours": hours})))


def access_words(library: Library) -> list[Any]:
    """Return what makes the place usable for everyone, in words."""
    return [title for name, title in ACCESS.items() if name in library.access]


def exception_words(request: Request, exception: HoursException) -> Any:
    """Return what is different on the days of an exception, without the days and the reason."""
    if exception.whole_day:
        return _("closed")
    assert exception.starts is not None
    assert exception.ends is not None
    time = request.formats.time
    hours = f"{time(exception.starts)}–{time(exception.ends)}"
    if exception.kind == ExceptionKind.CLOSED:
        return _("closed ${hours}", mapping={"hours": hours})
    return _("open ${hours}", mapping={"hours": hours})


def days_words(request: Request, exception: HoursException) -> Any:
    """Return the days of an exception."""
    formats = request.formats
    first = formats.date(exception.first)
    if exception.last is None:
        return _("from ${day} until further notice", mapping={"day": first})
    if exception.last == exception.first:
        return first
    return f"{first} – {formats.date(exception.last)}"


def urgent_words(request: Request, library: Library) -> Any:
    """Return that a place is closed though nobody foresaw it, today or within a week; else None."""
    calendars = request.find_service(Calendars, context=None)
    today = calendars.today(library)
    for one in calendars.exceptions_ahead(library, today):
        if not one.urgent or one.first > today + URGENT_AHEAD:
            continue
        # The place may be open by other hours of its own.
        if calendars.hours(library, max(one.first, today)).spans:
            continue
        named = {"days": request.translate(days_words(request, one))}
        if reason := one.reason_in(request.language):
            return _("Closed: ${days}. ${reason}", mapping={**named, "reason": reason})
        return _("Closed: ${days}.", mapping=named)
    return None


def name_of(request: Request, library: Library | None) -> str:
    """Return the name of an organisation in the language of the page, or nothing."""
    return library.name_in(request.language) if library else ""


def depth_first(
    organisations: Iterable[Library],
) -> list[tuple[int, Library]]:
    """Return organisations as a tree is read, each with how deep it lies."""
    every = list(organisations)
    known = {one.id for one in every}
    below: dict[int | None, list[Library]] = {}
    for one in every:
        below.setdefault(one.parent_id if one.parent_id in known else None, []).append(one)
    found: list[tuple[int, Library]] = []

    def visit(parent_id: int | None, depth: int) -> None:
        for one in below.pop(parent_id, ()):
            found.append((depth, one))
            visit(one.id, depth + 1)

    visit(None, 0)
    return found
