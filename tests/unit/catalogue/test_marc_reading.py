"""Reading files of records, whole and damaged."""

import io
import json
from unicodedata import normalize

import pymarc
import pytest
from fixtures.marc_files import marc_record, marcxml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bibliopolis.catalogue.marc import Wanted, read_pieces, read_records, read_stream

UVA = "marc/solrmarc/uva_001_2000.mrc"
NLNZ = "marc/nlnz/NLNZ_1000_example_marc.marc"
RECORDS = [marc_record(number).as_marc() for number in range(8)]


def read(data, name="file.mrc"):
    return list(read_stream(io.BytesIO(data), name))


def titles(readings):
    return [reading.data.title_statement for reading in readings if reading.data]


def title_by_pymarc(record):
    field = record.get("245")
    values = [field.get(code) for code in "ab"] if field else []
    return normalize("NFC", " ".join(value for value in values if value))


@pytest.mark.parametrize(("file", "count", "tag"), [(UVA, 2000, "999"), (NLNZ, 1001, "952")])
def test_titles_are_those_pymarc_reads(samples, file, count, tag):
    with (samples / file).open("rb") as stream:
        expected = [title_by_pymarc(record) for record in pymarc.MARCReader(stream)]

    readings = list(read_records(samples / file, Wanted(tag)))

    assert len(readings) == count
    assert [reading.reason for reading in readings if reading.reason] == []
    assert titles(readings) == expected


def test_titles_agree_with_the_oracle_wherever_both_readers_do(samples):
    lines = (samples / "oracles/marc_readers.jsonl").read_text().splitlines()
    whole = [
        row
        for row in map(json.loads, lines)
        if row["titles_agree"] == row["pymarc_ok"] == row["terminators"]
    ]
    wrong = []

    for row in whole:
        path = samples / row["file"].removeprefix("shared/")
        with path.open("rb") as stream:
            pieces = list(read_pieces(stream, path.name))
        assert len(pieces) == row["terminators"], row["file"]
        for piece, (number, title) in zip(pieces, row["first"], strict=False):
            field = piece.record.first("245")
            found = " ".join(value for value in map(field.first, "ab") if value) if field else None
            if (number or "", title and normalize("NFC", title)) != (
                piece.record.control("001").strip(),
                found,
            ):
                wrong.append((row["file"], title, found))

    assert len(whole) > 60
    assert wrong == []


def test_marcxml_and_iso2709_of_the_same_records_say_the_same(samples):
    iso = read_records(samples / "marc/traject/test_data.utf8.mrc")
    xml = read_records(samples / "marc/traject/test_data.utf8.marc.xml")

    assert [reading.data for reading in iso] == [reading.data for reading in xml]


def test_no_file_of_the_collection_stops_the_reader(samples):
    files = [path for path in (samples / "marc").rglob("*") if path.is_file()]

    read_in_all = sum(1 for path in files for _reading in read_records(path))

    assert read_in_all > 4000


def test_a_record_says_where_it_stands():
    readings = read(b"".join(RECORDS[:3]))

    assert [(r.place.ordinal, r.place.offset) for r in readings] == [
        (1, 0),
        (2, len(RECORDS[0])),
        (3, len(RECORDS[0]) * 2),
    ]


def test_the_source_is_kept_and_reads_the_same_again():
    [reading] = read(RECORDS[0])

    [again] = read(reading.source)

    assert again.data == reading.data


@pytest.mark.parametrize(
    ("declared", "data", "title"),
    [
        (b"a", "Тихий Дон".encode(), "Тихий Дон"),
        (b" ", "Тихий Дон".encode(), "Тихий Дон"),
        (b" ", b"\x1b(NtIHIJ dON\x1b(B", "Тихий Дон"),
        (b" ", b"Po\xeaeme th\xe2e\xe2atre", "Poe̊me théátre"),
        (b"a", b"th\xe2e\xe2atre \xb1", "théátre ł"),
        (b"a", b"bad \xff byte", "bad � byte"),
    ],
)
def test_the_alphabet_is_believed_only_where_the_bytes_agree(declared, data, title):
    record = marc_record(1)
    record.remove_fields("100", "245", "260", "650")
    record.add_field(pymarc.Field("245", pymarc.Indicators("0", "0"), [pymarc.Subfield("a", "X")]))
    raw = record.as_marc()
    before, after = raw.split(b"X")
    broken = before[:9] + declared + before[10:] + data + after

    [reading] = read(broken)

    assert reading.data.title_statement == title


def test_lengths_counted_in_letters_are_mended():
    record = marc_record(1)
    data = record.as_marc()
    base = int(data[12:17])
    text = data[base:-2].decode()
    directory, at = b"", 0
    for part, entry in zip(
        text.split("\x1e"), range(24, base - 1, 12), strict=True
    ):  # as systems do that count letters where bytes are meant
        directory += data[entry : entry + 3] + b"%04d%05d" % (len(part) + 1, at)
        at += len(part) + 1

    [reading] = read(data[:24] + directory + data[base - 1 :])

    assert reading.data.title_statement == "Преступление и наказание 1 : роман /"
    assert [str(remark) for remark in reading.remarks] == ["lengths in the directory were wrong"]


@pytest.mark.parametrize("newline", [b"", b"\n", b"\r\n", b"\x1a", b"\x00\x00"])
def test_what_systems_put_between_records_does_not_matter(newline):
    assert len(titles(read(newline.join(RECORDS) + newline))) == len(RECORDS)


def test_an_endless_record_is_given_up_and_the_next_one_found():
    endless = b"00000nam a2200000 i 4500" + b"x" * (3 << 20)

    readings = read(RECORDS[0] + endless + b"\x1d" + RECORDS[1] + RECORDS[2])

    assert [reading.data is None for reading in readings] == [False, True, False, False]


def damage(draw, record):
    """Return the bytes of a record after one accident that leaves something of it."""
    at = draw(st.integers(0, len(record) - 1))
    kind = draw(st.sampled_from(["change", "cut", "insert", "drop end", "length"]))
    if kind == "change":
        return record[:at] + bytes([draw(st.integers(0, 255))]) + record[at + 1 :]
    if kind == "cut":
        return record[:at] + record[at + draw(st.integers(1, 40)) :]
    if kind == "insert":
        return record[:at] + draw(st.binary(min_size=1, max_size=30)) + record[at:]
    if kind == "drop end":
        return record[:-1]
    return b"%05d" % draw(st.integers(0, 99999)) + record[5:]


@st.composite
def damaged_files(draw):
    """Return a file of good and damaged records, never two damaged ones side by side."""
    parts, good, last_was_bad = [], [], False
    for record in RECORDS:
        last_was_bad = not last_was_bad and draw(st.booleans())
        if last_was_bad:
            parts.append(damage(draw, record))
        else:
            parts.append(record)
            good.append(record)
    return b"".join(parts), good


@settings(max_examples=150, deadline=None)
@given(damaged_files())
def test_a_damaged_record_never_takes_its_neighbours_with_it(file):
    data, good = file
    expected = [read(record)[0].data for record in good]

    found = [reading.data for reading in read(data)]

    assert [data for data in expected if data not in found] == []


@pytest.mark.parametrize("first", [b"<", b"{", b"["])
def test_a_damaged_first_byte_does_not_change_the_format_of_the_file(first):
    rest = b"".join(RECORDS[1:])

    found = [reading.data for reading in read(first + RECORDS[0][1:] + rest)]

    assert [data for data in (one.data for one in read(rest)) if data not in found] == []


XML_RECORDS = [
    b"<record>" + part
    for part in marcxml([marc_record(number) for number in range(6)])
    .removesuffix(b"</collection>")
    .split(b"<record>")[1:]
]


@st.composite
def damaged_xml(draw):
    """Return MARCXML of good and damaged records, never two damaged ones side by side."""
    parts, good, last_was_bad = [], [], False
    for record in XML_RECORDS:
        last_was_bad = not last_was_bad and draw(st.booleans())
        parts.append(damage(draw, record) if last_was_bad else record)
        if not last_was_bad:
            good.append(record)
    return b"<collection>" + b"".join(parts) + b"</collection>", good


@settings(max_examples=100, deadline=None)
@given(damaged_xml())
def test_damaged_xml_never_takes_its_neighbours_with_it(file):
    data, good = file
    expected = [read(b"<collection>" + record)[0].data for record in good]

    found = [reading.data for reading in read(data)]

    assert [data for data in expected if data not in found] == []


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
@example(b"")
@example(b"<")
@example(b"\xff\xfe<\x00")
@example(b"<record><leader/></record>")
@example(b'<?xml version="1.0" encoding="utf-16"?><record></record>')
def test_no_bytes_stop_the_reader(data):
    read(data)
    read(b"<" + data)
    read(b"00026nam a2200025   4500\x1e" + data)


def test_one_broken_xml_record_does_not_reach_the_next():
    whole = marcxml([marc_record(number) for number in range(3)])
    first, second, third = whole.split(b"<record>", 1)[1].split(b"<record>")
    broken = second.replace(b"</datafield>", b"</datafeld>", 1)

    readings = read(b"<collection><record>" + b"<record>".join([first, broken, third]))

    assert [reading.data is None for reading in readings] == [False, True, False]
    assert readings[1].reason.interpolate().startswith("not well-formed XML")


def test_a_record_without_its_end_is_reported_and_the_next_one_read():
    whole = marcxml([marc_record(number) for number in range(3)])

    readings = read(whole.replace(b"</record>", b"", 1))

    assert [reading.data is None for reading in readings] == [True, False, False]


def test_entities_reach_nothing(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    bomb = (
        b'<!DOCTYPE c [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;">'
        b'<!ENTITY s SYSTEM "%s">]>' % secret.as_uri().encode()
    )
    whole = marcxml([marc_record(1)]).partition(b"?>")[2]
    first = whole.replace(b"</subfield>", b"&b;</subfield>", 1)
    second = whole.replace(b"</subfield>", b"&s;</subfield>", 1)

    readings = read(bomb + first + second + whole)

    assert [reading.data is None for reading in readings] == [True, True, False]


def test_records_inside_other_protocols_are_found():
    record = marcxml([marc_record(1)]).partition(b">")[2].partition(b">")[2]
    marc = record.removesuffix(b"</collection>")
    prefixed = (
        marc.replace(b"</", b"</marc:")
        .replace(b"<", b"<marc:")
        .replace(b"<marc:/marc:", b"</marc:")
    )
    oai = (
        b'<OAI-PMH><ListRecords><record><header status="deleted"/></record>'
        b"<record><header/><metadata>%s</metadata></record>"
        b"<zs:record><zs:recordData>%s</zs:recordData></zs:record>"
        b"</ListRecords></OAI-PMH>" % (marc, prefixed)
    )

    readings = read(oai)

    assert titles(readings) == ["Преступление и наказание 1 : роман /"] * 2
