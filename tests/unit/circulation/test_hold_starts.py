"""Holds that begin on a later day: where they stand, and what they do not hold up."""

from datetime import timedelta

import pytest

from bibliopolis.errors import InvalidInput


@pytest.fixture
def item(city, record, here):
    return city.item(record, here)


def in_days(clock, days):
    return clock.today() + timedelta(days=days)


def pass_days(clock, desk, days):
    clock.advance(timedelta(days=days))
    desk.dates.keep(desk.dates.due())


def line(desk, record):
    """Return the readers of a queue in the order in which staff see them."""
    _total, _fulfilled, places = desk.queues.page(record.id, 0, 50)
    return [one.reader.name.split()[0] for one in places]


def test_it_stands_by_its_first_day_and_begins_there(city, desk, clock, record, here, item):
    """Koha inserts by the start date, then by who asked first."""

    def place(name, start=None):
        days = None if start is None else in_days(clock, start)
        return desk.holds.place(record.id, city.reader(here, name).id, here.id, start=days)

    fourth, third = place("Dina", 4), place("Carla", 3)
    twin = place("Clara", 3)
    place("Anna")
    pass_days(clock, desk, 1)
    place("Boris")
    assert line(desk, record) == ["Anna", "Boris", "Carla", "Clara", "Dina"]
    asked = third.asked

    desk.queues.move(twin.id, 5, "A class begins later.")
    assert line(desk, record) == ["Anna", "Boris", "Carla", "Dina", "Clara"]
    pass_days(clock, desk, 2)

    assert (third.begins_later, twin.begins_later, fourth.begins_later) == (False, False, True)
    place("Zoya")
    assert line(desk, record) == ["Anna", "Boris", "Carla", "Zoya", "Dina", "Clara"]
    assert third.asked == asked < third.placed == third.wanted_since
    assert twin.wanted_since == third.wanted_since < twin.placed, "wherever staff have moved it"


def test_what_comes_tomorrow_takes_no_place_from_what_has_come_today(
    city, desk, clock, record, here, item
):
    later, today = (
        desk.holds.place(record.id, city.reader(here).id, here.id, start=in_days(clock, days))
        for days in (2, 1)
    )
    clock.advance(timedelta(days=1))

    assert later.id < today.id
    assert desk.dates.due(limit=1) == [today.id]


def test_it_begins_by_the_clocks_of_its_pickup_place(city, desk, clock, there, record, item):
    there.settings = {"time_zone": "Asia/Vladivostok"}
    reader = city.reader(there)
    hold = desk.holds.place(record.id, reader.id, there.id, start=in_days(clock, 1))
    clock.advance(timedelta(hours=6))  # afternoon in Moscow, the next day there

    desk.dates.keep(desk.dates.due())

    assert not hold.begins_later
    assert hold.placed <= clock.now()


def test_it_stops_no_renewal_before_its_day(city, desk, clock, record, here, item):
    loan = desk.loans.check_out(item.id, city.reader(here).id, here.id).loan
    desk.holds.place(record.id, city.reader(here).id, here.id, start=in_days(clock, 10))
    pass_days(clock, desk, 9)
    assert not desk.renewals.reasons_against(loan)

    pass_days(clock, desk, 1)

    assert desk.renewals.reasons_against(loan)


def test_placed_again_it_begins_as_it_would_have(city, desk, clock, record, here, item):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id, start=in_days(clock, 9))
    stood = hold.placed
    desk.holds.cancel(hold.id)
    clock.advance(timedelta(days=3))

    desk.changes.uncancel(hold.id)

    assert hold.begins_later
    assert hold.placed == stood


@pytest.mark.parametrize(
    ("most", "start", "last", "field"),
    [
        (30, -1, None, "start"),
        (30, 31, None, "start"),
        (0, 1, None, "start"),
        (30, 5, 4, "start"),
        (30, 30, 30, None),
        (0, 0, None, None),
    ],
)
def test_its_first_day_is_within_the_limit_of_the_rule(
    city, desk, clock, record, here, item, most, start, last, field
):
    city.rule("hold_start_days", most, here)
    reader, need_by = city.reader(here), None if last is None else in_days(clock, last)

    def place():
        start_day = in_days(clock, start)
        return desk.holds.place(record.id, reader.id, here.id, need_by, start=start_day)

    if field is None:
        assert place().begins_later is (start > 0)
        return
    with pytest.raises(InvalidInput) as refusal:
        place()
    assert set(refusal.value.errors) == {field}
