"""A beginning that many words have stands for the commonest of them."""

import pytest
from fixtures.search_documents import keys, query, record

from bibliopolis.search.whoosh import matching
from bibliopolis.search.whoosh.index import WhooshIndex


@pytest.fixture
def index(tmp_path, monkeypatch):
    monkeypatch.setattr(matching, "MAX_EXPANSION", 3)
    index = WhooshIndex(tmp_path)
    index.create()
    rare = [record(n, f"проба{letter}") for n, letter in enumerate("абвгдежз", 1)]
    common = [record(n, "программа") for n in (21, 22, 23)]
    index.update([*rare, *common, record(31, "проща"), record(32, "проща")])
    return index


def test_common_words_are_found_wherever_they_stand_in_the_alphabet(index):
    found = keys(index.search(query("про*")))

    assert {"record:21", "record:22", "record:23", "record:31", "record:32"} <= set(found)
    # Of those that are equally rare the first.
    assert set(found) - {"record:21", "record:22", "record:23", "record:31", "record:32"} == {
        "record:1"
    }


def test_more_letters_find_the_rest(index):
    assert keys(index.search(query("пробаз*"))) == ["record:8"]
