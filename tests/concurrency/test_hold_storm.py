"""Four processes of eight threads take any step at any time while one after another is killed.

``BIBLIOPOLIS_STORM`` says for how many seconds, with the rhythm of the kills; 60 is worth its time.
"""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.models import Availability as Row
from bibliopolis.catalogue.models import Item
from bibliopolis.circulation.in_use import ItemsInUse
from bibliopolis.circulation.models import (
    BOUND_STATES,
    OPEN_STATES,
    Hold,
    HoldState,
    HoldTarget,
    Loan,
    Transit,
)
from bibliopolis.circulation.services import Lists
from bibliopolis.clock import Clock
from bibliopolis.db import make_engine, make_session
from bibliopolis.outbox import Outbox
from bibliopolis.resources.history import HistoryEntry

SECONDS = float(os.environ.get("BIBLIOPOLIS_STORM", "5"))
PROCESSES, READERS, TITLES, COPIES = 4, 30, 3, 4
BETWEEN_KILLS = min(3.0, SECONDS / 2)


@pytest.fixture
def network(postgres, migrated_postgres):
    """Three titles, a few copies each, three libraries and thirty readers."""
    url = postgres.copy_database(migrated_postgres)
    engine = make_engine(url)
    with make_session(engine, writes=True) as db, db.begin():
        city = City(db, Clock(), None)
        libraries = [city.library() for _ in range(3)]
        for _title in range(TITLES):
            record = city.record(libraries[0])
            for n in range(COPIES):
                city.item(record, libraries[n % 3])
        for _reader in range(READERS):
            city.reader(libraries[0])
    yield url, engine
    engine.dispose()


def started(url, log, seed, seconds):
    environment = {**os.environ, "PYTHONPATH": f"{SITE / 'src'}:{SITE / 'tests'}"}
    return subprocess.Popen(
        [sys.executable, "-m", "fixtures.storm", url, str(log), "--seed", str(seed),
         "--seconds", str(seconds)],
        env=environment, cwd=SITE,
    )  # fmt: skip


def weather(url, log):
    """Let the storm blow: every few seconds a process is killed and another one starts."""
    chance, seeds = random.Random(2026), iter(range(1, 1000))
    end = time.monotonic() + SECONDS
    running = [started(url, log, next(seeds), SECONDS) for _ in range(PROCESSES)]
    # Killed while they work, not while they start.
    while not log.exists() or log.stat().st_size == 0:
        assert time.monotonic() < end + 60
        time.sleep(0.05)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end - BETWEEN_KILLS:
        time.sleep(BETWEEN_KILLS)
        victim = running.pop(chance.randrange(len(running)))
        victim.kill()
        victim.wait()
        running.append(started(url, log, next(seeds), max(0.0, end - time.monotonic())))
    for process in running:
        process.wait(120)
    return log.read_text().splitlines()


@pytest.mark.postgres
def test_nothing_is_lost_or_promised_twice_while_processes_are_killed(network, tmp_path):
    url, engine = network

    said = weather(url, Path(tmp_path / "said"))

    placed = [int(line.removeprefix("placed ")) for line in said if line.startswith("placed")]
    assert [line for line in said if line.startswith("fault")] == []
    assert len(placed) > SECONDS
    with make_session(engine, writes=True) as db, db.begin():
        holds = {hold.id: hold for hold in db.scalars(select(Hold))}
        assert set(placed) <= set(holds)
        _nothing_is_promised_twice(db, holds.values())
        _history_is_whole(db, holds.values())
        _places_have_no_gap(db, holds.values())
        _availability_is_what_the_rows_say(db)


def _nothing_is_promised_twice(db, holds):
    items = {item.id: item for item in db.scalars(select(Item))}
    bound = [hold.item_id for hold in holds if hold.state in BOUND_STATES]
    lent = db.scalars(select(Loan.item_id).where(Loan.closed.is_(None))).all()
    sought = db.scalars(select(HoldTarget.item_id)).all()
    assert len({*bound, *lent, *sought}) == len(bound) + len(lent) + len(sought)
    journeys = {
        row.item_id: row for row in db.scalars(select(Transit).where(Transit.received.is_(None)))
    }
    for hold in holds:
        if hold.state == HoldState.READY:
            assert items[hold.item_id].holding_library_id == hold.pickup_library_id
            assert hold.collect_by is not None
        elif hold.state == HoldState.IN_TRANSIT:
            assert journeys[hold.item_id].to_library_id == hold.pickup_library_id
        if hold.state in OPEN_STATES:
            assert hold.closed is None
        else:
            assert hold.closed is not None


def _history_is_whole(db, holds):
    last = select(func.max(HistoryEntry.id)).where(
        HistoryEntry.resource_type == "hold", HistoryEntry.state_after.is_not(None)
    )
    rows = select(HistoryEntry).where(HistoryEntry.id.in_(last.group_by(HistoryEntry.resource_id)))
    said = {row.resource_id: row.state_after for row in db.scalars(rows)}
    assert said == {hold.id: hold.state for hold in holds}


def _places_have_no_gap(db, holds):
    places = Lists(db).positions(list(holds))
    by_title = {}
    for hold in holds:
        if hold.state == HoldState.QUEUED:
            by_title.setdefault(hold.record_id, []).append(places[hold.id])
    for found in by_title.values():
        assert sorted(found) == list(range(1, len(found) + 1))


def _availability_is_what_the_rows_say(db):
    def counted():
        rows = db.scalars(select(Row).execution_options(populate_existing=True))
        return {(row.record_id, row.library_id): (row.total, row.available) for row in rows}

    before = counted()
    city = City(db, Clock(), hold_workflows(SITE))
    desk = city.desk()
    for record_id in sorted({record_id for record_id, _library in before}):
        title = desk.titles.lock(record_id)
        served = min(len(title.queue), len(title.free))
        assert {hold.id for hold in title.queue[:served]} == set(title.targets)
    Availability(db, ItemsInUse(db, Outbox(db, Clock()))).recompute(
        sorted({record_id for record_id, _library in before})
    )
    db.flush()
    assert counted() == before
