"""The clock as a collaborator, so that rules about time can be tested."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


class Clock:
    """Tell the time: instants are UTC, days are those of the city's time zone."""

    def __init__(self, zone: str = "Europe/Moscow") -> None:
        self.zone = ZoneInfo(zone)

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the present day as the city's calendars show it."""
        return self.local(self.now()).date()

    def local(self, instant: datetime) -> datetime:
        """Return the instant in the city's time zone."""
        return instant.astimezone(self.zone)


class FixedClock(Clock):
    """A clock that stands still until it is told to go on; for tests and demo data."""

    def __init__(self, instant: datetime, zone: str = "Europe/Moscow") -> None:
        super().__init__(zone)
        self.instant = instant

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self.instant

    def advance(self, step: timedelta) -> None:
        """Move the hands forward."""
        self.instant += step
