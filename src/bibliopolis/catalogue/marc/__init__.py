"""Reading MARC 21 as libraries really send it.

``read_records`` is all that others need: it yields what every record of a file says, or why it
cannot be used, in the file's order, with little in memory, and never raises for what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bibliopolis.catalogue.marc.copies import DEFAULT_TAG
from bibliopolis.catalogue.marc.iso2709 import read_iso2709
from bibliopolis.catalogue.marc.mapping import to_record_data
from bibliopolis.catalogue.marc.marcxml import read_marcxml
from bibliopolis.catalogue.marc.structure import Piece, Place, Unusable
from bibliopolis.catalogue.marc.writing import to_iso2709
from bibliopolis.catalogue.record_data import RecordData

__all__ = ["DEFAULT_TAG", "Place", "Reading", "read_pieces", "read_records", "read_stream"]


@dataclass(frozen=True)
class Reading:
    """A record of a file: ``data``, or the ``reason`` why there is none.

    ``source`` is the record as ISO 2709 in UTF-8 (None if it is too long for that). ``remarks``
    say what was mended; reason and remarks are translatable.
    """

    place: Place
    data: RecordData | None = None
    source: bytes | None = None
    reason: Any = None
    remarks: tuple[Any, ...] = ()


def read_records(path: Path, items_tag: str = DEFAULT_TAG) -> Iterator[Reading]:
    """Yield the records of the file; copies are read from the fields ``items_tag``."""
    with path.open("rb") as stream:
        yield from read_stream(stream, str(path), items_tag)


def read_stream(stream: BinaryIO, file: str, items_tag: str = DEFAULT_TAG) -> Iterator[Reading]:
    """Yield the records of a binary stream that can seek."""
    for piece in read_pieces(stream, file):
        if piece.record is None:
            yield Reading(piece.place, reason=piece.reason, remarks=piece.remarks)
            continue
        try:
            data = to_record_data(piece.record, items_tag)
        except Unusable as refusal:
            yield Reading(piece.place, reason=refusal.reason, remarks=piece.remarks)
        else:
            source = to_iso2709(piece.record)
            yield Reading(piece.place, data, source, remarks=piece.remarks)


def read_pieces(stream: BinaryIO, file: str) -> Iterator[Piece]:
    """Yield the records as fields and subfields; the first characters tell the format."""
    head = stream.read(256)
    stream.seek(0)
    # A byte order mark of UTF-16 or the zeros beside its letters can only be XML here.
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    reader = read_marcxml if start.startswith(b"<") else read_iso2709
    return reader(stream, file)
