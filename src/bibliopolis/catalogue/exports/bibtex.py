r"""BibTeX in UTF-8, for LaTeX with biber or a Unicode engine, and for JabRef.

Braces count for BibTeX even behind a backslash, so those of a title are written as commands
(``\textbraceleft{}``): whatever a title holds, the entry ends where it should.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bibliopolis.catalogue.exports.facts import Facts, Person
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.record_data import Kind
from bibliopolis.content.slugs import slug_of

TYPES: Mapping[Kind, str] = {
    Kind.BOOK: "book",
    Kind.EBOOK: "book",
    Kind.SCORE: "book",
    Kind.SERIAL: "book",
}
"""What is neither has no publisher that BibTeX would ask for: ``misc``."""

ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
    }
)
AND = re.compile(r"(?<!\S)and(?!\S)", re.IGNORECASE)
OF_ADDRESS = str.maketrans({"\\": "%5C", "{": "%7B", "}": "%7D", " ": "%20"})


def write(record: Record, facts: Facts) -> bytes:
    """Return the record as one entry."""
    fields = {
        "author": _people(facts.authors),
        "editor": _people(facts.in_role("editor", "compiler")),
        "translator": _people(facts.in_role("translator")),
        # Braces of its own keep the capitals of the title, whatever the style does to others.
        "title": f"{{{_text(facts.full_title)}}}",
        "edition": _text(facts.edition),
        "series": _text("; ".join(facts.series)),
        "publisher": _text(facts.publisher),
        "address": _text(facts.place),
        "year": str(facts.year or ""),
        "language": _text(", ".join(facts.languages)),
        "isbn": _text(", ".join(facts.isbns)),
        "issn": _text(", ".join(facts.issns)),
        "keywords": _text(", ".join(facts.subjects)),
        "abstract": _text(facts.summary),
        "note": _text(facts.extent),
        "url": facts.url.translate(OF_ADDRESS),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    entry = [f"@{TYPES.get(facts.kind, 'misc')}{{{_key(facts)},", *lines, "}", ""]
    return "\n".join(entry).encode()


def _key(facts: Facts) -> str:
    """Return ``dostoevskii1970-12``: it never changes and is unlike that of any other record."""
    first = facts.authors[0] if facts.authors else None
    name = slug_of((first.family or first.name) if first else "", "record").partition("-")[0]
    return f"{name}{facts.year or ''}-{facts.id}"


def _people(people: Iterable[Person]) -> str:
    return " and ".join(_name(one) for one in people)


def _name(person: Person) -> str:
    """Return "Family, Given"; braces keep a body, and what BibTeX would take for two people, whole.

    A third part would be read as the given name, with the second one as "Jr".
    """
    if not person.family:
        return f"{{{_text(person.name)}}}"
    return f"{_part(person.family)}, {_part(person.given)}"


def _part(name: str) -> str:
    escaped = _text(name)
    return f"{{{escaped}}}" if AND.search(name) or "," in name else escaped


def _text(text: str) -> str:
    return text.translate(ESCAPES)
