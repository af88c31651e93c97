"""Who lets a harvest go on while another begins one: only one of them is at work."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bibliopolis.errors import Conflict
from bibliopolis.intake.harvest.declared import Source
from bibliopolis.intake.harvest.harvests import Harvests
from bibliopolis.intake.models import RunState
from bibliopolis.libraries.models import Library

SOURCE = Source("national", "National library", "http://oai.example.org/", "marc21", "c")


@pytest.fixture
def transaction(committing_site, clock):
    with committing_site.transaction() as request:
        now = clock.now()
        request.db.add(Library(code="c", name={}, sort_key="c", created=now, changed=now))
    committing_site.app.registry["bibliopolis.harvest_sources"] = {"national": SOURCE}
    return committing_site.transaction


def test_a_failed_harvest_does_not_go_on_beside_a_new_one(transaction):
    with transaction() as request:
        failed = request.find_service(Harvests).begin(SOURCE)
        failed.state = RunState.FAILED

    def resume():
        with transaction() as request:
            harvests = request.find_service(Harvests)
            harvests.resume(harvests.db.merge(failed, load=True))

    with ThreadPoolExecutor(1) as threads:
        with transaction() as request:
            request.find_service(Harvests).begin(SOURCE)
            other = threads.submit(resume)
            with pytest.raises(TimeoutError):
                other.result(timeout=1)
        with pytest.raises(Conflict, match="later harvest"):
            other.result(timeout=30)
