"""RIS, the tagged format of Research Information Systems, as EndNote, Zotero and Mendeley read it.

A line is ``TI  - Title``, the record ends with ``ER  - ``, lines end with CR LF. No value may hold
a line break, or what follows would be read as another tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bibliopolis.catalogue.exports.facts import Facts, Person
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.record_data import Kind

TYPES: Mapping[Kind, str] = {
    Kind.BOOK: "BOOK",
    Kind.EBOOK: "EBOOK",
    Kind.AUDIOBOOK: "SOUND",
    Kind.SERIAL: "JFULL",
    Kind.ARTICLE: "JOUR",
    Kind.SCORE: "MUSIC",
    Kind.SOUND: "SOUND",
    Kind.FILM: "VIDEO",
    Kind.MAP: "MAP",
    Kind.PICTURE: "ART",
}
ROLES: Mapping[str, str] = {"editor": "A2", "compiler": "A2", "translator": "A4"}
"""Authors are AU; everybody who is neither these nor an author is A3, a further contributor."""


def write(record: Record, facts: Facts) -> bytes:
    """Return the record; it is the only one of its file."""
    return "".join(f"{tag}  - {value}\r\n" for tag, value in _lines(facts)).encode()


def _lines(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "TY", TYPES.get(facts.kind, "GEN")
    yield "ID", str(facts.id)
    yield from (("AU", _name(one)) for one in facts.authors)
    for person in facts.people:
        if person not in facts.authors:
            yield ROLES.get(person.role, "A3"), _name(person)
    single = {
        "TI": facts.full_title,
        "T2": "; ".join(facts.series),
        "PY": str(facts.year or ""),
        "CY": facts.place,
        "PB": facts.publisher,
        "ET": facts.edition,
        "N1": facts.extent,
        "AB": facts.summary,
        "LA": ", ".join(facts.languages),
        "UR": facts.url,
    }
    yield from ((tag, value) for tag, value in single.items() if value)
    yield from (("SN", number) for number in (*facts.isbns, *facts.issns))
    yield from (("KW", subject) for subject in facts.subjects)
    yield "ER", ""


def _name(person: Person) -> str:
    """Return "Family, Given, Suffix"; a body goes without a comma that would part it."""
    if not person.family:
        return person.name
    return ", ".join(filter(None, (person.family, person.given, person.suffix)))
