"""What the usual fixtures cannot show: that requests commit, or leave nothing behind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from bibliopolis.outbox import Outbox, OutboxRow


def rows(site):
    with site.transaction() as request:
        return request.db.scalar(select(func.count()).select_from(OutboxRow))


def test_a_transaction_that_ends_well_is_kept(committing_site):
    with committing_site.transaction() as request:
        request.find_service(Outbox).add("index", "record:1")

    assert rows(committing_site) == 1


def test_a_transaction_that_ends_in_an_error_leaves_nothing(committing_site):
    def fail_after_writing():
        with committing_site.transaction() as request:
            request.find_service(Outbox).add("index", "record:1")
            request.db.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_writing()

    assert rows(committing_site) == 0


def test_many_writers_at_once_wait_for_one_another(committing_site):
    def write(number):
        with committing_site.transaction() as request:
            before = request.db.scalar(select(func.count()).select_from(OutboxRow))
            request.find_service(Outbox).add("index", f"record:{number}")
            return before

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(write, range(64)))

    assert rows(committing_site) == 64
