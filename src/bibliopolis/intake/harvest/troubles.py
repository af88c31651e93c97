"""Why a harvest does not go on: for good, or for now."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """It makes no sense to ask again; ``reason`` is translatable."""

    def __init__(self, reason: Any) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Busy(Exception):
    """The source may answer later, in ``wait`` seconds if it said so; ``reason`` says why."""

    def __init__(self, reason: Any, wait: float = 0.0) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.wait = wait
