"""A hold that is collected from a locker: the desk of its library handles it."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bibliopolis.circulation.models import HoldState, LockerCell, Transit
from bibliopolis.circulation.outcomes import OutcomeKind
from bibliopolis.circulation.services import DeskLists
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
    total, rows = DeskLists(db).arriving(here.id)
    assert (total, rows[0].Hold) == (1, hold)
    assert DeskLists(db).waiting_at(here.id).arriving == 1


def test_the_desk_of_its_library_puts_it_into_the_locker(db, desk, hold, copy, here, there, locker):
    desk.loans.check_in(copy.id, there.id)

    outcome = desk.loans.check_in(copy.id, here.id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.SHELF, locker.id)
    assert (hold.state, copy.holding_library_id) == (HoldState.READY, here.id)
    total, rows = DeskLists(db).shelf(here.id)
    assert (total, rows[0].Hold) == (1, hold)


def test_a_copy_of_the_same_library_goes_straight_into_the_locker(city, db, desk, record, here):
    locker, item = city.locker(here), city.item(record, here)
    hold = desk.holds.place(record.id, city.reader(here).id, locker.id)
    _total, rows = DeskLists(db).pull(here.id)

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


def cells(db, locker):
    query = select(LockerCell.number, LockerCell.item_id).order_by(LockerCell.number)
    return [tuple(row) for row in db.execute(query.where(LockerCell.library_id == locker.id))]


def test_a_cell_is_kept_from_the_moment_the_copy_sets_out(
    city, db, desk, hold, copy, here, there, locker
):
    desk.loans.check_in(copy.id, there.id)
    assert cells(db, locker) == [(1, copy.id)]

    other = city.record(here, "Another")
    city.item(other, here)
    late = desk.holds.place(other.id, city.reader(here).id, locker.id)
    (item,) = desk.titles.read(other.id).items.values()
    assert desk.loans.check_in(item.id, here.id).kind == OutcomeKind.KEEP
    assert late.state == HoldState.IN_TRANSIT

    outcome = desk.loans.check_in(copy.id, here.id)
    assert (outcome.kind, outcome.cell, hold.state) == (OutcomeKind.SHELF, 1, HoldState.READY)


@pytest.mark.parametrize("end", ["collected", "not_collected", "cancelled", "sent_elsewhere"])
def test_a_cell_is_free_once_nothing_lies_in_it(
    city, db, desk, hold, copy, here, there, locker, end
):
    desk.loans.check_in(copy.id, there.id)
    if end in ("collected", "not_collected"):
        desk.loans.check_in(copy.id, here.id)
    if end == "collected":
        desk.loans.collect(hold.id, here.id)
    elif end == "not_collected":
        desk.holds.not_collected(hold.id)
        assert cells(db, locker) == [(1, copy.id)], "the copy still lies in it"
        desk.loans.check_in(copy.id, here.id)
    elif end == "cancelled":
        desk.holds.cancel(hold.id)
    else:
        desk.changes.change_pickup(hold.id, there.id)

    assert cells(db, locker) == []


@pytest.mark.parametrize(
    ("cells", "in_order", "rule", "desk_collects", "kind", "at_the_desk"),
    [
        (2, True, "wait", True, OutcomeKind.SHELF, False),
        (1, True, "wait", True, OutcomeKind.KEEP, False),
        (1, True, "desk", True, OutcomeKind.SHELF, True),
        (1, True, "desk", False, OutcomeKind.KEEP, False),
        (2, False, "wait", True, OutcomeKind.SHELF, True),
        (2, False, "wait", False, OutcomeKind.KEEP, False),
    ],
)
def test_what_becomes_of_a_copy_for_a_locker(
    city, db, desk, record, here, cells, in_order, rule, desk_collects, kind, at_the_desk
):
    locker = city.locker(here, cells=cells)
    fill(city, desk, locker, here)
    item = city.item(record, here)
    hold = desk.holds.place(record.id, city.reader(here).id, locker.id)
    city.rule("full_locker", rule, here)
    locker.is_pickup_point, here.is_pickup_point = in_order, desk_collects
    db.flush()

    outcome = city.desk().loans.check_in(item.id, here.id)

    assert (outcome.kind, outcome.library_id) == (kind, here.id if at_the_desk else locker.id)
    assert hold.pickup_library_id == outcome.library_id
    assert (hold.state == HoldState.READY) == (kind is OutcomeKind.SHELF)
    assert (outcome.cell is not None) == (kind is OutcomeKind.SHELF and not at_the_desk)


@pytest.fixture
def ready(desk, hold, copy, here, there):
    desk.loans.check_in(copy.id, there.id)
    desk.loans.check_in(copy.id, here.id)
    return hold


def test_a_code_opens_the_cell_of_its_hold_for_a_while(desk, clock, ready, here, there):
    code = desk.codes.of(ready)

    assert (code.cell, len(code.digits)) == (1, 8)
    assert desk.codes.opened_by(code.spaced, here.id) == ready.id
    assert desk.codes.opened_by(code.digits, there.id) is None, "no other library's locker"
    clock.advance(code.until - clock.now() - timedelta(seconds=1))
    assert desk.codes.opened_by(code.digits, here.id) == ready.id
    clock.advance(timedelta(seconds=1))
    assert desk.codes.opened_by(code.digits, here.id) is None
    assert desk.codes.of(ready).digits != code.digits


@pytest.mark.parametrize("typed", ["", "1234567", "123456789", "١٢٣٤٥٦٧٨", "abcdefgh", " " * 8])
def test_what_is_no_code_opens_nothing(desk, ready, here, typed):
    assert desk.codes.opened_by(typed, here.id) is None


def test_a_locker_out_of_order_is_opened_by_no_code(db, desk, ready, here, locker):
    digits = desk.codes.of(ready).digits
    locker.is_pickup_point = False
    db.flush()

    assert desk.codes.of(ready) is None
    assert desk.codes.opened_by(digits, here.id) is None


def test_a_code_is_for_what_lies_in_a_cell(desk, hold, copy, here, there):
    assert desk.codes.of(hold) is None
    desk.loans.check_in(copy.id, there.id)
    assert desk.codes.of(hold) is None, "the cell is kept, but empty"
    desk.loans.check_in(copy.id, here.id)
    desk.loans.collect(hold.id, here.id)
    assert desk.codes.of(hold) is None


def test_a_pull_list_for_many_lockers_locks_them_by_their_numbers(city, desk, db, here, engine):
    """Two desks that took them in the order of their books would wait for each other."""
    lockers, said = [city.locker(here), city.locker(here)], []
    for locker in reversed(lockers):
        record = city.record(here)
        city.item(record, here)
        hold = desk.holds.place(record.id, city.reader(here).id, locker.id)
        desk.holds.mark_found(hold.id, here.id)
    event.listen(engine, "before_cursor_execute", lambda *more: said.append(more[2:4]))

    desk.loans.check_in_found(here.id)

    locked = next(
        number for number, (text, _values) in enumerate(said) if "ORDER BY library.id" in text
    )
    assert set(said[locked][1]) == {one.id for one in lockers}
    assert not any("locker_cell" in text for text, _values in said[:locked])
    assert len(db.scalars(select(LockerCell)).all()) == 2
