"""Each wait is written down once, with its promise and how it ended; nobody is named in it."""

from datetime import timedelta

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from fixtures.waiting import seen_before
from sqlalchemy import event, select

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import Loan
from bibliopolis.circulation.services import Queues
from bibliopolis.circulation.waiting.models import Ending, HoldWait
from bibliopolis.circulation.waiting.reckoning import Reckoning
from bibliopolis.libraries.services import Libraries


@pytest.fixture
def city(db, clock):
    return City(db, clock, hold_workflows(SITE))


@pytest.fixture
def here(city):
    return city.library("Fontanka")


@pytest.fixture
def record(city, here):
    record = city.record(here)
    city.item(record, here)
    return record


@pytest.fixture
def desk(city):
    return city.desk()


def waits(db):
    db.expire_all()
    return db.scalars(select(HoldWait).order_by(HoldWait.id)).all()


def endings(db):
    return [one.ending for one in waits(db)]


def test_a_wait_ends_when_the_copy_lies_ready(city, desk, db, clock, here, record):
    there = city.library("Okhta")
    hold = desk.holds.place(record.id, city.reader(here).id, there.id)
    item = desk.holds.titles.read(record.id).lendable[0]
    began = clock.now()
    clock.advance(timedelta(days=2))
    desk.loans.check_in(item.id, here.id)
    assert endings(db) == [None]
    clock.advance(timedelta(days=3))

    desk.loans.check_in(item.id, there.id)

    [wait] = waits(db)
    assert (wait.hold_id, wait.since, wait.ending) == (hold.id, began, Ending.CAME)
    assert wait.ended == began + timedelta(days=5)


def test_it_knows_place_copies_and_which_stand_ready(city, desk, db, here, record):
    second = city.item(record, here)
    lost = city.item(record, here)
    for library in (here, city.library()):
        # Of two that are damaged only one may be held, by the rule of its library.
        city.item(record, library, ItemStatus.DAMAGED)
    city.rule("hold_damaged", True, here)
    desk.loans.check_out(second.id, city.reader(here).id, here.id)
    desk.loans.check_out(lost.id, city.reader(here).id, here.id)
    db.scalar(select(Loan).where(Loan.item_id == lost.id)).state = "lost"
    for _reader in range(3):
        desk.holds.place(record.id, city.reader(here).id, here.id)

    told = [(one.position, one.copies, one.free, one.rounds) for one in waits(db)]

    assert told == [(1, 3, 2, 0), (2, 3, 2, 0), (3, 3, 2, 1)]


@pytest.mark.parametrize(
    ("step", "ending"),
    [
        (lambda desk, hold: desk.holds.cancel(hold.id), Ending.LEFT),
        (lambda desk, hold: desk.holds.give_up(hold.id, "No copy"), Ending.NEVER),
        (lambda desk, hold: desk.changes.suspend(hold.id), Ending.LEFT),
    ],
)
def test_who_leaves_is_told_from_who_never_gets_one(city, desk, db, here, record, step, ending):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)

    step(desk, hold)

    assert endings(db) == [ending]


def test_what_changes_its_course_begins_another(city, desk, db, here, record):
    there = city.library("Okhta")
    desk.holds.place(record.id, city.reader(here).id, here.id)
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)

    desk.changes.suspend(hold.id)
    desk.changes.thaw(hold.id)
    desk.changes.change_pickup(hold.id, there.id)
    desk.changes.put_first(hold.id, "Exam tomorrow")

    mine = [one for one in waits(db) if one.hold_id == hold.id]
    assert [one.ending for one in mine] == [Ending.LEFT, Ending.LEFT, Ending.LEFT, None]
    assert [one.pickup_library_id for one in mine] == [here.id, here.id, there.id, there.id]
    assert [one.position for one in mine] == [2, 2, 2, 1]


def test_who_is_moved_in_the_queue_waits_anew(city, desk, db, here, record):
    holds = [desk.holds.place(record.id, city.reader(here).id, here.id) for _one in range(4)]

    Queues(desk.holds).place(record.id, {holds[3].id: 1, holds[2].id: 2}, "Exams", here.id)

    told = [(one.hold_id, one.position, one.ending) for one in waits(db)[4:]]
    assert told == [(holds[2].id, 2, None), (holds[3].id, 1, None)]
    assert endings(db)[:4] == [None, None, Ending.LEFT, Ending.LEFT]


def test_a_hold_on_one_copy_is_no_wait_for_any(city, desk, db, here, record):
    item = desk.holds.titles.read(record.id).lendable[0]
    hold = desk.holds.place(record.id, city.reader(here).id, here.id, item_id=item.id)
    assert waits(db) == []

    desk.changes.any_copy(hold.id)

    assert endings(db) == [None]


def test_a_hold_that_is_placed_again_waits_anew(city, desk, db, here, record):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.holds.cancel(hold.id)

    desk.changes.uncancel(hold.id)

    assert endings(db) == [Ending.LEFT, None]


def test_the_promise_is_kept_with_the_hold(city, desk, db, clock, here, record):
    seen_before(db, clock, here, [float(days) for days in range(1, 41)], rounds=0)
    Reckoning(db, clock, Libraries(db, clock)).reckon(here.id)

    desk.holds.place(record.id, city.reader(here).id, here.id)

    wait = waits(db)[-1]
    assert (wait.lower, wait.upper, wait.cases) == (4, 37, 40)
    assert wait.latest == wait.since + timedelta(days=37)


def test_nothing_is_promised_without_a_history(city, desk, db, here, record):
    desk.holds.place(record.id, city.reader(here).id, here.id)

    [wait] = waits(db)
    assert (wait.lower, wait.upper, wait.cases, wait.latest) == (None, None, 0, None)


def test_of_many_holds_at_once_the_waits_are_written_by_few_statements(
    city, desk, db, here, engine
):
    there, reader, said = city.library("Okhta"), city.reader(here), []
    holds = []
    for _title in range(4):
        record = city.record(here)
        city.item(record, here)
        holds.append(desk.holds.place(record.id, reader.id, here.id))
    desk.changes.several("suspend", [one.id for one in holds])
    event.listen(engine, "before_cursor_execute", lambda *more: said.append(more[2]))

    desk.changes.several("thaw", [one.id for one in holds])
    desk.changes.several("pickup", [one.id for one in holds], there.id)

    assert sum("waiting_statistic" in one for one in said) == 2
    assert sum(one.startswith("UPDATE hold_wait") for one in said) == 2
    assert sum("FROM item" in one and "missing" not in one for one in said) < 20
    mine = [one for one in waits(db) if one.ended is None]
    assert [one.pickup_library_id for one in mine] == [there.id] * 4

    said.clear()
    changed = desk.changes.several("cancel", [one.id for one in holds])

    assert {one.state for one in changed.done} == {"cancelled"}
    assert [one.ending for one in waits(db)][-4:] == [Ending.LEFT] * 4
    for begins in ("UPDATE hold ", "UPDATE hold_wait", "INSERT INTO history"):
        assert sum(one.startswith(begins) for one in said) == 1, begins
