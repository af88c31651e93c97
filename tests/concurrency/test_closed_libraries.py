"""Libraries that are closed at the same moment, with real commits on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.availability import AvailabilityFacet
from bibliopolis.catalogue.closed import look_at_the_day
from bibliopolis.catalogue.models import ClosedLibrary
from bibliopolis.libraries.closures import Closures
from bibliopolis.libraries.models import ExceptionKind, Library

HOW_MANY = 6


@pytest.fixture
def library_ids(committing_site, clock):
    with committing_site.transaction() as request:
        rows = [
            Library(
                code=f"c{n}", name={}, sort_key=f"{n}", created=clock.now(), changed=clock.now()
            )
            for n in range(HOW_MANY)
        ]
        request.db.add_all(rows)
        request.db.flush()
        return [row.id for row in rows]


def test_whoever_closes_beside_others_undoes_nothing_of_theirs(committing_site, library_ids, clock):
    start = Barrier(HOW_MANY + 1)

    def close(library_id):
        start.wait()
        with committing_site.transaction() as request:
            library = request.db.get(Library, library_id)
            closures = request.find_service(Closures, context=None)
            closures.add(library, ExceptionKind.CLOSED, clock.today(), None)

    def look(_nothing):
        start.wait()
        for _turn in range(5):
            with committing_site.transaction() as request:
                look_at_the_day(request)

    with ThreadPoolExecutor(HOW_MANY + 1) as threads:
        work = [threads.submit(close, one) for one in library_ids]
        work.append(threads.submit(look, None))
        for one in work:
            one.result()

    with committing_site.transaction() as request:
        kept = set(request.db.scalars(select(ClosedLibrary.library_id)))
        hidden = AvailabilityFacet().everything(request.db).hidden
    assert kept == set(library_ids)
    assert hidden == {f"c{n}" for n in range(HOW_MANY)}
