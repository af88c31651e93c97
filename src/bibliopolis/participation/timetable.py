"""When letters about saved searches are due: in the morning, by the city's clocks."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from .models import Frequency

MORNING = time(7)
MONDAY = 0


def next_look(frequency: str, now: datetime) -> datetime | None:
    """Return the first morning after ``now`` on which a letter may come; ``now`` is local.

    However long nobody looked, the next look is one: it tells of all that came meanwhile.
    """
    if frequency == Frequency.NEVER:
        return None
    day = now.date()
    if now.time() >= MORNING:
        day += timedelta(days=1)
    if frequency == Frequency.WEEKLY:
        day += timedelta(days=(MONDAY - day.weekday()) % 7)
    return datetime.combine(day, MORNING, now.tzinfo)
