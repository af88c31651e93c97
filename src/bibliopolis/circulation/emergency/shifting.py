"""Where dates go that fall on days on which a place had to close: pure, over two calendars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

DAY = timedelta(days=1)
LONGEST = 366
"""So many days ahead a calendar is asked for one on which the place is open."""

IsOpen = Callable[[date], bool]


def next_open(day: date, is_open: IsOpen) -> date:
    """Return the day, or the next one on which the place is open; itself where none is near."""
    for later in range(LONGEST):
        if is_open(day + later * DAY):
            return day + later * DAY
    return day


def last_day_to_collect(
    last: date,
    need_by: date | None,
    closed: tuple[date, date],
    was_open: IsOpen,
    is_open: IsOpen,
) -> date:
    """Return until when a copy waits whose reader has lost some of the days to collect it.

    Each open day that fell away is given back behind the last one, on days on which the place is
    open; ``closed`` are the first and last of the days in question. The day until which the reader
    wants the book comes first, but no date is ever brought forward.
    """
    first, end = closed
    length = (min(end, last) - first).days + 1
    lost = sum(
        was_open(first + n * DAY) and not is_open(first + n * DAY) for n in range(max(0, length))
    )
    if not lost:
        return last
    day, looked_at = last, 0
    while lost and looked_at < LONGEST:
        day, looked_at = day + DAY, looked_at + 1
        lost -= is_open(day)
    return max(last, min(day, need_by)) if need_by else day
