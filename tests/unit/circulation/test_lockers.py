"""A hold that is collected from a locker: the desk of its library handles it."""

import pytest
from sqlalchemy import select

from bibliopolis.circulation.models import HoldState, Transit
from bibliopolis.circulation.outcomes import OutcomeKind
from bibliopolis.circulation.services import Lists
from bibliopolis.errors import Conflict, NotAllowed
from bibliopolis.resources.access import Grant, Principals, Role


@pytest.fixture
def locker(city, here):
    return city.locker(here, cells=1)


@pytest.fixture
def hold(city, desk, record, locker, there):
    """Elena waits at the locker before the first library; the copy stands at the second."""
    city.item(record, there)
    return desk.holds.place(record.id, city.reader(there).id, locker.id)


@pytest.fixture
def copy(hold, desk, record):
    (item,) = desk.titles.read(record.id).items.values()
    return item


def fill(city, desk, locker, library):
    """Let somebody else's book take a cell; return its hold."""
    other = city.record(library, "Another")
    item = city.item(other, library)
    hold = desk.holds.place(other.id, city.reader(library).id, locker.id)
    desk.loans.check_in(item.id, library.id)
    return hold


def test_the_copy_is_sent_to_the_locker_and_expected_at_its_desk(
    db, desk, hold, copy, here, there, locker
):
    outcome = desk.loans.check_in(copy.id, there.id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.SEND, locker.id)
    assert db.scalars(select(Transit.to_library_id)).one() == locker.id
    total, rows = Lists(db).arriving(here.id)
    assert (total, rows[0].Hold) == (1, hold)
    assert Lists(db).waiting_at(here.id).arriving == 1


def test_the_desk_of_its_library_puts_it_into_the_locker(db, desk, hold, copy, here, there, locker):
    desk.loans.check_in(copy.id, there.id)

    outcome = desk.loans.check_in(copy.id, here.id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.SHELF, locker.id)
    assert (hold.state, copy.holding_library_id) == (HoldState.READY, here.id)
    total, rows = Lists(db).shelf(here.id)
    assert (total, rows[0].Hold) == (1, hold)


def test_a_copy_of_the_same_library_goes_straight_into_the_locker(city, db, desk, record, here):
    locker, item = city.locker(here), city.item(record, here)
    hold = desk.holds.place(record.id, city.reader(here).id, locker.id)
    _total, rows = Lists(db).pull(here.id)

    outcome = desk.loans.check_in(item.id, here.id)

    assert [row.Hold for row in rows] == [hold]
    assert (outcome.kind, hold.state) == (OutcomeKind.SHELF, HoldState.READY)


def test_what_the_reader_took_out_is_lent_to_them(desk, hold, copy, here, there):
    desk.loans.check_in(copy.id, there.id)
    desk.loans.check_in(copy.id, here.id)
    reader_id = hold.reader_id

    outcome = desk.loans.collect(hold.id, here.id)

    assert hold.state == HoldState.FULFILLED
    assert (outcome.loan.reader_id, outcome.loan.library_id) == (reader_id, here.id)
    with pytest.raises(Conflict, match="no longer waiting"):
        desk.loans.collect(hold.id, here.id)


def test_a_full_locker_takes_no_more_until_a_cell_is_free(
    city, desk, hold, copy, here, there, locker
):
    other = fill(city, desk, locker, here)
    desk.loans.check_in(copy.id, there.id)

    outcome = desk.loans.check_in(copy.id, here.id)
    assert (outcome.kind, hold.state) == (OutcomeKind.KEEP, HoldState.IN_TRANSIT)

    desk.loans.collect(other.id, here.id)
    outcome = desk.loans.check_in(copy.id, here.id)
    assert (outcome.kind, hold.state) == (OutcomeKind.SHELF, HoldState.READY)


def test_a_copy_that_is_here_waits_at_the_desk_while_the_locker_is_full(
    city, desk, record, here, locker
):
    fill(city, desk, locker, here)
    item = city.item(record, here)
    hold = desk.holds.place(record.id, city.reader(here).id, locker.id)

    outcome = desk.loans.check_in(item.id, here.id)

    assert (outcome.kind, hold.state) == (OutcomeKind.KEEP, HoldState.IN_TRANSIT)
    assert desk.loans.check_out(item.id, hold.reader_id, here.id).kind == OutcomeKind.LENT


def test_a_copy_scanned_again_stays_where_it_is_though_all_cells_are_taken(
    desk, hold, copy, here, there
):
    desk.loans.check_in(copy.id, there.id)
    desk.loans.check_in(copy.id, here.id)

    outcome = desk.loans.check_in(copy.id, here.id)

    assert (outcome.kind, hold.state) == (OutcomeKind.SHELF, HoldState.READY)


def test_a_librarian_of_another_library_does_not_empty_the_locker(
    city, desk, hold, copy, here, there
):
    desk.loans.check_in(copy.id, there.id)
    desk.loans.check_in(copy.id, here.id)
    theirs = Grant(Role.LIBRARIAN, frozenset({f"library:{city.library().id}"}))
    stranger = city.desk(Principals(1, grants=frozenset({theirs})))

    with pytest.raises(NotAllowed):
        stranger.holds.not_collected(hold.id)


def test_a_librarian_of_the_system_works_at_all_its_desks(city, db, desk, hold, copy, here, there):
    system = city.library("System")
    system.kind, here.parent_id = "system", system.id
    db.flush()
    desk.loans.check_in(copy.id, there.id)
    desk.loans.check_in(copy.id, here.id)
    theirs = Grant(Role.LIBRARIAN, frozenset({f"library:{system.id}"}))

    city.desk(Principals(1, grants=frozenset({theirs}))).holds.not_collected(hold.id)

    assert hold.state == HoldState.NOT_COLLECTED


def test_a_locker_out_of_order_takes_no_new_holds(city, desk, record, here, locker):
    locker.is_pickup_point = False
    city.item(record, here)

    with pytest.raises(Conflict) as refusal:
        desk.holds.place(record.id, city.reader(here).id, locker.id)

    assert [str(reason) for reason in refusal.value.reasons] == [
        "Holds cannot be collected at this library."
    ]
