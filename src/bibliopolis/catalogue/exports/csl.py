"""CSL JSON: what citation processors read (citation-style-language/schema, version 1.0.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bibliopolis.catalogue.exports.facts import Facts, Person
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.record_data import Kind

TYPES: Mapping[Kind, str] = {
    Kind.BOOK: "book",
    Kind.EBOOK: "book",
    Kind.AUDIOBOOK: "book",
    Kind.SERIAL: "periodical",
    Kind.ARTICLE: "article-journal",
    Kind.SCORE: "musical_score",
    Kind.SOUND: "song",
    Kind.FILM: "motion_picture",
    Kind.MAP: "map",
    Kind.PICTURE: "graphic",
}
ROLES: Mapping[str, tuple[str, ...]] = {
    "editor": ("editor",),
    "translator": ("translator",),
    "illustrator": ("illustrator",),
    "compiler": ("compiler",),
    "performer": ("performer", "conductor"),
    "narrator": ("narrator",),
    "producer": ("producer",),
}


def write(record: Record, facts: Facts) -> bytes:
    """Return the record as a list of one item, as programs exchange it."""
    return json.dumps([item_of(facts)], ensure_ascii=False, indent=2).encode()


def item_of(facts: Facts) -> dict[str, Any]:
    """Return the record as an item; what is not known is left out."""
    item = {
        "id": f"record-{facts.id}",
        "type": TYPES.get(facts.kind, "document"),
        "title": facts.full_title,
        **_makers(facts),
        **{name: _names(facts.in_role(*roles)) for name, roles in ROLES.items()},
        "publisher": facts.publisher,
        "publisher-place": facts.place,
        "issued": {"date-parts": [[facts.year]]} if facts.year else None,
        "edition": facts.edition,
        "collection-title": "; ".join(facts.series),
        "number-of-pages": facts.extent,
        "abstract": facts.summary,
        "language": facts.languages[0] if facts.languages else "",
        "ISBN": facts.isbns[0] if facts.isbns else "",
        "ISSN": facts.issns[0] if facts.issns else "",
        "keyword": ", ".join(facts.subjects),
        "URL": facts.url,
    }
    return {name: value for name, value in item.items() if value}


def _makers(facts: Facts) -> dict[str, list[dict[str, str]]]:
    """Return those whose work it is, by what styles call them."""
    special = {"composer": "composer", "director": "director"}
    found = {name: _names(facts.in_role(role)) for role, name in special.items()}
    # Styles that know no composers and directors show them as authors at least.
    found["author"] = _names(facts.authors)
    return found


def _names(people: Iterable[Person]) -> list[dict[str, str]]:
    return [_name(one) for one in people]


def _name(person: Person) -> dict[str, str]:
    if not person.family:
        return {"literal": person.name}
    parts = {"family": person.family, "given": person.given, "suffix": person.suffix}
    return {name: value for name, value in parts.items() if value}
