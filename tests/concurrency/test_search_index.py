"""Readers search while the worker writes and rebuilds: nobody meets a half-written index."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from fixtures.search_documents import query, record

from bibliopolis.search.whoosh.folder import Folder
from bibliopolis.search.whoosh.index import WhooshIndex

WORDS = ("море", "книга", '"книга море"', "мор*", "крига", "")


def documents(version):
    return [
        record(n, f"Книга море {version}", names=("Чехов, Антон",), facets={"kind": (f"k{n % 3}",)})
        for n in range(60)
    ]


def test_every_search_sees_a_whole_index(tmp_path):
    worker = WhooshIndex(tmp_path)
    worker.update(documents(0))
    web = WhooshIndex(tmp_path)
    done = Event()

    def search(number):
        totals = set()
        while not done.is_set():
            for word in WORDS:
                results = web.search(query(word, facets=("kind",), limit=5))
                assert results.available
                assert sum(count for _kind, count in results.facets["kind"]) == results.total
                totals.add(results.total)
        return totals

    with ThreadPoolExecutor(4) as pool:
        searches = [pool.submit(search, number) for number in range(4)]
        try:
            for version in range(1, 5):
                worker.update(documents(version)[:20])
            with worker.rebuild() as building:
                building.add(documents(5))
                building.finish(lambda keys: [])
            worker.update(documents(6))
        finally:
            done.set()
        for one in searches:
            assert one.result() == {60}

    assert web.search(query("море")).total == 60


class OvertakenFolder(Folder):
    """A folder in which somebody does something just after it was read which generation is live."""

    meanwhile = None

    @property
    def current(self):
        name = super().current
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        return name


def test_a_swap_between_two_steps_of_opening_is_not_taken_for_damage(tmp_path):
    worker = WhooshIndex(tmp_path)
    worker.update(documents(0))

    def swap():
        with worker.rebuild() as building:
            building.add(documents(1))
            building.finish(lambda keys: [])

    web = WhooshIndex(tmp_path)
    web.folder = OvertakenFolder(tmp_path)
    web.folder.meanwhile = swap

    assert web.search(query("море")).total == 60
