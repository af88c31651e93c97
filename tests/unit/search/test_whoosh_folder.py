"""What the Whoosh backend does on disk: two processes, rebuilds, damage."""

import time

import pytest
from fixtures.search_documents import ALL, CRIME, FIR, keys, person, query, record

from bibliopolis.errors import Conflict
from bibliopolis.search.documents import Listing
from bibliopolis.search.whoosh.index import WhooshIndex


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def worker(folder):
    index = WhooshIndex(folder)
    index.update(ALL)
    return index


@pytest.fixture
def web(folder, worker):
    return WhooshIndex(folder)


def files(folder):
    return [path for path in folder.glob("v*/*") if path.is_file()]


def test_another_process_sees_what_was_written(worker, web):
    assert web.search(query("ёлка")).total == 1

    worker.update([record(3, "Сосна")])

    assert web.search(query("ёлка")).total == 0
    assert web.search(query("сосна")).total == 1


@pytest.mark.parametrize("typed", ['"белые ночи"', 'ночи -"белые дни"'])
def test_a_process_that_starts_later_finds_a_phrase_that_the_last_record_has_lost(folder, typed):
    # So many that what was replaced is still in its segment.
    others = [record(number, f"Книга {number}") for number in range(10, 200)]
    worker = WhooshIndex(folder)
    worker.update([record(1, "Белые ночи"), *others, record(200, "Белые ночи и белые дни")])
    worker.update([record(200, "Чёрные дни")])

    assert keys(WhooshIndex(folder).search(query(typed))) == ["record:1"]


def test_a_search_that_has_begun_goes_on_when_its_segment_is_merged_away(web, folder, monkeypatch):
    web.refresh()
    for file in folder.rglob("*"):
        if file.is_file():
            file.unlink()
    # Between looking for news and reading, a search on a busy machine may wait for long.
    monkeypatch.setattr(web, "refresh", lambda: False)

    found = web.search(query("dostoevsky", facets=("language",)))

    assert found.available
    assert keys(found)


def test_no_segment_is_compound(worker, folder):
    assert not [path for path in files(folder) if path.suffix == ".seg"]


def test_before_anything_was_written_the_search_is_not_available(folder):
    index = WhooshIndex(folder)

    assert not index.search(query()).available
    assert not index.health().ok
    assert "no index" in index.health().message


def test_a_rebuild_reaches_the_other_processes_and_the_old_generation_is_removed(
    worker, web, folder
):
    assert web.search(query()).total == len(ALL)

    with worker.rebuild() as building:
        building.add([CRIME])
        building.finish(lambda keys: [])

    assert web.search(query()).total == 1
    assert len(list(folder.glob("v*"))) == 1
    assert sorted(path.name for path in folder.iterdir() if path.name[0] != "v") == [
        "current",
        "rebuild.lock",
        "write.lock",
    ]


def test_changes_made_during_a_rebuild_are_in_the_new_generation(worker, web):
    truth = {"record:1": CRIME, "record:3": FIR}
    with web.rebuild() as building:
        building.add([CRIME, FIR])
        truth = {"record:3": record(3, "Сосна"), "record:9": record(9, "Новое")}
        worker.update([truth["record:3"], truth["record:9"]], removed=["record:1"])
        assert worker.search(query("сосна")).total == 1
        building.finish(lambda changed: [truth[key] for key in changed if key in truth])

    assert sorted(keys(worker.search(query()))) == ["record:3", "record:9"]
    assert worker.search(query("сосна")).total == 1


def test_what_changes_while_the_rebuild_catches_up_is_not_lost(worker, web):
    pending = [record(8, "Первое"), record(9, "Второе")]
    truth = {}

    def change_one():
        if pending:
            document = pending.pop()
            truth[document.key] = document
            worker.update([document])

    def load(changed):
        documents = [truth[key] for key in changed]
        change_one()
        return documents

    with web.rebuild() as building:
        change_one()
        building.finish(load)

    assert sorted(keys(worker.search(query()))) == ["record:8", "record:9"]


def test_two_rebuilds_at_once_are_refused(worker, web):
    with worker.rebuild() as building:
        with pytest.raises(Conflict), web.rebuild():
            pass
        building.finish(lambda keys: [])


def test_an_interrupted_rebuild_is_cleaned_up_by_the_next(worker, web, folder):
    broken = web.rebuild()
    broken.__enter__()
    broken.add([CRIME])
    # The process dies: its locks go, its files stay.
    broken._stack.close()
    broken._writing._writer.cancel()
    assert len(list(folder.glob("v*"))) == 2

    with worker.rebuild() as building:
        building.add([CRIME])
        building.finish(lambda keys: [])

    assert len(list(folder.glob("v*"))) == 1
    assert worker.search(query()).total == 1


def damage(folder, how):
    for path in files(folder):
        if how == "truncated" and path.suffix in {".trm", ".pst"}:
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        if how == "emptied" and path.suffix in {".trm", ".pst"}:
            path.write_bytes(b"")
        if how == "no segments" and path.suffix != ".toc":
            path.unlink()
        if how == "broken contents" and path.suffix == ".toc":
            path.write_bytes(path.read_bytes()[:40])
        if how == "no contents" and path.suffix == ".toc":
            path.unlink()


@pytest.mark.parametrize(
    "how", ["truncated", "emptied", "no segments", "broken contents", "no contents"]
)
def test_a_damaged_index_is_said_to_be_damaged_and_can_be_rebuilt(worker, folder, how):
    damage(folder, how)
    web = WhooshIndex(folder)

    assert not web.search(query("достоевский", facets=("kind",))).available
    assert not web.health().ok
    assert web.health().message

    with web.rebuild() as building:
        building.add(ALL)
        building.finish(lambda keys: [])

    assert web.health().ok
    assert web.search(query("достоевский")).total == 4


@pytest.mark.parametrize("how", ["no segments", "broken contents"])
def test_nobody_waits_for_an_index_that_cannot_be_opened(worker, folder, caplog, how):
    damage(folder, how)
    web = WhooshIndex(folder)
    web.search(query("достоевский"))
    caplog.clear()

    began = time.monotonic()
    answers = [web.search(query("достоевский")).available for _time in range(50)]

    assert not any(answers)
    assert time.monotonic() - began < 1
    assert caplog.records == []


def test_an_index_whose_files_come_back_is_opened_again(worker, folder, monkeypatch):
    monkeypatch.setattr("bibliopolis.search.whoosh.index.AGAIN", 0)
    away = {path: path.read_bytes() for path in files(folder) if path.suffix != ".toc"}
    damage(folder, "no segments")
    web = WhooshIndex(folder)
    assert not web.health().ok

    for path, content in away.items():
        path.write_bytes(content)

    assert web.search(query("достоевский")).total == 4


def test_damage_that_only_some_searches_meet_is_remembered_until_the_rebuild(worker, folder):
    worker.update([record(n, "слово " * 9 + f"общее{n}") for n in range(100, 400)])
    web = WhooshIndex(folder)
    assert web.search(query("слово")).total == 300
    for path in files(folder):
        if path.suffix == ".pst":
            path.write_bytes(path.read_bytes()[:60] + b"x" * (path.stat().st_size - 60))

    other = WhooshIndex(folder)
    assert not other.search(query("слово")).available
    assert not web.health().ok

    with worker.rebuild() as building:
        building.add(ALL)
        building.finish(lambda keys: [])

    assert web.health().ok
    assert other.search(query("достоевский")).total == 4


def test_a_folder_that_can_be_neither_read_nor_written_is_no_failure(web, folder):
    assert web.search(query("достоевский")).available
    away = folder.rename(folder.parent / "away")
    folder.touch()

    assert not web.search(query("достоевский")).available
    assert not web.health().ok

    folder.unlink()
    away.rename(folder)
    assert web.health().ok
    assert web.search(query("достоевский")).total == 4


def test_an_index_of_another_version_is_rebuilt(worker, folder):
    name = (folder / "current").read_text().strip()
    (folder / name).rename(folder / "v0-old")
    (folder / "current").write_text("v0-old\n")
    web = WhooshIndex(folder)

    assert not web.search(query()).available
    assert "another version" in web.health().message


def test_a_small_cache_gives_the_same_answers(folder, worker):
    small = WhooshIndex(folder, memory=1)

    for text in ("достоевский", "преступление наказание", '"преступление и наказание"', ""):
        asked = query(text, facets=("kind", "subject"), filters={"kind": ("book",)})
        assert small.search(asked) == worker.search(asked)


def test_visitors_who_see_the_same_share_what_was_counted(worker):
    lists = [
        worker.list_values(Listing(visibility=person(one), facet="subject", resource="record"))
        for one in range(1, 30)
    ]

    assert lists[0].values
    assert lists.count(lists[0]) == len(lists)
    assert len(worker._snapshot._counts) == 1
