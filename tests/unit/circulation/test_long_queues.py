"""A queue may be long: what does not need its tail does not read it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from bibliopolis.circulation.models import Hold, HoldState
from bibliopolis.circulation.services import Lists


@pytest.fixture
def queue(city, db, clock, desk, record, here):
    """Forty readers wait for a title with two copies, one second after another."""
    city.item(record, here)
    city.item(record, here)
    rows = [
        {
            "state": HoldState.QUEUED,
            "reader_id": city.reader(here).id,
            "record_id": record.id,
            "pickup_library_id": here.id,
            "cut_in_line": False,
            "placed": clock.now() - timedelta(seconds=40 - n),
            "changed": clock.now(),
        }
        for n in range(40)
    ]
    db.execute(insert(Hold), rows)
    return [hold.id for hold in desk.titles.read(record.id).queue]


def test_the_head_is_read_with_who_is_asked_for(desk, db, record, queue):
    head = desk.titles.lock_head(record.id, hold_ids=[queue[-1]])

    assert set(head.holds) == {*queue[:5], queue[-1]}


def test_who_is_paused_or_far_behind_is_no_hindrance_to_the_head(desk, record, queue):
    for hold_id in queue[:6]:
        desk.changes.suspend(hold_id)

    title = desk.titles.read(record.id)

    assert set(title.targets) == set(queue[6:8])
    assert [hold.id for hold in desk.titles.lock_head(record.id).queue] == queue[6:11]


def test_a_reader_at_the_end_is_found_placed_and_counted(city, desk, db, record, here, queue):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)

    assert Lists(db).positions([hold]) == {hold.id: 41}
    desk.holds.cancel(hold.id)
    assert hold.state == HoldState.CANCELLED
