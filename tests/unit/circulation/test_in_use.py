"""What the catalogue learns about copies."""

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.interfaces import UseKind
from bibliopolis.catalogue.models import Availability as Row
from bibliopolis.circulation.in_use import TOPIC, ItemsInUse
from bibliopolis.outbox import Outbox, OutboxRow


@pytest.fixture
def item(city, record, here):
    return city.item(record, here)


def in_use(db, clock=None):
    return ItemsInUse(db, Outbox(db, clock))


def kinds(db, record):
    return [use.kind for use in in_use(db).of_records([record.id]).values()]


def test_a_copy_nobody_uses_is_left_out(db, record, item):
    assert kinds(db, record) == []


def test_every_use_is_told_on_the_way_of_a_hold(city, desk, db, record, here, there):
    item = city.item(record, there)
    reader = city.reader(here)
    hold = desk.holds.place(record.id, reader.id, here.id)
    assert kinds(db, record) == [UseKind.REQUESTED]

    desk.loans.check_in(item.id, there.id)
    assert in_use(db).of_items([item.id])[item.id].library_id == here.id
    assert kinds(db, record) == [UseKind.IN_TRANSIT]

    desk.holds.receive(hold.id, here.id)
    assert kinds(db, record) == [UseKind.ON_HOLD_SHELF]

    desk.loans.check_out(item.id, reader.id, here.id)
    assert kinds(db, record) == [UseKind.ON_LOAN]


def test_a_copy_to_be_cleared_and_one_not_found(city, desk, db, record, item, here):
    hold = desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.holds.capture(hold.id, item.id, here.id)
    desk.holds.cancel(hold.id)
    assert kinds(db, record) == [UseKind.RESHELVING]

    again = desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.holds.not_found(again.id, here.id)
    assert kinds(db, record) == [UseKind.MISSING]


def test_availability_follows_every_step(city, db, clock, record, item, here):
    availability = Availability(db, in_use(db))
    city.recounts = availability
    desk = city.desk()

    def available():
        kept = select(Row.available).where(Row.record_id == record.id)
        return list(db.scalars(kept.execution_options(populate_existing=True)))

    hold = desk.holds.place(record.id, city.reader(here).id, here.id)
    assert available() == [0]

    desk.holds.cancel(hold.id)
    assert available() == [1]


def test_changed_copies_are_followed_up_only_where_somebody_waits(
    city, desk, db, clock, record, item, here
):
    other = city.record(here)
    city.item(other, here)
    desk.holds.place(record.id, city.reader(here).id, here.id)

    in_use(db, clock).copies_changed([record.id, other.id])

    rows = db.execute(select(OutboxRow.topic, OutboxRow.key)).all()
    assert rows == [(TOPIC, str(record.id))]
