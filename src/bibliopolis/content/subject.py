"""What the machine, its guards and the checks of a page look at: one language of a page, now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bibliopolis.resources.types import ResourceType

MEDIA_KEYS = ("media", "uid")
"""Where blocks and fields keep the uid of a file."""


@dataclass(frozen=True)
class Subject:
    """The working revision of a page in one language, together with what all languages share."""

    type: ResourceType
    language: str
    state: str
    data: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, Any] = field(default_factory=dict)
    is_live: bool = False
    node_id: int = 0

    @property
    def blocks(self) -> Sequence[Mapping[str, Any]]:
        """Return the body."""
        return self.data.get("blocks") or ()


def media_of(data: Any) -> set[str]:
    """Return the uids of the files a revision shows, wherever they stand in it."""
    if isinstance(data, Mapping):
        found = {data[key] for key in MEDIA_KEYS if isinstance(data.get(key), str)}
        return found.union(*(media_of(value) for value in data.values()))
    if isinstance(data, list | tuple):
        return set[str]().union(*(media_of(value) for value in data))
    return set()
