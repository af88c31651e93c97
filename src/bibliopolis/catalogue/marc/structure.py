"""The parts of a MARC record and of a file of them, whichever way they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


class Unusable(Exception):
    """The record cannot be read; ``reason`` is translatable and goes into the report."""

    def __init__(self, reason: Any) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Place:
    """Where in which file a record stands: its number, from 1, and the byte it begins at."""

    file: str
    ordinal: int
    offset: int


@dataclass(slots=True)
class Field:
    """A control field (``data``) or a data field (indicators and subfields)."""

    tag: str
    data: str = ""
    indicators: str = "  "
    subfields: list[tuple[str, str]] = field(default_factory=list)

    def all(self, codes: str) -> list[str]:
        """Return the values of the subfields with one of these codes, in their order."""
        return [value for code, value in self.subfields if code in codes and value]

    def first(self, code: str) -> str:
        """Return the first value of the subfield, or an empty string."""
        for candidate, value in self.subfields:
            if candidate == code:
                return value
        return ""


@dataclass(slots=True)
class Record:
    """A record as written: 24 characters of leader and the fields in their order."""

    leader: str
    fields: list[Field]

    def get(self, *tags: str) -> Iterator[Field]:
        """Yield the fields with one of these tags, in the order of the record."""
        return (candidate for candidate in self.fields if candidate.tag in tags)

    def first(self, *tags: str) -> Field | None:
        """Return the first field with one of these tags."""
        return next(self.get(*tags), None)

    def control(self, tag: str) -> str:
        """Return the data of the control field, or an empty string."""
        found = self.first(tag)
        return found.data if found else ""


@dataclass(frozen=True)
class Piece:
    """A record read, or the reason why not; ``remarks`` say what was mended on the way.

    ``raw`` are its bytes as they stand in the file, ``encoding`` what they were read as.
    """

    place: Place
    record: Record | None = None
    reason: Any = None
    remarks: tuple[Any, ...] = ()
    raw: bytes = b""
    encoding: str = ""
