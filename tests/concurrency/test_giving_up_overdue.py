"""The worker gives up what is long overdue while the desks go on."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.circulation.in_use import ItemsInUse
from bibliopolis.circulation.models import Loan, LoanState
from bibliopolis.db import make_engine, make_session
from bibliopolis.outbox import Outbox


@pytest.fixture
def transaction(database_url, clock):
    """Return a function that gives a session that commits, and the city in it."""
    engine = make_engine(database_url)
    workflows = hold_workflows(SITE)

    def begin(work):
        with make_session(engine, writes=True) as session, session.begin():
            outbox = Outbox(session, clock)
            availability = Availability(session, ItemsInUse(session, outbox))
            return work(City(session, clock, workflows, availability))

    yield begin
    engine.dispose()


def lend_two(city):
    """Lend two titles and return (record id, item id) of each, and the library."""
    here = city.library()
    city.rule("lost_after_days", 30, here)
    lent, desk = [], city.desk()
    for title in ("Idiot", "Nights"):
        record = city.record(here, title)
        item = city.item(record, here)
        loan = desk.loans.check_out(item.id, city.reader(here).id, here.id).loan
        loan.due = city.clock.today() - timedelta(days=60)
        lent.append((record.id, item.id))
    return lent, here.id


def test_a_desk_takes_a_long_overdue_copy_in_meanwhile(transaction):
    (first, second), here = transaction(lend_two)

    with ThreadPoolExecutor(1) as threads:

        def take_in(city):
            desk = city.desk()
            desk.titles.lock(second[0])
            worker = threads.submit(transaction, lambda one: one.desk().losses.give_up_overdue())
            time.sleep(1)  # by now it waits for the second title
            desk.loans.check_in(second[1], here)
            return worker

        worker = transaction(take_in)
        done = worker.result(timeout=30)

    states = transaction(
        lambda city: city.db.execute(
            select(Loan.item_id, Loan.state, Loan.closed.is_not(None)).order_by(Loan.id)
        ).all()
    )
    assert done == 1
    assert states[0] == (first[1], LoanState.LOST, False)
    assert states[1][2]
