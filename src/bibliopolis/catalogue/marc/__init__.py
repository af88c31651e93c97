"""Reading catalogue files as libraries really send them.

``read_records`` is all that others need: it yields what every record of a file says, or why it
cannot be used, in the file's order, with little in memory, and never raises for what is in it.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from bibliopolis.catalogue.marc import encoding
from bibliopolis.catalogue.marc.copies import Codes
from bibliopolis.catalogue.marc.dialects import MAPPINGS, NAMES, Dialect, Mapping, recognise
from bibliopolis.catalogue.marc.irbis import journal_title, read_irbis, to_text
from bibliopolis.catalogue.marc.irbis import to_record_data as irbis_to_record_data
from bibliopolis.catalogue.marc.iso2709 import read_iso2709
from bibliopolis.catalogue.marc.marcjson import read_marcjson
from bibliopolis.catalogue.marc.structure import Piece, Place, Unusable
from bibliopolis.catalogue.marc.text import clean
from bibliopolis.catalogue.marc.values import LONGEST_CONTROL_NUMBER
from bibliopolis.catalogue.marc.writing import to_source
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.i18n import _

__all__ = [
    "ENCODINGS",
    "Codes",
    "Dialect",
    "Form",
    "Place",
    "Reading",
    "Wanted",
    "read_pieces",
    "read_records",
    "read_stream",
]

ENCODINGS = encoding.GIVEN
"""The encodings that a person can name."""


@dataclass(frozen=True)
class Wanted:
    """What a person says of a file; None leaves it to the file.

    ``items_tag`` is the field with the copies, ``codes`` what its library means by them,
    ``language`` that of records which name none.
    """

    items_tag: str | None = None
    dialect: Dialect | None = None
    encoding: str | None = None
    language: str | None = None
    codes: Codes | None = None


@dataclass(frozen=True)
class Form:
    """What a record was recognised as: the format of its file, its dialect, its encoding."""

    container: str
    dialect: str
    encoding: str

    def __str__(self) -> str:
        name = encoding.NAMES.get(self.encoding, self.encoding.upper())
        return f"{self.dialect}, {self.container}, {name}"


@dataclass(frozen=True)
class Reading:
    """A record of a file: ``data``, or the ``reason`` why there is none.

    ``source`` is the record in UTF-8, as ISO 2709 (as MARCXML if it is too long) or as the text of
    IRBIS; ``raw`` its bytes as they stand in the file. ``remarks`` say what was mended; reason
    and remarks are translatable.
    """

    place: Place
    data: RecordData | None = None
    source: bytes | None = None
    reason: Any = None
    remarks: tuple[Any, ...] = ()
    raw: bytes = b""
    form: Form | None = None
    deleted: str = ""
    """The control number of a record that its library has deleted; ``data`` is None then."""

    @property
    def number(self) -> str:
        """Return the control number, empty where the record has none or is of no use."""
        return self.data.control_number if self.data else self.deleted


DELETED = "d"
"""In position 5 of the leader, in MARC 21 and in UNIMARC."""
MAY_BE_DELETED = (Dialect.MARC21, Dialect.UNIMARC)
ANYTHING = Wanted()
GZIP = b"\x1f\x8b"


def read_records(path: Path, wanted: Wanted = ANYTHING) -> Iterator[Reading]:
    """Yield the records of the file, which may be packed by gzip."""
    with path.open("rb") as stream:
        if stream.read(2) != GZIP:
            stream.seek(0)
            yield from read_stream(stream, str(path), wanted)
            return
    place = Place(str(path), 1, 0)
    try:
        with gzip.open(path) as unpacked:
            for reading in read_stream(cast(BinaryIO, unpacked), str(path), wanted):
                place = Place(str(path), reading.place.ordinal + 1, reading.place.offset)
                yield reading
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Reading(place, reason=_("the packed file is damaged: nothing can be read from here"))


def read_stream(stream: BinaryIO, file: str, wanted: Wanted = ANYTHING) -> Iterator[Reading]:
    """Yield the records of a binary stream that can seek."""
    container, reader = _container(stream)
    journals: dict[str, str] = {}
    if container in IRBIS_CONTAINERS:
        # Issues know only the code of their journal, which may come later in the file.
        journals = dict(filter(None, map(_journal, reader(stream, file, wanted.encoding))))
        stream.seek(0)
    mappings: dict[Dialect, Mapping] = {
        **MAPPINGS,
        Dialect.IRBIS: partial(irbis_to_record_data, journals=journals),
    }
    for piece in reader(stream, file, wanted.encoding):
        yield _reading(piece, container, wanted, mappings)


def _journal(piece: Piece) -> tuple[str, str] | None:
    return journal_title(piece.record) if piece.record else None


def _reading(
    piece: Piece, container: str, wanted: Wanted, mappings: dict[Dialect, Mapping]
) -> Reading:
    if piece.record is None:
        return Reading(piece.place, reason=piece.reason, remarks=piece.remarks, raw=piece.raw)
    dialect = wanted.dialect or recognise(piece.record)
    form = Form(container, NAMES[dialect], piece.encoding)
    data, reason, source = None, None, None
    if dialect in MAY_BE_DELETED and piece.record.leader[5:6] == DELETED:
        number = clean(piece.record.control("001"))
        if 0 < len(number) <= LONGEST_CONTROL_NUMBER:
            return Reading(piece.place, raw=piece.raw, form=form, deleted=number)
        reason = _("the record is marked as deleted, but its number (field 001) cannot be used")
        return Reading(piece.place, reason=reason, raw=piece.raw, form=form)
    try:
        data = mappings[dialect](piece.record, wanted.items_tag)
    except Unusable as refusal:
        reason = refusal.reason
    else:
        if wanted.codes:
            data = wanted.codes.apply(piece.record, data)
        if wanted.language and not data.languages:
            data = replace(data, languages=(wanted.language,))
        source = (to_text if dialect is Dialect.IRBIS else to_source)(piece.record)
    return Reading(piece.place, data, source, reason, piece.remarks, piece.raw, form)


def read_pieces(stream: BinaryIO, file: str) -> Iterator[Piece]:
    """Yield the records as fields and subfields; the first characters tell the format."""
    _name, reader = _container(stream)
    return reader(stream, file, None)


Reader = Callable[[BinaryIO, str, str | None], Iterator[Piece]]


IRBIS_TEXT, IRBIS_JSON = "text export", "JSON"
IRBIS_CONTAINERS = (IRBIS_TEXT, IRBIS_JSON)
# A damaged leader may begin with any character: what follows must be XML or JSON, too.
XML_START = re.compile(rb"<\x00?(?:[?!/A-Za-z_:\x80-\xff]|$)")
JSON_START = re.compile(rb"[{\[]\x00?\s*(?:[\"'{\[\]}]|$)")
IRBIS_LINE = re.compile(rb"#[0-9]{1,5}:|\*{4,}\s")


def _container(stream: BinaryIO) -> tuple[str, Reader]:
    """Return name and reader of the format that the first characters of the stream tell."""
    head = stream.read(256)
    stream.seek(0)
    # A byte order mark of UTF-16 or the zeros beside its letters can only be XML here.
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if XML_START.match(start):
        # lxml takes four megabytes, which a process that shows pages need not have.
        from bibliopolis.catalogue.marc.marcxml import read_marcxml

        return "MARCXML", read_marcxml
    if JSON_START.match(start):
        return (IRBIS_JSON if b'"mfn"' in start else "MARC-in-JSON"), read_marcjson
    if IRBIS_LINE.match(start):
        return IRBIS_TEXT, read_irbis
    return "ISO 2709", read_iso2709
