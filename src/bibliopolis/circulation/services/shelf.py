"""Until when a copy waits for its reader: a day on which the pickup place is open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.models import Reader

from ..models import Hold
from .rules import CirculationRules

RULE = "hold_shelf_days"
LONGEST_CLOSURE = 366
"""So many days ahead the calendar is asked for one on which the place is open."""


class ShelfPeriods:
    """Work out the last day to collect, by the rules and the calendar of the pickup place.

    Days on which the place is closed do not count; a locker has the hours of its library unless it
    has its own. Where nobody has said when a place is open, every day counts.
    """

    def __init__(self, libraries: Libraries, calendars: Calendars, rules: CirculationRules) -> None:
        self.libraries = libraries
        self.calendars = calendars
        self.rules = rules

    @classmethod
    def from_request(cls, context: Any, request: Any) -> ShelfPeriods:
        """Make it for a request."""
        return cls(
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
            rules=request.find_service(CirculationRules, context=None),
        )

    def last_day(
        self,
        hold: Hold,
        reader: Reader | None,
        item: Item | None,
        record: Record | None,
        since: date | None = None,
    ) -> date:
        """Return until when a copy that becomes ready today, or did so on ``since``, waits.

        The day until which its reader wants the book goes before, if it comes earlier.
        """
        days: int = self.rules.decide(RULE, hold.pickup_library_id, reader, item, record).value
        place = self.place(hold)
        begins = day = since or self.calendars.today(place)
        closed = 0
        while days and closed < LONGEST_CLOSURE:
            day += timedelta(days=1)
            open_then = self.is_open(place, day)
            days -= open_then
            closed = 0 if open_then else closed + 1
        day += timedelta(days=days)  # closed for a year: no calendar helps
        return max(begins, min(day, hold.need_by)) if hold.need_by else day

    def is_over(self, hold: Hold) -> bool:
        """Say whether the last day has passed where it waits, and the place is open today."""
        place = self.place(hold)
        today = self.calendars.today(place)
        last = hold.collect_by
        return last is not None and last < today and self.is_open(place, today)

    def today(self, hold: Hold) -> date:
        """Return the present day where the hold is collected."""
        return self.calendars.today(self.place(hold))

    def day_of(self, hold: Hold, moment: datetime) -> date:
        """Return the day on which something happened by the clocks where it is collected."""
        return moment.astimezone(self.calendars.zone(self.place(hold))).date()

    def place(self, hold: Hold) -> Library:
        """Return where the hold is collected."""
        return self.libraries.tree[hold.pickup_library_id]

    def is_open(self, place: Library, day: date) -> bool:
        """Say whether a place is open on a day; where nobody has said so, it is."""
        hours = self.calendars.hours(place, day)
        return bool(hours.spans) or not hours.known
