"""Making a backup while the site is open."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine

from bibliopolis.backup.archive import (
    CHUNK,
    ArchiveWriter,
    Progress,
    appearing_whole,
    is_digest,
    silent,
)
from bibliopolis.backup.manifest import (
    DATA,
    SETTINGS,
    FileEntry,
    Manifest,
    TableEntry,
    is_kept,
    is_plain,
)
from bibliopolis.backup.tables import Source, begin_snapshot, read_rows, schema_of, sources
from bibliopolis.settings import Settings

DECLARATIONS = ("content_types", "workflows", "policies")
"""What of the site's folder says how its data is meant."""
PACKED = frozenset({".yaml", ".ini", ".txt", ".json", ".xml", ".csv"})


class CannotBackUp(Exception):
    """There is nothing to back up, or it changed its form meanwhile; the message says so."""


class Backup:
    """One archive of one site; ``remarks`` says afterwards what is not as it should be."""

    def __init__(self, settings: Settings, config: Path, engine: Engine, now: datetime) -> None:
        self.settings = settings
        self.config = config
        self.engine = engine
        self.now = now
        self.remarks: list[str] = []

    def write(self, target: Path, progress: Progress = silent) -> Manifest:
        """Write the archive; it is at ``target`` when it is whole, or not at all.

        The database is read in one moment, and the files after that: an upload is on the disk
        before the row that names it is committed, and its bytes never change.
        """
        with appearing_whole(target) as stream, ArchiveWriter(stream) as writer:
            with self.engine.connect() as connection:
                begin_snapshot(connection)
                schema = schema_of(connection)
                if schema is None:
                    raise CannotBackUp("the database has no tables of Bibliopolis yet")
                tables = list(self._tables(writer, connection, progress))
            with self.engine.connect() as connection:
                if schema_of(connection) != schema:
                    raise CannotBackUp("the database was migrated meanwhile: begin again")
            files = list(self._files(writer, progress))
            manifest = Manifest(
                id=uuid.uuid4().hex,
                made=self.now.isoformat(),
                program=f"bibliopolis {version('bibliopolis')}",
                schema=schema,
                database=self.engine.dialect.name,
                tables=tables,
                files=files,
                settings=list(self._settings(writer)),
            )
            writer.finish(manifest)
        if not manifest.holds_secret:
            self.remarks.append("bibliopolis.secret is a setting of its own: keep it, too")
        return manifest

    def _tables(
        self, writer: ArchiveWriter, connection: Connection, progress: Progress
    ) -> Iterator[TableEntry]:
        found = sources(connection)
        total, before = sum(source.rows for source in found), 0
        for source in found:
            yield self._table(writer, connection, source, progress, before, total)
            before += source.rows

    def _table(
        self,
        writer: ArchiveWriter,
        connection: Connection,
        source: Source,
        progress: Progress,
        before: int,
        total: int,
    ) -> TableEntry:
        name, rows = f"tables/{source.table.name}.jsonl", 0
        with writer.member(name) as member:
            for line in read_rows(connection, source.table):
                member.write(line)
                rows += 1
                if rows % 1000 == 0:
                    progress("Reading the database", before + rows, total)
        return TableEntry(
            member=name,
            size=member.size,
            sha256=member.sha256,
            table=source.table.name,
            columns=source.columns,
            rows=rows,
            counter=source.counter,
        )

    def _files(self, writer: ArchiveWriter, progress: Progress) -> Iterator[FileEntry]:
        data = self.settings.data
        paths = [path for path in _plain_files(data) if is_kept(path.relative_to(data).parts)]
        for number, path in enumerate(paths, 1):
            name = path.relative_to(data).as_posix()
            try:
                stream = path.open("rb")
            except FileNotFoundError:
                continue  # a draft that has got its name meanwhile
            except OSError as error:
                raise CannotBackUp(f"{path} cannot be read ({error.strerror})") from error
            with stream:
                entry = _add(writer, f"{DATA}/{name}", stream, packed=path.suffix in PACKED)
            if is_digest(path.name) and entry.sha256 != path.name:
                self.remarks.append(f"{path} is damaged: its bytes are not those once uploaded")
            progress("Copying files", number, len(paths))
            yield entry

    def _settings(self, writer: ArchiveWriter) -> Iterator[FileEntry]:
        for name, path in settings_files(self.settings, self.config):
            with path.open("rb") as stream:
                yield _add(writer, f"{SETTINGS}/{name}", stream, packed=True)


def settings_files(settings: Settings, config: Path) -> Iterator[tuple[str, Path]]:
    """Give the files that say how the site is set up, each with its name in an archive."""
    yield config.name, config
    for folder in DECLARATIONS:
        for path in sorted((settings.site / folder).rglob("*.yaml")):
            yield path.relative_to(settings.site).as_posix(), path


def _plain_files(folder: Path) -> Iterator[Path]:
    """Give the files below a folder in order; links and hidden files are none of ours."""
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        if path.is_symlink() or not is_plain([path.name]):
            continue
        if path.is_dir():
            yield from _plain_files(path)
        elif path.is_file():
            yield path


def _add(writer: ArchiveWriter, name: str, stream: IO[bytes], *, packed: bool) -> FileEntry:
    private = not Path(str(stream.name)).stat().st_mode & 0o077
    with writer.member(name, packed=packed) as member:
        while chunk := stream.read(CHUNK):
            member.write(chunk)
    return FileEntry(member=name, size=member.size, sha256=member.sha256, private=private)
