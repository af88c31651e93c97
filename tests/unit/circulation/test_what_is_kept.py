"""Whose a loan was is forgotten with its return, unless its reader chose to keep a history."""

import pytest
from sqlalchemy import select

from bibliopolis.circulation.models import Hold, Loan
from bibliopolis.circulation.services import ReadingHistory
from bibliopolis.errors import Conflict
from bibliopolis.readers.models import Guardianship, Registration
from bibliopolis.resources.access import Principals
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def reader(city, here):
    return city.reader(here)


def refused(act):
    """Return why it was not done, in plain words."""
    with pytest.raises(Conflict) as refusal:
        act()
    return [getattr(reason, "plural", reason) for reason in refusal.value.reasons]


def lend(city, here, reader):
    item = city.item(city.record(here), here)
    city.desk().loans.check_out(item.id, reader.id, here.id)
    return item


def test_without_a_choice_nothing_is_kept(city, db, here, reader):
    item = lend(city, here, reader)

    city.desk().loans.check_in(item.id, here.id)

    assert ReadingHistory(db).page(reader.id) == (0, [])


def test_who_keeps_a_history_finds_what_they_brought_back(city, db, here, reader):
    reader.keeps_history = True
    item = lend(city, here, reader)

    city.desk().loans.check_in(item.id, here.id)

    total, rows = ReadingHistory(db).page(reader.id)
    assert (total, [row[1] for row in rows]) == (1, [item])


def test_a_late_choice_reveals_nothing_from_before(city, db, here, reader):
    item = lend(city, here, reader)
    reader.keeps_history = True

    city.desk().loans.check_in(item.id, here.id)

    assert ReadingHistory(db).page(reader.id)[0] == 0


def test_switching_it_off_forgets_the_past_and_what_is_still_out(city, db, here, reader):
    reader.keeps_history = True
    back, out = lend(city, here, reader), lend(city, here, reader)
    city.desk().loans.check_in(back.id, here.id)

    ReadingHistory(db).forget(reader.id)

    assert ReadingHistory(db).page(reader.id)[0] == 0
    open_loan = db.scalars(select(Loan).where(Loan.closed.is_(None))).one()
    assert open_loan.reader_id == reader.id
    city.desk().loans.check_in(out.id, here.id)
    assert db.scalars(select(Loan.reader_id)).all() == [None, None]


def test_a_hold_is_forgotten_even_where_the_loan_is_kept(city, db, here):
    person = city.person()
    reader = city.reader(here, person=person, keeps_history=True)
    record = city.record(here)
    item = city.item(record, here)
    own = Principals(person.id, reader.id)
    city.desk(own).holds.place(record.id, reader.id, here.id)
    city.desk().loans.check_out(item.id, reader.id, here.id)

    city.desk().loans.check_in(item.id, here.id)

    assert db.scalars(select(Hold.reader_id)).all() == [None]
    assert person.id not in db.scalars(select(HistoryEntry.actor_id)).all()


def test_who_placed_a_childs_hold_is_forgotten_with_it(city, db, clock, here, reader):
    person = city.person()
    mother = city.reader(here, person=person)
    db.add(Guardianship(guardian_id=mother.id, child_id=reader.id, since=clock.now()))
    record = city.record(here)
    item = city.item(record, here)
    city.desk(Principals(person.id, mother.id)).holds.place(record.id, reader.id, here.id)
    city.desk().loans.check_out(item.id, reader.id, here.id)

    city.desk().loans.check_in(item.id, here.id)

    assert person.id not in db.scalars(select(HistoryEntry.actor_id)).all()


def test_until_a_desk_has_finished_it_there_are_few_holds_and_no_loans(city, here):
    reader = city.reader(here, registration=Registration.PRELIMINARY)
    records = [city.record(here) for _n in range(4)]
    items = [city.item(record, here) for record in records]
    for record in records[:3]:
        city.desk().holds.place(record.id, reader.id, here.id)

    too_many = refused(lambda: city.desk().holds.place(records[3].id, reader.id, here.id))
    unfinished = refused(lambda: city.desk().loans.check_out(items[0].id, reader.id, here.id))

    assert too_many == ["Until a desk has finished the registration there are ${n} holds at most."]
    assert unfinished == ["The registration is not finished: see a document and give a card first."]
