"""From where copies can be fetched today."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bibliopolis.clock import Clock
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import Libraries

from .rules import CirculationRules

TAKES_PART = "takes_part"
RETARGET_HOURS = "retarget_hours"


class Reach:
    """Answer for the libraries of one request; each is asked about once."""

    def __init__(
        self, clock: Clock, libraries: Libraries, calendars: Calendars, rules: CirculationRules
    ) -> None:
        self.clock = clock
        self.libraries = libraries
        self.calendars = calendars
        self.rules = rules
        self._known: dict[int, bool] = {}

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Reach:
        """Make it for a request."""
        return cls(
            clock=request.clock,
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
            rules=request.find_service(CirculationRules, context=None),
        )

    def is_fetched_from(self, library_id: int) -> bool:
        """Say whether somebody can be sent for a copy there.

        Not where the library takes no part, nor where it is closed beyond its weekly days off,
        today and still when the copy is looked for again (Evergreen: now and at the next check).
        """
        if library_id not in self._known:
            self._known[library_id] = self._is_fetched_from(library_id)
        return self._known[library_id]

    def patience(self, library_id: int) -> timedelta:
        """Return for how long a copy stands on the pull list before another one is looked for."""
        return timedelta(hours=self.rules.decide(RETARGET_HOURS, library_id).value)

    def _is_fetched_from(self, library_id: int) -> bool:
        library = self.libraries.tree.get(library_id)
        if library is None:
            return True
        if not self.rules.decide(TAKES_PART, library_id).value:
            return False
        today = self.calendars.today(library)
        later = today + timedelta(days=max(1, self.patience(library_id).days))
        days = (self.calendars.hours(library, day) for day in (today, later))
        return any(day.spans or not day.exceptions for day in days)

    def works_today(self, library_id: int) -> bool:
        """Say whether somebody could have gone for a copy there today."""
        library = self.libraries.tree.get(library_id)
        if library is None:
            return True
        day = self.calendars.hours(library, self.calendars.today(library))
        return bool(day.spans) or not day.known
