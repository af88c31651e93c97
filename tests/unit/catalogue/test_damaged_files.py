"""Whatever is wrong with a file: what can be read is read, the rest is told with its bytes."""

import gzip
import io
import json
import re

import pytest
from fixtures.iso_bytes import iso_bytes, rusmarc
from fixtures.marc_files import iso2709, marc_record, marcxml
from hypothesis import given, settings
from hypothesis import strategies as st

from bibliopolis.catalogue.import_run import plain_text
from bibliopolis.catalogue.marc import read_records, read_stream

RECORDS = [marc_record(number).as_marc() for number in range(5)]
LONG = "x" * 9000


def read(data):
    return list(read_stream(io.BytesIO(data), "file"))


def said(reading):
    return [plain_text(remark) for remark in reading.remarks]


def long_record(spell):
    """Return a record of more than 99,999 bytes; ``spell(number, width)`` writes its numbers."""
    parts = [("001", b"long"), ("245", b"10\x1faA long one")]
    parts += [("500", b"  \x1fa%05d%s" % (turn, LONG.encode())) for turn in range(12)]
    parts += [("500", b"  \x1fa" + b"y" * 12_000)]
    directory, content = b"", b""
    for tag, data in parts:
        directory += tag.encode() + spell(len(data) + 1, 4) + spell(len(content), 5)
        content += data + b"\x1e"
    base = 24 + len(directory) + 1
    length = spell(base + len(content) + 1, 5)
    return (
        length + b"nam a22" + b"%05d" % base + b"   4500" + directory + b"\x1e" + content + b"\x1d"
    )


@pytest.mark.parametrize(
    "spell",
    [
        lambda number, width: b"%0*d" % (width, number % 10**width),
        lambda number, width: b"%0*d" % (width, min(number, 10**width - 1)),
        lambda number, width: b"0" * width if number >= 10**width else b"%0*d" % (width, number),
        lambda number, width: b"%0*d" % (width, number),
    ],
    ids=["without the first digits", "all nines", "zeros", "with more digits than there is room"],
)
def test_records_longer_than_the_format_allows_are_read(spell):
    record = long_record(spell)

    readings = read(RECORDS[0] + record + record.replace(b"long", b"more") + RECORDS[1])

    assert len(record) > 99_999
    assert [reading.reason for reading in readings] == [None] * 4
    assert [readings[1].data.control_number, readings[2].data.control_number] == ["long", "more"]
    assert readings[1].data.title == "A long one"
    assert said(readings[1]) == ["the record is longer than its format allows"]
    [again] = read(readings[1].source)
    assert again.data == readings[1].data


@pytest.mark.parametrize(
    ("damaged", "remark"),
    [
        (lambda data: b"00000" + data[5:], None),
        (lambda data: b"99999" + data[5:], None),
        (lambda data: data[:12] + b"00000" + data[17:], None),
        (lambda data: data[:12] + b"?????" + data[17:], None),
        (lambda data: data[:-1], None),
        (lambda data: data + b"\r\n\r\n", None),
        (lambda data: data[:27] + b"9999" + data[31:], "lengths in the directory were wrong"),
        (
            lambda data: data[:24] + b"\xff\xff\xff" + data[27:],
            "a field with an impossible tag was left out",
        ),
        (
            lambda data: data.replace(b"\x1fb", b"\x1f\xd1"),
            "a part of a field that has no code was left out",
        ),
    ],
)
def test_what_is_wrong_with_one_record_is_mended(damaged, remark):
    readings = read(RECORDS[0] + damaged(RECORDS[1]) + RECORDS[2])

    assert [reading.reason for reading in readings] == [None] * 3
    assert readings[1].data.title == "Преступление и наказание 1"
    if remark:
        assert remark in said(readings[1])


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (lambda data: b"hello" + data[5:], "this is not the beginning of a MARC record"),
        (lambda data: data[:24] + b"\x1e\x1d", "the record has no fields"),
        (lambda data: data[:27] + b"????" + data[31:], "the directory is damaged"),
        (lambda data: data[:30] + data[31:], "the directory is damaged"),
        (lambda data: data[:-1].replace(b"\x1e", b"", 3) + b"\x1d", "the directory is damaged"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_bytes(damaged, reason):
    broken = damaged(RECORDS[1])

    readings = read(RECORDS[0] + broken + RECORDS[2])

    assert [reading.data is None for reading in readings] == [False, True, False]
    assert plain_text(readings[1].reason) == reason
    assert readings[1].raw == broken
    assert (readings[1].place.ordinal, readings[1].place.offset) == (2, len(RECORDS[0]))


def test_a_field_the_directory_forgot_is_remarked():
    record = iso_bytes([("001", "1"), ("245", "10", ("a", "Title")), ("500", "  ", ("a", "note"))])
    base, content = int(record[12:17]), record[int(record[12:17]) :]
    shorter = record[:24] + record[24 : base - 13] + b"\x1e" + content
    shorter = b"%05d" % len(shorter) + shorter[5:12] + b"%05d" % (base - 12) + shorter[17:]

    [reading] = read(shorter)

    assert reading.data.title == "Title"
    assert said(reading) == ["a field that the directory does not name was left out"]


def test_an_endless_stretch_says_how_much_of_it_was_kept():
    endless = b"00000nam a2200000 i 4500" + b"x" * (3 << 20)

    readings = read(RECORDS[0] + endless + b"\x1d" + RECORDS[1])

    assert plain_text(readings[1].reason) == (
        f"no record in {len(endless) + 1} bytes; the first {1 << 20} of them were kept"
    )
    assert readings[1].raw == endless[: 1 << 20]


@pytest.mark.parametrize(
    ("data", "reason", "raw"),
    [
        (b"<html><body>Not found</body></html>", "the file holds no records", None),
        (b"<rss/>", "the file holds no records", None),
        (
            b"<list><record><a/></record></list>",
            "this record is not in MARC",
            b"<record><a/></record>",
        ),
        (
            b"Dear colleague, here is our catalogue.",
            "this is not the beginning of a MARC record",
            None,
        ),
        (b'"just a text"', "this is not the beginning of a MARC record", None),
        (b"PK\x03\x04" + bytes(60), "this is not the beginning of a MARC record", None),
    ],
)
def test_a_file_of_something_else_says_so(data, reason, raw):
    [reading] = read(data)

    assert (reading.data, plain_text(reading.reason), reading.raw) == (None, reason, raw or data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b'<OAI-PMH><record><header status="deleted"/></record></OAI-PMH>',
        b'<OAI-PMH><error code="noRecordsMatch"/></OAI-PMH>',
        b"<zs:numberOfRecords>0</zs:numberOfRecords>",
    ],
)
def test_a_file_with_nothing_in_it_rejects_nothing(data):
    assert read(data.replace(b"<zs", b"<a><zs")) == []


def test_packed_files_are_unpacked_and_may_be_damaged(tmp_path):
    path = tmp_path / "file.mrc.gz"
    whole = gzip.compress(iso2709(marc_record(number) for number in range(300)))
    path.write_bytes(whole)
    assert len([reading for reading in read_records(path) if reading.data]) == 300

    path.write_bytes(whole[: len(whole) // 2])
    readings = list(read_records(path))
    assert (
        plain_text(readings[-1].reason)
        == "the packed file is damaged: nothing can be read from here"
    )


# Nothing is lost without a word: what is in no record, read or rejected, is only what stands
# between records in that format.

TEXTS = st.text('абвгд abc\x1f\x1e\x1d<>&"{}[]#^*:\n\\', max_size=30).map(str.encode)


@st.composite
def accidents(draw, records, join):
    """Return a file of records to which something has happened in several places."""
    data = join(records)
    for _turn in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 50))
        data = data[:at] + draw(TEXTS) + data[at + cut :]
    return data


def gaps(data, readings):
    """Return the bytes of the file that belong to none of what was read."""
    at, found = 0, []
    for reading in readings:
        assert data.startswith(reading.raw, reading.place.offset)
        assert reading.place.offset >= at
        found.append(data[at : reading.place.offset])
        at = reading.place.offset + len(reading.raw)
    return [*found, data[at:]]


@settings(max_examples=120, deadline=None)
@given(accidents(RECORDS, b"\n".join))
def test_no_bytes_of_iso_2709_are_lost(data):
    if data[:40].lstrip()[:1] in (b"<", b"{", b"[", b"#", b"*"):
        return
    assert all(not gap.strip(b"\x00\t\n\r \x1a\x1d") for gap in gaps(data, read(data)))


XML = [
    b"<record>" + part
    for part in marcxml([marc_record(number) for number in range(4)])
    .removesuffix(b"</collection>")
    .split(b"<record>")[1:]
]


@settings(max_examples=120, deadline=None)
@given(accidents(XML, lambda parts: b"<collection>" + b"\n".join(parts) + b"</collection>"))
def test_no_fields_of_xml_are_lost(data):
    if data[:40].lstrip()[:1] != b"<" or b"<!" in data:
        return
    for gap in gaps(data, read(data)):
        assert not re.search(rb"<(leader|controlfield|datafield)[\s/>]", gap)


IRBIS = [f"#920: PAZK\n#200: ^AКнига {n}\n#910: ^A0^B{n}\n*****\n" for n in range(5)]


@settings(max_examples=120, deadline=None)
@given(accidents([text.encode() for text in IRBIS], b"".join))
def test_no_lines_of_irbis_are_lost(data):
    if not data.startswith(b"#920:"):
        return
    assert all(not gap.strip(b"* \t\r\n\x0b\x0c") for gap in gaps(data, read(data)))


JSON = [json.dumps(marc_record(n).as_dict(), ensure_ascii=False).encode() for n in range(4)]


@settings(max_examples=120, deadline=None)
@given(accidents(JSON, lambda parts: b"[" + b",\n".join(parts) + b"]"))
def test_no_records_of_json_are_lost(data):
    if not data.startswith((b"[", b"{")):
        return
    readings = read(data)
    whole = b"".join(reading.raw for reading in readings)
    for record in JSON:
        if record in data:
            assert record in whole


def test_a_russian_file_of_one_byte_a_letter_loses_only_what_is_damaged():
    good = [rusmarc(title=f"Преступление и наказание {n}", encoding="cp1251") for n in range(3)]
    broken = good[1][:27] + b"????" + good[1][31:]

    readings = read(good[0] + broken + good[2])

    assert [reading.data is None for reading in readings] == [False, True, False]
    assert readings[2].data.title == "Преступление и наказание 2"
