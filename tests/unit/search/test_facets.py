"""Facets and filters equal a count by hand, whatever was added, replaced and deleted."""

import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from fixtures.search_documents import ANYBODY, LiveFacet, person, query, record
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bibliopolis.search.documents import LiveChanges
from bibliopolis.search.whoosh import index as whoosh_index
from bibliopolis.search.whoosh.index import WhooshIndex
from bibliopolis.search.whoosh.postings import read_postings, read_publicly
from bibliopolis.search.whoosh.writing import Writing

VALUES = st.lists(st.sampled_from(["a", "b", "c", "длинное значение"]), max_size=3, unique=True)
YEARS = st.sampled_from([(), ("1866",), ("1900",), ("1999",), ("2000",), ("2026",)])
LIMITS = st.sampled_from([None, 1866, 1900, 1950, 2000, 2030])
VISITORS = st.sampled_from(
    [
        ANYBODY,
        person(7),
        person(8, editor="library:1"),
        person(7, editor="library:1", librarian="library:2"),
    ]
)
WORDS = st.lists(st.sampled_from(["море", "книга", "город", "sea"]), min_size=1, max_size=4)


@st.composite
def documents(draw):
    identity = draw(st.integers(1, 12))
    many = tuple(draw(VALUES))
    one = draw(st.sampled_from([(), ("x",), ("y",)]))
    facets = {"many": many, "one": one, "year": draw(YEARS)}
    allowed = draw(st.sets(st.sampled_from(["everyone", "editor", "librarian", "owner:7"])))
    scopes = draw(st.sets(st.sampled_from(["library:1", "library:2"])))
    return record(
        identity,
        " ".join(draw(WORDS)),
        facets=facets,
        allowed=frozenset(allowed),
        scopes=frozenset(scopes),
    )


BATCHES = st.lists(
    st.tuples(st.lists(documents(), max_size=6), st.lists(st.integers(1, 12), max_size=3)),
    min_size=1,
    max_size=5,
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "many": VALUES.map(tuple),
        "one": st.sampled_from([("x",), ("x", "y"), ("nothing has it",)]),
        "year": st.sampled_from([("1866",), ("1900", "2026")]),
        "live": VALUES.map(tuple),
    },
)


def values(document, name, live):
    """Return what a document has of a facet."""
    return live.get(document.resource[1], ()) if name == "live" else document.facets[name]


def passes(document, filters, years, live, apart):
    """Say whether all selections leave a document, but for that of one facet."""
    for name, chosen in filters.items():
        if name != apart and chosen and not set(chosen) & set(values(document, name, live)):
            return False
    first, last = years
    if apart == "year" or (first is None and last is None):
        return True
    return any((first or 0) <= int(y) <= (last or 9999) for y in document.facets["year"])


@pytest.mark.parametrize("filters", [{}, {"resource": ("record",)}])
def test_counts_of_everything_follow_what_changes(tmp_path, filters):
    index = WhooshIndex(tmp_path)
    index.create()
    index.update([record(n, "море", facets={"one": ("x" if n % 2 else "y",)}) for n in range(9)])

    def counted():
        asked = query(facets=("one", "resource"), filters=filters, limit=0)
        return {name: dict(found) for name, found in index.search(asked).facets.items()}

    assert counted() == {"one": {"x": 4, "y": 5}, "resource": {"record": 9}}
    hidden = record(1, "море", facets={"one": ("x",)}, allowed=frozenset({"editor"}))
    index.update([hidden, record(20, "море", facets={"one": ("z",)})], ["record:2"])

    assert counted() == {"one": {"x": 3, "y": 4, "z": 1}, "resource": {"record": 8}}


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    batches=BATCHES,
    word=st.sampled_from(["", "море", "книги", "sea"]),
    filters=FILTERS,
    years=st.tuples(LIMITS, LIMITS),
    visitor=VISITORS,
    live=st.dictionaries(st.integers(1, 14), VALUES.map(tuple), max_size=8),
    merged=st.booleans(),
)
def test_facets_equal_a_count_by_hand(
    monkeypatch, batches, word, filters, years, visitor, live, merged
):
    # Whoosh puts small segments together; a large index has several, with deletions.
    monkeypatch.setattr(whoosh_index, "Writing", partial(Writing, merge=merged))
    with tempfile.TemporaryDirectory() as folder:
        index = WhooshIndex(Path(folder))
        index.create()
        truth = {}
        for added, removed in batches:
            added = {document.key: document for document in added}
            removed = [f"record:{identity}" for identity in removed]
            index.update(added.values(), removed)
            truth = {key: one for key, one in truth.items() if key not in removed} | added
        index.apply_live(LiveFacet("live"), LiveChanges(1, live))

        results = index.search(
            query(
                word,
                visibility=visitor,
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
        if visitor.admits(document.allowed, document.scopes)
        and (not stemmed or stemmed in document.title.split())
    ]
    found = [one for one in base if passes(one, filters, years, live, None)]
    assert {hit.key for hit in results.hits} == {one.key for one in found}
    assert results.total == len(found)
    for name in ("many", "one", "year", "live"):
        beside = [one for one in base if passes(one, filters, years, live, name)]
        counted = Counter(value for one in beside for value in set(values(one, name, live)))
        assert {value: n for value, n in results.facets[name] if n} == dict(counted)


def test_an_index_of_several_segments_with_deletions_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(whoosh_index, "Writing", partial(Writing, merge=False))
    index = WhooshIndex(tmp_path)
    for start in range(0, 30, 10):
        index.update([record(n, "море", facets={"one": ("x",)}) for n in range(start, start + 10)])
    index.update([record(5, "море", facets={"one": ("y",)})], removed=["record:11", "record:21"])

    placed = index._snapshot.placed
    assert len(placed) == 4
    assert sum(len(one.deleted) for one in placed) == 3
    assert index.search(query("море", facets=("one",))).facets["one"] == (("x", 27), ("y", 1))


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
