"""MARC-in-JSON, whole and damaged."""

import io
import json

import pytest
from fixtures.marc_files import marc_record
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bibliopolis.catalogue.import_run import plain_text
from bibliopolis.catalogue.marc import read_records, read_stream

RECORDS = [marc_record(number) for number in range(4)]
ONES = [json.dumps(record.as_dict(), ensure_ascii=False) for record in RECORDS]


def listed(*texts):
    return "[" + ",".join(texts) + "]"


def read(text):
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_stream(io.BytesIO(data), "file.json"))


def titles(readings):
    return [reading.data.title if reading.data else None for reading in readings]


TITLES = [f"Преступление и наказание {number}" for number in range(4)]


@pytest.mark.parametrize(
    "text",
    [listed(*ONES), "\n".join(ONES), '{"records": ' + listed(*ONES) + "}"],
    ids=["a list", "lines", "inside of an answer"],
)
def test_records_are_found_however_they_are_put_together(text):
    assert titles(read(text)) == TITLES


def test_json_and_iso_2709_of_the_same_records_say_the_same(samples):
    folder = samples / "marc/traject"
    iso = read_records(folder / "test_data.utf8.mrc")
    lines = read_records(folder / "test_data.utf8.json")

    assert [reading.data for reading in iso] == [reading.data for reading in lines]


def test_half_of_a_pair_of_surrogates_becomes_a_mark_that_can_be_kept():
    halves = ONES[1].replace("Преступление", "\\ud800Преступление \\uD83D\\uDE00")

    [before, reading] = read(listed(ONES[0], halves))

    assert before.data.title == TITLES[0]
    assert reading.data.title == "\ufffdПреступление \U0001f600 и наказание 1"
    assert reading.data.content_hash()


def test_a_record_that_lost_its_end_does_not_reach_the_next():
    readings = read(listed(ONES[0], ONES[1][:-30], ONES[2], ONES[3]))

    assert titles(readings) == [TITLES[0], None, TITLES[2], TITLES[3]]
    assert readings[1].raw.startswith(ONES[1][:-30].encode())
    assert plain_text(readings[1].reason).startswith("not well-formed JSON")


def test_a_text_that_lost_its_quote_does_not_reach_the_next():
    broken = ONES[1].replace('роман /"', "роман /")

    readings = read(listed(ONES[0], broken, ONES[2]))

    assert titles(readings) == [TITLES[0], None, TITLES[2]]


@pytest.mark.parametrize("text", ['{"id": "1"}', '{"fields": 5}', '{"fields": [5]}', "[{}]"])
def test_json_of_something_else_is_refused_by_name(text):
    [reading] = read(text)

    assert plain_text(reading.reason) == "this is JSON, but not a MARC record"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
@example(b'{"a":' * 3000)
@example(b'{"leader":null,"fields":[{"245":null},{"001":[]}]}')
@example(b'{"fields":[{"245":{"subfields":[{"a":5},{"":"x"},6],"ind1":7}}]}')
def test_no_bytes_stop_the_reader(data):
    read(b"{" + data)
    read(b'[{"leader":"", "fields":[' + data + ONES[0].encode() + b"]")
