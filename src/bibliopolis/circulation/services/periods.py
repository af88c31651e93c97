"""For how long copies are lent: until a day on which the library is open to take them back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import Libraries

LONGEST_CLOSURE = 366
"""So many days ahead the calendar is asked for one on which the library is open."""


class LoanPeriods:
    """Work out due dates by the calendars of libraries."""

    def __init__(self, libraries: Libraries, calendars: Calendars) -> None:
        self.libraries = libraries
        self.calendars = calendars

    @classmethod
    def from_request(cls, context: Any, request: Any) -> LoanPeriods:
        """Make it for a request."""
        return cls(
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
        )

    def due(self, library_id: int, days: int) -> date:
        """Return the day by which what a library lends today for so many days is to be back.

        If it is closed on that day, the next one on which it is open. Where nobody has said when it
        is open, or it stays closed for a year, the day stays as it is.
        """
        return self.open_from(library_id, self.today(library_id) + timedelta(days=days))

    def today(self, library_id: int) -> date:
        """Return the present day at a library."""
        return self.calendars.today(self.libraries.tree[library_id])

    def day_of(self, library_id: int, moment: datetime) -> date:
        """Return the day on which something happened by the clocks of a library."""
        return moment.astimezone(self.calendars.zone(self.libraries.tree[library_id])).date()

    def open_from(self, library_id: int, day: date) -> date:
        """Return the day, or the next one after it on which the library is open."""
        library = self.libraries.tree[library_id]
        for later in range(LONGEST_CLOSURE):
            candidate = day + timedelta(days=later)
            hours = self.calendars.hours(library, candidate)
            if hours.spans or not hours.known:
                return candidate
        return day
