"""From which day on, and until which, a reader wants a book."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _, _n
from bibliopolis.readers.models import Reader

from ..models import Hold
from .shelf import ShelfPeriods

RULE = "hold_start_days"
LONGEST_WISH = timedelta(days=731)


class WantedDays:
    """Say which days a reader may name, and where a hold stands that begins later.

    Until its first day a hold stands in the queue by that day (Koha: by the start date, then by who
    asked first), and no copy is to be found for it. Days are those of the pickup place.
    """

    def __init__(self, shelf: ShelfPeriods) -> None:
        self.shelf = shelf

    def days_ahead(self, readers: Iterable[Reader]) -> int:
        """Return how many days ahead holds may begin for one of these readers; 0: all at once."""
        decide = self.shelf.rules.decide
        return max((decide(RULE, one.home_library_id, one).value for one in readers), default=0)

    def demand_first(self, hold: Hold, reader: Reader | None, day: date | None) -> None:
        """Refuse a first day that has passed, lies too far ahead, or after the last one."""
        if day is None:
            return
        today, most = self.shelf.today(hold), self.days_ahead([reader] if reader else [])
        reason = None
        if not today <= day <= today + timedelta(days=most):
            reason = _n(
                "Choose a first day from today on, ${n} day ahead at most.",
                "Choose a first day from today on, ${n} days ahead at most.",
                most,
            )
            if not most:
                reason = _("Your library takes no holds that begin later: leave the day empty.")
        elif hold.need_by is not None and day > hold.need_by:
            reason = _("It would begin after the last day on which you want it.")
        if reason is not None:
            raise InvalidInput(reason, {"start": reason})

    def demand_last(self, hold: Hold, day: date | None) -> None:
        """Refuse a last day that has passed, or lies so far ahead that it means nothing."""
        if day is None:
            return
        today, reason = self.shelf.today(hold), None
        if not today <= day <= today + LONGEST_WISH:
            reason = _("Choose a day from today on, two years ahead at most.")
        elif hold.starts is not None and day < hold.starts:
            reason = _("It would end before the first day on which you want it.")
        if reason is not None:
            raise InvalidInput(reason, {"need_by": reason})

    def let_begin(self, hold: Hold, day: date | None, now: datetime) -> None:
        """Let it begin on a day, or now; by that it stands in its queue."""
        asked = hold.asked
        later = day is not None and day > self.shelf.today(hold)
        hold.starts = day if later else None
        hold.placed = self._morning(hold, day) if later and day else now
        hold.requested = asked if hold.placed != asked else None
        hold.wanted_since = hold.placed if hold.placed != asked else None

    def _morning(self, hold: Hold, day: date) -> datetime:
        """Return when a day begins where the hold is collected."""
        zone = self.shelf.calendars.zone(self.shelf.place(hold))
        return datetime.combine(day, time(), zone).astimezone(UTC)
