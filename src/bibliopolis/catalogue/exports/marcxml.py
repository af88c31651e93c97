"""MARCXML, by the rules of the schema MARC21slim 1.1 (loc.gov/standards/marcxml)."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from bibliopolis.catalogue.exports.facts import NO_CHARACTERS, Facts
from bibliopolis.catalogue.exports.marc import marc_of
from bibliopolis.catalogue.marc.structure import Field
from bibliopolis.catalogue.marc.structure import Record as MarcRecord
from bibliopolis.catalogue.models import Record

MARC = "http://www.loc.gov/MARC21/slim"
NAMESPACES: Any = {None: MARC}

# The patterns of the schema; what does not fit is mended, or left out where it has no place.
NOT_IN_LEADER = re.compile(r"[^0-9A-Za-z ]")
CONTROL_TAG = re.compile(r"00[1-9A-Za-z]")
DATA_TAG = re.compile(r"(?!00)(?:[0-9A-Z]{3}|[0-9a-z]{3})")
INDICATOR = re.compile(r"[0-9a-z ]")
CODE = re.compile(r"[!-?A-{}~]")
XML_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write(record: Record, facts: Facts) -> bytes:
    """Return the record as a document of its own."""
    return etree.tostring(
        element_of(marc_of(record, facts)),
        xml_declaration=True,
        encoding="UTF-8",
        pretty_print=True,
    )


def element_of(marc: MarcRecord) -> etree._Element:
    """Return a MARC record as ``record``."""
    root = etree.Element(f"{{{MARC}}}record", nsmap=NAMESPACES)
    etree.SubElement(root, f"{{{MARC}}}leader").text = _leader(marc.leader)
    for field in marc.fields:
        if CONTROL_TAG.fullmatch(field.tag):
            one = etree.SubElement(root, f"{{{MARC}}}controlfield", tag=field.tag)
            one.text = _text(field.data)
        elif DATA_TAG.fullmatch(field.tag):
            _add_field(root, field)
    return root


def _add_field(root: etree._Element, field: Field) -> None:
    subfields = [(code, _text(value)) for code, value in field.subfields if CODE.fullmatch(code)]
    if not subfields:
        return
    first, second = (one if INDICATOR.fullmatch(one) else " " for one in f"{field.indicators:2.2}")
    element = etree.SubElement(root, f"{{{MARC}}}datafield", tag=field.tag, ind1=first, ind2=second)
    for code, value in subfields:
        etree.SubElement(element, f"{{{MARC}}}subfield", code=code).text = value


def _leader(leader: str) -> str:
    """Return the leader; the lengths of a file mean nothing here, and UTF-8 is said."""
    kept = NOT_IN_LEADER.sub(" ", f"{leader:24.24}")
    type_ = kept[6] if kept[6] != " " else "a"
    return f"     {kept[5]}{type_}{kept[7:9]}a22     {kept[17:20]}4500"


def _text(value: str) -> str:
    return XML_CONTROLS.sub("", NO_CHARACTERS.sub("", value))
