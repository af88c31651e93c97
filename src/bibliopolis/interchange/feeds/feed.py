"""What a feed carries, whatever it is written in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """One thing in a feed; ``categories`` are terms with the words people read."""

    id: str
    title: str
    url: str
    language: str
    updated: datetime
    published: datetime | None = None
    summary: str = ""
    categories: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Feed:
    """A page of a feed; ``links`` are (relation, address) beside those to itself and its page."""

    id: str
    title: str
    url: str
    page: str
    language: str
    author: str
    entries: Sequence[Entry]
    updated: datetime
    subtitle: str = ""
    links: Sequence[tuple[str, str]] = field(default_factory=tuple)
