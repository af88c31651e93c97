"""At the desk a copy goes to the hold that the rules of the libraries put first."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bibliopolis.circulation.models import CirculationRule, HoldTarget
from bibliopolis.circulation.outcomes import OutcomeKind


@pytest.fixture
def rule(db, clock, desk):
    def keep(library, name, value, **scope):
        db.add(
            CirculationRule(
                library_id=library.id, name=name, value=value, changed=clock.now(), **scope
            )
        )
        db.flush()
        desk.rules.forget()

    return keep


@pytest.fixture
def copy(city, record, here):
    """The only copy, out on loan: whoever waits, waits for it."""
    item = city.item(record, here)
    city.desk().loans.check_out(item.id, city.reader(here).id, here.id)
    return item


@pytest.fixture
def wait(city, desk, record, clock):
    """Place the holds of a queue, an hour apart."""

    def place(*places, **more):
        holds = []
        for place in places:
            clock.advance(timedelta(hours=1))
            reader = city.reader(place, **more)
            holds.append(desk.holds.place(record.id, reader.id, place.id))
        return holds

    return place


def test_without_a_rule_who_asked_first_gets_it(desk, copy, wait, here, there):
    far, _near = wait(there, here)

    assert desk.loans.check_in(copy.id, here.id).hold is far


def test_a_library_may_serve_the_nearest_first(desk, copy, wait, here, there, rule):
    rule(here, "best_hold_order", "traditional")
    _far, near = wait(there, here)

    assert desk.loans.check_in(copy.id, here.id).hold is near


def test_the_order_is_that_of_the_desk_where_the_copy_lies(desk, copy, wait, here, there, rule):
    rule(here, "best_hold_order", "traditional")
    far, _near = wait(here, there)

    assert desk.loans.check_in(copy.id, there.id).hold is far


@pytest.mark.parametrize(("mode", "wins"), [("none", 0), ("give_library", 1)])
def test_local_readers_come_first_where_the_library_says_so(
    desk, copy, wait, here, there, rule, mode, wins
):
    rule(here, "local_priority", mode)
    holds = wait(there, here)

    assert desk.loans.check_in(copy.id, there.id).hold is holds[wins]


def test_a_category_may_be_left_out_of_local_priority(desk, copy, wait, here, there, rule):
    rule(here, "local_priority", "give_library")
    rule(here, "local_priority", "none", category="at_home")
    [left_out] = wait(here, category="at_home")
    [first] = wait(there)
    [local] = wait(here)

    assert desk.loans.check_in(copy.id, there.id).hold is local
    assert left_out.state == first.state == "queued"


def test_a_copy_fills_only_the_holds_its_library_gives_it_to(desk, copy, wait, here, there, rule):
    rule(here, "fulfilment", "homebranch")
    _far, near = wait(there, here)

    assert desk.loans.check_in(copy.id, here.id).hold is near


def test_a_copy_that_may_fill_no_hold_goes_home(desk, copy, wait, here, there, rule):
    wait(there)
    rule(here, "transferable", False)

    outcome = desk.loans.check_in(copy.id, here.id)

    assert (outcome.kind, outcome.hold) == (OutcomeKind.PUT_BACK, None)


def test_the_limits_of_today_do_not_take_a_hold_away(desk, copy, wait, here, rule):
    [hold] = wait(here)
    rule(here, "max_holds", 0)
    rule(here, "holds_per_day", 0)

    assert desk.loans.check_in(copy.id, here.id).hold is hold


def test_what_may_no_longer_be_held_is_not_captured(desk, copy, wait, here, rule):
    wait(here)
    rule(here, "holdable", False)

    assert desk.loans.check_in(copy.id, here.id).hold is None


def test_a_reader_whose_card_was_misused_is_passed_over(desk, db, copy, wait, here):
    misused, other = wait(here, here)
    reader = desk.holds.readers.get(misused.reader_id)
    reader.cards[0].blocked, reader.cards[0].block_reason = misused.placed, "misused"
    db.flush()

    assert desk.loans.check_in(copy.id, here.id).hold is other


def test_nobody_is_sent_for_a_copy_that_may_not_fill_the_hold(
    city, desk, db, record, here, there, rule
):
    rule(here, "transferable", False)
    stays, travels = city.item(record, here), city.item(record, there)
    far = desk.holds.place(record.id, city.reader(there).id, there.id)
    near = desk.holds.place(record.id, city.reader(here).id, here.id)

    rows = {row.hold_id: row.item_id for row in db.scalars(select(HoldTarget))}

    assert rows == {far.id: travels.id, near.id: stays.id}


@pytest.mark.parametrize(("days", "wins"), [(30, 1), (90, 0)])
def test_after_long_away_a_copy_is_for_its_own_library(
    desk, copy, wait, here, there, rule, clock, db, days, wins
):
    rule(there, "best_hold_order", "fifo_home")
    rule(here, "go_home_days", days)
    clock.advance(timedelta(days=60))
    # Since it was lent at home it has been going about elsewhere.
    loan = desk.titles.read(copy.record_id).loans[copy.id]
    loan.closed = clock.now()
    db.flush()
    desk.loans.check_out(copy.id, loan.reader_id, there.id)
    holds = wait(there, here)

    assert desk.loans.check_in(copy.id, there.id).hold is holds[wins]
