"""Waiting times and the report of holds and copies are the same on PostgreSQL."""

from types import SimpleNamespace

import pytest
from fixtures.lending import ITEM_TYPES, City, hold_workflows
from fixtures.sites import SITE
from fixtures.waiting import seen_before

from bibliopolis.circulation.waiting.calibration import Calibrations
from bibliopolis.circulation.waiting.ratio import HoldRatios, Options
from bibliopolis.circulation.waiting.reckoning import Reckoning
from bibliopolis.circulation.waiting.tally import Tally
from bibliopolis.db import make_engine, make_session


@pytest.fixture
def there(postgres, migrated_postgres, clock):
    """A library whose readers have waited before, on a database of its own."""
    engine = make_engine(postgres.copy_database(migrated_postgres))
    with make_session(engine, writes=True) as db:
        city = City(db, clock, hold_workflows(SITE))
        yield SimpleNamespace(db=db, city=city, library=city.library("Fontanka"))
    engine.dispose()


@pytest.mark.postgres
def test_a_night_and_both_reports(there, clock):
    days = [float(one) for one in range(1, 41)]
    seen_before(there.db, clock, there.library, days, rounds=1, promise=(4, 30))
    desk = there.city.desk()
    for title, waiting in (("Wanted", 5), ("Enough", 2)):
        record = there.city.record(there.library, title)
        there.city.item(record, there.library)
        for _reader in range(waiting):
            reader = there.city.reader(there.library)
            desk.holds.place(record.id, reader.id, there.library.id)
    there.city.rule("hold_ratio", 4, there.library, item_type="film")
    libraries = desk.rules.libraries
    libraries.forget()
    reckoning = Reckoning(there.db, clock, libraries)

    reckoning.reckon(there.library.id)
    report = Calibrations(there.db, libraries, reckoning).report(there.library.id)
    ratios = HoldRatios(there.db, reckoning, desk.rules, ITEM_TYPES)
    total, rows = ratios.page(there.library.id, Options(suspended=True, ordered=True))

    assert report.all == Tally(inside=27, early=3, late=10)
    assert [(one.record.title, one.holds, one.to_order) for one in rows] == [("Wanted", 5, 1)]
    assert total == 1
