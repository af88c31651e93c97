"""What the worker does for saved searches: finds which are due, and writes to their owners.

Which are due is a short transaction that also says when they are next. Each search is then
worked alone: what is new, the letter and how far it tells are one transaction, so that a worker
that is killed writes it once, later.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bibliopolis.parameters import row_id

from .services import Alerts

TOPIC = "saved_search"
LOOK_EVERY = 60.0


def find_due(request: Any) -> None:
    """Put into the outbox what is due, some at a time."""
    request.find_service(Alerts, context=None).queue_due(TOPIC)


def write_alerts(request: Any, keys: Sequence[str]) -> None:
    """Write what is new to the owners of these searches."""
    alerts = request.find_service(Alerts, context=None)
    for key in keys:
        alerts.tell(row_id(key) or 0)
