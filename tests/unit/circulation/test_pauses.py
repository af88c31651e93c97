"""Pausing a hold from a day to a day: it begins and ends by the calendar of its pickup place."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bibliopolis.circulation.models import HoldState, HoldTarget
from bibliopolis.circulation.services.changes import Pause
from bibliopolis.errors import InvalidInput
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def item(city, record, here):
    return city.item(record, here)


@pytest.fixture
def hold(city, desk, record, here, item):
    return desk.holds.place(record.id, city.reader(here).id, here.id)


def in_days(clock, days):
    return clock.today() + timedelta(days=days)


def pass_days(clock, desk, days):
    """Let so many days pass, and the worker look."""
    clock.advance(timedelta(days=days))
    desk.dates.keep(desk.dates.due())


def test_a_pause_begins_and_ends_on_its_days(desk, db, clock, item, hold):
    until, start = in_days(clock, 10), in_days(clock, 3)

    desk.changes.suspend(hold.id, until, start)

    assert not hold.is_suspended
    assert db.scalars(select(HoldTarget.item_id)).all() == [item.id]
    pass_days(clock, desk, 2)
    assert not hold.is_suspended
    pass_days(clock, desk, 1)
    assert hold.is_suspended
    assert (hold.suspend_from, hold.suspended_until) == (None, until)
    assert db.scalars(select(HoldTarget.item_id)).all() == []
    pass_days(clock, desk, 7)
    assert not hold.is_suspended
    assert db.scalars(select(HoldTarget.item_id)).all() == [item.id]


def test_the_days_are_those_of_the_pickup_place(city, desk, clock, there, record, item):
    there.settings = {"time_zone": "Asia/Vladivostok"}
    hold = desk.holds.place(record.id, city.reader(there).id, there.id)
    desk.changes.suspend(hold.id, None, in_days(clock, 1))
    clock.advance(timedelta(hours=6))  # afternoon in Moscow, the next day there

    desk.dates.keep(desk.dates.due())

    assert hold.is_suspended


def test_the_history_keeps_the_days(desk, db, clock, hold):
    start, until = in_days(clock, 3), in_days(clock, 10)
    desk.changes.suspend(hold.id, until, start)

    entry = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "suspend")).one()

    assert entry.data["pause"] == {"from": start.isoformat(), "until": until.isoformat()}


@pytest.mark.parametrize(
    ("start", "until", "field", "said"),
    [
        (-1, 5, "start", "from today on"),
        (400, None, "start", "a year ahead at most"),
        (5, 5, "until", "ends before it begins"),
        (5, 3, "until", "ends before it begins"),
        (None, 0, "until", "from tomorrow on"),
        (1, 500, "until", "a year ahead at most"),
    ],
)
def test_days_in_the_wrong_order_are_refused(desk, clock, hold, start, until, field, said):
    desk.changes.suspend(hold.id, in_days(clock, 9), in_days(clock, 2))
    days = [None if one is None else in_days(clock, one) for one in (until, start)]

    with pytest.raises(InvalidInput) as refusal:
        desk.changes.suspend(hold.id, *days)

    assert said in str(refusal.value.errors[field])
    # Nothing is lost.
    assert (hold.suspend_from, hold.suspended_until) == (in_days(clock, 2), in_days(clock, 9))


def test_a_copy_that_comes_before_makes_the_pause_void(desk, clock, item, here, hold):
    desk.changes.suspend(hold.id, in_days(clock, 9), in_days(clock, 2))
    desk.loans.check_in(item.id, here.id)
    assert hold.state == HoldState.READY

    pass_days(clock, desk, 3)

    assert (hold.state, hold.suspend_from, hold.suspended_until) == (HoldState.READY, None, None)


def test_it_does_not_begin_while_somebody_has_a_copy_in_hand(city, desk, clock, record, here, hold):
    city.item(record, here)
    desk.holds.settle(desk.titles.lock(record.id))
    desk.changes.suspend(hold.id, in_days(clock, 9), in_days(clock, 2))
    desk.holds.mark_found(hold.id, here.id)

    pass_days(clock, desk, 2)

    assert not hold.is_suspended
    assert hold.suspend_from is not None


def test_after_a_long_silence_of_the_worker_a_pause_that_is_over_does_not_begin(desk, clock, hold):
    desk.changes.suspend(hold.id, in_days(clock, 4), in_days(clock, 2))

    pass_days(clock, desk, 30)

    assert not hold.is_suspended
    assert (hold.suspend_from, hold.suspended_until) == (None, None)


def test_a_pause_that_lies_ahead_is_given_up(desk, clock, hold):
    desk.changes.suspend(hold.id, in_days(clock, 9), in_days(clock, 2))

    desk.changes.thaw(hold.id)
    pass_days(clock, desk, 3)

    assert not hold.is_suspended
    assert hold.suspended_until is None


def test_all_are_paused_at_once_for_the_holidays(city, desk, clock, here):
    reader, holds = city.reader(here), []
    for title in ("Idiot", "Devils"):
        record = city.record(here, title)
        city.item(record, here)
        holds.append(desk.holds.place(record.id, reader.id, here.id))

    pause = Pause(until=in_days(clock, 20), start=in_days(clock, 5))
    changed = desk.changes.several("suspend", [one.id for one in holds], pause)

    assert len(changed.done) == 2
    assert {one.suspend_from for one in holds} == {in_days(clock, 5)}
