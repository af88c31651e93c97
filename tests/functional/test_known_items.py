"""Readers find what they know there is, however they type it: four libraries' own catalogues.

The floor is that of ``python -m benchmarks.known_item``, which also says what was missed.
"""

import shutil

import pytest
from benchmarks.figures import RULES, shortfalls
from benchmarks.known_item import ask, figures_of, open_site, questions, take_in


@pytest.fixture
def registry(migrated_sqlite, samples, tmp_path):
    """A site with the catalogues of four libraries in one index."""
    shutil.copyfile(migrated_sqlite, tmp_path / "bibliopolis.sqlite")
    registry = open_site(tmp_path).registry
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
