"""Imports beside one another and beside the desk, with real commits on both databases."""

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from fixtures.marc_files import iso2709, koha_item, marc_record
from sqlalchemy import func, select, update

from bibliopolis.catalogue.availability import Availability, AvailabilityFacet
from bibliopolis.catalogue.importing import Importer
from bibliopolis.catalogue.marc import read_stream
from bibliopolis.catalogue.models import Availability as Counts
from bibliopolis.catalogue.models import Item, Record, SourceRecord
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.libraries.models import Library

BATCHES = 4
PER_BATCH = 25


@pytest.fixture
def library_id(committing_site, clock):
    with committing_site.transaction() as request:
        library = Library(code="c", name={}, sort_key="c", created=clock.now(), changed=clock.now())
        request.db.add(library)
        request.db.flush()
        return library.id


def batches():
    data = iso2709(
        marc_record(n, items=[koha_item(f"A{n}"), koha_item(f"B{n}")])
        for n in range(BATCHES * PER_BATCH)
    )
    readings = list(read_stream(io.BytesIO(data), "file.mrc"))
    return [readings[at : at + PER_BATCH] for at in range(0, len(readings), PER_BATCH)]


def take_all(site, library_id):
    created = 0
    for batch in batches():
        with site.transaction() as request:
            created += Importer.for_library(request, library_id, {}).take(batch).counts.created
    return created


def count(site, model):
    with site.transaction() as request:
        return request.db.scalar(select(func.count()).select_from(model))


def test_two_imports_of_one_file_at_once_make_each_record_once(committing_site, library_id):
    start = Barrier(4)

    def import_it(_number):
        start.wait()
        return take_all(committing_site, library_id)

    with ThreadPoolExecutor(4) as threads:
        created = list(threads.map(import_it, range(4)))

    assert sum(created) == BATCHES * PER_BATCH
    assert count(committing_site, Record) == BATCHES * PER_BATCH
    assert count(committing_site, Item) == 2 * BATCHES * PER_BATCH


def test_who_follows_the_sequence_misses_no_change(committing_site, library_id):
    take_all(committing_site, library_id)
    with committing_site.transaction() as request:
        ids = request.db.scalars(select(Record.id).order_by(Record.id)).all()
    facet, known, seen = AvailabilityFacet(), [-1], {}

    def follow():
        with committing_site.transaction() as request:
            told = facet.changes_since(request.db, known[0])
            known[0] = told.sequence
            seen.update(told.changes)

    def lose(record_id):
        with committing_site.transaction() as request:
            request.db.execute(
                update(Item).where(Item.record_id == record_id).values(status=str(ItemStatus.LOST))
            )
            request.find_service(Availability).recompute([record_id])
        return follow() if record_id % 7 == 0 else None

    follow()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lose, ids))
    follow()

    assert all(seen[record_id] == () for record_id in ids)
    with committing_site.transaction() as request:
        assert request.db.scalar(select(func.sum(Counts.available))) == 0


def test_two_libraries_at_once_make_one_record_of_each_edition(committing_site, library_id, clock):
    libraries = [library_id]
    with committing_site.transaction() as request:
        for code in ("d", "e", "f"):
            library = Library(
                code=code, name={}, sort_key=code, created=clock.now(), changed=clock.now()
            )
            request.db.add(library)
            request.db.flush()
            libraries.append(library.id)
    start = Barrier(len(libraries))

    def import_it(which):
        # Each in another order: whose turn it is must not depend on which records it looks for.
        order = batches() if which % 2 else batches()[::-1]
        start.wait()
        for batch in order:
            with committing_site.transaction() as request:
                Importer.for_library(request, libraries[which], {}).take(batch)

    with ThreadPoolExecutor(len(libraries)) as threads:
        list(threads.map(import_it, range(len(libraries))))

    with committing_site.transaction() as request:
        described = request.db.scalars(
            select(func.count()).select_from(SourceRecord).group_by(SourceRecord.record_id)
        ).all()
    assert described == [len(libraries)] * (BATCHES * PER_BATCH)
    assert count(committing_site, Record) == BATCHES * PER_BATCH
    assert count(committing_site, Item) == 2 * BATCHES * PER_BATCH * len(libraries)
