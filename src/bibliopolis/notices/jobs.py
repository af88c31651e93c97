"""What the worker does for notices: sends what is due, and forgets what is not to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bibliopolis.outbox import Outbox, Priority
from bibliopolis.parameters import row_id

from .services import Addresses, NoticeLog, Sending

LOOK_EVERY = 15.0
TIDY_EVERY = 300.0
DAILY = 24 * 3600.0
OLD, ALL = "old_notices", "all"


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


def look_for_old(request: Any) -> None:
    """Let old notices be made nameless, unless that is under way."""
    outbox = request.find_service(Outbox, context=None)
    outbox.add_all(OLD, outbox.not_in_it(OLD, [ALL]), Priority.BULK)


def forget_old(request: Any, keys: Sequence[str]) -> None:
    """Forget to whom some old notices went; each batch is a transaction of its own."""
    if request.find_service(NoticeLog, context=None).forget_old():
        request.find_service(Outbox, context=None).add(OLD, ALL, Priority.BULK)


def send_codes(request: Any, keys: Sequence[str]) -> None:
    """Send the codes that readers have asked for."""
    addresses = request.find_service(Addresses, context=None)
    for key in keys:
        reader, channel, language, asked = key.split(":", 3)
        addresses.send_code(row_id(reader) or 0, channel, language, datetime.fromisoformat(asked))
