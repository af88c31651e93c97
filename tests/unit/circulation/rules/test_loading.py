"""The file of a site: what it says, and mistakes told with their line."""

import pytest
from fixtures.sites import SITE

from bibliopolis.circulation.rules import load_policy, load_site
from bibliopolis.errors import ConfigurationError

CATEGORIES = ("child", "adult")
TYPES = ("book", "film")


@pytest.fixture
def load(tmp_path):
    """Read a file that somebody wrote."""

    def written(text):
        (tmp_path / "policies").mkdir(exist_ok=True)
        (tmp_path / "policies" / "circulation.yaml").write_text(text, encoding="utf-8")
        return load_policy(tmp_path, CATEGORIES, TYPES)

    return written


def test_rules_groups_and_distances_are_read(load):
    policy = load(
        """
groups:
  north: {title: The north, members: [okhta, vyborg]}
distances:
  - {from: okhta, to: fontanka, is: 1}
  - {from: fontanka, to: okhta, add: -1, item_type: film}
  - {from: okhta, to: vyborg, closed: true}
rules:
  - set: {max_holds: 10, holds_allowed: unlimited, holds_per_day: }
  - organisation: okhta
    category: child
    item_type: film
    set: {loan_days: 3}
  - item_type: film
    set: {pickup_groups: [north]}
"""
    )

    def value(name):
        return policy.book.resolve(name, ("okhta",), "child", "film").value

    assert (value("max_holds"), value("holds_allowed"), value("holds_per_day")) == (10, None, None)
    assert (value("loan_days"), value("pickup_groups")) == (3, ["north"])
    assert policy.groups["north"].members == ("okhta", "vyborg")
    told = [(one.steps, one.absolute, one.item_type, one.closed) for one in policy.distances]
    assert told == [(1, True, None, False), (-1, False, "film", False), (0, False, None, True)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules:\n  - set: {max_hold: 1}", "circulation.yaml:2.*unknown key.*did you mean"),
        ("rules:\n  - {category: baby, set: {}}", "circulation.yaml:2: unknown category"),
        ("rules:\n  - {item_type: car, set: {}}", "circulation.yaml:2: unknown item type"),
        ("rules:\n  - set: {max_holds: -1}", "circulation.yaml:2: max_holds: Write a whole number"),
        ("rules:\n  - set: {holdable: 'yes'}", "circulation.yaml:2: holdable: Choose yes or no"),
        (
            "rules:\n  - set: {pickup_groups: [south]}",
            "circulation.yaml:2: pickup_groups: There is no group of libraries “south”",
        ),
        (
            "rules:\n  - {item_type: film, set: {max_holds: 1}}",
            "circulation.yaml:2: max_holds: This rule is the same for all item types",
        ),
        (
            "rules:\n  - set: {max_holds: 1}\n  - category: child\n    set: {max_holds: 2}\n"
            "  - set: {max_holds: 3}",
            "circulation.yaml:5: max_holds is set for the same readers and copies on line 2",
        ),
        ("rules: []\ndistances:\n  - {from: a, to: b}", "circulation.yaml:3: write either"),
    ],
)
def test_a_mistake_stops_the_start_and_says_where(load, text, said):
    with pytest.raises(ConfigurationError, match=said):
        load(text)


def test_without_a_file_every_rule_has_its_default(tmp_path):
    assert list(load_policy(tmp_path, CATEGORIES, TYPES).book) == []


def test_the_rules_the_site_ships_with():
    book = load_site(SITE).book

    assert book.resolve("holds_allowed", ()).value is None
    assert book.resolve("loan_days", ()).value == 21
    # The central library for the blind: at home, up to 45 days.
    assert book.resolve("loan_days", (), "at_home", "film").value == 45
