"""``bibliopolis reindex`` and what waits for the worker meanwhile."""

import errno
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bibliopolis.cli import main

SITE = Path(__file__).resolve().parents[3]
WAITING = "SELECT topic, key FROM outbox ORDER BY id"


@pytest.fixture
def database(tmp_path, migrated_sqlite):
    place = tmp_path / "bibliopolis.sqlite"
    shutil.copyfile(migrated_sqlite, place)
    return place


def ask(database, statement):
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(statement).fetchall()
        connection.commit()
        return rows


def put_into_outbox(database, topic, key):
    moment = "'2026-11-21 09:00:00'"
    ask(
        database,
        "INSERT INTO outbox (topic, key, priority, created, not_before, attempts, failed)"
        f" VALUES ('{topic}', '{key}', 0, {moment}, {moment}, 0, 0)",
    )


def run(database):
    folders = {"BIBLIOPOLIS_SITE": str(SITE), "BIBLIOPOLIS_DATA": str(database.parent)}
    arguments = ["reindex", "--config", str(SITE / "development.ini")]
    done = CliRunner(env=folders).invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_what_waited_to_be_indexed_waits_no_more_and_all_else_does(database, monkeypatch):
    monkeypatch.setattr("bibliopolis.cli.reindex.PORTION", 2)
    for number in range(5):
        put_into_outbox(database, "index", f"record:{number}")
    put_into_outbox(database, "mail", "1")

    run(database)

    assert ask(database, WAITING) == [("mail", "1")]


def test_what_changes_while_the_index_is_made_still_waits(database, monkeypatch):
    from bibliopolis.search import jobs

    def rebuild(request, progress):
        put_into_outbox(database, "index", "record:2")
        return 0

    put_into_outbox(database, "index", "record:1")
    monkeypatch.setattr(jobs, "rebuild", rebuild)

    run(database)

    assert ask(database, WAITING) == [("index", "record:2")]


def test_without_room_the_command_says_what_to_do_and_can_be_run_again(database, monkeypatch):
    def no_room(folder):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    run(database)
    folders = {"BIBLIOPOLIS_SITE": str(SITE), "BIBLIOPOLIS_DATA": str(database.parent)}
    arguments = ["reindex", "--config", str(SITE / "development.ini")]
    with monkeypatch.context() as full:
        full.setattr("bibliopolis.search.whoosh.rebuild.create", no_room)
        refused = CliRunner(env=folders).invoke(main, arguments)

    assert refused.exit_code == 1
    assert "No space left on device" in refused.output
    assert "`bibliopolis reindex`" in refused.output
    assert len(list((database.parent / "index").glob("v*"))) == 1
    run(database)
