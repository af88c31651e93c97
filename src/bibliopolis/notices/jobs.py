"""What the worker does for notices: sends what is due, and forgets what is not to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bibliopolis.parameters import row_id

from .services import NoticeLog, Sending

LOOK_EVERY = 15.0
TIDY_EVERY = 300.0
DAILY = 24 * 3600.0


def look(request: Any) -> None:
    """Find who is to get something now."""
    request.find_service(Sending, context=None).queue_due()


def send(request: Any, keys: Sequence[str]) -> None:
    """Send it; what was sent meanwhile is left alone."""
    sending = request.find_service(Sending, context=None)
    for key in keys:
        reader, channel, asked = key.split(":", 2)
        sending.send(row_id(reader) or 0, channel, datetime.fromisoformat(asked))


def forget_things(request: Any) -> None:
    """Forget what notices were about that is over."""
    request.find_service(NoticeLog, context=None).forget_things()


def forget_old(request: Any) -> None:
    """Forget to whom old notices went."""
    log = request.find_service(NoticeLog, context=None)
    while log.forget_old():
        pass
