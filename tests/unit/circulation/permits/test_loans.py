"""What is not lent, and by which code: one row a test."""

import pytest

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.permits import Penalty, against_loan
from bibliopolis.circulation.permits.facts import Stops

LOANS = (("book", "okhta"), ("film", "okhta"), ("book", "vyborg"))
NO_CARD = Penalty("no_card", "No card.", frozenset({Stops.LOANS}))


@pytest.mark.parametrize(
    ("wish", "rules", "code"),
    [
        ({}, {}, None),
        ({"reader": {"barred": True}}, {}, "barred"),
        ({"reader": {"expired": True}}, {}, "account_expired"),
        ({"reader": {"penalties": (NO_CARD,)}}, {}, "standing_penalty:no_card"),
        ({"copy": {"status": ItemStatus.READING_ROOM}}, {}, "reading_room_only"),
        ({"copy": {"status": ItemStatus.LOST}}, {}, "not_lendable"),
        ({"copy": {"status": ItemStatus.DAMAGED}}, {}, "not_lendable"),
        ({"copy": {"status": ItemStatus.DAMAGED}, "waits": True}, {}, "not_lendable"),
        ({"copy": {"status": ItemStatus.DAMAGED}}, {"hold_damaged": True}, "not_lendable"),
        ({"copy": {"status": ItemStatus.DAMAGED}, "waits": True}, {"hold_damaged": True}, None),
        ({"withdrawn": True}, {}, "not_lendable"),
        ({"withdrawn": True, "waits": True}, {}, "not_lendable"),
        # RERO #1160: what is kept for a reader is not refused to them
        ({"withdrawn": True, "waits": True, "kept": True}, {}, None),
        ({"copy": {"status": ItemStatus.WITHDRAWN}, "waits": True}, {}, "not_lendable"),
        ({"copy": {"status": ItemStatus.WITHDRAWN}, "waits": True, "kept": True}, {}, None),
        ({"copy": {"status": ItemStatus.LOST}, "waits": True, "kept": True}, {}, "not_lendable"),
        ({"on_loan_to": 7}, {}, "already_possession"),
        ({"on_loan_to": 8}, {}, "on_loan"),
        ({"on_loan_to": 0}, {}, "on_loan"),
        ({"reader": {"loans": LOANS}}, {"max_loans": 3}, "too_many_loans"),  # RERO: global_limit
        ({"reader": {"loans": LOANS}}, {"max_loans": 4}, None),
        ({"reader": {"loans": LOANS}}, {}, None),
        ({}, {"max_loans": 0}, "too_many_loans"),
        ({"reader": {"loans": LOANS}}, {"max_loans_here": 2}, "too_many_loans_here"),  # RERO
        ({"reader": {"loans": LOANS}, "desk": "vyborg"}, {"max_loans_here": 2}, None),
        ({"reader": {"loans": LOANS}}, {"max_loans_of_type": 3}, "too_many_loans_of_type"),
        ({"reader": {"overdue": 1}}, {"max_overdue": 0}, "standing_penalty:overdue"),
        # what has no place at a desk: limits of holds
        ({}, {"max_holds": 0, "holdable": False, "holds_allowed": 0}, None),
    ],
)
def test_what_is_not_lent(facts, wish, rules, code):
    found = against_loan(facts.loan(**wish), facts.terms(**rules))

    assert [block.code for block in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("item_type", "code"), [("film", "too_many_loans_of_type"), ("book", None)]
)
def test_a_limit_of_an_item_type_counts_that_type(facts, item_type, code):
    terms = facts.terms(at={(None, None, "film"): {"max_loans_of_type": 1}})
    wish = facts.loan(copy={"item_type": item_type}, reader={"loans": LOANS})

    found = against_loan(wish, terms)

    assert [block.code for block in found] == ([code] if code else [])


def test_every_reason_is_told(facts):
    wish = facts.loan(
        copy={"status": ItemStatus.READING_ROOM},
        reader={"expired": True, "loans": LOANS},
        on_loan_to=8,
    )

    found = against_loan(wish, facts.terms(max_loans=1))

    assert [block.code for block in found] == [
        "account_expired",
        "reading_room_only",
        "on_loan",
        "too_many_loans",
    ]
