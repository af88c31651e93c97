"""MARC-in-JSON (as Ross Singer proposed it): one record, a list of them, or one after the other.

The file is cut into its outermost records before any is parsed, so that memory stays small and a
broken record cannot reach the next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from unicodedata import normalize

from bibliopolis.catalogue.marc.encoding import Chooser
from bibliopolis.catalogue.marc.irbis import field_of
from bibliopolis.catalogue.marc.structure import Field, Piece, Place, Record, Unusable
from bibliopolis.i18n import _

CHUNK = 1 << 18
LONGEST_RECORD = 8 << 20
# A text, or what opens and closes; a text that has no end yet matches nothing.
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
BETWEEN = b"[], \t\r\n"
# How records begin; where one is broken, the next is looked for by that.
BEGINNING = re.compile(rb'\{\s*"(?:leader|fields|mfn)"\s*:')

# Half of a pair of surrogates, as it is escaped and as it is read. Alone it is no letter and
# nothing can keep it; a mark stands for it, as for wrong bytes.
HALF_A_LETTER = re.compile(r"\\u[dD][89a-fA-F]")
HALF = re.compile("[\ud800-\udfff]")


def read_marcjson(stream: BinaryIO, file: str, encoding: str | None = None) -> Iterator[Piece]:
    """Yield every record of the stream, or the reason why it cannot be read."""
    chooser = Chooser(encoding)
    for ordinal, (offset, raw) in enumerate(segments(stream), 1):
        place = Place(file, ordinal, offset)
        choice = chooser.choose(raw, "a")
        try:
            record = parse(choice.decode(raw))
        except Unusable as refusal:
            yield Piece(place, reason=refusal.reason, raw=raw)
        else:
            yield Piece(place, record, None, choice.remarks, raw, choice.name)


def segments(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, bytes) of each record, whole or broken, and of texts between them.

    Of an answer that has the records inside of it, what is around them is left out.
    """
    buffer, base, ended, is_inside = b"", 0, False, False
    while not ended:
        chunk = stream.read(CHUNK)
        ended = not chunk
        buffer += chunk
        while (start := buffer.find(b"{")) >= 0:
            end = _end(buffer, start, ended)
            if end is None:
                break
            if not is_inside and buffer[:start].strip(BETWEEN):
                yield base, buffer[:start]
            if BEGINNING.match(buffer, start) or not BEGINNING.match(buffer, end):
                yield base + start, buffer[start:end]
            else:
                is_inside = True
            buffer, base = buffer[end:], base + end
        if start < 0 and len(buffer) > LONGEST_RECORD:
            if not is_inside:
                yield base, buffer
            buffer, base = b"", base + len(buffer)
    if not is_inside and buffer.strip(BETWEEN):
        yield base, buffer


def _end(buffer: bytes, start: int, ended: bool) -> int | None:
    """Return where the object at ``start`` ends, or None if more has to be read to tell.

    A record inside of a record means that the outer one has lost its end.
    """
    depth = 0
    following = BEGINNING.search(buffer, start + 1)
    for token in TOKEN.finditer(buffer, start):
        if following and token.end() > following.start():
            return following.start()
        if token.group() == b"{":
            depth += 1
        elif token.group() == b"}":
            depth -= 1
            if not depth:
                return token.end()
    if following:
        return following.start()
    if ended or len(buffer) - start > LONGEST_RECORD:
        return len(buffer)
    return None


def parse(text: str) -> Record:
    """Return the record that an object describes."""
    try:
        said = json.loads(text, strict=False)
        if HALF_A_LETTER.search(text):
            whole = HALF.sub("\ufffd", json.dumps(said, ensure_ascii=False))
            said = json.loads(whole, strict=False)
    except ValueError as error:
        what = str(error).partition(":")[0]
        raise Unusable(_("not well-formed JSON: ${what}", mapping={"what": what})) from error
    except RecursionError as error:
        raise Unusable(NOT_MARC) from error
    fields = said.get("fields") if isinstance(said, dict) else None
    if not isinstance(fields, list):
        raise Unusable(NOT_MARC)
    leader = said.get("leader")
    found = [field for each in fields for field in _fields(each)]
    return Record(f"{leader:24.24}" if isinstance(leader, str) else "", found)


NOT_MARC = _("this is JSON, but not a MARC record")


def _fields(said: Any) -> Iterator[Field]:
    """Yield what one entry of the list of fields says: ``{"245": …}``, of IRBIS ``[200, "…"]``."""
    match said:
        case [int() | str() as tag, str() as text] if str(tag).isascii() and str(tag).isdigit():
            yield field_of(str(tag), normalize("NFC", text))
        case dict():
            for tag, value in said.items():
                yield _field(tag, value)
        case _:
            raise Unusable(NOT_MARC)


def _field(tag: str, said: Any) -> Field:
    if isinstance(said, str):
        return Field(tag, data=normalize("NFC", said))
    if not isinstance(said, dict):
        raise Unusable(NOT_MARC)
    subfields = said.get("subfields")
    if not isinstance(subfields, list):
        raise Unusable(NOT_MARC)
    pairs = [
        (code[:1], normalize("NFC", value))
        for each in subfields
        if isinstance(each, dict)
        for code, value in each.items()
        if code and isinstance(value, str)
    ]
    indicators = "".join(f"{said.get(name) or ' '!s:1.1}" for name in ("ind1", "ind2"))
    return Field(tag, indicators=indicators, subfields=pairs)
