"""Pausing a hold, and collecting it elsewhere."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bibliopolis.circulation.models import HoldState, HoldTarget, Transit
from bibliopolis.circulation.services import Lists
from bibliopolis.errors import Conflict, InvalidInput, NotAllowed
from bibliopolis.resources.access import Principals


@pytest.fixture
def place(city, desk, record, here):
    def place(pickup=here):
        return desk.holds.place(record.id, city.reader(here).id, pickup.id)

    return place


def in_days(clock, days):
    return clock.today() + timedelta(days=days)


def sought(db):
    return {row.hold_id: row.item_id for row in db.scalars(select(HoldTarget))}


def reasons(refusal):
    return [str(reason) for reason in refusal.value.reasons]


def test_a_paused_hold_keeps_its_place_and_lets_others_go_first(
    city, desk, db, record, here, place
):
    item = city.item(record, here)
    first, second = place(), place()

    desk.changes.suspend(first.id)

    assert sought(db) == {second.id: item.id}
    assert Lists(db).positions([first, second]) == {first.id: 1, second.id: 2}
    assert desk.loans.check_in(item.id, here.id).hold is second


def test_no_copy_is_captured_for_a_paused_hold(city, desk, record, here, place):
    item, hold = city.item(record, here), place()
    desk.changes.suspend(hold.id)

    with pytest.raises(Conflict, match="cannot be taken") as refusal:
        desk.holds.capture(hold.id, item.id, here.id)

    assert "The hold is paused: its reader does not want a copy now." in reasons(refusal)


def test_who_paused_may_still_take_a_copy_from_the_shelf(city, desk, record, here, place):
    item, hold = city.item(record, here), place()
    desk.changes.suspend(hold.id)

    desk.loans.check_out(item.id, hold.reader_id, here.id)

    assert hold.state == HoldState.FULFILLED


def test_each_stage_refuses_a_pause_with_a_reason_of_its_own(
    city, desk, record, here, there, place
):
    near, far = city.item(record, here), city.item(record, there)
    taken, sent, waiting = place(), place(), place()
    desk.holds.capture(sent.id, far.id, there.id)
    desk.holds.capture(waiting.id, near.id, here.id)
    city.item(record, here)
    desk.holds.settle(desk.titles.lock(record.id))
    desk.holds.mark_found(taken.id, here.id)

    said = []
    for hold in (taken, sent, waiting):
        with pytest.raises(Conflict) as refusal:
            desk.changes.suspend(hold.id)
        said += reasons(refusal)

    assert said == [
        "A librarian has just taken a copy from its shelf for this hold.",
        "A copy is already on its way: the hold can no longer be paused.",
        "The copy already waits to be collected: nothing is left to pause.",
    ]


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_pause_ends_on_a_day_ahead(city, desk, clock, record, here, place, days):
    city.item(record, here)
    hold = place()

    with pytest.raises(InvalidInput, match="from tomorrow on"):
        desk.changes.suspend(hold.id, in_days(clock, days))

    assert hold.suspended is None


def test_a_pause_ends_by_itself_on_its_day(city, desk, db, clock, record, here, place):
    item, hold = city.item(record, here), place()
    desk.changes.suspend(hold.id, in_days(clock, 2))

    clock.advance(timedelta(days=1))
    assert desk.dates.due() == []
    clock.advance(timedelta(days=1))
    desk.dates.keep(desk.dates.due())

    assert (hold.suspended, hold.suspended_until) == (None, None)
    assert sought(db) == {hold.id: item.id}
    assert desk.dates.due() == []


def test_the_day_is_that_of_the_pickup_place(city, desk, clock, record, here, place):
    east = city.library("Vladivostok", settings={"time_zone": "Asia/Vladivostok"})
    city.item(record, here)
    hold, other = place(east), place(here)
    for one in (hold, other):
        desk.changes.suspend(one.id, in_days(clock, 2))

    # Late in the evening of tomorrow it is the day after in the east.
    evening = clock.local(clock.now()).replace(hour=22) + timedelta(days=1)
    clock.advance(evening - clock.now())

    assert desk.dates.due() == [hold.id]


def test_a_pause_without_a_day_lasts_until_its_reader_ends_it(city, desk, clock, record, place):
    city.item(record, city.library())
    hold = place()
    desk.changes.suspend(hold.id)
    clock.advance(timedelta(days=400))
    assert desk.dates.due() == []

    desk.changes.thaw(hold.id)

    assert hold.suspended is None
    with pytest.raises(Conflict) as refusal:
        desk.changes.thaw(hold.id)
    assert reasons(refusal) == ["The hold is not paused."]


def test_a_waiting_hold_is_collected_elsewhere_and_keeps_its_place(
    city, desk, db, record, here, there, place
):
    near, far = city.item(record, here), city.item(record, there)
    first = place(here)
    assert sought(db) == {first.id: near.id}

    desk.changes.change_pickup(first.id, there.id)
    second = place(here)

    assert Lists(db).positions([first, second]) == {first.id: 1, second.id: 2}
    assert sought(db) == {first.id: far.id, second.id: near.id}


def test_a_copy_on_its_way_is_sent_on_to_the_other_place(
    city, desk, db, record, here, there, place
):
    third = city.library("Kolpino")
    item, hold = city.item(record, there), place(here)
    desk.loans.check_in(item.id, there.id)

    desk.changes.change_pickup(hold.id, third.id)

    journey = db.scalars(select(Transit)).one()
    assert (journey.from_library_id, journey.to_library_id) == (there.id, third.id)
    outcome = desk.loans.check_in(item.id, here.id)
    assert (str(outcome.kind), outcome.library_id) == ("send", third.id)
    desk.loans.check_in(item.id, third.id)
    assert hold.state == HoldState.READY


def test_a_copy_wanted_where_it_came_from_turns_round(city, desk, db, record, here, there, place):
    item, hold = city.item(record, there), place(here)
    desk.loans.check_in(item.id, there.id)

    desk.changes.change_pickup(hold.id, there.id)

    journey = db.scalars(select(Transit)).one()
    assert (journey.from_library_id, journey.to_library_id) == (here.id, there.id)


def test_a_copy_that_waits_is_not_sent_elsewhere(city, desk, record, here, there, place):
    item, hold = city.item(record, here), place(here)
    desk.loans.check_in(item.id, here.id)

    with pytest.raises(Conflict, match="already waits to be collected"):
        desk.changes.change_pickup(hold.id, there.id)

    assert hold.pickup_library_id == here.id


def test_only_places_that_hand_out_holds_are_taken(city, desk, record, here, place):
    city.item(record, here)
    closed, hold = city.library(pickup=False), place(here)

    said = []
    for place_id in (closed.id, None, here.id):
        with pytest.raises(Conflict) as refusal:
            desk.changes.change_pickup(hold.id, place_id)
        said += reasons(refusal)

    assert said == [
        "Holds cannot be collected at this library.",
        "Choose the library where you will collect it.",
        "It is collected there already.",
    ]


def test_nothing_is_collected_where_no_copy_of_it_may_come(city, desk, record, here, there, place):
    city.item(record, here)
    city.rule("transferable", False, here)
    hold = place(here)

    with pytest.raises(Conflict) as refusal:
        desk.changes.change_pickup(hold.id, there.id)

    assert reasons(refusal) == ["The copy does not leave its library."]
    assert hold.pickup_library_id == here.id


def test_it_is_collected_where_one_of_the_copies_may_come(city, desk, record, here, there, place):
    city.item(record, here), city.item(record, there)
    city.rule("transferable", False, here)
    hold = place(here)

    desk.changes.change_pickup(hold.id, there.id)

    assert hold.pickup_library_id == there.id


def test_several_holds_are_changed_at_once_and_each_refusal_is_told(
    city, desk, record, here, there, place
):
    item = city.item(record, here)
    ready, queued = place(here), place(here)
    desk.loans.check_in(item.id, here.id)
    other = city.record(here)
    city.item(other, there)
    third = desk.holds.place(other.id, queued.reader_id, here.id)

    changed = desk.changes.several("pickup", [ready.id, queued.id, third.id], there.id)

    assert {hold.id for hold in changed.done} == {queued.id, third.id}
    assert [(hold.id, *map(str, reasons)) for hold, reasons in changed.refused] == [
        (ready.id, "The copy already waits to be collected: it is not sent anywhere else.")
    ]
    assert third.pickup_library_id == there.id


def test_nobody_changes_the_hold_of_another(city, desk, record, here, place):
    city.item(record, here)
    hold = place(here)
    stranger = city.desk(Principals(person_id=city.person("mallory").id))

    with pytest.raises(NotAllowed):
        stranger.changes.suspend(hold.id)

    assert stranger.changes.several("suspend", [hold.id]).done == []
    assert hold.suspended is None


def test_staff_put_a_hold_first_and_say_why(city, desk, db, record, here, place):
    item = city.item(record, here)
    first, second, third = place(), place(), place()

    desk.changes.put_first(third.id, "A class begins on Monday.")

    assert Lists(db).positions([first, second, third]) == {third.id: 1, first.id: 2, second.id: 3}
    assert sought(db) == {third.id: item.id}
    desk.changes.put_back(third.id)
    assert sought(db) == {first.id: item.id}


def test_nobody_cuts_in_line_without_a_reason_twice_or_by_themselves(
    city, desk, record, here, place
):
    city.item(record, here)
    reader = city.reader(here, person=city.person())
    hold = desk.holds.place(record.id, reader.id, here.id)
    own = city.desk(Principals(reader.person_id, reader.id))

    with pytest.raises(NotAllowed):
        own.changes.put_first(hold.id, "I am in a hurry.")
    with pytest.raises(Conflict) as refusal:
        desk.changes.put_first(hold.id, " ")
    assert reasons(refusal) == ["Say why: this step needs a comment."]
    desk.changes.put_first(hold.id, "A class begins on Monday.")
    with pytest.raises(Conflict) as refusal:
        desk.changes.put_first(hold.id, "Again.")
    assert reasons(refusal) == ["The hold was put first already."]
