"""Facets and filters equal a count by hand, whatever was added, replaced and deleted."""

import tempfile
from collections import Counter
from pathlib import Path

from fixtures.search_documents import query, record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bibliopolis.search.whoosh.index import WhooshIndex
from bibliopolis.search.whoosh.postings import read_postings, read_publicly

VALUES = st.lists(st.sampled_from(["a", "b", "c", "длинное значение"]), max_size=3, unique=True)
YEARS = st.sampled_from([(), ("1866",), ("1999",), ("2026",)])
WORDS = st.lists(st.sampled_from(["море", "книга", "город", "sea"]), min_size=1, max_size=4)


@st.composite
def documents(draw):
    identity = draw(st.integers(1, 12))
    many = tuple(draw(VALUES))
    one = draw(st.sampled_from([(), ("x",), ("y",)]))
    facets = {"many": many, "one": one, "year": draw(YEARS)}
    allowed = frozenset(draw(st.sampled_from([("everyone",), ("editor",), ()])))
    return record(identity, " ".join(draw(WORDS)), facets=facets, allowed=allowed)


BATCHES = st.lists(
    st.tuples(st.lists(documents(), max_size=6), st.lists(st.integers(1, 12), max_size=3)),
    min_size=1,
    max_size=5,
)
FILTERS = st.fixed_dictionaries(
    {}, optional={"many": VALUES.map(tuple), "one": st.sampled_from([("x",), ("x", "y")])}
)


def passes(document, filters, years, apart):
    for name, chosen in filters.items():
        if name != apart and chosen and not set(chosen) & set(document.facets[name]):
            return False
    first, last = years
    if apart == "year" or (first is None and last is None):
        return True
    return any((first or 0) <= int(y) <= (last or 9999) for y in document.facets["year"])


def counted(found, name):
    return Counter(value for document in found for value in set(document.facets[name]))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batches=BATCHES,
    word=st.sampled_from(["", "море", "книги", "sea"]),
    filters=FILTERS,
    years=st.tuples(st.sampled_from([None, 1900]), st.sampled_from([None, 2000])),
    live=st.dictionaries(st.integers(1, 14), VALUES.map(tuple), max_size=8),
)
def test_facets_equal_a_count_by_hand(batches, word, filters, years, live):
    with tempfile.TemporaryDirectory() as folder:
        index = WhooshIndex(Path(folder))
        index.create()
        truth = {}
        for added, removed in batches:
            added = {document.key: document for document in added}
            removed = [f"record:{identity}" for identity in removed]
            index.update(added.values(), removed)
            truth = {key: one for key, one in truth.items() if key not in removed} | added
        index.apply_live("live", "record", 1, live)

        results = index.search(
            query(
                word,
                filters=filters,
                year_from=years[0],
                year_to=years[1],
                facets=("many", "one", "year", "live"),
                limit=100,
                exact=True,
            )
        )

    stemmed = {"книги": "nothing is spelled so"}.get(word, word)
    base = [
        document
        for document in truth.values()
        if "everyone" in document.allowed and (not stemmed or stemmed in document.title.split())
    ]
    found = [one for one in base if passes(one, filters, years, None)]
    assert {hit.key for hit in results.hits} == {one.key for one in found}
    assert results.total == len(found)
    for name in ("many", "one", "year"):
        beside = [one for one in base if passes(one, filters, years, name)]
        expected = counted(beside, name)
        assert {value: n for value, n in results.facets[name] if n} == dict(expected)
    lively = Counter(value for one in found for value in live.get(one.resource[1], ()))
    assert dict(results.facets["live"]) == dict(lively)


def test_postings_read_by_block_equal_those_read_one_by_one(tmp_path):
    index = WhooshIndex(tmp_path)
    index.update(
        [record(n, "море " * (1 + n % 3) + ("книга" if n % 2 else "")) for n in range(700)]
    )
    index.update([record(701, "море и книга")])

    for placed in index._snapshot.placed:
        for text in ("мор", "книг"):
            ids, weights = read_postings(placed.segment.reader, "title", text)
            plain_ids, plain_weights = read_publicly(placed.segment.reader.postings("title", text))
            assert ids.tolist() == plain_ids.tolist()
            if weights is not None:
                assert weights.tolist() == plain_weights.tolist()
            else:
                assert set(plain_weights.tolist()) == {1.0}
