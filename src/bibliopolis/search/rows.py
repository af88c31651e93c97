"""What a found thing looks like on the search page, whichever room it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bibliopolis.covers import Cover
from bibliopolis.parts import Status


@dataclass(frozen=True)
class Action:
    """The one thing to do with a result, as a link."""

    title: Any
    url: str
    primary: bool = False


@dataclass(frozen=True)
class Row:
    """A result as the page and the JSON answer show it.

    ``type`` is a name for programs, ``kind`` one for people; ``lang`` is the language of the
    title; ``json`` adds to the answer for programs.
    """

    title: str
    url: str
    type: str
    kind: Any = ""
    lang: str = ""
    by: str = ""
    meta: Any = ""
    snippet: str = ""
    cover: Cover | None = None
    statuses: tuple[Status, ...] = ()
    action: Action | None = None
    json: dict[str, Any] = field(default_factory=dict)
