"""How many holds each copy has to serve, and what to order."""

from types import SimpleNamespace

import pytest
from fixtures.lending import ITEM_TYPES, City, hold_workflows
from fixtures.sites import SITE

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import Hold, MissingCopy
from bibliopolis.circulation.waiting.ratio import HoldRatios, Options, Wanted
from bibliopolis.circulation.waiting.reckoning import Reckoning


@pytest.fixture
def city(db, clock):
    return City(db, clock, hold_workflows(SITE))


@pytest.fixture
def here(city):
    return city.library("Fontanka")


def report(city, library, **options):
    """Return (title, holds, copies, to order) of a library's report."""
    rules = city.desk().rules
    reckoning = Reckoning(city.db, city.clock, rules.libraries)
    total, rows = HoldRatios(city.db, reckoning, rules, ITEM_TYPES).page(
        library.id, Options(**options)
    )
    assert total == len(rows)
    return [(one.record.title, one.holds, one.copies, one.to_order) for one in rows]


def wanted(city, library, title, holds, copies, **more):
    """Let readers wait for a title with so many copies."""
    record = city.record(library, title)
    items = [city.item(record, library) for _copy in range(copies)]
    now = city.clock.now()
    city.db.add_all(
        Hold(
            record_id=record.id,
            reader_id=city.reader(library).id,
            pickup_library_id=library.id,
            placed=now,
            changed=now,
            **more,
        )
        for _hold in range(holds)
    )
    city.db.flush()
    return record, items


@pytest.mark.parametrize(
    ("holds", "copies", "target", "to_order"),
    [(4, 1, 3, 1), (7, 1, 3, 2), (6, 2, 3, 0), (1, 0, 3, 1), (10, 2, 4, 1), (3, 1, 1, 2)],
)
def test_what_to_order_is_rounded_up(holds, copies, target, to_order):
    assert Wanted(SimpleNamespace(), holds, copies, target).to_order == to_order


def test_titles_above_the_target_are_told_the_worst_first(city, here):
    wanted(city, here, "Enough", 6, 2)
    wanted(city, here, "Wanted", 4, 1)
    wanted(city, here, "Badly", 7, 1)
    wanted(city, here, "Nowhere", 1, 0)

    assert report(city, here) == [
        ("Nowhere", 1, 0, 1),
        ("Badly", 7, 1, 2),
        ("Wanted", 4, 1, 1),
    ]


def test_the_rule_says_what_the_target_is(city, here):
    wanted(city, here, "Wanted", 4, 1)
    city.rule("hold_ratio", 4, here, item_type="book")

    assert report(city, here) == []
    assert report(city, here, target=2) == [("Wanted", 4, 1, 1)]


def test_what_is_missing_is_no_copy(city, here, db, clock):
    _record, items = wanted(city, here, "Wanted", 4, 2)
    db.add(MissingCopy(item_id=items[0].id, library_id=here.id, noticed=clock.now()))
    db.flush()

    assert report(city, here) == [("Wanted", 4, 1, 1)]


def test_paused_holds_and_ordered_copies_count_where_asked_for(city, here, clock):
    record, _items = wanted(city, here, "Wanted", 2, 1)
    wanted(city, here, "Paused", 4, 1, suspended=clock.now())
    assert report(city, here) == []
    assert report(city, here, suspended=True) == [("Paused", 4, 1, 1)]

    city.item(record, here, ItemStatus.ON_ORDER)

    assert report(city, here, target=1) == [("Wanted", 2, 1, 1)]
    assert report(city, here, target=1, ordered=True) == []


@pytest.mark.parametrize(("from_holds", "days"), [(4, 5), (5, None), (None, None)])
def test_it_says_where_rules_shorten_loans_in_high_demand(city, here, from_holds, days):
    wanted(city, here, "Wanted", 4, 1)
    city.rule("demand_holds", from_holds, here)
    city.rule("demand_days", 5, here)
    rules = city.desk().rules
    ratios = HoldRatios(city.db, Reckoning(city.db, city.clock, rules.libraries), rules, ITEM_TYPES)

    _total, [row] = ratios.page(here.id, Options())

    assert row.lent_for == days


def test_a_library_sees_its_own_holds_and_copies(city, here):
    there = city.library("Okhta")
    record, _items = wanted(city, here, "Wanted", 4, 1)
    city.item(record, there)

    assert report(city, here) == [("Wanted", 4, 1, 1)]
    assert report(city, there) == []
