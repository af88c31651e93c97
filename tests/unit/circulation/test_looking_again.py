"""A copy that is not found, not fetched, or behind a closed door: another one is looked for."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import HoldTarget, PastTarget, TargetEnd
from bibliopolis.circulation.services import DeskLists, Lists


@pytest.fixture
def hold(city, desk, record, here):
    """Return a hold to be collected here, of a title whose copies the test has made."""
    return lambda: desk.holds.place(record.id, city.reader(here).id, here.id)


def sought(db):
    return {row.hold_id: row.item_id for row in db.scalars(select(HoldTarget))}


def in_vain(db):
    return [
        (past.item_id, past.reason)
        for past in db.scalars(select(PastTarget).order_by(PastTarget.id))
    ]


def look_again(desk):
    """Do what the worker does."""
    for record_id in desk.dates.to_look_for_anew():
        desk.holds.settle(desk.titles.lock(record_id))


def test_after_a_day_another_copy_is_looked_for(city, desk, db, clock, record, here, there, hold):
    near, far = city.item(record, here), city.item(record, there)
    one = hold()
    assert sought(db) == {one.id: near.id}

    clock.advance(timedelta(hours=23))
    look_again(desk)
    assert sought(db) == {one.id: near.id}
    clock.advance(timedelta(hours=2))
    look_again(desk)

    assert sought(db) == {one.id: far.id}
    assert in_vain(db) == [(near.id, TargetEnd.NOT_PULLED)]
    assert desk.dates.to_look_for_anew() == []


def test_what_was_sought_in_vain_is_free_once_its_hold_ends(
    city, desk, db, clock, record, here, there, hold
):
    near, far = city.item(record, here), city.item(record, there)
    first, second = hold(), hold()
    clock.advance(timedelta(hours=25))

    desk.holds.cancel(first.id)

    assert sought(db) == {second.id: near.id}
    assert in_vain(db) == [(far.id, TargetEnd.NOT_PULLED)]


def test_it_is_chosen_again_where_there_is_no_other(city, desk, db, clock, record, here, hold):
    item, one = city.item(record, here), hold()
    clock.advance(timedelta(hours=25))

    look_again(desk)

    assert sought(db) == {one.id: item.id}
    assert db.get(HoldTarget, one.id).targeted == clock.now()
    assert in_vain(db) == [(item.id, TargetEnd.NOT_PULLED)]


def test_what_somebody_has_in_hand_stays_chosen(city, desk, db, clock, record, here, there, hold):
    near, _far = city.item(record, here), city.item(record, there)
    one = hold()
    desk.holds.mark_found(one.id, here.id)
    clock.advance(timedelta(days=3))

    look_again(desk)

    assert sought(db) == {one.id: near.id}


def test_a_copy_that_was_not_in_its_place_is_remembered(city, desk, db, record, here, there, hold):
    near, far = city.item(record, here), city.item(record, there)
    one = hold()

    desk.holds.not_found(one.id, here.id)

    assert sought(db) == {one.id: far.id}
    assert in_vain(db) == [(near.id, TargetEnd.NOT_ON_SHELF)]
    assert [(past.reason, item.id) for past, item in Lists(db).past_targets(one.id)] == [
        (TargetEnd.NOT_ON_SHELF, near.id)
    ]


def test_nobody_is_sent_to_a_library_that_is_closed_today_and_tomorrow(
    city, desk, db, clock, record, here, there, hold
):
    near, far = city.item(record, here), city.item(record, there)
    here.settings = {"opening_hours": "Mo-Su 10:00-20:00"}
    today = clock.today()
    for day in (today, today + timedelta(days=1)):
        city.closed(here, day)
    one = hold()
    assert sought(db) == {one.id: far.id}

    two = hold()
    assert sought(db) == {one.id: far.id}
    clock.advance(timedelta(days=2))
    look_again(city.desk())

    assert sought(db)[two.id] in (near.id, far.id)
    assert len(sought(db)) == 2


def test_closed_for_one_day_is_no_reason(city, desk, db, clock, record, here, hold):
    item = city.item(record, here)
    here.settings = {"opening_hours": "Mo-Su 10:00-20:00"}
    city.closed(here, clock.today())

    one = hold()

    assert sought(db) == {one.id: item.id}


def test_a_new_copy_is_looked_for_without_delay(city, desk, db, record, here, hold):
    city.item(record, here, status=ItemStatus.ON_ORDER)
    one = hold()
    assert desk.dates.to_look_for_anew() == []

    item = city.item(record, here)
    look_again(desk)

    assert sought(db) == {one.id: item.id}


def test_a_hold_without_hope_is_known_until_some_comes(city, desk, db, clock, record, here, hold):
    item = city.item(record, here)
    one, two = hold(), hold()
    assert (one.hopeless_since, two.hopeless_since) == (None, None)
    lost = clock.now()

    item.status = ItemStatus.LOST
    desk.holds.settle(desk.titles.lock(record.id))
    clock.advance(timedelta(days=1))
    desk.holds.settle(desk.titles.lock(record.id))

    assert (one.hopeless_since, two.hopeless_since) == (lost, lost)
    total, rows = DeskLists(db).without_copy(here.id, hopeless=True)
    assert (total, [row[0].id for row in rows]) == (2, [one.id, two.id])
    city.item(record, here, status=ItemStatus.ON_ORDER)
    desk.holds.settle(desk.titles.lock(record.id))
    assert (one.hopeless_since, two.hopeless_since) == (None, None)


def test_copies_that_nobody_finds_are_no_hope(city, desk, record, here, hold):
    city.item(record, here)
    one = hold()

    desk.holds.not_found(one.id, here.id)

    assert one.hopeless_since is not None


def test_on_loan_is_hope(city, desk, record, here, hold):
    item = city.item(record, here)
    desk.loans.check_out(item.id, city.reader(here).id, here.id)

    assert hold().hopeless_since is None


def test_the_day_counts_where_the_library_is(city, desk, db, record, here, hold, clock):
    here.settings = {"opening_hours": "Mo-Su 10:00-20:00", "time_zone": "Asia/Vladivostok"}
    item = city.item(record, here)
    city.closed(here, date(2026, 11, 22))
    city.closed(here, date(2026, 11, 23))
    assert clock.today() == date(2026, 11, 21)
    one = hold()
    assert sought(db) == {one.id: item.id}

    clock.advance(timedelta(hours=8))  # it is the 22nd there
    desk = city.desk()
    desk.holds.settle(desk.titles.lock(record.id))

    assert sought(db) == {}


def test_a_weekly_day_off_neither_hides_a_copy_nor_counts_against_it(
    city, desk, db, clock, record, here, there, hold
):
    near, _far = city.item(record, here), city.item(record, there)
    here.settings = {"opening_hours": "Tu-Fr 10:00-20:00"}  # it is Saturday
    one = hold()
    assert sought(db) == {one.id: near.id}

    clock.advance(timedelta(days=2))
    look_again(city.desk())
    assert sought(db) == {one.id: near.id}
    clock.advance(timedelta(days=1))
    look_again(city.desk())

    assert sought(db) != {one.id: near.id}


def test_records_whose_free_copy_fits_nobody_keep_no_other_from_its_turn(
    city, desk, db, record, here, there, hold
):
    city.rule("transit_range", 0, there)
    in_vain, other = city.record(there), city.record(here)
    for title in (in_vain, other):
        desk.titles.lock(title.id)
        city.item(title, there if title is in_vain else here, status=ItemStatus.ON_ORDER)
    city.item(in_vain, here, status=ItemStatus.ON_ORDER)
    desk.holds.place(in_vain.id, city.reader(here).id, here.id)
    desk.holds.place(other.id, city.reader(here).id, here.id)
    city.item(in_vain, there)  # it does not leave its library
    city.item(other, here)

    first = desk.dates.to_look_for_anew(limit=1)
    second = desk.dates.to_look_for_anew(limit=1, after=first[-1])

    assert (first, second) == ([in_vain.id], [other.id])
    assert desk.dates.to_look_for_anew(limit=1, after=second[-1]) == []


def test_what_was_sought_in_vain_for_one_who_leaves_is_sought_for_the_next(
    city, desk, db, clock, record, here, hold
):
    item, one, two = city.item(record, here), hold(), hold()
    assert sought(db) == {one.id: item.id}
    clock.advance(timedelta(days=3))

    desk.holds.cancel(one.id)

    assert sought(db) == {two.id: item.id}
