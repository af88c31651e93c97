"""Placing holds and their way to the reader's hands."""

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import HoldState, HoldTarget, ShelfRemoval, Transit
from bibliopolis.circulation.services import AlreadyHeld
from bibliopolis.errors import Conflict, NotAllowed
from bibliopolis.resources.access import Grant, Principals, Role
from bibliopolis.resources.history import HistoryEntry


def place(city, desk, record, pickup):
    reader = city.reader(pickup)
    return desk.holds.place(record.id, reader.id, pickup.id)


def targets(db):
    return {row.hold_id: row.item_id for row in db.scalars(select(HoldTarget))}


def test_a_hold_begins_in_the_queue_and_a_copy_is_looked_for(city, desk, db, record, here):
    item = city.item(record, here)

    hold = place(city, desk, record, here)

    assert hold.state == HoldState.QUEUED
    assert targets(db) == {hold.id: item.id}
    assert city.recounts.asked == [[record.id]]


def test_every_reason_against_a_hold_is_told(city, desk, record):
    locker = city.library(pickup=False)

    with pytest.raises(Conflict) as refusal:
        desk.holds.place(record.id, None, locker.id)

    assert [str(reason) for reason in refusal.value.reasons] == [
        "Only readers with a library card can place holds.",
        "No library has a copy of this title that can be lent.",
        "Holds cannot be collected at this library.",
    ]


@pytest.mark.parametrize(
    "status", [ItemStatus.READING_ROOM, ItemStatus.LOST, ItemStatus.DAMAGED, ItemStatus.WITHDRAWN]
)
def test_a_title_without_lendable_copies_cannot_be_held(city, desk, record, here, status):
    city.item(record, here, status=status)

    with pytest.raises(Conflict, match="cannot be placed"):
        place(city, desk, record, here)


@pytest.mark.parametrize("status", [ItemStatus.ON_ORDER, ItemStatus.LENT_ELSEWHERE])
def test_a_copy_that_will_come_some_day_can_be_waited_for(city, desk, record, here, status):
    city.item(record, here, status=status)

    assert place(city, desk, record, here).state == HoldState.QUEUED


def test_a_second_hold_on_one_title_points_to_the_first(city, desk, record, here):
    city.item(record, here)
    reader = city.reader(here)
    first = desk.holds.place(record.id, reader.id, here.id)

    with pytest.raises(AlreadyHeld) as refusal:
        desk.holds.place(record.id, reader.id, here.id)

    assert refusal.value.hold is first


def test_a_title_on_loan_to_the_reader_cannot_be_held(city, desk, record, here):
    item, reader = city.item(record, here), city.reader(here)
    desk.loans.check_out(item.id, reader.id, here.id)

    with pytest.raises(Conflict) as refusal:
        desk.holds.place(record.id, reader.id, here.id)

    assert [str(reason) for reason in refusal.value.reasons] == ["You have this title on loan."]


def test_a_copy_captured_at_the_pickup_library_is_ready(city, desk, db, record, here):
    item = city.item(record, here)
    hold = place(city, desk, record, here)

    desk.holds.capture(hold.id, item.id, here.id)

    assert (hold.state, hold.item_id) == (HoldState.READY, item.id)
    assert targets(db) == {}


def test_a_copy_captured_elsewhere_sets_out_and_arrives(city, desk, db, record, here, there):
    item = city.item(record, there)
    hold = place(city, desk, record, here)

    desk.holds.capture(hold.id, item.id, there.id)

    transit = db.scalars(select(Transit)).one()
    assert hold.state == HoldState.IN_TRANSIT
    assert (transit.from_library_id, transit.to_library_id) == (there.id, here.id)

    desk.holds.receive(hold.id, here.id)

    assert hold.state == HoldState.READY
    assert transit.received is not None
    assert item.holding_library_id == here.id


def test_a_hold_is_received_only_where_the_reader_waits(city, desk, record, here, there):
    item = city.item(record, there)
    hold = place(city, desk, record, here)
    desk.holds.capture(hold.id, item.id, there.id)

    with pytest.raises(Conflict):
        desk.holds.receive(hold.id, there.id)

    assert hold.state == HoldState.IN_TRANSIT


def test_a_copy_kept_for_one_reader_cannot_be_captured_for_another(city, desk, record, here):
    item = city.item(record, here)
    first, second = place(city, desk, record, here), place(city, desk, record, here)
    desk.holds.capture(first.id, item.id, here.id)

    with pytest.raises(Conflict) as refusal:
        desk.holds.capture(second.id, item.id, here.id)

    assert "This copy is kept for another reader." in map(str, refusal.value.reasons)


def test_a_copy_of_another_title_is_refused(city, desk, record, here):
    city.item(record, here)
    hold = place(city, desk, record, here)
    other = city.item(city.record(here), here)

    with pytest.raises(Conflict):
        desk.holds.capture(hold.id, other.id, here.id)


def test_a_cancelled_hold_leaves_its_target_to_the_next(city, desk, db, record, here):
    item = city.item(record, here)
    first, second = place(city, desk, record, here), place(city, desk, record, here)

    desk.holds.cancel(first.id)

    assert first.state == HoldState.CANCELLED
    assert first.closed is not None
    assert targets(db) == {second.id: item.id}


def test_a_copy_on_the_hold_shelf_of_a_cancelled_hold_is_to_be_cleared(
    city, desk, db, record, here
):
    item = city.item(record, here)
    hold = place(city, desk, record, here)
    desk.holds.capture(hold.id, item.id, here.id)

    desk.holds.cancel(hold.id)

    assert db.scalars(select(ShelfRemoval.item_id)).all() == [item.id]


def test_a_copy_in_transit_goes_on_when_its_hold_is_cancelled(city, desk, record, here, there):
    item = city.item(record, there)
    hold = place(city, desk, record, here)
    desk.holds.capture(hold.id, item.id, there.id)

    desk.holds.cancel(hold.id)

    assert item.id in desk.titles.read(record.id).transits


def test_a_closed_hold_never_changes(city, desk, record, here):
    city.item(record, here)
    hold = place(city, desk, record, here)
    desk.holds.cancel(hold.id)

    for verb in (desk.holds.cancel, desk.holds.give_up, desk.holds.not_collected):
        with pytest.raises(Conflict):
            verb(hold.id)


def test_a_hold_for_which_nothing_can_be_had_is_given_up(city, desk, record, here):
    city.item(record, here)
    hold = place(city, desk, record, here)

    desk.holds.give_up(hold.id, comment="The only copy is lost")

    assert hold.state == HoldState.UNFILLED


def test_readers_cancel_their_own_holds_and_nobody_elses(city, record, here):
    city.item(record, here)
    person = city.person()
    own, other = city.reader(here, person=person), city.reader(here)
    desk = city.desk(Principals(person_id=person.id, reader_id=own.id))
    mine = desk.holds.place(record.id, own.id, here.id)
    theirs = desk.holds.place(record.id, other.id, here.id)

    desk.holds.cancel(mine.id)
    with pytest.raises(NotAllowed):
        desk.holds.cancel(theirs.id)

    assert (mine.state, theirs.state) == (HoldState.CANCELLED, HoldState.QUEUED)


def test_readers_do_not_capture(city, record, here):
    item, person = city.item(record, here), city.person()
    reader = city.reader(here, person=person)
    desk = city.desk(Principals(person_id=person.id, reader_id=reader.id))
    hold = desk.holds.place(record.id, reader.id, here.id)

    with pytest.raises(NotAllowed):
        desk.holds.capture(hold.id, item.id, here.id)


def test_librarians_act_at_their_own_libraries(city, desk, record, here, there):
    item = city.item(record, here)
    hold = place(city, desk, record, here)
    stranger = city.desk(
        Principals(1, grants=frozenset({Grant(Role.LIBRARIAN, frozenset({f"library:{there.id}"}))}))
    )

    with pytest.raises(NotAllowed):
        stranger.holds.capture(hold.id, item.id, here.id)


def test_every_step_is_in_the_history(city, desk, db, record, here):
    item = city.item(record, here)
    hold = place(city, desk, record, here)
    desk.holds.capture(hold.id, item.id, here.id)
    desk.loans.check_out(item.id, hold.reader_id, here.id)

    told = db.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.resource_type == "hold", HistoryEntry.resource_id == hold.id)
        .order_by(HistoryEntry.id)
    ).all()
    assert [(entry.action, entry.state_before, entry.state_after) for entry in told] == [
        ("place", None, "queued"),
        ("capture_here", "queued", "ready"),
        ("check_out", "ready", "fulfilled"),
    ]
    assert told[1].data == {"library_id": here.id, "item_id": item.id}


def test_who_cuts_in_line_is_served_first(city, desk, record, here):
    item = city.item(record, here)
    first, urgent = place(city, desk, record, here), place(city, desk, record, here)
    urgent.cut_in_line = True
    desk.holds.settle(desk.titles.lock(record.id))

    desk.loans.check_in(item.id, here.id)

    assert (first.state, urgent.state) == (HoldState.QUEUED, HoldState.READY)
