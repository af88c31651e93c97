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
    for topic in (jobs.DATES, jobs.TOPIC):
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
