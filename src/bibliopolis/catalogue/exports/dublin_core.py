"""Simple Dublin Core (DCMES 1.1) in the wrapper that OAI-PMH uses, ``oai_dc``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.record_data import Kind

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

# The DCMI Type Vocabulary.
TYPES: Mapping[Kind, str] = {
    Kind.AUDIOBOOK: "Sound",
    Kind.SOUND: "Sound",
    Kind.FILM: "MovingImage",
    Kind.MAP: "StillImage",
    Kind.PICTURE: "StillImage",
    Kind.OTHER: "",
}


def write(record: Record, facts: Facts) -> bytes:
    """Return the record as a document."""
    return etree.tostring(
        element_of(facts), xml_declaration=True, encoding="UTF-8", pretty_print=True
    )


def element_of(facts: Facts) -> etree._Element:
    """Return the record as ``oai_dc:dc``."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {SCHEMA}")
    for name, value in _elements(facts):
        if value:
            child = etree.SubElement(root, f"{{{DC}}}{name}")
            child.text = value
            if name == "title" and value == facts.full_title and facts.language:
                child.set(LANG, facts.language)
    return root


def _elements(facts: Facts) -> Iterator[tuple[str, str]]:
    authors = facts.authors
    yield "title", facts.full_title
    yield from (("title", title) for title in facts.other_titles)
    yield from (("creator", one.original or one.name) for one in authors)
    yield from (
        ("contributor", one.original or one.name) for one in facts.people if one not in authors
    )
    yield from (("subject", subject) for subject in (*facts.subjects, *facts.classes))
    yield "description", facts.summary
    yield "publisher", ", ".join(filter(None, (facts.publisher, facts.place)))
    yield "date", str(facts.year or "")
    yield "type", TYPES.get(facts.kind, "Text")
    yield "format", facts.extent
    yield "identifier", facts.url
    yield from (("identifier", f"urn:isbn:{number}") for number in facts.isbns)
    yield from (("identifier", f"urn:issn:{number}") for number in facts.issns)
    yield from (("language", tag) for tag in facts.languages)
    yield from (("relation", series) for series in facts.series)
    yield from (("relation", address) for address, _title in facts.links)
