"""Writing the index where the disk is full: what was there stays; with room again it goes on."""

import resource
from contextlib import contextmanager

import pytest
from fixtures.search_documents import ALL, keys, query, record

from bibliopolis.search.whoosh.index import WhooshIndex

NEW = [record(n, f"Слово номер {n}", text="текст о многом " * n) for n in range(50, 90)]
LIMITS = [0, 1, 50, 200, 500, 1000, 2000, 4000, 8000, 16_000]
"""Bytes after which no file grows: writing fails at other steps each time."""
REFUSED = "File too large"


@contextmanager
def no_room_beyond(size):
    """Let files grow to this size only; the operating system refuses the rest, as a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def rebuild(index):
    with index.rebuild() as building:
        building.add(NEW)
        building.finish(lambda keys: [])


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def worker(folder):
    index = WhooshIndex(folder)
    index.update(ALL)
    return index


@pytest.mark.parametrize("size", LIMITS)
def test_an_update_without_room_leaves_what_was_there(worker, folder, size):
    before = sorted(path.name for path in folder.glob("v*/*"))

    with no_room_beyond(size), pytest.raises(OSError, match=REFUSED):
        worker.update(NEW, removed=["record:1"])

    for index in (worker, WhooshIndex(folder)):
        assert index.health().ok
        assert index.search(query()).total == len(ALL)
        assert "record:1" in keys(index.search(query("преступление")))
    assert sorted(path.name for path in folder.glob("v*/*")) == before


@pytest.mark.parametrize("size", LIMITS)
def test_the_update_is_done_when_there_is_room_again(worker, folder, size):
    with no_room_beyond(size), pytest.raises(OSError, match=REFUSED):
        worker.update(NEW, removed=["record:1"])

    worker.update(NEW, removed=["record:1"])

    for index in (worker, WhooshIndex(folder)):
        assert index.search(query()).total == len(ALL) - 1 + len(NEW)


@pytest.mark.parametrize("size", LIMITS)
def test_a_rebuild_without_room_keeps_the_old_generation_in_use(worker, folder, size):
    with no_room_beyond(size), pytest.raises(OSError, match=REFUSED):
        rebuild(worker)

    assert worker.health().ok
    assert worker.search(query()).total == len(ALL)
    assert len(list(folder.glob("v*"))) == 1

    rebuild(worker)
    assert worker.search(query()).total == len(NEW)
