"""Until when a hold is wanted, and until when its copy waits."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bibliopolis.circulation.models import CirculationRule, HoldState, ShelfRemoval
from bibliopolis.circulation.services import DeskLists
from bibliopolis.errors import Conflict, InvalidInput

SATURDAY = date(2026, 11, 21)
"""The day on which the clock of the tests stands."""


@pytest.fixture
def ready(city, desk, record, here):
    """Return a hold whose copy has just been laid on the shelf of a place."""

    def ready(place=here, at=here, **more):
        item = city.item(record, at)
        hold = desk.holds.place(record.id, city.reader(here).id, place.id, **more)
        desk.loans.check_in(item.id, at.id)
        return hold

    return ready


def opened(library, hours):
    library.settings = {**library.settings, "opening_hours": hours}


def after(clock, day):
    """Put the clock at noon of a day."""
    clock.advance(
        clock.local(clock.now()).replace(year=day.year, month=day.month, day=day.day, hour=12)
        - clock.now()
    )


def test_a_copy_waits_seven_days_where_nobody_has_said_when_it_is_open(clock, ready):
    assert clock.today() == SATURDAY
    assert ready().collect_by == SATURDAY + timedelta(days=7)


def test_days_on_which_the_library_is_closed_do_not_count(city, here, ready):
    opened(here, "Tu-Sa 10:00-20:00")
    city.closed(here, date(2026, 11, 26))

    # Tu We Fr Sa | Tu We Th
    assert ready().collect_by == date(2026, 12, 3)


def test_a_locker_that_is_always_open_counts_every_day(city, desk, here, ready):
    opened(here, "Tu-Sa 10:00-20:00")
    locker = city.locker(here)
    opened(locker, "24/7")
    desk.holds.libraries.forget()

    hold = ready(place=locker)

    assert (hold.state, hold.collect_by) == (HoldState.READY, SATURDAY + timedelta(days=7))


def test_the_rules_of_the_pickup_place_say_how_many_days(city, db, desk, here, ready, clock):
    db.add(
        CirculationRule(
            library_id=here.id,
            category="",
            item_type="",
            name="hold_shelf_days",
            value=3,
            person_id=None,
            changed=clock.now(),
        )
    )
    db.flush()
    desk.rules.forget()

    assert ready().collect_by == SATURDAY + timedelta(days=3)


def test_the_day_by_which_the_reader_wants_it_goes_before(ready):
    assert ready(need_by=date(2026, 11, 26)).collect_by == date(2026, 11, 26)


def test_the_last_day_is_set_once_and_forgotten_on_the_way(city, desk, clock, here, there, ready):
    hold = ready()
    first = hold.collect_by
    clock.advance(timedelta(days=2))
    desk.loans.check_in(hold.item_id, here.id)
    assert hold.collect_by == first

    desk.loans.check_in(hold.item_id, there.id)

    assert (hold.state, hold.collect_by) == (HoldState.IN_TRANSIT, None)
    desk.loans.check_in(hold.item_id, here.id)
    assert hold.collect_by == first + timedelta(days=2)


def test_what_is_not_collected_is_for_the_next_and_has_to_be_cleared(
    city, desk, db, clock, record, here, ready
):
    hold = ready()
    second = desk.holds.place(record.id, city.reader(here).id, here.id)
    after(clock, hold.collect_by)
    assert desk.dates.due() == []

    after(clock, hold.collect_by + timedelta(days=1))
    desk.dates.keep(desk.dates.due())

    assert hold.state == HoldState.NOT_COLLECTED
    (row,) = DeskLists(db).to_clear(here.id)
    assert row[1].id == hold.item_id
    outcome = desk.loans.check_in(hold.item_id, here.id)
    assert outcome.hold is second
    assert db.scalars(select(ShelfRemoval)).all() == []


def test_nothing_is_taken_off_on_a_day_on_which_the_library_is_closed(
    city, desk, clock, here, ready
):
    opened(here, "Tu-Sa 10:00-20:00")
    hold = ready()
    assert hold.collect_by == date(2026, 12, 2)
    city.closed(here, date(2026, 12, 3))
    desk.changes.calendars.forget()

    after(clock, date(2026, 12, 3))
    assert desk.dates.due() == []

    after(clock, date(2026, 12, 4))
    assert desk.dates.due() == [hold.id]


def test_a_hold_that_is_wanted_no_longer_ends(city, desk, clock, record, here):
    city.item(record, here)
    hold = desk.holds.place(
        record.id, city.reader(here).id, here.id, clock.today() + timedelta(days=1)
    )
    with pytest.raises(Conflict) as refusal:
        desk.holds.expire_unfilled(hold.id)
    assert [str(reason) for reason in refusal.value.reasons] == ["Its reader still wants it."]

    clock.advance(timedelta(days=2))
    desk.dates.keep(desk.dates.due())

    assert hold.state == HoldState.UNFILLED


@pytest.mark.parametrize("days", [-1, 800])
def test_the_day_by_which_it_is_wanted_lies_ahead(city, desk, clock, record, here, days):
    city.item(record, here)
    reader, day = city.reader(here), clock.today() + timedelta(days=days)

    with pytest.raises(InvalidInput, match="from today on"):
        desk.holds.place(record.id, reader.id, here.id, day)

    hold = desk.holds.place(record.id, reader.id, here.id)
    with pytest.raises(InvalidInput, match="from today on"):
        desk.changes.set_need_by(hold.id, day)
    assert hold.need_by is None


def test_the_worker_does_nothing_twice(desk, clock, ready):
    hold = ready()
    clock.advance(timedelta(days=20))
    due = desk.dates.due()

    desk.dates.keep(due)
    closed = hold.closed
    clock.advance(timedelta(hours=1))
    desk.dates.keep(due)

    assert hold.closed == closed


def test_a_step_that_is_refused_keeps_no_other_from_its_day(
    city, desk, clock, record, here, monkeypatch
):
    city.item(record, here)
    wished = clock.today() + timedelta(days=1)
    holds = [desk.holds.place(record.id, city.reader(here).id, here.id, wished) for _n in range(3)]
    end = desk.dates.holds.end

    def refuse_the_first(verb, title, hold, **more):
        if hold is holds[0]:
            raise Conflict("Not today.")
        end(verb, title, hold, **more)

    monkeypatch.setattr(desk.dates.holds, "end", refuse_the_first)
    clock.advance(timedelta(days=3))
    desk.dates.keep(desk.dates.due())

    assert [hold.state for hold in holds] == [
        HoldState.QUEUED,
        HoldState.UNFILLED,
        HoldState.UNFILLED,
    ]
