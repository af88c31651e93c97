"""The table of decisions: what speaks against a renewal, in which order, and the new due date."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bibliopolis.circulation.services.demand import Demand
from bibliopolis.circulation.services.renewal_rules import RenewalFacts, prospect
from bibliopolis.circulation.services.terms import LoanTerms

TODAY = date(2026, 6, 15)
FACTS = RenewalFacts(today=TODAY, opened=TODAY - timedelta(days=20), due=TODAY + timedelta(days=1))
TERMS = LoanTerms(renewals=2)
EVERY_DAY = lambda day: day  # noqa: E731

WANTED = "Another reader is waiting for this very copy."
WAITING = "Other readers are waiting for this book."
OVERDUE = "It is overdue: it has to be brought back."
ALL_STOPPED = "Nothing is renewed until what is overdue has been brought back."
NO_RENEWALS = "This library does not renew such loans."
NO_GAIN = "It is too early: a renewal today would not give more time."
AT_THE_END = "It has been kept for as long as it can be lent."
BLOCKED = "This card has been closed."


def asked(facts=None, terms=None):
    answer = prospect(replace(FACTS, **(facts or {})), replace(TERMS, **(terms or {})), EVERY_DAY)
    return [str(getattr(reason, "singular", reason)) for reason in answer.reasons]


@pytest.mark.parametrize(
    ("facts", "terms", "reasons"),
    [
        ({}, {}, []),
        # Holds: the very copy, then the title.
        ({"item_is_wanted": True}, {}, [WANTED]),
        ({"item_is_wanted": True, "demand": Demand(1, 5)}, {}, [WANTED]),
        ({"item_is_wanted": True}, {"renewal_days_in_demand": 5}, [WANTED]),
        ({"demand": Demand(1, 0)}, {}, [WAITING]),
        ({"demand": Demand(1, 1)}, {}, []),
        ({"demand": Demand(2, 1)}, {}, [WAITING]),
        ({"demand": Demand(2, 2)}, {}, []),
        ({"demand": Demand(3, 0)}, {"renewal_days_in_demand": 5}, []),
        # The reader.
        ({"standing": (BLOCKED,)}, {}, [BLOCKED]),
        # Overdue: the book itself, any book.
        ({"due": TODAY}, {}, []),
        ({"due": TODAY - timedelta(days=1)}, {}, [OVERDUE]),
        ({"due": TODAY - timedelta(days=3)}, {"renewal_overdue_days": 3}, []),
        ({"due": TODAY - timedelta(days=4)}, {"renewal_overdue_days": 3}, [OVERDUE]),
        ({"most_overdue": 30}, {}, []),
        ({"most_overdue": 30}, {"overdue_stops_renewals": 30}, []),
        ({"most_overdue": 31}, {"overdue_stops_renewals": 30}, [ALL_STOPPED]),
        # Too early.
        ({"due": TODAY + timedelta(days=3)}, {"renewal_from_days": 3}, []),
        ({"due": TODAY + timedelta(days=21)}, {}, [NO_GAIN]),
        ({"due": TODAY + timedelta(days=20)}, {}, []),
        # Too often.
        ({"renewals": 1}, {}, []),
        ({"renewals": 0}, {"renewals": 0}, [NO_RENEWALS]),
        ({"renewals": 99}, {"renewals": None}, []),
        ({"due": TODAY - timedelta(days=99)}, {"renewal_overdue_days": None}, []),
        # As long as it can be lent.
        ({}, {"longest_loan_days": 30}, []),
        ({"due": TODAY + timedelta(days=10)}, {"longest_loan_days": 30}, [AT_THE_END]),
        # All that speaks against it, in their order.
        (
            {
                "demand": Demand(1),
                "standing": (BLOCKED,),
                "due": TODAY - timedelta(days=1),
            },
            {"renewals": 0},
            [WAITING, BLOCKED, OVERDUE, NO_RENEWALS],
        ),
    ],
)
def test_every_reason_against_a_renewal_is_told_in_its_order(facts, terms, reasons):
    assert asked(facts, terms) == reasons


def test_how_early_and_how_often_is_told_with_the_number():
    early = prospect(
        replace(FACTS, due=TODAY + timedelta(days=4)),
        replace(TERMS, renewal_from_days=3),
        EVERY_DAY,
    )
    often = prospect(replace(FACTS, renewals=2), TERMS, EVERY_DAY)

    assert [(one.n, "too early" in one.singular) for one in early.reasons] == [(3, True)]
    assert [(one.n, "already" in one.singular) for one in often.reasons] == [(2, True)]


@pytest.mark.parametrize(
    ("facts", "terms", "days"),
    [
        ({}, {}, 21),
        ({}, {"loan_days": 14}, 14),
        ({"demand": Demand(1)}, {"renewal_days_in_demand": 5}, 5),
        # Other copies are enough for those who wait: the renewal is not shortened.
        ({"demand": Demand(1, 1)}, {"renewal_days_in_demand": 5}, 21),
        ({"demand": Demand(1)}, {"renewal_days_in_demand": 50}, 21),
        ({}, {"longest_loan_days": 25}, 5),
    ],
)
def test_the_new_due_date_is_counted_from_today(facts, terms, days):
    answer = prospect(replace(FACTS, **facts), replace(TERMS, **terms), EVERY_DAY)

    assert answer.due == TODAY + timedelta(days=days)


def test_the_new_due_date_is_a_day_on_which_the_library_is_open():
    closed = {TODAY + timedelta(days=21), TODAY + timedelta(days=22)}

    def open_from(day):
        while day in closed:
            day += timedelta(days=1)
        return day

    assert prospect(FACTS, TERMS, open_from).due == TODAY + timedelta(days=23)
