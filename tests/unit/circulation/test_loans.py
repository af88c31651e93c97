"""The desk: handing out, taking in, and what comes next for each copy."""

import pytest
from sqlalchemy import delete, select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import HoldState, HoldTarget, Loan, MissingCopy, ShelfRemoval
from bibliopolis.circulation.outcomes import OutcomeKind
from bibliopolis.errors import Conflict
from bibliopolis.resources.access import Principals
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def item(city, record, here):
    return city.item(record, here)


@pytest.fixture
def reader(city, here):
    return city.reader(here)


def reasons(refusal):
    return [str(reason) for reason in refusal.value.reasons]


def test_a_free_copy_is_lent_to_a_reader_without_a_hold(desk, item, reader, here):
    outcome = desk.loans.check_out(item.id, reader.id, here.id)

    assert outcome.kind == OutcomeKind.LENT
    assert outcome.loan.reader_id == reader.id


def test_a_ready_copy_is_handed_to_its_reader(desk, record, item, reader, here):
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, here.id)

    outcome = desk.loans.check_out(item.id, reader.id, here.id)

    assert outcome.hold is hold
    assert hold.state == HoldState.FULFILLED


def test_a_ready_copy_is_refused_to_another_reader(city, desk, record, item, reader, here):
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, here.id)

    with pytest.raises(Conflict) as refusal:
        desk.loans.check_out(item.id, city.reader(here).id, here.id)

    assert reasons(refusal) == ["Another reader is waiting for this copy."]
    assert hold.state == HoldState.READY


def test_a_copy_from_the_shelf_fulfils_the_readers_own_hold(
    city, desk, record, item, reader, here, there
):
    hold = desk.holds.place(record.id, reader.id, there.id)

    desk.loans.check_out(item.id, reader.id, here.id)

    assert (hold.state, hold.item_id) == (HoldState.FULFILLED, item.id)


def test_a_copy_on_its_way_is_received_and_handed_out_at_once(
    city, desk, record, reader, here, there
):
    item = city.item(record, there)
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, there.id)

    desk.loans.check_out(item.id, reader.id, here.id)

    assert hold.state == HoldState.FULFILLED
    assert desk.titles.read(record.id).transits == {}


def test_a_copy_expected_elsewhere_is_not_handed_out_here(city, desk, record, reader, here, there):
    item = city.item(record, there)
    desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, there.id)

    with pytest.raises(Conflict) as refusal:
        desk.loans.check_out(item.id, reader.id, there.id)

    assert reasons(refusal) == ["It is expected at another library: take it in first."]


def test_another_copy_is_refused_while_one_is_kept_for_the_reader(
    city, desk, record, item, reader, here
):
    second = city.item(record, here)
    desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, here.id)

    with pytest.raises(Conflict) as refusal:
        desk.loans.check_out(second.id, reader.id, here.id)

    assert reasons(refusal) == ["Another copy is kept for this reader: hand that one out."]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (ItemStatus.READING_ROOM, "This copy is for the reading room only."),
        (ItemStatus.LOST, "This copy cannot be lent: set it aside and check it."),
        (ItemStatus.DAMAGED, "This copy cannot be lent: set it aside and check it."),
        (ItemStatus.WITHDRAWN, "This copy cannot be lent: set it aside and check it."),
    ],
)
def test_what_cannot_be_lent_is_refused(city, desk, record, reader, here, status, reason):
    item = city.item(record, here, status=status)

    with pytest.raises(Conflict) as refusal:
        desk.loans.check_out(item.id, reader.id, here.id)

    assert reasons(refusal) == [reason]


def test_a_copy_on_loan_is_refused(city, desk, item, reader, here):
    desk.loans.check_out(item.id, reader.id, here.id)

    with pytest.raises(Conflict) as same:
        desk.loans.check_out(item.id, reader.id, here.id)
    with pytest.raises(Conflict) as another:
        desk.loans.check_out(item.id, city.reader(here).id, here.id)

    assert reasons(same) == ["This reader has it already."]
    assert reasons(another) == ["It is on loan to another reader: take it in first."]


def test_a_returned_loan_forgets_its_reader(desk, db, item, reader, here):
    desk.loans.check_out(item.id, reader.id, here.id)

    outcome = desk.loans.check_in(item.id, here.id)

    loan = db.scalars(select(Loan)).one()
    assert outcome.returned
    assert loan.closed is not None
    assert loan.reader_id is None


def test_a_returned_copy_makes_its_hold_forget_the_reader_too(city, db, record, item, here):
    person = city.person()
    reader = city.reader(here, person=person)
    own = city.desk(Principals(person_id=person.id, reader_id=reader.id))
    desk = city.desk()
    hold = own.holds.place(record.id, reader.id, here.id)
    desk.loans.check_out(item.id, reader.id, here.id)

    desk.loans.check_in(item.id, here.id)

    db.refresh(hold)
    assert hold.reader_id is None
    assert person.id not in db.scalars(select(HistoryEntry.actor_id)).all()


def test_a_copy_nobody_waits_for_goes_back_to_its_place(desk, item, here):
    outcome = desk.loans.check_in(item.id, here.id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.PUT_BACK, here.id)


def test_a_copy_of_another_library_is_sent_home(desk, record, item, here, there):
    outcome = desk.loans.check_in(item.id, there.id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.SEND, here.id)
    assert item.id in desk.titles.read(record.id).transits

    assert desk.loans.check_in(item.id, here.id).kind == OutcomeKind.PUT_BACK
    assert desk.titles.read(record.id).transits == {}


def test_a_returned_copy_goes_to_the_next_in_the_queue(city, desk, record, item, reader, here):
    desk.loans.check_out(item.id, city.reader(here).id, here.id)
    hold = desk.holds.place(record.id, reader.id, here.id)

    outcome = desk.loans.check_in(item.id, here.id)

    assert (outcome.kind, outcome.hold) == (OutcomeKind.SHELF, hold)


def test_a_returned_copy_for_another_library_is_sent(city, desk, record, item, reader, here, there):
    desk.loans.check_out(item.id, city.reader(here).id, here.id)
    hold = desk.holds.place(record.id, reader.id, there.id)

    outcome = desk.loans.check_in(item.id, here.id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.SEND, there.id)
    assert hold.state == HoldState.IN_TRANSIT


def test_a_copy_goes_to_whom_it_was_sought_for(city, desk, record, here, there):
    near, far = city.item(record, here), city.item(record, there)
    third = city.library()
    first = desk.holds.place(record.id, city.reader(third).id, third.id)
    second = desk.holds.place(record.id, city.reader(here).id, here.id)
    sought = desk.titles.read(record.id).targets
    expected = {sought[first.id].item_id: first, sought[second.id].item_id: second}

    outcome = desk.loans.check_in(near.id, here.id)

    assert outcome.hold is expected[near.id]
    assert {near.id, far.id} == set(expected)


def test_scanning_a_copy_twice_changes_nothing(desk, record, item, reader, here):
    hold = desk.holds.place(record.id, reader.id, here.id)

    first = desk.loans.check_in(item.id, here.id)
    second = desk.loans.check_in(item.id, here.id)

    assert (first.kind, second.kind) == (OutcomeKind.SHELF, OutcomeKind.SHELF)
    assert hold.state == HoldState.READY


def test_a_copy_on_its_way_seen_at_a_third_library_goes_on(city, desk, record, reader, here, there):
    item = city.item(record, there)
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, there.id)

    outcome = desk.loans.check_in(item.id, city.library().id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.SEND, here.id)
    assert hold.state == HoldState.IN_TRANSIT


def test_a_ready_copy_that_went_astray_is_sent_again(desk, record, item, reader, here, there):
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, here.id)

    outcome = desk.loans.check_in(item.id, there.id)

    assert (outcome.kind, outcome.library_id) == (OutcomeKind.SEND, here.id)
    assert hold.state == HoldState.IN_TRANSIT
    assert item.id in desk.titles.read(record.id).transits


@pytest.mark.parametrize("status", [ItemStatus.LOST, ItemStatus.DAMAGED, ItemStatus.WITHDRAWN])
def test_what_should_not_be_here_is_set_aside(city, desk, record, here, status):
    item = city.item(record, here, status=status)

    assert desk.loans.check_in(item.id, here.id).kind == OutcomeKind.SET_ASIDE


def test_a_damaged_copy_is_captured_and_lent_where_it_may_be_held(
    city, desk, db, record, reader, here
):
    city.rule("hold_damaged", True, here)
    copy = city.item(record, here, status=ItemStatus.DAMAGED)
    assert desk.loans.check_in(copy.id, here.id).kind == OutcomeKind.SET_ASIDE
    hold = desk.holds.place(record.id, reader.id, here.id)
    assert hold.hopeless_since is None
    assert desk.titles.read(record.id).targets[hold.id].item_id == copy.id
    db.execute(delete(HoldTarget))
    assert desk.dates.to_look_for_anew() == [record.id]

    assert desk.loans.check_in(copy.id, here.id).hold is hold

    with pytest.raises(Conflict) as refusal:
        desk.loans.check_out(copy.id, city.reader(here).id, here.id)
    assert reasons(refusal)[0] == "This copy is damaged: it is lent only to who has a hold."
    assert desk.loans.check_out(copy.id, reader.id, here.id).hold is hold
    assert desk.loans.check_in(copy.id, here.id).kind == OutcomeKind.SET_ASIDE


@pytest.mark.parametrize("at", ["there", "here"])
def test_what_is_kept_for_a_reader_is_lent_though_its_record_was_deleted(
    city, desk, record, reader, here, there, at
):
    item = city.item(record, there)
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, there.id)
    if at == "here":
        desk.loans.check_in(item.id, here.id)
    item.status, record.withdrawn = ItemStatus.WITHDRAWN, True

    desk.loans.check_out(item.id, reader.id, here.id)

    assert hold.state == HoldState.FULFILLED


def test_a_copy_not_collected_goes_to_the_next(city, desk, db, record, item, reader, here):
    first = desk.holds.place(record.id, reader.id, here.id)
    desk.loans.check_in(item.id, here.id)
    second = desk.holds.place(record.id, city.reader(here).id, here.id)

    desk.holds.not_collected(first.id)
    outcome = desk.loans.check_in(item.id, here.id)

    assert first.state == HoldState.NOT_COLLECTED
    assert outcome.hold is second
    assert db.scalars(select(ShelfRemoval)).all() == []


def test_a_missing_copy_is_not_sought_until_it_turns_up(city, desk, db, record, item, reader, here):
    other = city.item(record, here)
    hold = desk.holds.place(record.id, reader.id, here.id)
    sought = desk.titles.read(record.id).targets[hold.id].item_id

    desk.holds.not_found(hold.id, here.id)

    (left,) = {item.id, other.id} - {sought}
    assert desk.titles.read(record.id).targets[hold.id].item_id == left
    desk.loans.check_in(sought, here.id)
    assert db.scalars(select(MissingCopy)).all() == []
    assert hold.item_id == sought


def test_found_copies_are_taken_in_together(city, desk, here):
    holds = []
    for _number in range(3):
        record = city.record(here)
        city.item(record, here)
        holds.append(desk.holds.place(record.id, city.reader(here).id, here.id))
        desk.holds.mark_found(holds[-1].id, here.id)
    desk.holds.mark_found(holds[0].id, here.id, found=False)

    outcomes = desk.loans.check_in_found(here.id)

    assert [outcome.hold for outcome in outcomes] == holds[1:]
    assert [hold.state for hold in holds] == ["queued", "ready", "ready"]


def test_a_found_copy_is_not_handed_to_somebody_else(city, desk, record, item, reader, here):
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.holds.mark_found(hold.id, here.id)

    with pytest.raises(Conflict) as refusal:
        desk.loans.check_out(item.id, city.reader(here).id, here.id)

    assert reasons(refusal) == ["It was taken from its shelf for another reader: take it in first."]
