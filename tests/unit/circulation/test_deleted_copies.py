"""A library deletes its record, or a copy, while somebody waits for it or has it."""

import pytest
from fixtures.files_of_libraries import FilesOfLibraries
from fixtures.lending import STAFF
from sqlalchemy import select

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import HoldState, HoldTarget
from bibliopolis.circulation.outcomes import OutcomeKind


@pytest.fixture
def files(city):
    return FilesOfLibraries(city, STAFF)


@pytest.fixture
def copies(db, files, here):
    """Two copies of a title that one library describes."""
    record_id = files.take(here, "1", {"A", "B"})
    mine = select(Item).where(Item.record_id == record_id).order_by(Item.barcode)
    return db.scalars(mine).all()


def test_a_copy_that_was_only_looked_for_goes_and_another_is_sought(
    city, desk, db, files, copies, here
):
    hold = desk.holds.place(copies[0].record_id, city.reader(here).id, here.id)
    sought = db.scalars(select(HoldTarget.item_id)).one()
    (left,) = [item for item in copies if item.id != sought]

    files.take(here, "1", {left.barcode})
    files.work_off(desk)

    assert db.get(Item, sought).status == ItemStatus.WITHDRAWN
    assert dict(db.execute(select(HoldTarget.hold_id, HoldTarget.item_id)).all()) == {
        hold.id: left.id
    }


def test_nothing_is_looked_for_behind_a_record_that_is_gone(city, desk, db, files, copies, here):
    hold = desk.holds.place(copies[0].record_id, city.reader(here).id, here.id)

    files.delete(here, "1")
    files.work_off(desk)

    assert [item.status for item in copies] == [ItemStatus.WITHDRAWN] * 2
    assert db.get(Record, hold.record_id).withdrawn
    assert db.scalars(select(HoldTarget)).all() == []
    assert (hold.state, hold.hopeless_since is None) == (HoldState.QUEUED, False)
    assert desk.dates.to_look_for_anew() == []


def test_a_copy_that_was_out_is_set_aside_when_it_comes_back(city, desk, files, copies, here):
    desk.loans.check_out(copies[0].id, city.reader(here).id, here.id)

    taken = files.delete(here, "1")

    assert len(taken.remarks) == 1
    assert copies[0].status == ItemStatus.LENDABLE
    assert desk.loans.check_in(copies[0].id, here.id).kind == OutcomeKind.SET_ASIDE
    assert copies[0].status == ItemStatus.WITHDRAWN
