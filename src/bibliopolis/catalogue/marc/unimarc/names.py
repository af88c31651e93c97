"""Who is named in the fields 7xx, in what role, with the whole name where it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bibliopolis.catalogue.marc.codes import CONTRIBUTOR
from bibliopolis.catalogue.marc.structure import Field, Record
from bibliopolis.catalogue.marc.text import clean, unpunctuated
from bibliopolis.catalogue.marc.unimarc.codes import role
from bibliopolis.catalogue.record_data import Contributor, Kind

MAKERS = ("700", "701", "710", "711", "720", "721")
OTHERS = ("702", "712", "716", "722", "730")
OTHER_SCRIPT = re.compile(r"a[0-9]{2}")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
COMPOSED = (Kind.SCORE, Kind.SOUND)


def contributors(record: Record, kind: Kind, sets: Iterable[Record]) -> tuple[Contributor, ...]:
    """Return people and bodies, each role once; a volume without any has those of its set."""
    default = "composer" if kind in COMPOSED else "author"
    found: dict[tuple[str, str], Contributor] = {}
    for source in (record, *sets):
        for fields, fallback in _people(source, default):
            person = _contributor(fields, fallback)
            if person.name:
                found.setdefault((person.name, person.role), person)
        if found:
            break
    return tuple(found.values())


def _people(record: Record, default: str) -> Iterator[tuple[list[Field], str]]:
    """Yield the fields that name somebody, with the role to assume where none is given.

    The same tag again with the same link (UNIMARC $6: a letter and a number of two digits, the
    letter "a" for another script) is the same name in another script.
    """
    for tags, fallback in ((MAKERS, default), (OTHERS, CONTRIBUTOR)):
        by_link: dict[tuple[str, str], list[Field]] = {}
        for turn, field in enumerate(record.get(*tags)):
            link = field.first("6")
            key = link[:3] if OTHER_SCRIPT.match(link) else f"field {turn}"
            by_link.setdefault((field.tag, key), []).append(field)
        yield from ((fields, fallback) for fields in by_link.values())


def _contributor(fields: list[Field], default: str) -> Contributor:
    """Return the person or body; of two scripts the Latin one is a transliteration."""
    ordered = sorted(fields, key=lambda field: not LATIN.match(field.first("a").lstrip()))
    field = ordered[0]
    corporate = field.tag[1:2] == "1"
    write = body if corporate else person_name
    return Contributor(
        name=write(field),
        role=role([value for one in fields for value in one.all("4")], default),
        dates="" if corporate else unpunctuated(field.first("f")),
        original=write(ordered[1]) if len(ordered) > 1 else "",
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
