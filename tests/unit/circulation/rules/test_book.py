"""Which rule counts: decision tables, one row a test.

Precedence is that of Koha's rule store (branch, then category, then item type, NULL is any):
``ORDER BY branchcode DESC, categorycode DESC, itemtype DESC``.
"""

import pytest
from fixtures.sites import SITE

from bibliopolis.circulation.rules import NAMES, Rule, RuleBook, Scope
from bibliopolis.errors import InvalidInput

LINEAGE = ("okhta", "north", "city")
AT = {
    "any": Scope(),
    "type": Scope(item_type="film"),
    "category": Scope(category="child"),
    "category+type": Scope(category="child", item_type="film"),
    "city": Scope("city"),
    "city+type": Scope("city", item_type="film"),
    "city+category": Scope("city", "child"),
    "city+both": Scope("city", "child", "film"),
    "system": Scope("north"),
    "system+type": Scope("north", item_type="film"),
    "library": Scope("okhta"),
    "library+both": Scope("okhta", "child", "film"),
    "elsewhere": Scope("fontanka", "child", "film"),
    "adults": Scope("okhta", "adult"),
}


def book(*scopes, name="loan_days"):
    """Make a book whose rules have their place in this table as their value."""
    return RuleBook(Rule(name, number, AT[scope]) for number, scope in enumerate(scopes, 1))


@pytest.mark.parametrize(
    ("winner", "beaten"),
    [
        ("type", "any"),
        ("category", "any"),
        ("category", "type"),
        ("category+type", "category"),
        ("category+type", "type"),
        ("city", "any"),
        ("city", "category+type"),
        ("city+type", "city"),
        ("city+category", "city+type"),
        ("city+both", "city+category"),
        ("system", "city+both"),
        ("system+type", "system"),
        ("library", "system+type"),
        ("library", "city+both"),
        ("library+both", "library"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_nearest_organisation_beats_the_category_which_beats_the_item_type(
    winner, beaten, turned
):
    rules = book(*((winner, beaten) if turned else (beaten, winner)))

    decided = rules.resolve("loan_days", LINEAGE, "child", "film")

    assert decided.rule.scope == AT[winner]


@pytest.mark.parametrize("other", ["elsewhere", "adults"])
def test_rules_for_others_do_not_count(other):
    decided = book(other).resolve("loan_days", LINEAGE, "child", "film")

    assert (decided.value, decided.rule) == (21, None)


@pytest.mark.parametrize(
    ("scope", "inherited"),
    [("library", False), ("system", True), ("city", True), ("any", True)],
)
def test_it_is_told_whether_a_rule_comes_from_above(scope, inherited):
    assert book(scope).resolve("loan_days", LINEAGE).inherited is inherited


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("holds_per_record", 1),  # Koha: holds_per_record defaults to 1
        ("holds_allowed", 0),  # Koha: reservesallowed undefined is 0
        ("holds_per_day", None),  # Koha: holds_per_day undefined is unlimited
        ("max_holds", None),  # Koha: max_holds undefined is unlimited
        ("renewals", 0),  # Koha: renewalsallowed undefined is 0
        ("waiting_hold_cancellation", False),  # Koha: undefined is not allowed
        ("fulfilment", "any"),  # Koha: hold_fulfillment_policy any
        ("from_other_libraries", "any"),  # Koha: holdallowed from_any_library
        ("go_home_days", 182),  # Evergreen: the go-home interval is six months
        ("age_protection_days", 0),  # Evergreen: no copy is protected unless somebody says so
    ],
)
def test_what_counts_where_nothing_is_said(name, value):
    assert RuleBook().resolve(name, LINEAGE, "child", "film").value == value


def test_no_limit_of_the_library_beats_a_limit_above():
    rules = RuleBook([Rule("max_holds", 5, Scope("city")), Rule("max_holds", None, Scope("okhta"))])

    decided = rules.resolve("max_holds", LINEAGE)

    assert (decided.value, decided.inherited) == (None, False)


def test_what_staff_set_goes_before_the_file_at_the_same_scope_only():
    rules = book("library", "any").with_staff([Rule("loan_days", 30, AT["any"], id=7)])

    assert rules.resolve("loan_days", LINEAGE).value == 1
    assert rules.resolve("loan_days", ("fontanka", "city")).value == 30


def test_all_rules_that_fit_are_told_in_the_order_in_which_they_count():
    rules = book("any", "library", "category", "elsewhere")

    fitting = rules.fitting("loan_days", LINEAGE, "child", "film")

    assert [rule.scope for rule in fitting] == [AT["library"], AT["category"], AT["any"]]


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("max_holds", Scope(item_type="film")),  # Koha: max_holds is branch and category
        ("fulfilment", Scope(category="child")),  # Koha: hold_fulfillment_policy, branch and type
        ("from_other_libraries", Scope(category="child")),  # Koha: holdallowed, branch and type
        ("best_hold_order", Scope(category="child")),
        ("best_hold_order", Scope(item_type="film")),
    ],
)
def test_a_rule_outside_its_scope_is_an_error(name, scope):
    with pytest.raises(InvalidInput):
        RuleBook([Rule(name, NAMES[name].default, scope)])


@pytest.mark.parametrize(
    "name",
    # Koha: these are of branch, category and item type.
    [
        "holds_per_record",
        "holds_per_day",
        "holds_allowed",
        "on_shelf_holds",
        "item_level_holds",
        "renewals",
        "waiting_hold_cancellation",
        "hold_shelf_days",
        "loan_days",
    ],
)
def test_rules_of_all_three_kinds(name):
    scope = Scope("okhta", "child", "film")

    rules = RuleBook([Rule(name, NAMES[name].default, scope)])

    assert rules.resolve(name, LINEAGE, "child", "film").rule.scope == scope


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_default_is_a_value_of_its_rule(name):
    declared = NAMES[name]

    assert declared.kind.check(declared.default) == declared.default
    assert declared.kind.say(declared.default)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_rule_is_in_the_docs_with_its_scope(name):
    declared = NAMES[name]
    scope = ("c" * declared.by_category, "t" * declared.by_item_type)
    by = " ".join(one for one in scope if one)
    lines = (SITE / "docs" / "circulation-rules.md").read_text("utf-8").splitlines()

    [line] = [one for one in lines if one.startswith(f"| `{name}` |")]

    assert [cell.strip() for cell in line.split("|")][3] == by
