"""A place closes while its desk goes on, and while the worker that moves its dates is killed."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.live import wait_until
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.circulation.emergency import moving
from bibliopolis.circulation.emergency.closings import AGAIN, AlreadyClosed, Wanted
from bibliopolis.circulation.emergency.models import AT_WORK, EmergencyClosing, MovedDate
from bibliopolis.circulation.in_use import ItemsInUse
from bibliopolis.circulation.models import Hold, HoldState, Loan
from bibliopolis.db import make_engine, make_session
from bibliopolis.errors import Blocked
from bibliopolis.libraries.models import HoursException, Library
from bibliopolis.outbox import Outbox

LOANS = 20
DESKS, TURNS = 4, 2


@pytest.fixture
def act(database_url, clock):
    """Return a function that runs something in a transaction of its own that commits."""
    engine = make_engine(database_url, pool_size=2 * DESKS)
    workflows = hold_workflows(SITE)
    yield lambda work: committed(engine, clock, workflows, work)
    engine.dispose()


def committed(engine, clock, workflows, work):
    with make_session(engine, writes=True) as session, session.begin():
        availability = Availability(session, ItemsInUse(session, Outbox(session, clock)))
        return work(City(session, clock, workflows, availability))


def lend_many(city):
    """Lend copies that are due on Monday; return the library."""
    here = city.library(settings={"opening_hours": "Mo-Fr 10:00-20:00"})
    city.rule("loan_days", 2, here)
    city.rule("pickup_while_closed", False, here)
    record, reader, desk = city.record(here), city.reader(here), city.desk()
    for _n in range(LOANS):
        desk.loans.check_out(city.item(record, here).id, reader.id, here.id)
    return here.id


def close(city, here, days=2):
    first = city.clock.today()
    place = city.db.get(Library, here)
    return city.emergency().closings.begin(Wanted(place, first, first + timedelta(days=days))).uid


def finish(act, uid):
    """Do what the worker would do until nothing is left."""
    act(lambda city: city.emergency().moving.work(f"{uid}:{AGAIN}"))
    while act(lambda city: city.db.scalars(select(EmergencyClosing.state)).one()) in AT_WORK:
        act(lambda city: city.emergency().moving.work(uid))


def counts(city):
    """Return how many loans have a new date, how many such dates are kept, and what is said."""
    last = city.db.scalars(select(EmergencyClosing.last)).one()
    moved = city.db.scalar(select(func.count(Loan.id)).where(Loan.due > last))
    kept = city.db.scalar(select(func.count(MovedDate.id)))
    return moved, kept, city.db.scalars(select(EmergencyClosing.moved_loans)).one()


def test_a_worker_that_is_killed_leaves_nothing_half(act, database_url, clock, monkeypatch):
    monkeypatch.setattr(moving, "BATCH", 1)
    here = act(lend_many)
    uid = act(lambda city: close(city, here))
    worker = os.fork()
    if worker == 0:
        engine, workflows = make_engine(database_url), hold_workflows(SITE)
        while True:
            committed(engine, clock, workflows, lambda city: city.emergency().moving.work(uid))
    try:
        wait_until(lambda: act(counts)[0] > 2, "some dates are moved")
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)

    moved, kept, said = act(counts)

    assert moved == kept == said
    finish(act, uid)
    finish(act, uid)
    assert act(counts) == (LOANS, LOANS, LOANS)


def test_two_librarians_close_while_all_desks_lend_and_readers_place_holds(act):
    here = act(lend_many)

    def closes(_number):
        time.sleep(0.05)
        try:
            return act(lambda city: close(city, here))
        except AlreadyClosed:
            return None

    def serves(_number):
        codes = set()
        for _n in range(TURNS):
            act(lambda city: lend_one(city, here))
            try:
                act(lambda city: lay_ready(city, here))
            except Blocked as refusal:
                codes.update(one.code for one in refusal.blocks)
        return codes

    with ThreadPoolExecutor(DESKS + 2) as threads:
        serving = [threads.submit(serves, number) for number in range(DESKS)]
        closed = [one for one in threads.map(closes, range(2)) if one]
        refused = [one.result(timeout=120) for one in serving]

    assert len(closed) == 1
    assert set().union(*refused) <= {"pickup_closed"}
    finish(act, closed[0])
    finish(act, closed[0])
    act(lambda city: all_dates_are_on_open_days(city, here))


def lend_one(city, here):
    place = city.db.get(Library, here)
    item = city.item(city.record(place), place)
    city.desk().loans.check_out(item.id, city.reader(place).id, here)


def lay_ready(city, here):
    place = city.db.get(Library, here)
    record = city.record(place)
    item, desk = city.item(record, place), city.desk()
    desk.holds.place(record.id, city.reader(place).id, here)
    desk.loans.check_in(item.id, here)


def all_dates_are_on_open_days(city, here):
    calendars = city.emergency().closings.calendars
    place = city.db.get(Library, here)
    loans = city.db.scalars(select(Loan.due).where(Loan.closed.is_(None))).all()
    holds = city.db.scalars(select(Hold.collect_by).where(Hold.state == HoldState.READY)).all()
    assert len(loans) == LOANS + TURNS * DESKS
    assert all(calendars.hours(place, day).spans for day in (*loans, *holds))
    assert len(city.db.scalars(select(HoursException)).all()) == 1
