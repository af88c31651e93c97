"""The database: mapped base, engine and the session of a request.

One request, one transaction, run by pyramid_tm; nobody calls commit. On SQLite a transaction that
may write begins with ``BEGIN IMMEDIATE``: a deferred one that turns into a writer later fails when
another got there first, and cannot wait.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import (
    Connection,
    DateTime,
    Engine,
    MetaData,
    Text,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from bibliopolis.transactions import JOINED, Participant, RequestSession

log = logging.getLogger(__name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITES = "bibliopolis_writes"
CONNECTION = "bibliopolis_connection"

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware, kept in UTC, read back aware (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant: nobody knows when it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """Plain values as JSON that keeps every letter as it is: half as long where they are Russian.

    The text must be clean, as that of every other column: no lone surrogates.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write it without blanks."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it."""
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """Base of all mapped classes; constraints have names, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


def new_uid() -> str:
    """Return an address for a resource that says nothing about how many there are."""
    return uuid.uuid4().hex


def make_engine(url: str, **options: Any) -> Engine:
    """Return an engine for SQLite or PostgreSQL, set up as the house needs it."""
    if url.startswith("postgresql:"):
        url = url.replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(url, **options)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver must not begin transactions itself: savepoints and BEGIN IMMEDIATE need that.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def _bind(engine: Engine, writes: bool) -> Engine:
    return engine.execution_options(**{WRITES: writes})


def make_session(engine: Engine, *, writes: bool, tm: Any = None) -> Session:
    """Return a session; with a transaction manager it joins that and is closed by it."""
    # The session ends with its transaction: nobody asks its objects what they have become.
    session = RequestSession(bind=_bind(engine, writes), expire_on_commit=False)
    if tm is not None:
        session.info[JOINED] = Participant(session, tm)
    return session


def write_afterwards(request: Request, what: str, write: Callable[[Session], Any]) -> None:
    """Write something small in a short transaction of its own, when that of the request is over.

    A page that only reads stays one. The response is sent afterwards, so keep it short. What a busy
    database does not take is lost: ``what`` names it for the log.
    """
    if "bibliopolis.db" in request.environ:
        write(request.db)
        return
    engine = request.registry["bibliopolis.engine"]

    def write_now(_request: Request) -> None:
        try:
            with make_session(engine, writes=True) as db, db.begin():
                write(db)
        except OperationalError as error:
            log.info("%s could not be written: %s", what, error)

    request.add_finished_callback(write_now)


@contextmanager
def between_transactions(request: Request) -> Iterator[None]:
    """Do something long for a request while it has no transaction: others may write meanwhile.

    What the request has done so far is committed; what it does afterwards stands by itself.
    """
    if "bibliopolis.db" in request.environ:
        yield
        return
    request.tm.commit()
    try:
        yield
    finally:
        request.tm.begin()


def wait_for_turn(db: Session, what: int) -> None:
    """Let transactions that do the same thing come one after the other, until their end.

    ``what`` is a number of the house, see the callers. On SQLite all writers take turns anyway.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(what)))


def portions(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the values in portions that fit into one statement."""
    remaining = iter(values)
    while part := list(islice(remaining, size)):
        yield part


def read_rows(db: Session, statement: Any, given: Any = None) -> Any:
    """Return the rows of a statement, past the session, which is there for whole objects.

    A page asks a dozen times, and a session looks for its connection each time.
    """
    connection: Connection | None = db.info.get(CONNECTION)
    if connection is None or connection.closed or not connection.in_transaction():
        connection = db.info[CONNECTION] = db.connection()
    return connection.execute(statement, given)


def _request_session(request: Request) -> Session:
    # Tests hand in the session they roll back afterwards.
    given = request.environ.get("bibliopolis.db")
    if given is not None:
        return given
    writes = request.method not in SAFE_METHODS
    engine = request.registry["bibliopolis.engine"]
    return make_session(engine, writes=writes, tm=request.tm)


def includeme(config: Configurator) -> None:
    """Give requests a database session in the transaction of the request."""
    settings = config.registry["bibliopolis.settings"]
    config.add_settings({"tm.manager_hook": "pyramid_tm.explicit_manager", "retry.attempts": 3})
    config.include("pyramid_tm")
    config.include("pyramid_retry")
    if "bibliopolis.engine" not in config.registry:
        settings.data.mkdir(parents=True, exist_ok=True)
        config.registry["bibliopolis.engine"] = make_engine(settings.database_url)
    config.add_request_method(_request_session, "db", reify=True)
