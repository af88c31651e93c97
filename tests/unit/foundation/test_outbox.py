from datetime import timedelta

import pytest
from sqlalchemy import select

from bibliopolis.outbox import ATTEMPTS, CLAIM, Outbox, OutboxRow, Priority, claim, finish, postpone


@pytest.fixture
def outbox(db, clock):
    return Outbox(db=db, clock=clock)


def test_what_people_did_goes_before_what_an_import_brought(outbox, db, clock):
    outbox.add_all("index", ["record:1", "record:2"], Priority.BULK)
    outbox.add("index", "page:7")

    _ids, keys = claim(db, "index", clock.now(), limit=2)

    assert keys == ["page:7", "record:1"]


def test_a_thing_that_changed_twice_is_done_once(outbox, db, clock):
    outbox.add("index", "record:1")
    outbox.add("index", "record:1")

    ids, keys = claim(db, "index", clock.now(), limit=10)

    assert keys == ["record:1"]
    assert len(ids) == 2


def test_claimed_rows_are_not_taken_again_until_the_claim_has_passed(outbox, db, clock):
    outbox.add("mail", "1")
    claim(db, "mail", clock.now(), limit=10)

    assert claim(db, "mail", clock.now(), limit=10) == ([], [])
    assert claim(db, "mail", clock.now() + CLAIM, limit=10)[1] == ["1"]


def test_done_is_done(outbox, db, clock):
    outbox.add("mail", "1")
    ids, _keys = claim(db, "mail", clock.now(), limit=10)

    finish(db, ids)

    assert db.scalars(select(OutboxRow)).all() == []


def test_a_failure_waits_longer_each_time_and_then_for_a_person(outbox, db, clock):
    outbox.add("mail", "1")
    pauses = []

    for _attempt in range(ATTEMPTS):
        ids, _keys = claim(db, "mail", clock.now(), limit=10)
        postpone(db, ids, clock.now(), "the server is away")
        row = db.scalars(select(OutboxRow).execution_options(populate_existing=True)).one()
        pauses.append(row.not_before - clock.now())
        clock.advance(pauses[-1])

    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=5)
    assert claim(db, "mail", clock.now() + CLAIM, limit=10) == ([], [])
    total, failures = outbox.failures()
    assert (total, failures[0].error) == (1, "the server is away")


def test_a_person_can_let_what_failed_be_tried_again(outbox, db, clock):
    outbox.add("mail", "1")
    for _attempt in range(ATTEMPTS):
        ids, _keys = claim(db, "mail", clock.now(), limit=10)
        postpone(db, ids, clock.now(), "no")
        clock.advance(timedelta(hours=2))

    assert outbox.retry() == 1

    assert claim(db, "mail", clock.now(), limit=10)[1] == ["1"]
