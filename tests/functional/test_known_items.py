"""Readers find what they know there is, however they type it: four libraries' own catalogues.

The floor is that of ``python -m benchmarks.known_item``, which also says what was missed.
"""

import shutil
from collections import Counter

import pytest
from benchmarks.figures import RULES, shortfalls
from benchmarks.known_item import ask, figures_of, known_items, open_site, questions, take_in
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from bibliopolis.catalogue.models import Record
from bibliopolis.cli.environment import writing
from bibliopolis.libraries.models import Library
from bibliopolis.resources.access import Principals, visible_to
from bibliopolis.search.documents import Query
from bibliopolis.search.jobs import index_changes
from bibliopolis.search.services import Search


@pytest.fixture(scope="module")
def registry(migrated_sqlite, samples, tmp_path_factory):
    """A site with the catalogues of four libraries in one index."""
    data = tmp_path_factory.mktemp("known-items")
    shutil.copyfile(migrated_sqlite, data / "bibliopolis.sqlite")
    registry = open_site(data).registry
    take_in(registry, samples)
    yield registry
    registry["bibliopolis.engine"].dispose()


def test_what_is_known_to_be_there_stands_among_the_first_ten(registry, samples):
    asked = questions(samples)
    assert {question.rule for question in asked} == set(RULES)

    answers = ask(registry, samples, asked)

    promised = {
        name: value for name, value in figures_of(answers).items() if name.endswith("% in 10")
    }
    assert len(promised) == len(RULES) + 1
    assert shortfalls(promised) == {}


FACETS = ("kind", "language", "library", "year")
CHOICES = {
    "kind": st.sets(st.sampled_from(["book", "ebook", "score", "serial", "article"]), max_size=2),
    "language": st.sets(st.sampled_from(["ru", "en", "mi", "de", "fr"]), max_size=3),
    "library": st.sets(st.sampled_from(["ibis", "nlnz1000", "uva2000"]), max_size=2),
}
YEARS = st.one_of(st.none(), st.integers(1850, 2015))


@pytest.fixture(scope="module")
def records(registry, samples):
    """The records of the database after some were withdrawn: facet -> values of each.

    What the questions ask for stays, whichever test comes first.
    """
    with writing(registry) as request:
        items = known_items(request.db, samples)
        asked_for = {
            items.get((question.source, name))
            for question in questions(samples)
            for name in question.relevant
        }
        seventh = request.db.scalars(select(Record.id).where(Record.id % 7 == 0))
        gone = [one for one in seventh if one not in asked_for]
        request.db.execute(update(Record).where(Record.id.in_(gone)).values(withdrawn=True))
    with writing(registry) as request:
        index_changes(request, [f"record:{one}" for one in gone])
        found = request.db.execute(
            select(Record.kind, Record.languages, Record.year, Library.code)
            .join(Library)
            .where(Record.withdrawn.is_(False))
        ).all()
    return [
        {
            "kind": {row.kind},
            "language": set(row.languages),
            "library": {row.code},
            "year": {str(row.year)} if row.year else set(),
        }
        for row in found
    ]


@settings(max_examples=60, deadline=None)
@given(chosen=st.fixed_dictionaries({}, optional=CHOICES), first=YEARS, last=YEARS)
def test_facets_equal_a_count_over_the_database(registry, records, chosen, first, last):
    def passes(record, apart):
        if any(
            values and not values & record[name] for name, values in chosen.items() if name != apart
        ):
            return False
        if apart == "year" or (first is None and last is None):
            return True
        return any((first or 0) <= int(year) <= (last or 9999) for year in record["year"])

    with writing(registry) as request:
        results = request.find_service(Search).find(
            Query(
                visibility=visible_to(Principals()),
                filters={name: tuple(values) for name, values in chosen.items()},
                year_from=first,
                year_to=last,
                facets=FACETS,
                facet_limit=1000,
            )
        )

    assert results.total == sum(passes(record, None) for record in records)
    for name in FACETS:
        beside = [record for record in records if passes(record, name)]
        counted = Counter(value for record in beside for value in record[name])
        assert {value: n for value, n in results.facets[name] if n} == counted
