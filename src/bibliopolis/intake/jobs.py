"""What the worker does for what comes in: reads again what was refused, forgets what is old."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bibliopolis.errors import BibliopolisError

RETRY = "quarantined_record"
HOURLY = 3600.0


def retry_records(request: Any, keys: Sequence[str]) -> None:
    """Read refused records again; what still cannot be taken in stays, with its reason."""
    from .quarantine import Quarantine

    quarantine = request.find_service(Quarantine, context=None)
    for key in keys:
        try:
            quarantine.retry(int(key))
        except BibliopolisError:
            continue  # refused before anything was written, or gone already


def forget_what_is_old(request: Any) -> None:
    """Forget what is kept for a time only."""
    from .harvest.harvests import Harvests
    from .quarantine import Quarantine
    from .runs import Runs

    days = request.settings.quarantine_days
    request.find_service(Quarantine, context=None).forget_old(days)
    request.find_service(Runs, context=None).forget_old(days)
    request.find_service(Harvests, context=None).forget_old(days)
