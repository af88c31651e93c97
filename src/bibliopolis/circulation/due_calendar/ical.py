"""A calendar as iCalendar (RFC 5545), for programs that ask for it again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from icalendar import Calendar, Event, vUri

from bibliopolis.i18n import _

from .calendars import Entry

MEDIA_TYPE = "text/calendar"
PRODUCT = "-//Bibliopolis//Due dates//EN"
EVERY = timedelta(hours=4)
"""So often programs are told to ask again (RFC 7986, REFRESH-INTERVAL)."""

DUE, COLLECT = _("Library: books due"), _("Library: books to collect")
BEGINS = _("Library: from today on a copy is looked for")
DUE_NAMED, COLLECT_NAMED = _("Due: “${title}”"), _("Last day to collect: “${title}”")
NAME = _("Library")


def write(
    entries: Iterable[Entry],
    places: Callable[[int], str],
    say: Callable[[Any], str],
    host: str,
    url: str,
) -> bytes:
    """Return the calendar; the same entries give the same bytes.

    Due dates are days of the library's own calendar, so they are written as days: an instant would
    fall on another day for who travels. They take no time from anybody, and stay as long as they
    are true: programs forget what is no longer in the calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", say(NAME))
    calendar.add("x-wr-calname", say(NAME))
    calendar.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", EVERY)
    for one in entries:
        calendar.add_component(_event(one, places, say, host, url))
    return bytes(calendar.to_ical())


def _event(
    one: Entry, places: Callable[[int], str], say: Callable[[Any], str], host: str, url: str
) -> Event:
    event = Event()
    event.add("uid", f"{one.uid}@{host}")
    event.add("dtstamp", one.changed)
    event.add("last-modified", one.changed)
    event.add("dtstart", one.day)
    event.add("dtend", one.day + timedelta(days=1))
    event.add("summary", say(_summary(one)))
    event.add("location", places(one.library_id))
    event.add("url", vUri(url))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _summary(one: Entry) -> Any:
    if one.title is None and one.begins:
        return BEGINS
    if one.title is None:
        return DUE if one.is_loan else COLLECT
    named = {"title": one.title}
    if one.is_loan:
        return _("Due: “${title}”", mapping=named)
    if one.begins:
        return _("The hold begins: “${title}”", mapping=named)
    return _("Last day to collect: “${title}”", mapping=named)
