"""Cancelling, asking for it while the copy waits, and placing it again."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import CancelCause, CirculationRule, HoldState
from bibliopolis.circulation.services import DeskLists, Lists
from bibliopolis.errors import Conflict
from bibliopolis.resources.access import Principals
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def elena(city, here):
    return city.reader(here, person=city.person())


@pytest.fixture
def own(city, elena):
    """The services as Elena has them."""
    return city.desk(Principals(elena.person_id, elena.id))


@pytest.fixture
def hold(city, desk, record, here, elena):
    city.item(record, here)
    return desk.holds.place(record.id, elena.id, here.id)


def laid_ready(desk, hold):
    (item,) = desk.titles.read(hold.record_id).items.values()
    desk.loans.check_in(item.id, hold.pickup_library_id)
    return item


def test_a_copy_that_waits_stays_on_the_shelf_until_staff_scan_it(desk, own, db, here, hold):
    item = laid_ready(desk, hold)

    own.holds.cancel(hold.id)

    assert (hold.state, hold.cancel_requested is not None) == (HoldState.READY, True)
    assert [row[1].id for row in DeskLists(db).to_clear(here.id)] == [item.id]
    assert DeskLists(db).shelf(here.id)[0] == 0
    waiting = DeskLists(db).waiting_at(here.id)
    assert (waiting.ready, waiting.to_clear) == (0, 1)
    assert str(desk.loans.check_in(item.id, here.id).kind) == "put_back"
    assert (hold.state, hold.cause) == (HoldState.CANCELLED, CancelCause.READER)
    assert DeskLists(db).to_clear(here.id) == []


def test_the_copy_goes_to_the_next_when_it_is_scanned(city, desk, own, record, here, hold):
    item = laid_ready(desk, hold)
    second = desk.holds.place(record.id, city.reader(here).id, here.id)
    own.holds.cancel(hold.id)

    assert desk.loans.check_in(item.id, here.id).hold is second


def test_until_then_it_can_be_kept_or_collected(desk, own, here, elena, hold):
    item = laid_ready(desk, hold)
    own.holds.cancel(hold.id)
    own.changes.keep(hold.id)
    assert hold.cancel_requested is None
    with pytest.raises(Conflict):
        own.changes.keep(hold.id)

    own.holds.cancel(hold.id)
    desk.loans.check_out(item.id, elena.id, here.id)

    assert hold.state == HoldState.FULFILLED


def test_who_asks_twice_is_told_so(desk, own, hold):
    laid_ready(desk, hold)
    own.holds.cancel(hold.id)

    with pytest.raises(Conflict) as refusal:
        own.holds.cancel(hold.id)

    assert "You have asked to cancel it already: a librarian will take it off." in [
        str(reason) for reason in refusal.value.reasons
    ]


def test_where_the_rules_say_so_only_a_desk_cancels_what_waits(desk, own, db, clock, here, hold):
    laid_ready(desk, hold)
    db.add(
        CirculationRule(
            library_id=here.id,
            category="",
            item_type="",
            name="waiting_hold_cancellation",
            value=False,
            person_id=None,
            changed=clock.now(),
        )
    )
    db.flush()
    own.rules.forget()

    with pytest.raises(Conflict) as refusal:
        own.holds.cancel(hold.id)

    assert "What already waits for you is cancelled at the desk." in map(str, refusal.value.reasons)


def test_staff_cancel_at_once_and_say_why(desk, db, here, hold):
    laid_ready(desk, hold)

    desk.holds.cancel(hold.id, cause=CancelCause.PHONE)

    entry = db.query(HistoryEntry).filter_by(resource_id=hold.id, action="cancel").one()
    assert (hold.state, hold.cause) == (HoldState.CANCELLED, "phone")
    assert entry.data["cause"] == "phone"


def test_a_reader_is_the_cause_whatever_they_send(own, hold):
    own.holds.cancel(hold.id, cause=CancelCause.LIBRARY)

    assert hold.cause == CancelCause.READER


def test_a_hold_placed_again_soon_has_its_place(city, desk, own, clock, record, here, hold):
    second = desk.holds.place(record.id, city.reader(here).id, here.id)
    own.holds.cancel(hold.id)
    clock.advance(timedelta(hours=20))

    own.changes.uncancel(hold.id)

    assert (hold.state, hold.closed, hold.cause) == (HoldState.QUEUED, None, None)
    assert Lists(desk.holds.db).positions([hold, second]) == {hold.id: 1, second.id: 2}


def test_a_hold_placed_again_later_is_at_the_end(city, desk, own, clock, record, here, hold):
    second = desk.holds.place(record.id, city.reader(here).id, here.id)
    own.holds.cancel(hold.id)
    clock.advance(timedelta(hours=30))

    own.changes.uncancel(hold.id)

    assert Lists(desk.holds.db).positions([hold, second]) == {second.id: 1, hold.id: 2}


def test_a_pause_whose_day_went_by_meanwhile_is_forgotten(desk, own, clock, hold):
    own.changes.suspend(hold.id, start=clock.today() + timedelta(days=2))
    own.holds.cancel(hold.id)
    clock.advance(timedelta(days=3))

    own.changes.uncancel(hold.id)

    assert (hold.suspend_from, hold.suspended) == (None, None)
    assert desk.dates.due() == []


def test_who_places_a_hold_again_has_been_served_after_a_refusal(own, record, elena, hold):
    told = []
    own.holds.refusals = SimpleNamespace(refused=print, met=lambda *what: told.append(what))
    own.holds.cancel(hold.id)

    own.changes.uncancel(hold.id)

    assert told == [(elena.id, record.id)]


def test_a_hold_is_placed_again_only_by_who_could_place_it(desk, own, record, here, elena, hold):
    item = laid_ready(desk, hold)
    desk.holds.cancel(hold.id)
    desk.loans.check_out(item.id, elena.id, here.id)

    with pytest.raises(Conflict) as refusal:
        own.changes.uncancel(hold.id)
    assert "You have this title on loan." in map(str, refusal.value.reasons)

    desk.loans.check_in(item.id, here.id)
    item.status = ItemStatus.LOST
    with pytest.raises(Conflict) as refusal:
        own.changes.uncancel(hold.id)
    assert [str(reason) for reason in refusal.value.reasons] == [
        "No library has a copy of this title that can be lent."
    ]
    assert hold.state == HoldState.CANCELLED


def test_a_hold_is_not_placed_again_beside_a_later_one(city, desk, own, record, here, elena, hold):
    own.holds.cancel(hold.id)
    for _n in range(12):
        desk.holds.place(record.id, city.reader(here).id, here.id)
    own.holds.place(record.id, elena.id, here.id)

    with pytest.raises(Conflict) as refusal:
        own.changes.uncancel(hold.id)

    assert "You already have a hold on this title." in map(str, refusal.value.reasons)


def test_an_open_hold_is_not_placed_again(own, hold):
    with pytest.raises(Conflict, match="cannot be taken from the state"):
        own.changes.uncancel(hold.id)
