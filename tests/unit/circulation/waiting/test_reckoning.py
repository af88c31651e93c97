"""The night's work: small tables, one organisation after the other, by what really happened."""

from datetime import timedelta

import pytest
from fixtures.lending import City
from fixtures.waiting import seen_before
from sqlalchemy import func, select

from bibliopolis.circulation.waiting.back_test import Wait, back_test
from bibliopolis.circulation.waiting.expecting import Expectations, Unknown
from bibliopolis.circulation.waiting.models import (
    Ending,
    HoldWait,
    WaitingCalibration,
    WaitingStatistic,
)
from bibliopolis.circulation.waiting.outlook import Outlook
from bibliopolis.circulation.waiting.reckoning import Reckoning
from bibliopolis.circulation.waiting.tally import Tally
from bibliopolis.libraries.services import Libraries

FORTY = [float(days) for days in range(1, 41)]


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def system(city):
    return city.library("System", kind="system")


@pytest.fixture
def here(city, system):
    return city.library("Fontanka", parent_id=system.id)


@pytest.fixture
def there(city, system):
    return city.library("Okhta", parent_id=system.id)


@pytest.fixture
def reckoning(db, clock):
    return Reckoning(db, clock, Libraries(db, clock))


def reckon_all(reckoning):
    reckoning.libraries.forget()
    for organisation_id in reckoning.due():
        reckoning.reckon(organisation_id)


def expected(db, clock, place, rounds_as=(2, 1, 0), item_type="book"):
    outlook = Outlook(*rounds_as, item_type)
    return Expectations(db, clock, Libraries(db, clock)).at([place.id], outlook)[place.id]


def test_the_nearest_group_that_knows_enough_tells(db, clock, reckoning, system, here, there):
    seen_before(db, clock, here, FORTY, rounds=2)
    seen_before(db, clock, there, [days + 50 for days in FORTY[:10]], rounds=2)
    reckon_all(reckoning)

    own, wider = (expected(db, clock, place) for place in (here, there))

    assert (own.lower, own.upper, own.cases, own.organisation_id) == (4, 37, 40, here.id)
    assert (wider.cases, wider.organisation_id) == (50, system.id)


def test_all_item_types_together_tell_where_one_is_rare(db, clock, reckoning, here):
    seen_before(db, clock, here, FORTY, rounds=2)
    seen_before(db, clock, here, FORTY[:3], rounds=2, item_type="film")
    reckon_all(reckoning)

    film = expected(db, clock, here, item_type="film")

    assert (film.cases, film.item_type) == (43, "")


def test_nothing_is_invented(db, clock, reckoning, here):
    seen_before(db, clock, here, FORTY[:10], rounds=2)
    reckon_all(reckoning)

    assert expected(db, clock, here).why is Unknown.TOO_FEW
    assert expected(db, clock, here, (3, 0, 0)).why is Unknown.NO_COPY


def test_what_is_too_old_tells_nothing(db, clock, reckoning, here):
    seen_before(db, clock, here, FORTY, rounds=2, ago=800)
    reckon_all(reckoning)

    assert expected(db, clock, here).why is Unknown.TOO_FEW


def test_a_night_that_was_broken_off_goes_on_and_is_done_once(
    db, clock, reckoning, system, here, there
):
    reckoning.libraries.forget()
    everything = reckoning.due()
    reckoning.reckon(here.id)

    assert set(everything) - set(reckoning.due()) == {here.id}
    reckon_all(reckoning)
    assert not reckoning.due()
    clock.advance(timedelta(days=1))
    assert reckoning.due() == everything


def test_again_gives_the_same(db, clock, reckoning, here):
    seen_before(db, clock, here, FORTY, promise=(1, 30))
    for _time in range(2):
        reckon_all(reckoning)
        reckoning.reckon(here.id)

    assert db.scalar(select(func.count()).select_from(WaitingCalibration)) == 1
    mine = WaitingStatistic.organisation_id == here.id
    assert db.scalar(select(func.count()).select_from(WaitingStatistic).where(mine)) == 2


def test_promises_are_judged_once_they_have_fallen_due(db, clock, reckoning, here):
    seen_before(db, clock, here, [2.0, 5.0, 20.0, 40.0, None], promise=(5, 30))
    seen_before(db, clock, here, [3.0], promise=(5, 30), ending=Ending.LEFT)
    seen_before(db, clock, here, [3.0], promise=(5, 30), ending=Ending.NEVER)
    seen_before(db, clock, here, [6.0, None], promise=(5, 30), ago=10)
    reckon_all(reckoning)

    [row] = db.scalars(select(WaitingCalibration))

    assert (row.inside, row.early, row.late, row.left) == (2, 1, 3, 1)


def test_an_older_history_is_tried_on_a_newer_one(clock):
    now = clock.now()

    def wait(ago, days):
        since = now - timedelta(days=ago)
        return Wait(1, "book", 1, since, since + timedelta(days=days), Ending.CAME)

    older = [wait(300, days) for days in FORTY]
    newer = [wait(100, days) for days in (2, 20, 30, 60)]
    rare = Wait(1, "book", 7, now - timedelta(days=90), None, None)
    # Seen on the day of the split as still waiting; what came later must teach nothing.
    later = [wait(160, 155) for _one in range(2)]

    lines, silent = back_test(
        [*older, *newer, *later, rare], now - timedelta(days=150), now, {1: [1]}
    )

    assert sum((line.tally for line in lines), Tally()) == Tally(inside=2, early=1, late=1)
    assert silent == 1


def test_what_ended_too_long_ago_to_tell_anything_is_forgotten(db, clock, reckoning, here):
    seen_before(db, clock, here, [10.0, None], ago=800)
    seen_before(db, clock, here, [10.0], ago=700)

    reckon_all(reckoning)

    left = db.scalars(select(HoldWait.ended).order_by(HoldWait.since)).all()
    assert [one is None for one in left] == [True, False]
