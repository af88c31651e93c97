"""Rows out of a database and into one, whichever kind it is.

The tables are those the database has, not those this version of the code would like to have: a
backup is made before ``bibliopolis migrate``, and is restored by a later version, too.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Inspector,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Time,
    cast,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.types import UserDefinedType

from bibliopolis.backup.manifest import TABLE_NAME, UnusableArchive
from bibliopolis.db import UtcDateTime

VERSION = "alembic_version"
PASSING = frozenset({"worker_heartbeat"})
"""Tables that tell of processes alive at the time: their rows are nothing to keep."""
BATCH = 1000


class _TextOfJson(UserDefinedType[str]):
    """JSON as it is written, so that the value null and no value stay two things."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        return "JSON"


@dataclass(frozen=True)
class Source:
    """A table to read: its name, its columns in order, and how many rows it has."""

    table: Table
    rows: int
    counter: int | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns, in the order of the values."""
        return tuple(column.name for column in self.table.columns)


def schema_of(connection: Connection) -> str | None:
    """Return the revision of the migrations that the database has, if it has one."""
    if not inspect(connection).has_table(VERSION):
        return None
    revision = connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalar()
    return None if revision is None else str(revision)


def begin_snapshot(connection: Connection) -> None:
    """Let everything read from now on be of one moment; others go on writing."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    # SQLite's moment is that of the first read; with a log, writers do not wait for its end.
    schema_of(connection)


def tables_of(connection: Connection) -> dict[str, Table]:
    """Return the tables of the database but the one that says which schema this is."""
    inspector = inspect(connection)
    names = sorted(name for name in inspector.get_table_names() if TABLE_NAME.fullmatch(name))
    return {name: _table(inspector, name) for name in names if name != VERSION}


def _table(inspector: Inspector, name: str) -> Table:
    keys = inspector.get_pk_constraint(name)["constrained_columns"]
    return Table(
        name,
        MetaData(),
        *(
            Column(column["name"], column["type"], primary_key=column["name"] in keys)
            for column in inspector.get_columns(name)
        ),
    )


def sources(connection: Connection) -> list[Source]:
    """Return what there is to read."""
    return [
        Source(table, _rows(connection, table), _counter(connection, table))
        for table in tables_of(connection).values()
        if table.name not in PASSING
    ]


def read_rows(connection: Connection, table: Table) -> Iterator[bytes]:
    """Give each row as a line of JSON, in the order of the key."""
    readable = [_readable(connection, column) for column in table.columns]
    query = select(*readable).order_by(*table.primary_key.columns)
    rows = connection.execution_options(yield_per=BATCH).execute(query)
    for row in rows:
        values = [_plain(value) for value in row]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _readable(connection: Connection, column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        if connection.dialect.name == "postgresql":
            return cast(column, Text)
        return type_coerce(column, Text())
    if isinstance(column.type, DateTime):
        return type_coerce(column, UtcDateTime())
    return column


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    return value


def write_rows(
    connection: Connection, table: Table, columns: Sequence[str], lines: Iterable[bytes]
) -> Iterator[int]:
    """Put the rows of the lines into a table; give how many are in after each batch."""
    writable = Table(
        table.name,
        MetaData(),
        *(Column(column.name, _writable(column)) for column in table.columns),
    )
    readers = [_reader(table.columns[name]) for name in columns]
    statement = insert(writable)
    batch: list[dict[str, Any]] = []
    done = 0
    for line in lines:
        batch.append(_row(table.name, columns, readers, line))
        if len(batch) == BATCH:
            connection.execute(statement, batch)
            done += len(batch)
            batch = []
            yield done
    if batch:
        connection.execute(statement, batch)
        yield done + len(batch)


def _row(name: str, columns: Sequence[str], readers: Sequence[Any], line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(columns):
            raise ValueError("it does not have the columns of its table")
        return {
            column: None if value is None else read(value)
            for column, read, value in zip(columns, readers, values, strict=True)
        }
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise UnusableArchive(f"a row of {name} cannot be read: {error}") from error


def _writable(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        return _TextOfJson()
    if isinstance(column.type, DateTime):
        return UtcDateTime()
    return column.type


def _reader(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, DateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Time):
        return time.fromisoformat
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64decode(value, validate=True)
    if isinstance(kind, Boolean):
        return _flag
    return _simple


def _flag(value: Any) -> bool:
    if value not in (True, False):
        raise ValueError(f"{value!r} is neither true nor false")
    return bool(value)


def _simple(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise ValueError(f"{value!r} is no plain value")
    return value


def empty(connection: Connection, tables: Iterable[Table]) -> None:
    """Take out what the migrations themselves put in."""
    for table in tables:
        connection.execute(delete(table))


def suspend_references(connection: Connection) -> list[str]:
    """Let rows come in any order; return the statements that make references hold again."""
    if connection.dialect.name == "sqlite":
        # Looked at when the transaction is committed.
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        return []
    found = connection.execute(
        text(
            "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),"
            " format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,"
            " pg_get_constraintdef(oid)) FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    ).all()
    for drop, _add in found:
        connection.execute(text(drop))
    return [add for _drop, add in found]


def resume_references(connection: Connection, statements: Iterable[str]) -> None:
    """Make references hold again, which also looks at every row."""
    for statement in statements:
        connection.execute(text(statement))


def set_counter(connection: Connection, table: Table, counter: int | None) -> None:
    """Let the next row get a number that no row has had."""
    found = _sequence(connection, table)
    if found is None:
        return
    sequence, key = found
    highest = connection.execute(select(func.max(key))).scalar() or 0
    last = max(highest, counter or 0)
    connection.execute(select(func.setval(sequence, max(last, 1), last > 0)))


def _rows(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _counter(connection: Connection, table: Table) -> int | None:
    found = _sequence(connection, table)
    if found is None:
        return None
    last, used = connection.execute(
        text(f"SELECT last_value, is_called FROM {found[0]}")  # quoted by PostgreSQL itself
    ).one()
    return int(last) if used else 0


def _sequence(connection: Connection, table: Table) -> tuple[str, Column[Any]] | None:
    keys = list(table.primary_key.columns)
    if connection.dialect.name != "postgresql" or len(keys) != 1:
        return None
    quoted = connection.dialect.identifier_preparer.quote(table.name)
    name = connection.execute(select(func.pg_get_serial_sequence(quoted, keys[0].name))).scalar()
    return None if name is None else (str(name), keys[0])
