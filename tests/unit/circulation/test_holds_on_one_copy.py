"""Holds on one certain copy, beside those for which any copy of the title will do."""

from datetime import timedelta

import pytest
from fixtures.lending import POLICY
from sqlalchemy import select

from bibliopolis.catalogue.interfaces import RecordMove
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import HoldState, HoldTarget
from bibliopolis.circulation.permits import Overriding
from bibliopolis.circulation.services import AlreadyHeld, FollowingHolds
from bibliopolis.errors import Blocked, Conflict
from bibliopolis.readers.models import Registration
from bibliopolis.resources.access import Principals


@pytest.fixture
def copies(city, record, here):
    """Two copies of the title on the shelf of one library."""
    return [city.item(record, here), city.item(record, here)]


@pytest.fixture
def place(city, desk, record, here):
    """Place a hold of a new reader, or of ``reader``, on a copy or on any."""

    def place(item=None, reader=None, on=None):
        reader = reader or city.reader(here)
        return desk.holds.place(
            (on or record).id, reader.id, here.id, item_id=item.id if item else None
        )

    return place


def targets(db):
    return {row.hold_id: row.item_id for row in db.scalars(select(HoldTarget))}


def test_the_very_copy_is_looked_for_and_no_other(db, copies, place):
    hold = place(copies[1])

    assert (hold.wanted_item_id, hold.item_id) == (copies[1].id, None)
    assert targets(db) == {hold.id: copies[1].id}


def test_who_takes_any_copy_is_looked_for_another_one(db, copies, place):
    """Koha, holds queue: item-level requests are satisfied first, then title-level ones."""
    any_copy = place()
    assert targets(db) == {any_copy.id: copies[0].id}

    certain = place(copies[0])

    assert targets(db) == {certain.id: copies[0].id, any_copy.id: copies[1].id}


def test_for_one_copy_the_first_of_the_queue_is_served(db, desk, copies, place):
    first, second = place(copies[0]), place(copies[0])
    assert targets(db) == {first.id: copies[0].id}

    desk.changes.put_first(second.id, "A class begins on Monday.")

    assert targets(db) == {second.id: copies[0].id}


def test_a_copy_that_comes_back_is_for_who_waits_for_it(desk, copies, place, here, city):
    for item in copies:
        desk.loans.check_out(item.id, city.reader(here).id, here.id)
    any_copy, certain = place(), place(copies[0])

    assert desk.loans.check_in(copies[0].id, here.id).hold is certain
    assert desk.loans.check_in(copies[1].id, here.id).hold is any_copy


def test_another_copy_that_comes_back_goes_home(desk, copies, place, here, city):
    desk.loans.check_out(copies[0].id, city.reader(here).id, here.id)
    hold = place(copies[1])

    assert desk.loans.check_in(copies[0].id, here.id).hold is None
    assert hold.state == HoldState.QUEUED


def test_another_copy_cannot_be_captured(desk, copies, place, here):
    hold = place(copies[0])

    with pytest.raises(Conflict) as refusal:
        desk.holds.capture(hold.id, copies[1].id, here.id)

    assert "Its reader waits for another copy." in map(str, refusal.value.reasons)


def test_a_reader_who_borrows_another_copy_still_waits(city, desk, copies, place, here):
    reader = city.reader(here)
    hold = place(copies[0], reader)

    desk.loans.check_out(copies[1].id, reader.id, here.id)

    assert hold.state == HoldState.QUEUED


def test_two_volumes_wait_for_one_reader(city, desk, copies, place, here):
    """As many as ``holds_per_record`` allows; each copy is handed out by itself."""
    city.rule("holds_per_record", 2, here)
    reader = city.reader(here)
    holds = [place(item, reader) for item in copies]
    for item in copies:
        desk.loans.check_in(item.id, here.id)
    assert [hold.state for hold in holds] == [HoldState.READY] * 2

    desk.loans.check_out(copies[1].id, reader.id, here.id)

    assert [hold.state for hold in holds] == [HoldState.READY, HoldState.FULFILLED]


@pytest.mark.parametrize("certain_first", [True, False])
def test_nobody_waits_for_a_copy_and_for_any(city, copies, place, here, certain_first):
    city.rule("holds_per_record", 2, here)
    reader = city.reader(here)
    wishes = (copies[0], None) if certain_first else (None, copies[0])
    hold = place(wishes[0], reader)

    with pytest.raises(AlreadyHeld) as refusal:
        place(wishes[1], reader)

    assert refusal.value.hold is hold
    assert [one.code for one in refusal.value.blocks] == ["other_level_on_hold"]


def test_where_a_copy_must_be_chosen_choosing_one_is_possible(city, copies, place, here):
    city.rule("item_level_holds", "forced", here)

    with pytest.raises(Blocked) as refusal:
        place()
    assert [one.code for one in refusal.value.blocks] == ["item_level_forced"]
    assert place(copies[0]).state == HoldState.QUEUED


def test_without_the_copy_there_is_no_hope_though_there_are_others(desk, copies, place, record):
    certain, any_copy = place(copies[0]), place()

    copies[0].status = ItemStatus.LOST
    desk.holds.settle(desk.titles.lock_head(record.id))
    assert certain.hopeless_since is not None
    assert any_copy.hopeless_since is None

    copies[0].status = ItemStatus.LENDABLE
    desk.holds.settle(desk.titles.lock_head(record.id))
    assert certain.hopeless_since is None


def test_the_worker_does_not_look_again_and_again_at_a_title_for_the_wrong_copy(
    city, desk, copies, place, here
):
    desk.loans.check_out(copies[0].id, city.reader(here).id, here.id)
    place(copies[0])

    assert desk.dates.to_look_for_anew() == []


def test_the_worker_finds_the_copy_that_has_become_free(db, desk, copies, place, record):
    hold = place(copies[0])
    db.delete(db.scalars(select(HoldTarget)).one())
    db.flush()

    assert desk.dates.to_look_for_anew() == [record.id]
    assert hold.state == HoldState.QUEUED


def test_a_title_behind_which_many_wait_for_one_copy_is_read_at_its_head(desk, copies, place):
    for _number in range(6):
        place(copies[0])
    last = place(copies[1])

    title = desk.titles.read_head(last.record_id)

    assert last.id in title.holds
    assert len(title.holds) == 4


def test_where_the_first_three_can_get_none_the_fourth_does(db, city, desk, copies, place, here):
    readers = [city.reader(here) for _number in range(3)]
    misused = [place(copies[0], reader) for reader in readers]
    fourth, _fifth = place(copies[0]), place(copies[0])
    for reader in readers:
        reader.cards[0].blocked, reader.cards[0].block_reason = misused[0].placed, "misused"
    again = city.desk()

    again.holds.settle(again.titles.lock_head(fourth.record_id))

    assert targets(db) == {fourth.id: copies[0].id}
    assert again.loans.check_in(copies[0].id, here.id).hold is fourth
    assert {one.state for one in misused} == {HoldState.QUEUED}


def test_all_who_wait_for_one_copy_are_counted(city, desk, copies, place, here):
    city.rule("demand_holds", 5, here)
    for _number in range(6):
        place(copies[0])

    title = desk.titles.read_head(copies[0].record_id)

    assert title.waits_for(6, copies[0].id)
    assert not title.waits_for(7, copies[0].id)
    assert not title.waits_for(1, copies[1].id)


def test_the_place_to_collect_it_must_be_one_to_which_this_copy_comes(
    city, desk, record, here, there, copies, place
):
    city.rule("transferable", False, here)
    city.item(record, there)
    hold = place(copies[0])

    with pytest.raises(Blocked) as refusal:
        desk.changes.change_pickup(hold.id, there.id)

    assert [one.code for one in refusal.value.blocks] == ["cannot_be_transferred"]


def test_a_hold_that_is_placed_again_is_for_the_same_copy(db, desk, copies, place):
    hold = place(copies[1])
    desk.holds.cancel(hold.id)

    desk.changes.uncancel(hold.id)

    assert targets(db) == {hold.id: copies[1].id}


def test_what_staff_overrode_does_not_stand_when_it_is_placed_again(city, desk, copies, here):
    city.rule("item_level_holds", "forbidden", here)
    hold = desk.holds.place(
        copies[0].record_id,
        city.reader(here).id,
        here.id,
        item_id=copies[0].id,
        overriding=Overriding(frozenset({"item_level_forbidden"}), "It has notes.", lambda _: True),
    )
    desk.holds.cancel(hold.id)

    assert desk.changes.uncancel(hold.id).state == HoldState.QUEUED


def test_a_hold_follows_its_copy_to_another_record(db, clock, city, desk, copies, place, here):
    other = city.record(here)
    stays, goes = place(copies[0]), place(copies[1])

    FollowingHolds(db, clock, desk.holds).follow(
        RecordMove(stays.record_id, other.id, frozenset({copies[1].id}), wholly=False)
    )

    assert (stays.record_id, goes.record_id) == (copies[0].record_id, other.id)


@pytest.mark.parametrize(
    ("here_wanted", "there_wanted", "left"),
    [
        (True, True, 2),  # two volumes: both are wanted
        (True, False, 1),  # FOLIO: either level, never both
        (False, True, 1),
        (False, False, 1),
    ],
)
def test_who_waits_for_two_records_that_become_one(
    db, clock, city, desk, record, copies, place, here, here_wanted, there_wanted, left
):
    other, reader = city.record(here), city.reader(here)
    item = city.item(other, here)
    holds = [
        place(copies[0] if here_wanted else None, reader),
        place(item if there_wanted else None, reader, on=other),
    ]

    FollowingHolds(db, clock, desk.holds).follow(
        RecordMove(other.id, record.id, frozenset({item.id}), wholly=True)
    )

    assert sum(hold.state == HoldState.QUEUED for hold in holds) == left
    assert {hold.record_id for hold in holds} == {record.id}


def test_a_reader_may_let_any_copy_do_and_keeps_the_place(db, clock, city, desk, copies, place):
    hold = place(copies[0])
    clock.advance(timedelta(hours=1))
    place()
    copies[0].status = ItemStatus.LOST
    desk.holds.settle(desk.titles.lock_head(hold.record_id))

    desk.changes.any_copy(hold.id)

    assert (hold.wanted_item_id, hold.hopeless_since) == (None, None)
    assert targets(db) == {hold.id: copies[1].id}


def test_where_a_copy_must_be_chosen_not_any_will_do(city, copies, place, here):
    hold = place(copies[0])
    city.rule("item_level_holds", "forced", here)

    with pytest.raises(Blocked) as refusal:
        city.desk().changes.any_copy(hold.id)

    assert [one.code for one in refusal.value.blocks] == ["item_level_forced"]
    assert hold.wanted_item_id == copies[0].id


def test_who_waits_for_two_volumes_keeps_to_them(city, desk, copies, place, here):
    """FOLIO: either level, never both; nor two holds for any copy."""
    city.rule("holds_per_record", 2, here)
    reader = city.reader(here)
    holds = [place(item, reader) for item in copies]

    with pytest.raises(Blocked) as refusal:
        desk.changes.any_copy(holds[0].id)

    assert "other_level_on_hold" in [one.code for one in refusal.value.blocks]
    assert [one.wanted_item_id for one in holds] == [one.id for one in copies]
    desk.holds.cancel(holds[1].id)
    assert desk.changes.any_copy(holds[0].id).wanted_item_id is None


def test_limits_that_its_own_hold_fills_do_not_keep_it_to_one_copy(city, desk, copies, place, here):
    """Of a reader whose registration no desk has finished, too."""
    city.rule("max_holds", POLICY.holds_before_that, here)
    reader = city.reader(here, registration=Registration.PRELIMINARY)
    others = [city.record(here) for _one in range(POLICY.holds_before_that - 1)]
    for other in others:
        city.item(other, here)
        place(reader=reader, on=other)
    hold = place(copies[0], reader)

    assert desk.changes.any_copy(hold.id).wanted_item_id is None


def test_who_takes_any_copy_cannot_be_asked_to(desk, copies, place):
    with pytest.raises(Conflict) as refusal:
        desk.changes.any_copy(place().id)

    assert [str(one) for one in refusal.value.reasons] == [
        "Any copy of the title will do for this hold."
    ]


@pytest.mark.parametrize(
    ("most", "by_staff", "refused"),
    [(1, False, True), (2, False, False), (None, False, False), (1, True, True)],
)
def test_at_a_place_with_as_many_holds_as_it_takes_no_more_are_collected(
    city, desk, record, here, there, copies, most, by_staff, refused
):
    """RERO ``library_limit``, Koha per-library limits: of a hold that is moved there, too."""
    city.rule("max_holds_here", most, there)
    reader = city.reader(here, person=city.person())
    other = city.record(here)
    city.item(other, here)
    desk.holds.place(other.id, reader.id, there.id)
    hold = desk.holds.place(record.id, reader.id, here.id)
    own = city.desk(Principals(reader.person_id, reader.id))
    changes = desk.changes if by_staff else own.changes

    offered = desk.other_places.of([hold], {reader.id: reader}, own=not by_staff)

    assert (there.id in [one.id for one in offered[hold.id]]) is not refused
    if refused:
        with pytest.raises(Blocked) as refusal:
            changes.change_pickup(hold.id, there.id)
        assert [one.code for one in refusal.value.blocks] == ["max_holds"]
    else:
        assert changes.change_pickup(hold.id, there.id).pickup_library_id == there.id
