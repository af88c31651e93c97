"""Which copies are looked for: Koha's holds queue, and what Evergreen's targeter adds.

Each row says what is the matter with the only copy of a title, and whether it is looked for.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from fixtures.lending import RULES, City
from sqlalchemy import select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import HoldTarget, MissingCopy
from bibliopolis.circulation.rules.loading import Distance


@pytest.fixture
def elsewhere(city, here, there):
    """The copy stands in another library of the same system than the one where it is collected."""
    return there


@pytest.fixture
def copy(city, record, elsewhere):
    return city.item(record, elsewhere)


def sought(db):
    return db.scalars(select(HoldTarget.item_id)).all()


def waits(city, desk, db, record, here):
    """Place a hold while another copy is on order, so that it can be placed; look for copies."""
    city.item(record, here, status=ItemStatus.ON_ORDER)
    desk.holds.place(record.id, city.reader(here).id, here.id)
    return sought(db)


@pytest.mark.parametrize(
    ("status", "looked_for"),
    [
        (ItemStatus.LENDABLE, True),
        (ItemStatus.READING_ROOM, False),  # Koha: not for loan
        (ItemStatus.ON_ORDER, False),
        (ItemStatus.LENT_ELSEWHERE, False),
        (ItemStatus.LOST, False),
        (ItemStatus.DAMAGED, False),
        (ItemStatus.WITHDRAWN, False),
    ],
)
def test_by_its_status(city, desk, db, record, copy, here, status, looked_for):
    copy.status = status

    assert (copy.id in waits(city, desk, db, record, here)) is looked_for


@pytest.mark.parametrize("at", ["there", "here"])
def test_damaged_where_its_library_lets_it_be_held(city, desk, db, record, copy, here, there, at):
    """Koha: ``AllowHoldsOnDamagedItems``; the rule is that of the library the copy belongs to."""
    copy.status = ItemStatus.DAMAGED
    city.rule("hold_damaged", True, there if at == "there" else here)

    assert (copy.id in waits(city, desk, db, record, here)) is (at == "there")


def test_not_on_loan(city, desk, db, record, copy, here, there):
    desk.loans.check_out(copy.id, city.reader(here).id, there.id)

    assert waits(city, desk, db, record, here) == []


def test_not_on_its_way(city, desk, db, record, copy, here, there):
    desk.loans.check_in(copy.id, here.id)

    assert waits(city, desk, db, record, here) == []


def test_not_on_the_hold_shelf(city, desk, db, record, copy, here, there):
    desk.holds.place(record.id, city.reader(there).id, there.id)
    desk.loans.check_in(copy.id, there.id)

    assert waits(city, desk, db, record, here) == []


def test_not_what_is_looked_for_for_another(city, desk, db, record, copy, here, there):
    desk.holds.place(record.id, city.reader(there).id, there.id)

    assert waits(city, desk, db, record, here) == [copy.id]
    assert len(db.scalars(select(HoldTarget)).all()) == 1


def test_not_what_was_not_in_its_place(city, desk, db, clock, record, copy, here, there):
    db.add(MissingCopy(item_id=copy.id, library_id=there.id, noticed=clock.now()))

    assert waits(city, desk, db, record, here) == []


def test_not_of_a_record_that_is_withdrawn(city, desk, db, record, copy, here):
    waits(city, desk, db, record, here)
    record.withdrawn = True

    desk.holds.settle(desk.titles.lock_head(record.id))

    assert sought(db) == []


@pytest.mark.parametrize(
    ("days", "looked_for"),
    [
        ((), True),
        ((0,), True),  # closed now, open when it is looked for again
        ((1,), True),  # open now
        ((0, 1), False),
        ((0, 1, 2), False),
        ((1, 2), True),
    ],
)
def test_only_a_library_closed_now_and_at_the_next_look_is_skipped(
    city, desk, db, clock, record, copy, here, there, days, looked_for
):
    """Evergreen: ``target_holds`` skips closed libraries if they still are at the next check."""
    there.settings = {"opening_hours": "Mo-Su 10:00-20:00"}
    for day in days:
        city.closed(there, clock.today() + timedelta(days=day))

    assert (copy.id in waits(city, desk, db, record, here)) is looked_for


def test_not_from_a_library_that_takes_no_part(city, desk, db, record, copy, here, there):
    city.rule("takes_part", False, there)

    assert waits(city, desk, db, record, here) == []


@pytest.fixture
def network(db, clock, workflows):
    """Return a city whose site says of distances what a test wants."""

    def made(*distances):
        city = City(db, clock, workflows, rules=replace(RULES, distances=distances))
        return city, city.desk()

    return made


def test_the_cheapest_way_goes_first_whatever_the_tree_says(network, db, record, here, there):
    """Koha's transport cost matrix, ``[to][from] = cost``."""
    city, _desk = network()
    third = city.library()
    near = Distance(third.code, here.code, 1, absolute=True)
    back = Distance(here.code, there.code, 0, absolute=True)
    city, desk = network(near, back)
    city.item(record, there)
    cheap = city.item(record, third)

    desk.holds.place(record.id, city.reader(here).id, here.id)

    assert sought(db) == [cheap.id]


def test_a_copy_at_the_place_itself_goes_before_the_cheapest_way(network, db, record, here, there):
    city, desk = network(Distance(there.code, here.code, 0, absolute=True))
    city.item(record, there)
    own = city.item(record, here)

    desk.holds.place(record.id, city.reader(here).id, here.id)

    assert sought(db) == [own.id]


def test_nothing_is_sought_where_nothing_is_carried_from(network, db, record, here, there):
    """Koha's transport cost matrix, ``disabled``."""
    city, desk = network(Distance(there.code, here.code, 0, absolute=False, closed=True))
    copy = city.item(record, there)

    assert waits(city, desk, db, record, here) == []
    back = desk.holds.place(record.id, city.reader(there).id, there.id)
    assert sought(db) == [copy.id]
    desk.holds.cancel(back.id)
    assert desk.loans.check_in(copy.id, there.id).hold is None


def test_a_copy_that_stands_elsewhere_now_comes_from_there(network, db, record, here, there):
    city, desk = network(Distance(there.code, here.code, 0, absolute=False, closed=True))
    third = city.library()
    copy = city.item(record, there)
    copy.holding_library_id = third.id

    assert waits(city, desk, db, record, here) == [copy.id]


def test_why_a_hold_cannot_be_placed_where_nothing_is_carried_to(network, record, here, there):
    city, desk = network(Distance(there.code, here.code, 0, absolute=False, closed=True))
    city.item(record, there)

    title, reader = desk.titles.read(record.id), city.reader(here)
    against = desk.holds.permits.against_hold(title, reader, here.id)

    assert [one.code for one in against] == ["cannot_be_transferred"]
