"""Feeding the index: from the outbox, in a rebuild, after damage."""

import errno
from types import SimpleNamespace

import pytest
from fixtures.search_documents import keys, query, record

from bibliopolis.errors import Conflict
from bibliopolis.search import jobs
from bibliopolis.search.ram import RamIndex
from bibliopolis.search.registration import INDEXERS, Indexer
from bibliopolis.search.whoosh.index import WhooshIndex


class Shelf:
    """Things that can be found, as a room would keep them."""

    def __init__(self):
        self.titles = {1: "Идиот", 2: "Бесы", 3: "Игрок"}
        self.asked = []

    def documents(self, request, ids):
        self.asked.append(list(ids))
        return [record(one, self.titles[one]) for one in ids if one in self.titles]

    def all_ids(self, request):
        return list(self.titles)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def request_of(shelf):
    """Return a request of a site with this index."""

    def make(index):
        indexer = Indexer("record", shelf.documents, shelf.all_ids)
        return SimpleNamespace(
            registry={INDEXERS: {"record": indexer}},
            environ={"bibliopolis.db": None},
            find_service=lambda interface: index,
        )

    return make


def test_changes_are_indexed_with_one_call_for_all(index, shelf, request_of):
    index.update([record(9, "Старое")])

    jobs.index_changes(request_of(index), ["record:2", "record:1", "record:9"])

    assert shelf.asked == [[1, 2, 9]]
    assert sorted(keys(index.search(query()))) == ["record:1", "record:2"]


def test_what_nobody_indexes_is_passed_over(request_of):
    index = RamIndex()

    jobs.index_changes(request_of(index), ["unknown:2"])

    assert index.doc_count() == 0


def test_doing_it_twice_changes_nothing(index, request_of):
    index.update([])
    for _time in range(2):
        jobs.index_changes(request_of(index), ["record:1", "record:2"])

    assert {"record:1", "record:2"} <= set(keys(index.search(query())))
    assert index.search(query("бесы")).total == 1


def test_a_rebuild_goes_through_everything_and_tells_how_far_it_is(index, request_of, monkeypatch):
    told = []
    monkeypatch.setattr(jobs, "REBUILD_BATCH", 2)

    jobs.rebuild(request_of(index), lambda done, total: told.append((done, total)))

    assert told == [(0, 3), (2, 3), (3, 3)]
    assert index.doc_count() == 3


def test_a_missing_index_is_made_by_the_first_change(tmp_path, request_of):
    index = WhooshIndex(tmp_path)

    jobs.index_changes(request_of(index), ["record:1"])

    assert index.doc_count() == 3


def test_the_worker_makes_a_missing_index_by_itself(tmp_path, request_of):
    index = WhooshIndex(tmp_path)
    request = request_of(index)
    assert jobs.check_index(request)

    jobs.look_after_index(request)

    assert jobs.check_index(request) is None
    assert index.doc_count() == 3


def test_a_rebuild_that_fails_is_not_tried_again_at_once(tmp_path, shelf, request_of):
    index = WhooshIndex(tmp_path)
    request = request_of(index)
    shelf.documents = lambda request, ids: 1 / 0
    request.registry[INDEXERS] = {"record": Indexer("record", shelf.documents, shelf.all_ids)}

    with pytest.raises(ZeroDivisionError):
        jobs.index_changes(request, ["record:1"])
    with pytest.raises(Conflict):
        jobs.index_changes(request, ["record:1"])

    assert list(tmp_path.glob("v*")) == []


def test_the_worker_makes_the_index_when_there_is_room_again(tmp_path, request_of, monkeypatch):
    def no_room(folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    index = WhooshIndex(tmp_path)
    request = request_of(index)
    with monkeypatch.context() as full:
        full.setattr("bibliopolis.search.whoosh.rebuild.create", no_room)
        with pytest.raises(OSError, match="No space left"):
            jobs.look_after_index(request)
    assert not index.search(query()).available

    request.registry[jobs.LAST_FAILURE] -= jobs.PAUSE
    jobs.look_after_index(request)

    assert index.search(query()).total == 3
