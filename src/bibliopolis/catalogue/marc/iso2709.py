"""MARC records from ISO 2709 files, read around whatever is damaged.

Two things say where a record ends, its length and its last byte. Where both agree there is
nothing to think about. Where they do not, the next place that looks like the beginning of a
record decides, so that one bad record never takes its neighbours with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bibliopolis.catalogue.marc.encoding import Chooser, Decode
from bibliopolis.catalogue.marc.structure import Field, Piece, Place, Record, Unusable
from bibliopolis.i18n import _

FIELD_END = b"\x1e"
RECORD_END = b"\x1d"
SUBFIELD = b"\x1f"
LEADER_LENGTH = 24
ENTRY_LENGTH = 12
# ISO 2709 allows 99,999 bytes; some systems write longer records with a false length.
LONGEST_RECORD = 1 << 20
CHUNK = 1 << 20

LENGTH = re.compile(rb"[0-9]{5}")
LEADER = re.compile(rb"[0-9]{5}[ -~]{5}[ -~]{2}[0-9]{5}[ -~]{3}45[ -~]{2}")
BEGINNING = re.compile(rb"(?=" + LEADER.pattern + rb")")
AFTER_END = re.compile(rb"[\x1d\x1e][\x00\t\n\r \x1a]*$")
FILLER = re.compile(rb"(?:\xef\xbb\xbf)?[\x00\t\n\r \x1a\x1d]*")
TAG = re.compile(rb"[0-9A-Za-z]{3}")


@dataclass
class Window:
    """A window on a stream that moves forward and holds one longest record at least."""

    stream: BinaryIO
    buffer: bytes = b""
    start: int = 0
    offset: int = 0
    ended: bool = False

    def fill(self) -> None:
        """Read on until a longest record would fit, or the stream has ended."""
        while not self.ended and len(self.buffer) - self.start <= LONGEST_RECORD + LEADER_LENGTH:
            chunk = self.stream.read(CHUNK)
            self.ended = not chunk
            self.buffer = self.buffer[self.start :] + chunk
            self.start = 0

    def take(self, end: int) -> bytes:
        """Return the bytes up to ``end`` (a position in the buffer) and move behind them."""
        taken = self.buffer[self.start : end]
        self.offset += len(taken)
        self.start += len(taken)
        return taken

    @property
    def empty(self) -> bool:
        """Return whether nothing is left."""
        return self.ended and self.start >= len(self.buffer)


def read_iso2709(stream: BinaryIO, file: str, encoding: str | None = None) -> Iterator[Piece]:
    """Yield every record of the stream, or the reason why it cannot be read."""
    chooser = Chooser(encoding)
    for ordinal, (offset, segment) in enumerate(segments(stream), 1):
        yield _piece(segment, Place(file, ordinal, offset), chooser)


def _piece(segment: bytes, place: Place, chooser: Chooser) -> Piece:
    """Return the record written in these bytes, and what had to be mended."""
    try:
        if len(segment) <= LEADER_LENGTH or not LENGTH.match(segment):
            raise Unusable(_("this is not the beginning of a MARC record"))
        raw, remarks = _raw_fields(segment)
    except Unusable as refusal:
        return Piece(place, reason=refusal.reason, raw=segment)
    choice = chooser.choose(segment, _declared(segment, raw))
    leader = segment[:LEADER_LENGTH].decode("ascii", "replace")
    # Some local formats have neither indicators nor subfields, and say so in leader/10-11.
    plain = segment[10:12] == b"00" and SUBFIELD not in segment
    fields = [_field(tag, data, choice.decode, plain) for tag, data in raw]
    record = Record(leader, fields)
    return Piece(place, record, None, remarks + choice.remarks, segment, choice.name)


def _declared(segment: bytes, fields: list[tuple[str, bytes]]) -> str | None:
    """Return what the leader says of the encoding: of UNIMARC, nothing."""
    tags = {tag for tag, _data in fields}
    if "245" not in tags and (tags & {"200", "461"} or segment[10:12] == b"00"):
        return None
    return "a" if segment[9:10] == b"a" else " "


def segments(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Cut the stream into (offset, bytes), a record or a damaged stretch each."""
    window = Window(stream)
    while True:
        window.fill()
        filler = FILLER.match(window.buffer, window.start)
        if filler:
            window.take(filler.end())
        if window.empty:
            return
        window.fill()
        offset = window.offset
        end = _end(window)
        if end is not None:
            yield offset, window.take(end)
            continue
        segment = window.take(len(window.buffer))
        _skip_to_next(window, segment[-64:])
        yield offset, segment[:LONGEST_RECORD]


def _end(window: Window) -> int | None:
    """Return where the record at the window's start ends, or None if nothing tells."""
    buffer, start = window.buffer, window.start
    declared = LENGTH.match(buffer, start)
    length_end = start + int(declared.group()) if declared else -1
    first_end = buffer.find(RECORD_END, start) + 1
    if first_end and first_end == length_end:
        return first_end
    # Either length or last byte is wrong: the next record must be found without them.
    following = _beginning(buffer, start + 1)
    candidates = [] if following is None else [following]
    if length_end - start > LEADER_LENGTH and (
        LEADER.match(buffer, length_end)
        or (window.ended and length_end == len(buffer) and buffer.endswith(RECORD_END))
    ):
        candidates.append(length_end)
    if candidates:
        return min(candidates)
    if window.ended:
        return len(buffer)
    return None


def _beginning(buffer: bytes, start: int) -> int | None:
    """Return where the next record seems to begin.

    What looks like a leader is one if a record or field ended just before it, or if the length
    it declares leads to the end of a record.
    """
    for match in BEGINNING.finditer(buffer, start):
        at = match.start()
        end = at + int(buffer[at : at + 5])
        if AFTER_END.search(buffer[max(0, at - 8) : at]) or buffer[end - 1 : end] == RECORD_END:
            return at
    return None


def _skip_to_next(window: Window, tail: bytes) -> None:
    """Move to the next beginning of a record, keeping little in memory."""
    while not window.ended:
        chunk = window.stream.read(CHUNK)
        window.ended = not chunk
        found = _beginning(tail + chunk, 0)
        if found is not None:
            window.offset += found - len(tail)
            window.buffer, window.start = tail + chunk, found
            return
        window.offset += len(chunk)
        tail = (tail + chunk)[-64:]
    window.buffer, window.start = b"", 0


def _raw_fields(segment: bytes) -> tuple[list[tuple[str, bytes]], tuple[str, ...]]:
    """Return tags and bytes of the fields by the directory, or in their order if it is wrong."""
    base = _base_address(segment)
    entries = [
        segment[at : at + ENTRY_LENGTH] for at in range(LEADER_LENGTH, base - 1, ENTRY_LENGTH)
    ]
    if not entries:
        raise Unusable(_("the record has no fields"))
    content = segment[base:]
    impossible = [entry for entry in entries if not TAG.match(entry)]
    fields = [_by_entry(entry, content) for entry in entries if TAG.match(entry)]
    if fields and None not in fields:
        remarks = (_("a field with an impossible tag was left out"),) if impossible else ()
        return [field for field in fields if field], remarks
    if impossible or not all(entry[3:].isdigit() for entry in entries):
        raise Unusable(_("the directory is damaged"))
    if not segment.endswith(RECORD_END):
        raise Unusable(_("the record ends in the middle"))
    pieces = content.removesuffix(RECORD_END).removesuffix(FIELD_END).split(FIELD_END)
    if len(pieces) != len(entries):
        raise Unusable(_("the directory does not fit the fields"))
    entries.sort(key=lambda entry: int(entry[7:]))
    tags = [entry[:3].decode("ascii") for entry in entries]
    return list(zip(tags, pieces, strict=True)), (_("lengths in the directory were wrong"),)


def _base_address(segment: bytes) -> int:
    """Return where the fields begin: where the leader says, else behind the directory."""
    declared = segment[12:17]
    base = int(declared) if declared.isdigit() else 0
    if (
        not (LEADER_LENGTH < base <= len(segment) and segment[base - 1 : base] == FIELD_END)
        or FIELD_END in segment[LEADER_LENGTH : base - 1]
    ):
        base = segment.find(FIELD_END, LEADER_LENGTH) + 1
    if not base or (base - 1 - LEADER_LENGTH) % ENTRY_LENGTH:
        raise Unusable(_("the directory is damaged"))
    return base


def _by_entry(entry: bytes, content: bytes) -> tuple[str, bytes] | None:
    """Return tag and bytes of the field the entry points to, or None if it points wrong."""
    if not entry[3:].isdigit():
        return None
    length, start = int(entry[3:7]), int(entry[7:])
    data = content[start : start + length]
    if len(data) != length or not data.endswith(FIELD_END) or data.find(FIELD_END) != length - 1:
        return None
    return entry[:3].decode("ascii"), data[:-1]


def _field(tag: str, data: bytes, read: Decode, plain: bool) -> Field:
    """Return the field as text; what stands between tag and first subfield are indicators.

    A field without any subfield keeps all of its text, whatever its tag.
    """
    if plain or tag.startswith("00") or (data.strip() and SUBFIELD not in data):
        return Field(tag, data=read(data))
    indicators, *subfields = data.split(SUBFIELD)
    return Field(
        tag,
        indicators=f"{indicators.decode('ascii', 'replace'):2.2}",
        subfields=[
            (chr(subfield[0]), read(subfield[1:]))
            for subfield in subfields
            if subfield and subfield[0] < 0x80
        ],
    )
