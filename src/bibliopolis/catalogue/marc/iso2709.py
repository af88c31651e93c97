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

from bibliopolis.catalogue.marc.directory import LEADER_LENGTH, RECORD_END, raw_fields
from bibliopolis.catalogue.marc.encoding import Chooser, Decode
from bibliopolis.catalogue.marc.structure import Field, Piece, Place, Record, Unusable
from bibliopolis.i18n import _

SUBFIELD = b"\x1f"
# ISO 2709 allows 99,999 bytes; some systems write longer records with a false length.
LONGEST_RECORD = 1 << 20
CHUNK = 1 << 20

LENGTH = re.compile(rb"[0-9]{5}")
LEADER = re.compile(rb"[0-9]{5,6}[ -~]{5}[ -~]{2}[0-9]{5}[ -~]{3}45[ -~]{2}")
OVERLONG = re.compile(rb"[1-9][0-9]{5}[^0-9][ -~]{6}[0-9]{5}[ -~]{3}45")
BEGINNING = re.compile(rb"(?=" + LEADER.pattern + rb")")
AFTER_END = re.compile(rb"[\x1d\x1e][\x00\t\n\r \x1a]*$")
FILLER = re.compile(rb"(?:\xef\xbb\xbf)?[\x00\t\n\r \x1a\x1d]*")


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
    for ordinal, (offset, segment, length) in enumerate(segments(stream), 1):
        place = Place(file, ordinal, offset)
        if length > len(segment):
            numbers = {"number": str(length), "kept": str(len(segment))}
            reason = _(
                "no record in ${number} bytes; the first ${kept} of them were kept",
                mapping=numbers,
            )
            yield Piece(place, reason=reason, raw=segment)
        else:
            yield _piece(segment, place, chooser)


def _piece(segment: bytes, place: Place, chooser: Chooser) -> Piece:
    """Return the record written in these bytes, and what had to be mended."""
    try:
        if len(segment) <= LEADER_LENGTH or not LENGTH.match(segment):
            raise Unusable(_("this is not the beginning of a MARC record"))
        raw, remarks = raw_fields(_five_digits(segment))
    except Unusable as refusal:
        return Piece(place, reason=refusal.reason, raw=segment)
    choice = chooser.choose(segment, _declared(segment, raw))
    leader = segment[:LEADER_LENGTH].decode("ascii", "replace")
    # Some local formats have neither indicators nor subfields, and say so in leader/10-11.
    plain = segment[10:12] == b"00" and SUBFIELD not in segment
    fields = [_field(tag, data, choice.decode, plain) for tag, data in raw]
    record = Record(leader, [field for field, _doubtful in fields])
    remarks += choice.remarks
    if any(doubtful for _field, doubtful in fields):
        remarks += (NOT_UNDERSTOOD,)
    return Piece(place, record, None, remarks, segment, choice.name)


NOT_UNDERSTOOD = _("a part of a field that has no code was left out")


def _five_digits(segment: bytes) -> bytes:
    """Return the record with a leader of 24 characters, if its length has one digit too many."""
    return b"99999" + segment[6:] if OVERLONG.match(segment) else segment


def _declared(segment: bytes, fields: list[tuple[str, bytes]]) -> str | None:
    """Return what the leader says of the encoding: of UNIMARC, nothing."""
    tags = {tag for tag, _data in fields}
    if "245" not in tags and (tags & {"200", "461"} or segment[10:12] == b"00"):
        return None
    return "a" if segment[9:10] == b"a" else " "


def segments(stream: BinaryIO) -> Iterator[tuple[int, bytes, int]]:
    """Cut the stream into (offset, bytes, length), a record or a damaged stretch each.

    The length is larger than what is kept of the bytes only where nothing tells records apart.
    """
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
            segment = window.take(end)
            yield offset, segment, len(segment)
            continue
        segment = window.take(len(window.buffer))
        _skip_to_next(window, segment[-64:])
        yield offset, segment[:LONGEST_RECORD], window.offset - offset


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


def _field(tag: str, data: bytes, read: Decode, plain: bool) -> tuple[Field, bool]:
    """Return the field as text, and whether some of it could not be understood.

    What stands between tag and first subfield are indicators; a field without any subfield keeps
    all of its text, whatever its tag.
    """
    if plain or tag.startswith("00") or (data.strip() and SUBFIELD not in data):
        return Field(tag, data=read(data)), False
    indicators, *subfields = data.split(SUBFIELD)
    good = [subfield for subfield in subfields if subfield and subfield[0] < 0x80]
    field = Field(
        tag,
        indicators=f"{indicators[:2].decode('ascii', 'replace'):2}",
        subfields=[(chr(subfield[0]), read(subfield[1:])) for subfield in good],
    )
    return field, len(indicators) > 2 or any(each and each not in good for each in subfields)
