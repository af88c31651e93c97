"""What the worker does: notes steps that were taken, and looks at the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bibliopolis.parameters import row_id

from .calendar import CalendarLook
from .told import ToldSteps
from .witness import EVENTS

LOOK_EVERY = 900.0


def note_steps(request: Any, keys: Sequence[str]) -> None:
    """Note what these steps bring their readers to hear."""
    pairs = (key.partition(":") for key in keys)
    steps = [(row_id(number) or 0, action) for number, _colon, action in pairs]
    request.find_service(ToldSteps, context=None).note(steps)


def look_at_calendar(request: Any) -> None:
    """Note what today brings."""
    request.find_service(CalendarLook, context=None).look()


__all__ = ["EVENTS", "LOOK_EVERY", "look_at_calendar", "note_steps"]
