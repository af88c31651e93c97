"""What the worker does for readers: ends registrations that no desk has finished in time."""

from __future__ import annotations

from typing import Any

from .services import Leaving

SIX_HOURS = 6 * 3600.0
AT_ONCE = 50
"""So many end in one transaction; the rest waits for the next look."""


def end_unfinished(request: Any) -> None:
    """End them, at most so many at once: each may have holds to cancel."""
    request.find_service(Leaving).end_unfinished(AT_ONCE)
