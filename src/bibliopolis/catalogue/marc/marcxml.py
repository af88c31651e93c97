"""MARC records from MARCXML, alone or inside answers of OAI-PMH and SRU.

The file is cut into single records before anything is parsed: memory stays small, an error in
one record cannot reach the next, and nothing that stands before the records (a document type
with entities, say) ever reaches the parser.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from unicodedata import normalize

from lxml import etree

from bibliopolis.catalogue.marc.encoding import Chooser
from bibliopolis.catalogue.marc.structure import Field, Piece, Place, Record, Unusable
from bibliopolis.i18n import _

CHUNK = 1 << 18
LONGEST_RECORD = 8 << 20
LONGEST_COMMENT = 1 << 20

MARK = re.compile(
    rb"(?P<comment><!--)|(?P<cdata><!\[CDATA\[)"
    rb"|(?P<open><(?:[\w.-]+:)?record(?=[\s>]))|(?P<close></(?:[\w.-]+:)?record\s*>)"
)
LONGEST_MARK = 128
ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PREFIX_USED = re.compile(rb"""(?<=[<\s/])([A-Za-z_][\w.-]*):[A-Za-z_][\w.-]*(?=[\s=/>])""")
PREFIX_BOUND = re.compile(rb"xmlns:([A-Za-z_][\w.-]*)\s*=")
# What OAI-PMH and SRU say where there was nothing to send.
NOTHING_FOUND = re.compile(rb"noRecordsMatch|numberOfRecords>\s*0\s*<")
DELETED = re.compile(rb"""status\s*=\s*["']deleted["']""")
MARC_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?(?:leader|controlfield|datafield)[\s/>]")


def read_marcxml(stream: BinaryIO, file: str, encoding: str | None = None) -> Iterator[Piece]:
    """Yield every MARC record of the stream, or the reason why it cannot be read."""
    ordinal, deleted = 0, False
    chunks = Chunks(stream, encoding)
    chooser = Chooser(encoding)
    for offset, fragment, is_whole in fragments(iter(chunks)):
        if is_whole and not MARC_ELEMENT.search(fragment):
            if DELETED.search(fragment):
                deleted = True
                continue  # the envelope of a deleted record: there is nothing inside
            reason: Any = _("this record is not in MARC")
        else:
            reason = None if is_whole else CUT_OFF
        ordinal += 1
        place = Place(file, ordinal, offset)
        if reason:
            yield Piece(place, reason=reason, raw=fragment)
            continue
        text, name, remarks = _text_of(fragment, chunks.name, chooser)
        try:
            yield Piece(place, parse(text), None, remarks, fragment, name)
        except Unusable as refusal:
            yield Piece(place, reason=refusal.reason, raw=fragment)
    if not ordinal and not deleted and not NOTHING_FOUND.search(chunks.head):
        yield Piece(Place(file, 1, 0), reason=NO_RECORDS, raw=chunks.head)


NO_RECORDS = _("the file holds no records")
CUT_OFF = _("a record is cut off: its beginning or its end is missing")


def _text_of(fragment: bytes, name: str, chooser: Chooser) -> tuple[bytes, str, tuple[Any, ...]]:
    """Return the record in UTF-8, what it was in, and a remark where that was not as declared."""
    try:
        fragment.decode("utf-8")
    except UnicodeDecodeError:
        choice = chooser.choose(fragment, "a")
        return choice.decode(fragment).encode("utf-8"), choice.name, choice.remarks
    return fragment, name, ()


def fragments(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Yield (offset, bytes, whole) of each innermost element "record", and of those cut off.

    ``since`` is where the last mark ended: what stands between marks belongs to no record, unless
    it has fields of one that lost its own.
    """
    buffer, base, position, since = b"", 0, 0, 0
    opened: int | None = None
    envelopes = 0
    for chunk, last in _with_last(chunks):
        buffer += chunk
        while mark := MARK.search(buffer, position):
            if not last and mark.end() > len(buffer) - LONGEST_MARK:
                break
            if mark.lastgroup in ("comment", "cdata"):
                closing = b"-->" if mark.lastgroup == "comment" else b"]]>"
                end = buffer.find(closing, mark.end())
                if end < 0 and not last and len(buffer) - mark.start() < LONGEST_COMMENT:
                    break
                position = end + 3 if end >= 0 else mark.end()
                continue
            start = since if opened is None else opened
            cut_off = MARC_ELEMENT.search(buffer, start, mark.start())
            if mark.lastgroup == "open":
                if cut_off:
                    yield base + start, buffer[start : mark.start()], False
                elif opened is not None:
                    envelopes += 1
                opened = mark.start()
            else:
                if opened is not None or cut_off:
                    yield base + start, buffer[start : mark.end()], opened is not None
                elif envelopes:
                    envelopes -= 1
                else:
                    yield base + mark.start(), mark.group(), False
                opened = None
            position = since = mark.end()
        else:
            position = max(position, len(buffer) - LONGEST_MARK)
        kept = since if opened is None else opened
        if len(buffer) - kept > LONGEST_RECORD:
            if opened is not None or MARC_ELEMENT.search(buffer, kept, position):
                yield base + kept, buffer[kept:position], False
            opened, kept, since = None, position, position
        buffer, base = buffer[kept:], base + kept
        position, since = position - kept, max(since - kept, 0)
        opened = None if opened is None else opened - kept
    start = since if opened is None else opened
    rest = buffer[start:]
    if opened is not None or MARC_ELEMENT.search(rest):
        yield base + start, rest, not MARC_ELEMENT.search(rest)


def _with_last(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the chunks, and after them an empty one that is marked as the last."""
    for chunk in chunks:
        yield chunk, False
    yield b"", True


class Chunks:
    """The stream in chunks of UTF-8, whatever encoding it declares; ``name`` is what that was."""

    def __init__(self, stream: BinaryIO, given: str | None = None) -> None:
        self.stream = stream
        self.head = stream.read(CHUNK)
        self.name = given if given and given != "marc-8" else _declared(self.head)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the chunks, once."""
        chunk = self.head
        if self.name == "utf-8":
            while chunk:
                yield chunk
                chunk = self.stream.read(CHUNK)
            return
        decoder = codecs.getincrementaldecoder(self.name)("replace")
        while chunk:
            yield decoder.decode(chunk).encode("utf-8", "replace")
            chunk = self.stream.read(CHUNK)
        yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _declared(head: bytes) -> str:
    """Return the encoding of a file by its byte order mark or its XML declaration."""
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    declared = ENCODING.match(head.lstrip())
    name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if name.startswith(("utf-16", "utf-32", "ucs")):
        return "utf-8"  # what could be read up to here is no such thing
    try:
        codec = codecs.lookup(name).name
        # Python has codecs that are no character encodings, such as "zip".
        return "utf-8" if codec == "ascii" or b"".decode(codec) != "" else codec
    except LookupError:
        return "utf-8"


def parse(fragment: bytes) -> Record:
    """Return the record that one element describes."""
    bound = set(PREFIX_BOUND.findall(fragment)) | {b"xml", b"xmlns"}
    free = sorted(set(PREFIX_USED.findall(fragment)) - bound)
    names = b"".join(b' xmlns:%s="urn:prefix:%s"' % (prefix, prefix) for prefix in free)
    # A parser of its own for each record: an lxml parser remembers the names it has seen.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(b"<file%s>%s</file>" % (names, fragment), parser)[0]
    except etree.XMLSyntaxError as error:
        message = error.msg.partition(", line ")[0]
        raise Unusable(_("not well-formed XML: ${what}", mapping={"what": message})) from error
    leader, fields = "", []
    for element in root.iterchildren(tag=etree.Element):
        name = etree.QName(element).localname
        if name == "leader":
            leader = _text(element)
        elif name == "controlfield":
            fields.append(Field(element.get("tag", ""), data=_text(element)))
        elif name == "datafield":
            fields.append(_data_field(element))
    return Record(f"{leader:24.24}", fields)


def _data_field(element: etree._Element) -> Field:
    indicators = (element.get("ind1") or " ")[:1] + (element.get("ind2") or " ")[:1]
    subfields = [
        (child.get("code", "")[:1], _text(child))
        for child in element.iterchildren(tag=etree.Element)
        if etree.QName(child).localname == "subfield" and child.get("code")
    ]
    return Field(element.get("tag", ""), indicators=indicators, subfields=subfields)


def _text(element: etree._Element) -> str:
    return normalize("NFC", "".join(map(str, element.itertext(etree.Element))))
