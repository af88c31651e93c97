"""A session in the transaction of a request: what is kept, what is undone, what is tried again."""

import threading

import pytest
import transaction
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from bibliopolis.db import make_engine, make_session
from bibliopolis.transactions import JOINED, Participant

LAMPS = Table(
    "lamp",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("light", Integer),
)


@pytest.fixture(params=["sqlite", "postgresql"])
def lamps(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'lamps.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").make_database()
    engine = make_engine(url)
    LAMPS.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(LAMPS), [{"id": 1, "light": 0}, {"id": 2, "light": 0}])
    yield engine
    engine.dispose()


@pytest.fixture
def tm():
    """A transaction of the test's own, which ends as its `with` does."""
    return transaction.TransactionManager(explicit=True)


def light(engine, lamp=1):
    with engine.connect() as connection:
        return connection.scalar(select(LAMPS.c.light).where(LAMPS.c.id == lamp))


def switch(db, lamp=1, to=1):
    db.execute(update(LAMPS).where(LAMPS.c.id == lamp).values(light=to))


def test_what_a_request_has_changed_is_kept_when_its_transaction_is_committed(lamps, tm):
    with tm:
        switch(make_session(lamps, writes=True, tm=tm))

    assert light(lamps) == 1


def test_what_a_request_has_changed_is_undone_with_its_transaction(lamps, tm):
    tm.begin()
    switch(make_session(lamps, writes=True, tm=tm))
    tm.abort()

    assert light(lamps) == 0


class Refusing:
    """A participant that refuses in the vote, before the database."""

    transaction_manager = None

    def sortKey(self):
        return "a"

    def tpc_vote(self, _transaction):
        raise RuntimeError("refused")

    def abort(self, _transaction):
        pass

    tpc_begin = commit = tpc_finish = tpc_abort = abort


def test_nothing_is_kept_where_another_participant_refuses(lamps, tm):
    tm.begin().join(Refusing())
    switch(make_session(lamps, writes=True, tm=tm))

    with pytest.raises(RuntimeError, match="refused"):
        tm.commit()
    tm.abort()

    assert light(lamps) == 0


def test_nobody_but_the_transaction_commits(lamps, tm):
    tm.begin()
    db = make_session(lamps, writes=True, tm=tm)
    switch(db)

    with pytest.raises(AssertionError, match="nobody else"):
        db.commit()
    tm.abort()

    assert light(lamps) == 0


def test_a_savepoint_may_be_taken_back_alone(lamps, tm):
    with tm:
        db = make_session(lamps, writes=True, tm=tm)
        switch(db, lamp=1)
        with db.begin_nested() as savepoint:
            switch(db, lamp=2)
            savepoint.rollback()

    assert (light(lamps, 1), light(lamps, 2)) == (1, 0)


def test_the_connection_is_given_back_at_the_end(lamps, tm):
    for _ in range(30):  # more than the pool has
        with tm:
            make_session(lamps, writes=False, tm=tm).scalar(select(LAMPS.c.light))

    assert lamps.pool.checkedout() == 0


class Undone(Exception):
    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (OperationalError("update", {}, Undone("40001")), True),  # could not serialize
        (OperationalError("update", {}, Undone("40P01")), True),  # deadlock
        (OperationalError("update", {}, Undone("57P01")), False),  # the server is shut down
        (DBAPIError("update", {}, Undone(None)), False),
        (StaleDataError("another has changed the row"), True),
        (ValueError("a mistake of ours"), False),
    ],
)
def test_only_what_others_have_spoilt_is_tried_again(error, again, lamps, tm):
    assert make_session(lamps, writes=True, tm=tm).info[JOINED].should_retry(error) is again


def test_of_two_who_wait_for_each_other_one_is_to_try_again(lamps):
    if lamps.dialect.name == "sqlite":
        # SQLite lets in one who writes at a time, so nobody waits for what they hold.
        return
    first_has_one, second_has_two = threading.Event(), threading.Event()
    spoilt = []

    def go(mine, other, have, others_have):
        manager = transaction.TransactionManager(explicit=True)
        try:
            with manager:
                db = make_session(lamps, writes=True, tm=manager)
                switch(db, mine)
                have.set()
                others_have.wait(10)
                switch(db, other)
        except DBAPIError as error:
            participant = Participant(make_session(lamps, writes=True), manager)
            spoilt.append(participant.should_retry(error))

    both = [
        threading.Thread(target=go, args=(1, 2, first_has_one, second_has_two)),
        threading.Thread(target=go, args=(2, 1, second_has_two, first_has_one)),
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert spoilt == [True]
    assert (light(lamps, 1), light(lamps, 2)) == (1, 1)
