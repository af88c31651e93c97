"""A record as plain facts, each on one line: what all formats of export start from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bibliopolis.catalogue.labels import language_of
from bibliopolis.catalogue.marc.text import clean
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.naming import COMMA
from bibliopolis.catalogue.record_data import Kind

# Neither XML nor UTF-8 can carry them; `clean` has taken the control characters already.
NO_CHARACTERS = re.compile("[\ud800-\udfff\ufffe\uffff]")
AUTHORS = ("author", "composer", "director", "cartographer", "artist")


@dataclass(frozen=True)
class Person:
    """Somebody who had a part in the work; a body, a ruler or a saint has only a ``name``."""

    name: str
    role: str = "author"
    family: str = ""
    given: str = ""
    suffix: str = ""
    dates: str = ""
    original: str = ""

    @classmethod
    def of(cls, person: dict[str, Any]) -> Person:
        """Read a contributor of a record."""
        name = line(person.get("name"))
        family, *rest = COMMA.split(name)
        parted = bool(rest) and not person.get("direct")
        return cls(
            name=name,
            role=line(person.get("role")) or "author",
            family=family if parted else "",
            given=rest[0] if parted else "",
            suffix=", ".join(rest[1:]) if parted else "",
            dates=line(person.get("dates")),
            original=line(person.get("original")),
        )

    @property
    def inverted(self) -> str:
        """Return "Dostoevsky, Fyodor", without what follows; a body as it is called."""
        return f"{self.family}, {self.given}" if self.family else self.name


@dataclass(frozen=True)
class Facts:
    """A record with everything on one line; ``url`` is where it is described, for good."""

    id: int
    url: str
    kind: Kind
    title: str
    subtitle: str
    responsibility: str
    other_titles: tuple[str, ...]
    people: tuple[Person, ...]
    publisher: str
    place: str
    year: int | None
    edition: str
    extent: str
    series: tuple[str, ...]
    summary: str
    contents: str
    language: str
    languages: tuple[str, ...]
    isbns: tuple[str, ...]
    issns: tuple[str, ...]
    subjects: tuple[str, ...]
    classes: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    source: bytes | None = None
    """What its library sent, where that is at hand."""

    @classmethod
    def of(cls, record: Record, url: str, source: bytes | None = None) -> Facts:
        """Read a record."""
        return cls(
            id=record.id,
            url=url,
            kind=Kind(record.kind) if record.kind in set(Kind) else Kind.OTHER,
            title=". ".join(filter(None, (line(record.title), line(record.part)))),
            subtitle=line(record.subtitle),
            responsibility=line(record.responsibility),
            other_titles=_lines(record.other_titles),
            people=tuple(Person.of(one) for one in record.contributors if line(one.get("name"))),
            publisher=line(record.publisher),
            place=line(record.place),
            year=record.year,
            edition=line(record.edition),
            extent=line(record.extent),
            series=_lines(record.series),
            summary=line(record.summary),
            contents=line(record.contents),
            language=line(language_of(record.title, record.language)),
            languages=_lines(record.languages),
            isbns=_lines(record.isbns),
            issns=_lines(record.issns),
            subjects=_lines(record.subjects),
            classes=_lines(record.classes),
            links=tuple((line(one.get("url")), line(one.get("title"))) for one in record.links),
            source=source,
        )

    @property
    def full_title(self) -> str:
        """Return title and subtitle."""
        return f"{self.title}: {self.subtitle}" if self.subtitle else self.title

    @property
    def authors(self) -> tuple[Person, ...]:
        """Return those whose work it is."""
        return self.in_role(*AUTHORS)

    def in_role(self, *roles: str) -> tuple[Person, ...]:
        """Return those who did one of these things."""
        return tuple(one for one in self.people if one.role in roles)

    def not_in_role(self, *roles: str) -> tuple[Person, ...]:
        """Return those who did something else."""
        return tuple(one for one in self.people if one.role not in roles)


def line(text: Any) -> str:
    """Return a text on one line, without characters that no format can carry."""
    return clean(NO_CHARACTERS.sub("", str(text or "")))


def _lines(texts: Iterable[Any]) -> tuple[str, ...]:
    return tuple(found for one in texts if (found := line(one)))
