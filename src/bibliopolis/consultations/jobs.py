"""What the worker does for consultations by itself."""

from __future__ import annotations

from typing import Any

from .services import Attachments, IncomingLetters, Keeping

HOURLY = 3600.0
EVERY_LOOK = 5.0


def read_letters(request: Any) -> None:
    """Read the letters that have come in, a few at a time."""
    request.find_service(IncomingLetters, context=None).read_all()


def forget_what_is_old(request: Any) -> None:
    """Forget what is kept for a time only."""
    keeping = request.find_service(Keeping, context=None)
    keeping.forget_unconfirmed()
    keeping.forget_ended()
    # What was forgotten just now is swept by the next look, when it is sure to be committed.
    request.find_service(Attachments, context=None).sweep()
    request.find_service(IncomingLetters, context=None).sweep()
