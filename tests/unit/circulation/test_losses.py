"""What does not come back: overdue for long, said to be returned, lost, lost on the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import HoldState, LoanState, Transit, TransitState
from bibliopolis.circulation.outcomes import OutcomeKind
from bibliopolis.errors import Conflict, NotAllowed
from bibliopolis.resources.access import Grant, Principals, Role
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def item(city, record, here):
    return city.item(record, here)


@pytest.fixture
def reader(city, here):
    return city.reader(here)


@pytest.fixture
def loan(desk, item, reader, here):
    return desk.loans.check_out(item.id, reader.id, here.id).loan


def test_a_lost_copy_stays_with_its_reader_and_is_promised_to_nobody(
    desk, record, item, loan, reader, here
):
    desk.losses.lose(loan.id, here.id)

    assert (loan.state, loan.closed, loan.reader_id) == (LoanState.LOST, None, reader.id)
    assert item.status == ItemStatus.LOST
    assert not desk.titles.read(record.id).expected


def test_a_lost_copy_that_comes_back_can_be_lent_again(desk, item, loan, here):
    desk.losses.lose(loan.id, here.id)

    outcome = desk.loans.check_in(item.id, here.id)

    assert (outcome.kind, outcome.returned) == (OutcomeKind.PUT_BACK, True)
    assert (loan.state, item.status) == (LoanState.RETURNED, ItemStatus.LENDABLE)


def test_a_lost_copy_that_comes_back_goes_to_who_waits(city, desk, record, item, loan, here):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.losses.lose(loan.id, here.id)

    assert desk.loans.check_in(item.id, here.id).hold is hold


def test_who_waits_for_a_lost_copy_is_served_by_another_one(city, desk, record, loan, here):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)
    other = city.item(record, here)

    desk.losses.lose(loan.id, here.id)

    assert desk.titles.read(record.id).targets[hold.id].item_id == other.id


def test_the_loan_of_a_lost_copy_ends_when_it_is_settled(desk, db, item, loan, here):
    desk.losses.lose(loan.id, here.id)

    desk.losses.settle(loan.id, here.id, "Replaced by the same book")

    assert (loan.state, loan.reader_id) == (LoanState.SETTLED, None)
    assert item.status == ItemStatus.LOST
    last = db.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert (last.action, last.comment) == ("settle", "Replaced by the same book")


def test_how_it_was_settled_has_to_be_said(desk, loan, here):
    desk.losses.lose(loan.id, here.id)

    with pytest.raises(Conflict) as refusal:
        desk.losses.settle(loan.id, here.id, " ")

    assert [str(one) for one in refusal.value.reasons] == ["Say why: this step needs a comment."]
    assert loan.state == LoanState.LOST


def test_only_what_is_lost_can_be_settled(desk, loan, here):
    with pytest.raises(Conflict):
        desk.losses.settle(loan.id, here.id, "Replaced")

    assert loan.state == LoanState.ON_LOAN


def test_what_is_said_to_be_returned_is_not_renewed(desk, loan, here):
    desk.losses.claim(loan.id, here.id)

    with pytest.raises(Conflict):
        desk.renewals.renew(loan.id, here.id)

    assert loan.state == LoanState.CLAIMED


def test_what_is_found_on_the_shelf_ends_the_claim(desk, item, loan, here):
    desk.losses.claim(loan.id, here.id)

    desk.loans.check_in(item.id, here.id)

    assert (loan.state, loan.reader_id) == (LoanState.RETURNED, None)


def test_a_claim_can_be_taken_back_and_what_is_not_found_be_given_up(desk, item, loan, here):
    desk.losses.claim(loan.id, here.id)
    desk.losses.withdraw_claim(loan.id, here.id)
    assert loan.state == LoanState.ON_LOAN

    desk.losses.claim(loan.id, here.id)
    desk.losses.lose(loan.id, here.id)

    assert (loan.state, item.status) == (LoanState.LOST, ItemStatus.LOST)


def test_what_is_overdue_for_long_is_given_up_by_the_house(city, desk, clock, loan, here):
    city.rule("lost_after_days", 30, here)
    desk.rules.forget()
    clock.advance(loan.due - clock.today() + timedelta(days=30))
    assert desk.losses.give_up_overdue() == 0

    clock.advance(timedelta(days=1))

    assert desk.losses.give_up_overdue() == 1
    assert loan.state == LoanState.LOST
    assert desk.losses.give_up_overdue() == 0


def test_nothing_is_given_up_where_no_rule_says_so(desk, clock, loan):
    clock.advance(timedelta(days=3000))

    assert desk.losses.give_up_overdue() == 0


def test_what_is_said_to_be_returned_is_not_given_up(city, desk, clock, loan, here):
    city.rule("lost_after_days", 30, here)
    desk.rules.forget()
    desk.losses.claim(loan.id, here.id)
    clock.advance(timedelta(days=300))

    assert desk.losses.give_up_overdue() == 0


def transits(db):
    return list(db.scalars(select(Transit).order_by(Transit.id)))


def test_a_transit_ends_where_it_was_sent(desk, db, item, here, there):
    desk.loans.check_in(item.id, there.id)
    (transit,) = transits(db)
    assert (transit.state, transit.received) == (TransitState.SENT, None)

    desk.loans.check_in(item.id, here.id)

    assert transit.state == TransitState.RECEIVED
    said = select(HistoryEntry.action).where(HistoryEntry.resource_type == "transit")
    assert db.scalars(said.order_by(HistoryEntry.id)).all() == ["send", "receive"]


def test_a_transit_that_is_taken_in_elsewhere_ends_there_and_another_begins(
    city, desk, db, item, here, there
):
    desk.loans.check_in(item.id, there.id)

    desk.loans.check_in(item.id, city.library().id)

    assert [one.state for one in transits(db)] == [TransitState.CANCELLED, TransitState.SENT]


def test_who_waits_for_a_copy_lost_on_the_way_waits_for_another_in_the_old_place(
    city, desk, db, record, here, there
):
    item = city.item(record, there)
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)
    later = desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.loans.check_in(item.id, there.id)
    (transit,) = transits(db)
    other = city.item(record, there)

    desk.losses.lose_on_the_way(transit.id, here.id)

    assert (transit.state, item.status) == (TransitState.LOST, ItemStatus.LOST)
    assert (hold.state, hold.item_id) == (HoldState.QUEUED, None)
    title = desk.titles.read(record.id)
    assert [one.id for one in title.queue] == [hold.id, later.id]
    assert title.targets[hold.id].item_id == other.id


def test_a_copy_lost_on_the_way_can_be_lent_again_when_it_turns_up(desk, db, item, here, there):
    desk.loans.check_in(item.id, there.id)
    desk.losses.lose_on_the_way(transits(db)[0].id, here.id)

    assert desk.loans.check_in(item.id, here.id).kind == OutcomeKind.PUT_BACK
    assert item.status == ItemStatus.LENDABLE


def test_what_arrived_cannot_be_lost_on_the_way_any_more(desk, db, item, here, there):
    desk.loans.check_in(item.id, there.id)
    desk.loans.check_in(item.id, here.id)

    with pytest.raises(Conflict):
        desk.losses.lose_on_the_way(transits(db)[0].id, here.id)


def librarian_of(city, library):
    grant = Grant(Role.LIBRARIAN, frozenset({f"library:{library.id}"}))
    return city.desk(Principals(person_id=None, grants=frozenset({grant})))


def test_no_desk_gives_up_what_another_library_lent(city, item, loan, there):
    elsewhere = librarian_of(city, there)

    with pytest.raises(NotAllowed):
        elsewhere.losses.lose(loan.id, there.id)
    assert (loan.state, item.status) == (LoanState.ON_LOAN, ItemStatus.LENDABLE)

    elsewhere.losses.claim(loan.id, there.id)
    assert loan.state == LoanState.CLAIMED


def test_no_desk_settles_what_another_library_lent(city, desk, loan, here, there):
    desk.losses.lose(loan.id, here.id)

    with pytest.raises(NotAllowed):
        librarian_of(city, there).losses.settle(loan.id, there.id, "Paid for")

    assert loan.state == LoanState.LOST


def test_the_library_whose_copy_it_is_gives_it_up_wherever_it_was_lent(
    city, desk, record, reader, here, there
):
    theirs = city.item(record, there)
    lent = desk.loans.check_out(theirs.id, reader.id, here.id).loan

    librarian_of(city, there).losses.lose(lent.id, there.id)

    assert lent.state == LoanState.LOST
