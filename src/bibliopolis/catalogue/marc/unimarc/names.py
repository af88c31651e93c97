"""Who is named in the fields 7xx, in what role, with the whole name where it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bibliopolis.catalogue.marc.codes import CONTRIBUTOR
from bibliopolis.catalogue.marc.structure import Field, Record
from bibliopolis.catalogue.marc.text import clean, unpunctuated
from bibliopolis.catalogue.marc.unimarc.codes import role
from bibliopolis.catalogue.record_data import Contributor, Kind

MAKERS = ("700", "701", "710", "711", "720", "721")
OTHERS = ("702", "712", "716", "722", "730")
COMPOSED = (Kind.SCORE, Kind.SOUND)


def contributors(record: Record, kind: Kind, sets: Iterable[Record]) -> tuple[Contributor, ...]:
    """Return people and bodies, each role once; a volume without any has those of its set."""
    default = "composer" if kind in COMPOSED else "author"
    found: dict[tuple[str, str], Contributor] = {}
    for source in (record, *sets):
        for field, fallback in _fields(source, default):
            person = _contributor(field, fallback)
            if person.name:
                found.setdefault((person.name, person.role), person)
        if found:
            break
    return tuple(found.values())


def _fields(record: Record, default: str) -> Iterator[tuple[Field, str]]:
    """Yield the fields that name somebody, with the role to assume where none is given.

    The same tag with another $6 is the same person in another script (see ``_contributor``).
    """
    for field in record.get(*MAKERS):
        yield field, default
    for field in record.get(*OTHERS):
        yield field, CONTRIBUTOR


def _contributor(field: Field, default: str) -> Contributor:
    corporate = field.tag[1:2] == "1"
    return Contributor(
        name=body(field) if corporate else person_name(field),
        role=role(field.all("4"), default),
        dates="" if corporate else unpunctuated(field.first("f")),
        direct=corporate or is_direct(field),
    )


def is_direct(field: Field) -> bool:
    """Return whether the name is written as it is said: a ruler, a saint, a single name."""
    return field.indicators[1:2] == "0" and not (field.first("b") or field.first("g"))


def person_name(field: Field) -> str:
    """Return ``Surname, Whole Name``, with initials where the whole name is not given."""
    entry = clean(field.first("a")).rstrip(", ")
    rest = clean(field.first("g") or field.first("b")).strip(", ")
    number = clean(field.first("d")).strip(", ")
    if number:
        entry = f"{entry} {number}"
    added = [clean(value).strip(", ") for value in field.all("c")]
    # A name's last full stop belongs to an initial.
    return ", ".join(piece for piece in (entry, rest, *added) if piece)


def body(field: Field) -> str:
    """Return the name of a body, its parts behind full stops."""
    main = [unpunctuated(value) for value in field.all("ab")]
    return ". ".join(piece for piece in main if piece)
