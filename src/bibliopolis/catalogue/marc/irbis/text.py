"""The text export: a line ``#910: ^A0^B32`` for each field, a line ``*****`` after each record.

Codes of subfields mean the same in capitals and small letters. What stands before the first one
is the value of the field itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from bibliopolis.catalogue.marc.encoding import Chooser, Decode
from bibliopolis.catalogue.marc.structure import Field, Piece, Place, Record, Unusable
from bibliopolis.i18n import _

END = re.compile(rb"\*{4,}\s*$")
LINE = re.compile(rb"#([0-9]{1,5}):[ \t]?(.*)", re.DOTALL)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_LINE = 1 << 20
LONGEST_RECORD = 8 << 20
SHOWN = 40


def read_irbis(stream: BinaryIO, file: str, encoding: str | None = None) -> Iterator[Piece]:
    """Yield every record of the stream, or the reason why it cannot be read."""
    chooser = Chooser(encoding)
    for ordinal, (offset, raw, is_whole) in enumerate(segments(stream), 1):
        place = Place(file, ordinal, offset)
        if not is_whole:
            yield Piece(place, reason=_("the record has no end"), raw=raw)
            continue
        choice = chooser.choose(raw, None)
        try:
            record, remarks = parse(raw, choice.decode)
        except Unusable as refusal:
            yield Piece(place, reason=refusal.reason, raw=raw)
        else:
            yield Piece(place, record, None, remarks + choice.remarks, raw, choice.name)


def segments(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (offset, bytes, whole) of each record; one that never ends is given up in pieces."""
    lines: list[bytes] = []
    offset, position, size = 0, 0, 0
    while line := stream.readline(LONGEST_LINE):
        position += len(line)
        if END.match(line):
            if any(map(bytes.strip, lines)):
                yield offset, b"".join(lines), True
            lines, offset, size = [], position, 0
            continue
        lines.append(line)
        size += len(line)
        if size > LONGEST_RECORD:
            yield offset, b"".join(lines), False
            lines, offset, size = [], position, 0
    if any(map(bytes.strip, lines)):
        # The last record of a file has often lost its line of stars.
        yield offset, b"".join(lines), True


def parse(raw: bytes, decode: Decode) -> tuple[Record, tuple[object, ...]]:
    """Return the record written in these lines; a line that begins no field goes on with one."""
    fields: list[tuple[str, bytes]] = []
    lost: list[bytes] = []
    for line in raw.removeprefix(BYTE_ORDER_MARK).splitlines():
        found = LINE.match(line)
        if found:
            fields.append((found.group(1).decode("ascii"), found.group(2)))
        elif line.strip() and fields:
            tag, value = fields[-1]
            fields[-1] = (tag, value + b" " + line)
        elif line.strip():
            lost.append(line)
    if not fields:
        raise Unusable(_("this is not the beginning of an IRBIS record"))
    remarks = tuple(
        _(
            "a line that is no field was left out: ${line}",
            mapping={"line": decode(line)[:SHOWN]},
        )
        for line in lost
    )
    return Record("", [field_of(tag, decode(value)) for tag, value in fields]), remarks


def field_of(tag: str, text: str) -> Field:
    """Return a field by its text, the codes of its subfields in small letters."""
    data, *rest = text.split("^")
    subfields = [(part[0].lower(), part[1:]) for part in rest if part]
    return Field(f"{int(tag):03}", data=data, subfields=subfields)


def to_text(record: Record) -> bytes:
    """Return the record as text in UTF-8: the form in which its source is kept."""
    lines = []
    for field in record.fields:
        value = field.data + "".join(f"^{code}{text}" for code, text in field.subfields)
        lines.append(f"#{int(field.tag)}: {' '.join(value.splitlines())}\n")
    return ("".join(lines) + "*****\n").encode("utf-8", "replace")
