"""How often one calendar is read: programs ask every few hours, and one that loops is told to wait.

Counted in the memory of each process: reading a calendar writes nothing.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

MOST = 60
WINDOW = timedelta(hours=1)
KNOWN = 10_000
"""So many calendars are counted at most; who has not asked for longest is forgotten."""


class ReadingLimit:
    """Let each calendar be read MOST times in a WINDOW."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = Lock()

    def wait(self, calendar: str, now: datetime) -> timedelta | None:
        """Count a reading; return how long to wait if there were too many."""
        with self._lock:
            since, count = self._asked.pop(calendar, (now, 0))
            if now - since >= WINDOW:
                since, count = now, 0
            self._asked[calendar] = (since, count + 1)
            if len(self._asked) > KNOWN:
                self._asked.popitem(last=False)
        return since + WINDOW - now if count >= MOST else None
