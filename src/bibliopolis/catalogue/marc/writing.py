"""Writing a record as ISO 2709 in UTF-8: the form in which the source is kept."""

from __future__ import annotations

from bibliopolis.catalogue.marc.structure import Field, Record

FIELD_END = b"\x1e"
RECORD_END = b"\x1d"
LEADER_LENGTH = 24
LONGEST_FIELD = 9_999
LONGEST_RECORD = 99_999


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
