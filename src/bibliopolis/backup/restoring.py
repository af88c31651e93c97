"""Restoring an archive into an empty place, and nowhere else.

First everything is read and compared. Then a marker says that a restore is under way, the files are
written, and the whole database is made in one transaction. A restore that was killed is begun
anew by the same command; only what lies beside the marker is removed, since the marker is never put
into a folder in which something was.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from bibliopolis.backup import UNFINISHED
from bibliopolis.backup.archive import Archive, Progress, silent, sync_folder
from bibliopolis.backup.making import settings_files
from bibliopolis.backup.manifest import REBUILT, FileEntry, UnusableArchive
from bibliopolis.backup.tables import (
    empty,
    resume_references,
    set_counter,
    sources,
    suspend_references,
    tables_of,
    write_rows,
)
from bibliopolis.db import WRITES
from bibliopolis.schema import alembic_config
from bibliopolis.settings import Settings

OLD_SETTINGS = "settings-of-the-backup"
LOCK = "serve.lock"
SPARE = 100_000_000
"""So many bytes must stay free beside what is unpacked."""


class NotEmpty(Exception):
    """Something is there already; the message says what. Nothing was touched."""


class CannotRestore(Exception):
    """The archive does not fit this version, this machine or this database."""


class Restore:
    """One archive on its way into one place; ``remarks`` says what is to be looked at."""

    def __init__(self, archive: Archive, settings: Settings, config: Path, engine: Engine) -> None:
        self.archive = archive
        self.manifest = archive.manifest
        self.settings = settings
        self.config = config
        self.engine = engine
        self.data = settings.data
        self.marker = self.data / UNFINISHED
        self.remarks: list[str] = []

    def check(self, progress: Progress = silent) -> None:
        """Raise if the archive cannot be restored here; change nothing.

        The place is looked at first, since the archive may take minutes to be read.
        """
        self._check_place()
        self._check_schema()
        self._check_space()
        self.archive.verify(progress)

    def run(self, progress: Progress = silent) -> None:
        """Put everything where it belongs; the index is left to whoever knows the rooms.

        The marker stays: ``finish`` takes it away.
        """
        if self._is_loaded():
            return  # killed after the database was whole: only the index is missing
        self._begin()
        try:
            self._write_files(progress)
            self._write_settings()
            self._load(progress)
        except BaseException:
            # Nothing is in the database: what was written beside it goes, too.
            self._clear()
            self.finish()
            raise

    def finish(self) -> None:
        """Say that the place belongs to the people of the site from now on."""
        self.marker.unlink()
        sync_folder(self.data)

    # Before

    def _check_place(self) -> None:
        there = sorted(path.name for path in self.data.iterdir()) if self.data.is_dir() else []
        if UNFINISHED in there:
            begun = self.marker.read_text("utf-8").strip()
            if self._has_tables() and not (begun == self.manifest.id and self._is_loaded()):
                raise NotEmpty(
                    f"{self.data} holds an unfinished restore, and the database is not empty:"
                    " empty both and begin again"
                )
            return
        database = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        passing = {LOCK, *REBUILT}
        if database is not None and Path(database).parent == self.data:
            passing |= {Path(database).name + ending for ending in ("", "-wal", "-shm")}
        if kept := [name for name in there if name not in passing]:
            raise NotEmpty(f"{self.data} is not empty: it holds {', '.join(kept[:5])}")
        if self._has_tables():
            raise NotEmpty("the database is not empty")

    def _has_tables(self) -> bool:
        if (
            self.engine.dialect.name == "sqlite"
            and not Path(self.engine.url.database or "").exists()
        ):
            return False
        return bool(inspect(self.engine).get_table_names())

    def _check_schema(self) -> None:
        known = ScriptDirectory.from_config(alembic_config(self.settings.site))
        if all(script.revision != self.manifest.schema for script in known.walk_revisions()):
            raise CannotRestore(
                f"the archive was made by another version of Bibliopolis ({self.manifest.program}):"
                f" this one does not know its schema {self.manifest.schema!r}"
            )

    def _check_space(self) -> None:
        place = next(path for path in (self.data, *self.data.parents) if path.exists())
        free = shutil.disk_usage(place).free
        if self.manifest.size + SPARE > free:
            raise CannotRestore(
                f"the archive needs {self.manifest.size / 1e6:,.0f} MB and some room to work,"
                f" {place} has {free / 1e6:,.0f} MB left"
            )

    def _is_loaded(self) -> bool:
        """Say whether the database holds what this archive brings: our one transaction did it."""
        if not self.marker.exists() or not self._has_tables():
            return False
        with self.engine.connect() as connection:
            rows = {source.table.name: source.rows for source in sources(connection)}
        return all(
            rows.get(table.table, table.rows) == table.rows for table in self.manifest.tables
        )

    # The files

    def _begin(self) -> None:
        """Mark the folder, durably, before anything is put into it; clear what a dead run left."""
        self.data.mkdir(parents=True, exist_ok=True)
        if self.marker.exists():
            self._clear()
        self.marker.write_text(self.manifest.id, "utf-8")
        sync_folder(self.data)

    def _clear(self) -> None:
        """Remove what this restore or a dead one wrote; the database clears up by itself."""
        for path in self.data.iterdir():
            if path.name in (UNFINISHED, LOCK) or ".sqlite" in path.name:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def _write_files(self, progress: Progress) -> None:
        for number, entry in enumerate(self.manifest.files, 1):
            self._write_file(entry, self.data)
            progress("Writing files", number, len(self.manifest.files))

    def _write_settings(self) -> None:
        """Lay the old settings beside, and say where this site is set up in another way."""
        if not self.manifest.holds_secret:
            self.remarks.append(
                "the secret is not in the archive: unless bibliopolis.secret is what it was,"
                " second factors, sessions and links in letters are void"
            )
        here = {
            name: path.read_bytes() for name, path in settings_files(self.settings, self.config)
        }
        for entry in self.manifest.settings:
            self._write_file(entry, self.data / OLD_SETTINGS)
            written = (self.data / OLD_SETTINGS / entry.path).read_bytes()
            if entry.path not in here:
                self.remarks.append(f"{entry.path} of the old site is not here")
            elif here[entry.path] != written:
                self.remarks.append(f"{entry.path} is not the same as on the old site")

    def _write_file(self, entry: FileEntry, folder: Path) -> None:
        target = folder / entry.path
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if entry.private or folder.name == OLD_SETTINGS else 0o644
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as stream:
            for chunk in self.archive.chunks(entry):
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())

    # The database

    def _load(self, progress: Progress) -> None:
        """Make the schema the archive knows, fill it, and bring it to the newest, all at once."""
        config = alembic_config(self.settings.site)
        with self.engine.connect().execution_options(**{WRITES: True}) as connection:
            config.attributes["connection"] = connection
            with connection.begin():
                command.upgrade(config, self.manifest.schema)
                self._fill(connection, progress)
                command.upgrade(config, "head")

    def _fill(self, connection: Connection, progress: Progress) -> None:
        tables = tables_of(connection)
        references = suspend_references(connection)
        empty(connection, tables.values())
        before = 0
        for entry in self.manifest.tables:
            table = tables.get(entry.table)
            if table is None:
                self.remarks.append(f"the table {entry.table} is none of Bibliopolis: left out")
                continue
            if set(entry.columns) != {column.name for column in table.columns}:
                raise UnusableArchive(f"{entry.member} has other columns than its table")
            with closing(self.archive.lines(entry)) as lines:
                for done in write_rows(connection, table, entry.columns, lines):
                    progress("Filling the database", before + done, self.manifest.rows)
            set_counter(connection, table, entry.counter)
            before += entry.rows
        resume_references(connection, references)
