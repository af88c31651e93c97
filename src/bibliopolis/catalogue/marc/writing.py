"""Writing a record as ISO 2709 in UTF-8, or as MARCXML: the forms in which the source is kept."""

from __future__ import annotations

import re

from bibliopolis.catalogue.marc.structure import Field, Record

FIELD_END = b"\x1e"
RECORD_END = b"\x1d"
LEADER_LENGTH = 24
LONGEST_FIELD = 9_999
LONGEST_RECORD = 99_999


# What XML 1.0 has no way to write.
NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_source(record: Record) -> bytes:
    """Return the record as bytes that can be read again, however long it is."""
    return to_iso2709(record) or to_marcxml(record)


def to_marcxml(record: Record) -> bytes:
    """Return the record as an element of MARCXML, for those too long for ISO 2709."""
    # Seldom needed, and four megabytes: it is loaded where a record is that long.
    from lxml import etree

    root = etree.Element("record", xmlns="http://www.loc.gov/MARC21/slim")
    etree.SubElement(root, "leader").text = _for_xml(f"{record.leader:24.24}")
    for field in record.fields:
        tag = _for_xml(field.tag)
        if field.data and not field.subfields:
            etree.SubElement(root, "controlfield", tag=tag).text = _for_xml(field.data)
            continue
        first, second = (_for_xml(field.indicators[at : at + 1]) or " " for at in (0, 1))
        element = etree.SubElement(root, "datafield", tag=tag, ind1=first, ind2=second)
        for code, value in field.subfields:
            child = etree.SubElement(element, "subfield", code=_for_xml(code) or " ")
            child.text = _for_xml(value)
    return etree.tostring(root, encoding="utf-8")


def _for_xml(value: str) -> str:
    return NOT_IN_XML.sub("", value)


def to_iso2709(record: Record) -> bytes | None:
    """Return the record as bytes, or None where it is longer than the format can say."""
    directory, content, at = [], [], 0
    for field in record.fields:
        data = _field(field)
        tag = field.tag.encode("ascii", "replace")
        if len(tag) != 3 or len(data) > LONGEST_FIELD:
            return None
        directory.append(b"%s%04d%05d" % (tag, len(data), at))
        content.append(data)
        at += len(data)
    base = LEADER_LENGTH + 12 * len(directory) + 1
    length = base + at + 1
    if length > LONGEST_RECORD:
        return None
    kept = f"{record.leader:24.24}".encode("ascii", "replace")
    leader = b"%05d%sa22%05d%s4500" % (length, kept[5:9], base, kept[17:20])
    return b"".join((leader, *directory, FIELD_END, *content, RECORD_END))


def _field(field: Field) -> bytes:
    if field.tag.startswith("00") or (field.data and not field.subfields):
        return _text(field.data) + FIELD_END
    parts = [f"{field.indicators:2.2}"]
    parts += [f"\x1f{code}{_plain(value)}" for code, value in field.subfields]
    return "".join(parts).encode("utf-8", "replace") + FIELD_END


def _text(value: str) -> bytes:
    return _plain(value).encode("utf-8", "replace")


def _plain(value: str) -> str:
    """Return the value without the characters that end subfields, fields and records."""
    return value.replace("\x1d", "").replace("\x1e", "").replace("\x1f", "")
