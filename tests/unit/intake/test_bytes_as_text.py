"""What a form shows of a record's bytes comes back as the same bytes."""

import pytest
from fixtures.iso_bytes import rusmarc
from hypothesis import example, given
from hypothesis import strategies as st

from bibliopolis.intake.bytes_as_text import as_bytes, as_text


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "cp866"])
def test_russian_is_shown_readably_with_marks_that_can_be_seen(encoding):
    raw = rusmarc(title="Преступление и наказание", encoding=encoding)

    text, name = as_text(raw)

    assert name == encoding
    assert "\\1FaПреступление и наказание\\1E\\1D" in text
    assert "RU\\NLR\\bibl\\1" in text
    assert as_bytes(text, name) == raw


@given(st.binary(max_size=300) | st.text("\\15CDEF\x1f\r\n а", max_size=30).map(str.encode))
@example(b"\\1F\\5C1F\\\x1f")
def test_what_a_form_sends_back_unchanged_is_the_same_bytes(raw):
    text, name = as_text(raw)

    assert as_bytes(text.replace("\n", "\r\n"), name) == raw
