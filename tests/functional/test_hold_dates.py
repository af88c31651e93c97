"""The worker looks for holds whose day has come, whatever became of others."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bibliopolis.circulation import jobs
from bibliopolis.circulation.services import Holds
from bibliopolis.outbox import Outbox, OutboxRow


def waiting(db, topic):
    mine = (OutboxRow.topic == topic) & OutboxRow.failed.is_(False)
    return db.scalars(select(OutboxRow.key).where(mine)).all()


@pytest.fixture
def failed(inside, db):
    """Have an earlier one of each topic finally fail."""
    for topic in (jobs.DATES, jobs.TOPIC, jobs.GOING_ON):
        inside.find_service(Outbox).add(topic, "4711")
    db.execute(update(OutboxRow).where(OutboxRow.key == "4711").values(failed=True))


def test_one_that_failed_holds_up_no_other(town, inside, db, clock, failed):
    hold = inside.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    hold.need_by = clock.today() - timedelta(days=1)
    db.flush()

    for _look in range(2):
        jobs.look_for_dates(inside)

    assert waiting(db, jobs.DATES) == [str(hold.id)]


def test_one_that_failed_holds_up_no_search_for_copies(town, inside, db, clock, failed):
    inside.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    clock.advance(timedelta(days=30))

    for _look in range(2):
        jobs.look_for_copies(inside)

    assert waiting(db, jobs.TOPIC) == [str(town.record.id)]


def test_a_look_goes_on_where_the_last_had_to_end(town, inside, db, clock, monkeypatch):
    """One record at a time: each is found once, then the round is over."""
    monkeypatch.setattr(jobs, "AT_MOST", 1)
    other = town.city.record(town.here)
    town.city.item(other, town.here)
    records = [town.record, other]
    for record in records:
        inside.find_service(Holds).place(record.id, town.elena.id, town.here.id)
    clock.advance(timedelta(days=30))

    jobs.look_for_copies(inside)
    jobs.look_for_copies(inside)  # the round is not over: it is not begun anew
    assert waiting(db, jobs.TOPIC) == [str(records[0].id)]
    jobs.go_on_looking(inside, waiting(db, jobs.GOING_ON))

    assert waiting(db, jobs.TOPIC) == [str(record.id) for record in records]
