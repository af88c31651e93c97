"""Until when a copy is lent: by the rules of the library, to a day on which it is open."""

from datetime import timedelta

import pytest
from fixtures.lending import LOAN_DAYS

from bibliopolis.libraries.models import ExceptionKind, HoursException

WEEKDAYS = "Mo-Fr 10:00-20:00; Sa,Su off"


@pytest.fixture
def lend(city, desk, here, record, clock):
    """Lend the copy and return (the day of lending, the day by which it is to be back)."""
    item = city.item(record, here)

    def lent():
        loan = desk.loans.check_out(item.id, city.reader(here).id, here.id).loan
        return clock.today(), loan.due

    return lent


def closed(db, library, first, last):
    db.add(
        HoursException(
            library_id=library.id, kind=ExceptionKind.CLOSED, first=first, last=last, reason={}
        )
    )
    db.flush()


def test_a_copy_is_lent_for_as_long_as_usual(lend):
    today, due = lend()

    assert due == today + timedelta(days=LOAN_DAYS)


def test_a_library_lends_for_as_long_as_it_says(city, here, lend):
    city.rule("loan_days", 10, here)

    today, due = lend()

    assert due == today + timedelta(days=10)


def test_nothing_is_due_on_a_day_when_the_library_is_closed(city, here, db, clock, lend):
    # Lent so that the period ends on a Saturday: it is due on Monday.
    to_saturday = (5 - clock.today().weekday()) % 7 or 7
    city.rule("loan_days", to_saturday, here)
    here.settings = {"opening_hours": WEEKDAYS}
    db.flush()

    today, due = lend()

    assert (due - today).days == to_saturday + 2
    assert due.weekday() == 0


def test_a_closure_moves_what_is_due_to_the_day_after_it(here, db, clock, lend):
    end = clock.today() + timedelta(days=LOAN_DAYS)
    closed(db, here, end - timedelta(days=3), end + timedelta(days=4))
    here.settings = {"opening_hours": "Mo-Su 10:00-20:00"}
    db.flush()

    assert lend()[1] == end + timedelta(days=5)


def test_a_library_that_closes_for_good_still_names_a_day(here, db, clock, lend):
    closed(db, here, clock.today() + timedelta(days=5), None)
    here.settings = {"opening_hours": "Mo-Su 10:00-20:00"}
    db.flush()

    today, due = lend()

    assert due == today + timedelta(days=LOAN_DAYS)
