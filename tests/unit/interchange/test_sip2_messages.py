"""Lines of SIP2: what is read, what is refused, what is written."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.interchange.sip2.messages import (
    Answer,
    Garbled,
    Message,
    checksum,
    end_of,
    read,
    write,
)

CHECK_IN = "09N19960212    10051419960212    100514AP|AOTLC|AB31065013|AC|BIN|"


def framed(text, number="4", encoding="utf-8"):
    line = f"{text}AY{number}AZ".encode(encoding)
    return line + checksum(line)


def test_the_checksum_is_the_twos_complement_of_the_sum():
    # As every system answers the first sign-in.
    assert checksum(b"941AY1AZ") == b"FDFC"


def test_a_message_is_read_with_its_fields_its_number_and_its_checksum():
    message = read(framed(CHECK_IN), "utf-8")

    assert (message.code, message.fixed[0], message.sequence, message.checked) == (
        "09",
        "N",
        "4",
        True,
    )
    assert (message.get("AB"), message.get("AP"), message.get("ZZ")) == ("31065013", "", "")


@pytest.mark.parametrize("number", ["4", "9"])
def test_a_message_needs_no_checksum(number):
    assert read(f"{CHECK_IN}AY{number}".encode(), "utf-8").sequence == number
    assert read(CHECK_IN.encode(), "utf-8").sequence is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"0",
        b"09N1996",
        b"42what is this",
        framed(CHECK_IN)[:-1] + b"!",
        framed(CHECK_IN).replace(b"31065013", b"31065014"),
        b"9300CN\xff|",
    ],
)
def test_what_is_no_message_or_came_damaged_is_refused(line):
    with pytest.raises(Garbled):
        read(line, "utf-8")


def test_letters_are_those_of_the_terminal():
    line = framed("9300CNКасса|CO|", encoding="cp1251")

    assert read(line, "cp1251").get("CN") == "Касса"
    assert write(Answer("94", "1", (("AF", "Мир – 書"),)), "cp1251").startswith(
        "941AFМир – ?|".encode("cp1251")
    )


def test_an_answer_has_the_number_and_a_checksum_where_the_message_had_them():
    answer = Answer("94", "1")

    assert write(answer, "utf-8", Message("93", sequence="3", checked=True)) == b"941AY3AZFDFA\r"
    assert write(answer, "utf-8", Message("93", sequence="3")) == b"941AY3\r"
    assert write(answer, "utf-8", Message("93")) == b"941\r"


def test_values_end_no_field_and_no_message():
    line = write(Answer("10", "1", (("AJ", "War|and\r\nPeace"), ("AF", None))), "utf-8")

    assert line.startswith(b"101AJWar and Peace|AZ")
    assert line.count(b"\r") == 1


def test_a_due_date_is_the_end_of_a_day():
    assert end_of(date(2026, 6, 5)) == "20260605    235959"


@given(st.binary(max_size=300))
def test_no_line_is_more_than_refused(line):
    try:
        read(line, "utf-8")
    except Garbled:
        return


@given(st.text(max_size=60))
def test_what_is_written_can_be_read_again(value):
    line = write(Answer("93", "00", (("CN", value), ("CO", "x"))), "utf-8", Message("93"))

    assert read(line[:-1], "utf-8").fields["CO"] == "x"
