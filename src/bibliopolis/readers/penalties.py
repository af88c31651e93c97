"""What stands against a reader for a while, and what it stops."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Stops(StrEnum):
    """What a penalty stands in the way of, as Evergreen's block lists HOLD, CAPTURE and CIRC."""

    HOLDS = "holds"
    """Placing new ones."""
    CAPTURE = "capture"
    """Giving a copy to a hold there is."""
    LOANS = "loans"


@dataclass(frozen=True)
class Penalty:
    """Something that stands against a reader, whatever they want."""

    name: str
    message: Any
    stops: frozenset[Stops]
    remedy: Any = None
    rule: str | None = None
    """The name of the rule of circulation that made it one."""
    ignored_within: int | None = None
    """So many steps from the reader's home library it does not matter; None is nowhere."""
