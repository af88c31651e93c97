"""What the worker does: notes steps that were taken, and looks at the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bibliopolis.parameters import row_id

from .calendar import CalendarLook
from .told import ToldSteps
from .witness import EVENTS, LOAN_EVENTS

LOOK_EVERY = 900.0


def note_steps(request: Any, keys: Sequence[str]) -> None:
    """Note what these steps bring their readers to hear."""
    request.find_service(ToldSteps, context=None).note(_steps(keys))


def note_loan_steps(request: Any, keys: Sequence[str]) -> None:
    """Note what these steps of loans bring their readers to hear."""
    request.find_service(ToldSteps, context=None).note_loans(_steps(keys))


def _steps(keys: Sequence[str]) -> list[tuple[int, str]]:
    pairs = (key.partition(":") for key in keys)
    return [(row_id(number) or 0, action) for number, _colon, action in pairs]


def look_at_calendar(request: Any) -> None:
    """Note what today brings."""
    request.find_service(CalendarLook, context=None).look()


__all__ = [
    "EVENTS",
    "LOAN_EVENTS",
    "LOOK_EVERY",
    "look_at_calendar",
    "note_loan_steps",
    "note_steps",
]
