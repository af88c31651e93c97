"""Renewing: who may, what it brings, what is written down, and many at once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import LoanState
from bibliopolis.errors import Conflict, NotAllowed
from bibliopolis.readers.models import Guardianship
from bibliopolis.resources.access import Grant, Principals, Role
from bibliopolis.resources.history import HistoryEntry

WAITING = "Other readers are waiting for this book."


@pytest.fixture
def item(city, record, here):
    return city.item(record, here)


@pytest.fixture
def elena(city, here):
    return city.reader(here, person=city.person())


@pytest.fixture
def loan(desk, item, elena, here, clock):
    """Elena has had the copy for a fortnight."""
    loan = desk.loans.check_out(item.id, elena.id, here.id).loan
    clock.advance(timedelta(days=14))
    return loan


@pytest.fixture
def own(city, elena):
    """What Elena does by herself on the site."""
    return city.desk(Principals(person_id=elena.person_id, reader_id=elena.id))


def told(db, loan):
    entries = select(HistoryEntry).where(
        HistoryEntry.resource_type == "loan", HistoryEntry.resource_id == loan.id
    )
    return list(db.scalars(entries.order_by(HistoryEntry.id)))


def reasons(refusal):
    return [str(reason) for reason in refusal.value.reasons]


def test_a_reader_renews_a_loan_by_themselves(own, loan, clock):
    own.renewals.renew(loan.id)

    assert loan.due == clock.today() + timedelta(days=21)
    assert (loan.renewals, loan.state) == (1, LoanState.ON_LOAN)


def test_the_longest_time_counts_from_the_day_at_the_library_that_lent_it(city, clock, record):
    east = city.library("Vladivostok", settings={"time_zone": "Asia/Vladivostok"})
    clock.advance(timedelta(hours=(20 - clock.now().hour) % 24))  # morning of the next day there
    city.rule("longest_loan_days", 30, east)
    city.rule("renewals", 5, east)
    desk = city.desk()
    opened = desk.renewals.periods.today(east.id)
    loan = desk.loans.check_out(city.item(record, east).id, city.reader(east).id, east.id).loan
    clock.advance(timedelta(days=20))

    desk.renewals.renew(loan.id)

    assert opened == clock.today() - timedelta(days=19)
    assert loan.due == opened + timedelta(days=30)


def test_the_history_tells_who_renewed_where_and_the_dates(own, desk, db, loan, here, elena):
    before = loan.due
    own.renewals.renew(loan.id)
    between, _none = loan.due, desk

    lent, renewed = told(db, loan)
    assert (lent.action, lent.data["library_id"], lent.state_before) == ("check_out", here.id, None)
    assert (renewed.action, renewed.state_before, renewed.state_after) == (
        "renew",
        "on_loan",
        "on_loan",
    )
    assert renewed.actor_id == elena.person_id
    assert renewed.data == {"due_before": before.isoformat(), "due": between.isoformat()}


def test_who_renewed_is_forgotten_when_the_book_is_back(own, desk, db, loan, item, here):
    own.renewals.renew(loan.id)

    desk.loans.check_in(item.id, here.id)

    assert [entry.action for entry in told(db, loan)] == ["check_out", "renew", "check_in"]
    assert {entry.actor_id for entry in told(db, loan)} == {None}


def test_who_kept_a_history_is_no_actor_of_its_steps_either(own, desk, db, loan, item, here, elena):
    loan.kept = True
    own.renewals.renew(loan.id)

    desk.loans.check_in(item.id, here.id)

    assert loan.reader_id == elena.id
    assert {entry.actor_id for entry in told(db, loan)} == {None}


def test_a_guardian_renews_for_their_child(city, db, here, item, clock):
    parent, child = (
        city.reader(here, person=city.person()),
        city.reader(here, "Sasha", born=date(2019, 3, 1)),
    )
    db.add(Guardianship(guardian_id=parent.id, child_id=child.id, since=clock.now()))
    loan = city.desk().loans.check_out(item.id, child.id, here.id).loan
    clock.advance(timedelta(days=5))

    city.desk(Principals(person_id=parent.person_id, reader_id=parent.id)).renewals.renew(loan.id)

    assert loan.renewals == 1


def test_nobody_renews_what_another_reader_has(city, loan, here):
    other = city.reader(here, person=city.person())
    stranger = city.desk(Principals(person_id=other.person_id, reader_id=other.id))

    with pytest.raises(NotAllowed):
        stranger.renewals.renew(loan.id)

    assert loan.renewals == 0


def test_a_librarian_of_another_library_renews_at_their_own_desk(city, loan, there):
    grant = Grant(Role.LIBRARIAN, frozenset({f"library:{there.id}"}))
    desk = city.desk(Principals(person_id=None, grants=frozenset({grant})))

    desk.renewals.renew(loan.id, there.id)

    assert loan.renewals == 1


def test_what_others_wait_for_is_not_renewed(city, own, desk, record, loan, here):
    desk.holds.place(record.id, city.reader(here).id, here.id)

    with pytest.raises(Conflict) as refusal:
        own.renewals.renew(loan.id)

    assert reasons(refusal) == [WAITING]


@pytest.mark.parametrize(
    ("holds", "status", "held_damaged", "renewed"),
    [
        (1, ItemStatus.LENDABLE, False, True),
        (2, ItemStatus.LENDABLE, False, False),
        (1, ItemStatus.DAMAGED, False, False),
        (1, ItemStatus.DAMAGED, True, True),
    ],
)
def test_it_is_renewed_where_other_copies_are_enough(
    city, own, desk, record, loan, here, holds, status, held_damaged, renewed
):
    city.item(record, here, status)
    city.rule("hold_damaged", held_damaged, here)
    for _number in range(holds):
        desk.holds.place(record.id, city.reader(here).id, here.id)

    answers = own.renewals.renew_all(loan.reader_id)

    assert [answer.renewed for answer in answers] == [renewed]


def test_a_copy_kept_on_the_hold_shelf_is_enough_for_nobody_else(
    city, own, desk, record, loan, here
):
    other = city.item(record, here)
    desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.loans.check_in(other.id, here.id)
    desk.holds.place(record.id, city.reader(here).id, here.id)

    with pytest.raises(Conflict) as refusal:
        own.renewals.renew(loan.id)

    assert reasons(refusal) == [WAITING]


def test_a_hold_for_this_very_copy_always_stands_in_the_way(
    city, own, desk, record, item, loan, here
):
    for _number in range(3):
        city.item(record, here)
    desk.holds.place(record.id, city.reader(here).id, here.id, item_id=item.id)

    with pytest.raises(Conflict) as refusal:
        own.renewals.renew(loan.id)

    assert reasons(refusal) == ["Another reader is waiting for this very copy."]


def test_who_is_ready_to_collect_does_not_stand_in_the_way(city, own, desk, record, loan, here):
    other = city.item(record, here)
    desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.loans.check_in(other.id, here.id)

    own.renewals.renew(loan.id)

    assert loan.renewals == 1


def test_the_terms_are_those_of_the_library_that_lent_it(city, own, loan, here, there):
    city.rule("renewals", 0, here)
    city.rule("renewals", 5, there)

    with pytest.raises(Conflict) as refusal:
        own.renewals.renew(loan.id)

    assert reasons(refusal) == ["This library does not renew such loans."]


def test_each_of_many_loans_is_answered_for_itself(city, own, desk, here, elena, clock):
    kept = desk.loans.check_out(city.item(city.record(here), here).id, elena.id, here.id).loan
    wanted_record = city.record(here)
    wanted = desk.loans.check_out(city.item(wanted_record, here).id, elena.id, here.id).loan
    clock.advance(timedelta(days=3))
    desk.holds.place(wanted_record.id, city.reader(here).id, here.id)

    answers = own.renewals.renew_all(elena.id)

    assert [(one.loan, [str(reason) for reason in one.reasons]) for one in answers] == [
        (kept, []),
        (wanted, [WAITING]),
    ]
    assert (kept.renewals, wanted.renewals) == (1, 0)


def test_many_are_renewed_without_a_query_for_each_title(city, own, desk, here, elena, clock, db):
    def renewed_at_the_cost_of(number):
        for _each in range(number):
            item = city.item(city.record(here), here)
            desk.loans.check_out(item.id, elena.id, here.id)
        clock.advance(timedelta(days=1))
        said = []
        db.expire_all()

        def listen(_connection, _cursor, statement, *_rest):
            # Each loan is written, and its history; nothing is looked up for each.
            if statement.startswith("SELECT"):
                said.append(statement)

        event.listen(db.get_bind(), "before_cursor_execute", listen)
        own.renewals.renew_all(elena.id)
        event.remove(db.get_bind(), "before_cursor_execute", listen)
        return len(said)

    assert renewed_at_the_cost_of(2) >= renewed_at_the_cost_of(6)


def test_a_family_is_renewed_under_locks_taken_all_at_once(city, own, desk, here, elena, db, clock):
    child = city.reader(here, "Sasha", born=date(2019, 3, 1))
    db.add(Guardianship(guardian_id=elena.id, child_id=child.id, since=clock.now()))
    records = [city.record(here) for _number in range(4)]
    # Each has the first of one pair and the last of the other: reader by reader the order is lost.
    for reader, some in ((elena, (records[0], records[3])), (child, (records[1], records[2]))):
        for record in some:
            desk.loans.check_out(city.item(record, here).id, reader.id, here.id)
    clock.advance(timedelta(days=1))
    locked, lock = [], own.renewals.titles.lock_records

    def note(record_ids):
        locked.append(record_ids)
        return lock(record_ids)

    own.renewals.titles.lock_records = note
    answers = own.renewals.renew_all(elena.id, child.id)

    assert locked == [[record.id for record in records]]
    assert [answer.renewed for answer in answers] == [True] * 4


def test_where_many_wait_a_book_is_lent_for_a_shorter_time(city, desk, record, item, here):
    city.rule("demand_holds", 2, here)
    first = city.reader(here)
    for reader in (first, city.reader(here), city.reader(here)):
        desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, here.id)

    loan = desk.loans.check_out(item.id, first.id, here.id).loan

    assert loan.due == city.clock.today() + timedelta(days=7)


def test_the_hold_that_is_fulfilled_does_not_shorten_its_own_loan(city, desk, record, item, here):
    city.rule("demand_holds", 1, here)
    reader = city.reader(here)
    desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, here.id)

    loan = desk.loans.check_out(item.id, reader.id, here.id).loan

    assert loan.due == city.clock.today() + timedelta(days=21)


def test_what_is_renewed_how_often_depends_on_the_copy_and_the_reader(
    city, own, desk, db, loan, item, here, elena
):
    item.item_type = "game"
    city.rule("renewals", 0, here, item_type="game")
    db.flush()

    with pytest.raises(Conflict) as refusal:
        own.renewals.renew(loan.id)

    assert reasons(refusal) == ["This library does not renew such loans."]
    category = own.rules.category_of(elena)
    city.rule("renewals", 1, here, category=category, item_type="game")
    own.rules.forget()
    own.renewals.renew(loan.id)
    assert loan.renewals == 1
