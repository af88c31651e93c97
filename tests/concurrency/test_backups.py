"""Backups of a site at work, and what is restored of them: every table, every file, no half."""

import secrets
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Event, Thread

import pytest
from fixtures.live import bibliopolis, wait_until
from fixtures.sites import SITE
from sqlalchemy import JSON, Text, cast, func, insert, inspect, select

from bibliopolis.backup.archive import Archive
from bibliopolis.backup.making import Backup
from bibliopolis.backup.restoring import Restore
from bibliopolis.db import WRITES, make_engine
from bibliopolis.mail import MailMessage
from bibliopolis.models import Base
from bibliopolis.outbox import Outbox, OutboxRow
from bibliopolis.settings import parse_settings

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CONFIG = SITE / "development.ini"
SILENT = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
TABLES = [one for one in Base.metadata.sorted_tables if one.name != "worker_heartbeat"]


def place(data, url=""):
    settings = parse_settings(
        {
            "bibliopolis.site": str(SITE),
            "bibliopolis.data": str(data),
            "bibliopolis.database": url,
        }
    )
    data.mkdir(exist_ok=True)
    return settings, make_engine(settings.database_url)


def back_up(site, target):
    settings, engine = site
    return Backup(settings, CONFIG, engine, NOW).write(target)


def restore(archive_path, site):
    settings, engine = site
    with Archive(archive_path) as archive:
        restoring = Restore(archive, settings, CONFIG, engine)
        restoring.check()
        restoring.run()
        restoring.finish()


def rows_of(engine):
    """Return every row of every table, whichever kind of database it is."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in connection.execute(
                    select(
                        *(
                            cast(column, Text) if isinstance(column.type, JSON) else column
                            for column in table.columns
                        )
                    )
                )
            )
            for table in TABLES
        }


def files_of(data):
    kept = [path for path in data.glob("files/**/*") if path.is_file()]
    kept += [path for path in [data / "secret"] if path.exists()]
    return {path.relative_to(data): path.read_bytes() for path in kept}


def copy_database(source, target):
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


LEFT_BLANK = {"moved_date": ["loan_id"]}
"""Columns of which a row has one only, the other being of this table."""


def fill_empty_tables(engine):
    """Put a row into each table that the demo leaves empty."""
    values = {
        int: 7, str: "я\n\u2028", bool: True, float: 0.1, object: {"ё": [1, None]},
        bytes: b"\x00\xff",
        date: date(2026, 2, 28), time: time(9, 30), datetime: NOW,
    }  # fmt: skip
    with engine.begin() as connection:
        for table in TABLES:
            if connection.execute(select(func.count()).select_from(table)).scalar():
                continue
            row = {}
            for column in table.columns:
                if column.foreign_keys:
                    target = next(iter(column.foreign_keys)).column
                    row[column.name] = connection.execute(select(target).limit(1)).scalar()
                else:
                    kind = getattr(column.type, "impl", column.type)
                    row[column.name] = values[kind.python_type]
            for name in LEFT_BLANK.get(table.name, ()):
                row[name] = None
            connection.execute(insert(table).values(row))


@pytest.mark.postgres
def test_every_table_and_file_comes_back_on_either_database(demo_site, postgres, tmp_path):
    first = place(tmp_path / "first")
    shutil.copytree(demo_site.data / "files", first[0].data / "files")
    (first[0].data / "secret").write_text("the site's own")
    first[1].dispose()
    copy_database(demo_site.data / "bibliopolis.sqlite", first[0].data / "bibliopolis.sqlite")
    fill_empty_tables(first[1])
    rows, files = rows_of(first[1]), files_of(first[0].data)
    assert all(rows.values())
    assert len(files) > 10

    places = {
        "sqlite": place(tmp_path / "second"),
        "postgresql": place(tmp_path / "third", postgres.make_database()),
        "postgresql again": place(tmp_path / "fourth", postgres.make_database()),
        "sqlite again": place(tmp_path / "fifth"),
    }
    source = first
    for name, target in places.items():
        archive = tmp_path / f"{name}.zip"
        back_up(source, archive)
        restore(archive, target)

        restored = rows_of(target[1])
        for table in TABLES:
            assert restored[table.name] == rows[table.name], f"{table.name} on {name}"
        assert files_of(target[0].data) == files
        source = target
    _references_hold_and_keys_go_on(places["postgresql again"][1])
    for _settings, engine in (first, *places.values()):
        engine.dispose()


def _references_hold_and_keys_go_on(engine):
    wanted = {
        (table.name, tuple(key.columns.keys()))
        for table in TABLES
        for key in table.foreign_key_constraints
    }
    inspector = inspect(engine)
    found = {
        (table.name, tuple(key["constrained_columns"]))
        for table in TABLES
        for key in inspector.get_foreign_keys(table.name)
    }
    assert found == wanted
    with engine.begin() as connection:
        for table in (MailMessage.__table__, OutboxRow.__table__):
            highest = connection.execute(select(func.max(table.c.id))).scalar()
            row = dict(connection.execute(select(table).limit(1)).mappings().one())
            del row["id"]
            row |= {"message_id": "another"} if "message_id" in row else {}
            assert connection.execute(insert(table).values(row)).inserted_primary_key[0] > highest


def test_a_backup_between_writers_is_of_one_moment(committing_site, tmp_path, clock):
    """Each transaction adds a letter and its row of the outbox: no archive has one without it."""
    stop = Event()

    def write():
        while not stop.is_set():
            with committing_site.transaction() as request:
                message = MailMessage(
                    message_id=secrets.token_hex(8), recipient="a@example.org", subject="",
                    body="x" * 2000, language="en", created=clock.now(),
                )  # fmt: skip
                request.db.add(message)
                request.db.flush()
                request.find_service(Outbox).add("mail", str(message.id))

    writers = [Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    settings = committing_site.app.registry["bibliopolis.settings"]
    try:
        archives = []
        for number in range(4):
            archive = tmp_path / f"{number}.zip"
            back_up((settings, committing_site.engine), archive)
            archives.append(archive)
    finally:
        stop.set()
        for writer in writers:
            writer.join(60)

    counted = []
    for path in archives:
        with Archive(path) as archive:
            archive.verify()
            tables = {table.table: table for table in archive.manifest.tables}
            letters = [line.partition(b",")[0] for line in archive.lines(tables["mail_message"])]
            waiting = list(archive.lines(tables["outbox"]))
        assert len(letters) == len(waiting)
        counted.append(len(letters))
    assert counted == sorted(counted)
    assert counted[0] < counted[-1]


LETTERS = 20_000


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def databases(request):
    """Return what gives the URL of an empty database."""
    if request.param == "sqlite":
        return lambda: ""
    return request.getfixturevalue("postgres").make_database


@pytest.fixture(scope="module")
def archive_of_many(migrated_sqlite, tmp_path_factory):
    """A site with many rows, and its archive."""
    folder = tmp_path_factory.mktemp("many")
    site = place(folder / "data")
    site[1].dispose()
    shutil.copyfile(migrated_sqlite, site[0].data / "bibliopolis.sqlite")
    with site[1].connect().execution_options(**{WRITES: True}) as connection:
        connection.execute(
            insert(MailMessage),
            [
                {
                    "message_id": f"<{number}@example.org>", "recipient": "a@example.org",
                    "subject": "", "body": secrets.token_hex(200), "language": "en",
                    "created": NOW, "sent": NOW, "confidential": False,
                }
                for number in range(LETTERS)
            ],
        )  # fmt: skip
        connection.commit()
    back_up(site, folder / "whole.zip")
    site[1].dispose()
    return site[0].data, folder / "whole.zip"


def test_a_backup_that_is_killed_leaves_no_archive(archive_of_many, tmp_path):
    data, _archive = archive_of_many
    target = tmp_path / "site.zip"

    def half_written():
        return any(part.stat().st_size > 100_000 for part in tmp_path.glob(".site.zip.part-*"))

    process = bibliopolis("backup", str(target), data=data, **SILENT)
    wait_until(half_written, "the backup is under way")
    process.kill()
    process.wait()
    assert not target.exists()

    assert bibliopolis("backup", str(target), data=data, **SILENT).wait(60) == 0
    assert list(tmp_path.iterdir()) == [target]


def test_a_restore_that_is_killed_is_completed_by_the_same_command(
    archive_of_many, databases, tmp_path, monkeypatch
):
    _data, archive = archive_of_many
    url = databases()
    monkeypatch.setenv("BIBLIOPOLIS_DATABASE", url)
    settings, engine = place(tmp_path / "var", url)
    data = settings.data
    data.rmdir()

    def count():
        if not data.exists() or (not url and not Path(engine.url.database).exists()):
            return 0
        try:
            with engine.connect() as connection:
                if not inspect(connection).has_table("mail_message"):
                    return 0
                return connection.execute(select(func.count()).select_from(MailMessage)).scalar()
        except sqlite3.OperationalError:
            return 0

    def filling():
        if url:
            return (data / "restore-is-unfinished").exists() and _is_writing(engine)
        log = data / "bibliopolis.sqlite-wal"
        return log.exists() and log.stat().st_size > 1_000_000

    def begin_and_kill(moment, what):
        process = bibliopolis("restore", str(archive), data=data, **SILENT)
        wait_until(lambda: moment() or process.poll() is not None, what)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.returncode == -signal.SIGKILL

    begin_and_kill(filling, "the database is being filled")
    wait_until(lambda: not (url and _is_writing(engine)), "the server has noticed")
    assert count() == 0
    begin_and_kill(lambda: count() == LETTERS, "the database is whole, the index is missing")
    again = bibliopolis("restore", str(archive), data=data, **SILENT)

    assert again.wait(60) == 0
    assert count() == LETTERS
    assert not (data / "restore-is-unfinished").exists()
    engine.dispose()


def _is_writing(engine):
    """Say whether another session of the server fills tables just now."""
    with engine.connect() as connection:
        return connection.exec_driver_sql(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()"
            " AND query LIKE 'INSERT INTO mail_message%%'"
        ).scalar()
