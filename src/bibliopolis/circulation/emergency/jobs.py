"""The worker and emergency closings: a turn at a time, so that nothing else waits long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .moving import Moving


def carry_on(request: Any, keys: Sequence[str]) -> None:
    """Go on with emergency closings; the handler's transaction puts what is left back."""
    moving = request.find_service(Moving, context=None)
    for key in keys:
        moving.work(key)
