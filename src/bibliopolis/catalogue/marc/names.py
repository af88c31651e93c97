"""Contributors: who is named in the fields 1xx and 7xx, in what role, in which script."""

from __future__ import annotations

from collections.abc import Iterator

from bibliopolis.catalogue.marc.codes import CONTRIBUTOR, role
from bibliopolis.catalogue.marc.links import Links
from bibliopolis.catalogue.marc.structure import Field, Record
from bibliopolis.catalogue.marc.text import bare, clean, unstopped
from bibliopolis.catalogue.record_data import Contributor, Kind

MAIN_TAGS = ("100", "110", "111")
ADDED_TAGS = ("700", "710", "711", "720")
COMPOSED = (Kind.SCORE, Kind.SOUND)


def contributors(record: Record, links: Links, kind: Kind) -> tuple[Contributor, ...]:
    """Return the people and bodies of the record, the main entry first, each role once."""
    default = "composer" if kind in COMPOSED else "author"
    found: dict[tuple[str, str], Contributor] = {}
    named: set[tuple[str, str]] = set()
    for field, fallback in _fields(record, links, default):
        person = _contributor(field, links, fallback)
        if not person.name:
            continue
        identity = (person.name, person.dates)
        says_no_more = person.role == CONTRIBUTOR and identity in named
        if not says_no_more:
            found.setdefault((person.name, person.role), person)
            named.add(identity)
    return tuple(found.values())


def _fields(record: Record, links: Links, default: str) -> Iterator[tuple[Field, str]]:
    """Yield the fields that name somebody, with the role to assume where none is given."""
    for field in (*record.get(*MAIN_TAGS), *links.alone(*MAIN_TAGS)):
        yield field, default
    for field in (*record.get(*ADDED_TAGS), *links.alone(*ADDED_TAGS)):
        yield field, CONTRIBUTOR


def _contributor(field: Field, links: Links, default: str) -> Contributor:
    corporate = field.tag[1:] in ("10", "11")
    words = field.all("j" if field.tag.endswith("11") else "e")
    original = links.original(field)
    return Contributor(
        name=_name(field, corporate),
        role=role(field.all("4"), words, default),
        dates=bare(field.first("d")).strip(".") if not corporate else "",
        original=_name(original, corporate) if original else "",
        direct=corporate or field.indicators[:1] == "0",
    )


def _name(field: Field, corporate: bool) -> str:
    """Return the heading; the full stop stays behind an initial."""
    if corporate:
        return unstopped(" ".join(field.all("abc" if field.tag.endswith("11") else "ab")))
    parts = [clean(part) for part in field.all("abc")]
    return unstopped(" ".join(parts))
