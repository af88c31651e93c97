"""What an archive says of itself; read as if its author meant harm."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MANIFEST = "manifest.json"
DATA = "data"
SETTINGS = "settings"
FORMAT = 1

REBUILT = frozenset({"index", "cache"})
"""Folders of the data folder that are made again from the rest."""
LEFT_OUT = REBUILT | {"mail", "serve.lock", "settings-of-the-backup"}
"""What of the data folder no archive holds, neither ours nor one that somebody brings."""

TABLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
DIGEST = re.compile(r"[0-9a-f]{64}")
IDENTITY = re.compile(r"[0-9a-f]{32}")
DEEPEST = 12


class UnusableArchive(Exception):
    """The archive is damaged, hostile, or of another program; the message says what is wrong."""


@dataclass(frozen=True)
class Entry:
    """A member with its bytes: ``size`` in bytes, ``sha256`` in hexadecimal digits."""

    member: str
    size: int
    sha256: str


@dataclass(frozen=True)
class TableEntry(Entry):
    """A table: ``rows`` lines, each a JSON array in the order of ``columns``.

    ``counter`` is the last number its key was given, where the database counts apart from rows.
    """

    table: str
    columns: tuple[str, ...]
    rows: int
    counter: int | None = None


@dataclass(frozen=True)
class FileEntry(Entry):
    """A file; ``private`` if only its owner may read it."""

    private: bool

    @property
    def path(self) -> str:
        """Return the path below the folder that the first part of the member's name means."""
        return self.member.partition("/")[2]


@dataclass(frozen=True)
class Manifest:
    """Everything in an archive but itself; ``schema`` is the revision of the migrations."""

    id: str
    made: str
    program: str
    schema: str
    database: str
    tables: Sequence[TableEntry] = ()
    files: Sequence[FileEntry] = ()
    settings: Sequence[FileEntry] = ()
    format: int = field(default=FORMAT)

    @property
    def entries(self) -> Iterator[Entry]:
        """Return all members."""
        yield from self.tables
        yield from self.files
        yield from self.settings

    @property
    def size(self) -> int:
        """Return how many bytes there are, unpacked."""
        return sum(entry.size for entry in self.entries)

    @property
    def rows(self) -> int:
        """Return how many rows there are in all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def holds_secret(self) -> bool:
        """Say whether the secret that the site once made for itself is among the files."""
        return any(file.path == "secret" for file in self.files)

    def as_bytes(self) -> bytes:
        """Return it as it stands in the archive."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode() + b"\n"


def parse_manifest(text: bytes) -> Manifest:
    """Return the manifest, or say that it is none that this version can use."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableArchive(f"{MANIFEST} is no JSON") from error
    if not isinstance(raw, dict) or not isinstance(raw.get("format"), int):
        raise UnusableArchive(f"{MANIFEST} is none of Bibliopolis")
    if raw["format"] != FORMAT:
        raise UnusableArchive(
            f"the archive has form {raw['format']}, this version of Bibliopolis reads {FORMAT}"
        )
    try:
        manifest = Manifest(
            id=_text(raw["id"], IDENTITY),
            made=_text(raw["made"]),
            program=_text(raw["program"]),
            schema=_text(raw["schema"]),
            database=_text(raw["database"]),
            tables=tuple(_table(one) for one in raw["tables"]),
            files=tuple(_file(DATA, one) for one in raw["files"]),
            settings=tuple(_file(SETTINGS, one) for one in raw["settings"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableArchive(f"{MANIFEST} cannot be used: {error}") from error
    names = [entry.member for entry in manifest.entries]
    if len(set(names)) != len(names):
        raise UnusableArchive(f"{MANIFEST} names a member twice")
    return manifest


def _table(raw: Any) -> TableEntry:
    name = _text(raw["table"], TABLE_NAME)
    if raw["member"] != f"tables/{name}.jsonl":
        raise ValueError(f"{raw['member']!r} is no name of a table")
    counter = raw["counter"]
    return TableEntry(
        member=raw["member"],
        size=_count(raw["size"]),
        sha256=_text(raw["sha256"], DIGEST),
        table=name,
        columns=tuple(_text(column, COLUMN_NAME) for column in raw["columns"]),
        rows=_count(raw["rows"]),
        counter=None if counter is None else _count(counter),
    )


def _file(folder: str, raw: Any) -> FileEntry:
    member = _text(raw["member"])
    first, *parts = member.split("/")
    if first != folder or not is_plain(parts) or (folder == DATA and not is_kept(parts)):
        raise ValueError(f"{member!r} is no name of a file")
    if not isinstance(raw["private"], bool):
        raise ValueError("private is neither true nor false")
    return FileEntry(
        member=member,
        size=_count(raw["size"]),
        sha256=_text(raw["sha256"], DIGEST),
        private=raw["private"],
    )


def is_plain(parts: Sequence[str]) -> bool:
    """Say whether a path, in its parts, stays below its folder and is written without tricks."""
    return 0 < len(parts) <= DEEPEST and all(
        part and not part.startswith(".") and len(part.encode()) <= 255 and part.isprintable()
        and "\\" not in part and ":" not in part
        for part in parts
    )  # fmt: skip


def is_kept(parts: Sequence[str]) -> bool:
    """Say whether a path below the data folder belongs into an archive.

    Compiled templates are code: an archive must not be able to bring any.
    """
    first = parts[0]
    return not (
        first in LEFT_OUT
        or first.endswith("-is-unfinished")
        or ".sqlite" in first
        or (first == "files" and len(parts) > 1 and not DIGEST.fullmatch(parts[-1]))
    )


def _text(value: Any, form: re.Pattern[str] | None = None) -> str:
    if not isinstance(value, str) or (form and not form.fullmatch(value)):
        raise ValueError(f"{value!r} cannot stand here")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 62:
        raise ValueError(f"{value!r} is no count")
    return value
