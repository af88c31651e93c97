"""The parts of a MARC record and of a file of them, whichever way they are written."""

from __future__ import annotations

from collections.abc import Iterator, Set
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
    """A record as written: 24 characters of leader and the fields in their order.

    The fields stay as they are once the record has been asked for some.
    """

    leader: str
    fields: list[Field]
    _by_tag: dict[str, list[Field]] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def get(self, *tags: str) -> Iterator[Field]:
        """Yield the fields with one of these tags, in the order of the record."""
        by_tag = self._fields_by_tag()
        if len(tags) == 1:
            return iter(by_tag.get(tags[0], ()))
        present = [tag for tag in tags if tag in by_tag]
        if len(present) < 2:
            return iter(by_tag[present[0]]) if present else iter(())
        return (candidate for candidate in self.fields if candidate.tag in present)

    def first(self, *tags: str) -> Field | None:
        """Return the first field with one of these tags."""
        return next(self.get(*tags), None)

    def control(self, tag: str) -> str:
        """Return the data of the control field, or an empty string."""
        found = self.first(tag)
        return found.data if found else ""

    def tags(self) -> Set[str]:
        """Return the tags that the record has."""
        return self._fields_by_tag().keys()

    def _fields_by_tag(self) -> dict[str, list[Field]]:
        if self._by_tag is None:
            self._by_tag = {}
            for each in self.fields:
                self._by_tag.setdefault(each.tag, []).append(each)
        return self._by_tag


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
