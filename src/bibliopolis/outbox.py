"""The outbox: what must follow a change once it is committed.

A row names what changed, never its value: whoever works it off reads the truth first. It is
written in the same transaction as the change, so that a crash between the commit and the work
loses nothing; it is deleted after the work is done, so that a crash in between repeats the work,
which therefore must be idempotent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from sqlalchemy import Index, String, Text, delete, exists, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bibliopolis.clock import Clock
from bibliopolis.db import Base, portions

log = logging.getLogger(__name__)

Handler = Callable[[Request, Sequence[str]], None]

CLAIM = timedelta(minutes=5)
ATTEMPTS = 8
AT_ONCE = 500
"""So many keys are asked for in one statement."""
SILENCE = timedelta(seconds=60)
"""A worker not heard of for so long is thought dead."""
UPKEEP = 15.0
"""Seconds between looks at what is to be looked after, unless it says otherwise."""


class Priority(IntEnum):
    """What a person just did goes before what an import brought."""

    NOW = 0
    BULK = 10


class OutboxRow(Base):
    """One thing to follow up: a topic and the key of what changed."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "topic", "failed", "priority", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    priority: Mapped[int]
    created: Mapped[datetime]
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    failed: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None] = mapped_column(Text)


class WorkerHeartbeat(Base):
    """When a worker last said that it lives; ``/healthz`` reads it."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    seen: Mapped[datetime]


@dataclass(frozen=True)
class Job:
    """A topic of the outbox and who works it off, so many keys at a time.

    A handler that ``writes`` works in the transaction that deletes its rows. One that does not,
    such as the indexer, only reads the database: it must not keep other writers waiting.
    """

    topic: str
    handler: Handler
    batch: int
    writes: bool = True


@dataclass(frozen=True)
class Upkeep:
    """What the worker looks after by itself, every so many seconds."""

    look: Callable[[Request], None]
    every: float
    writes: bool


class Outbox:
    """Put things into the outbox, in the transaction of the change itself."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Request) -> Outbox:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock)

    def add(
        self,
        topic: str,
        key: str,
        priority: Priority = Priority.NOW,
        after: timedelta = timedelta(),
    ) -> None:
        """Say that ``key`` has changed; nobody looks at it before ``after`` has passed."""
        self.add_all(topic, [key], priority, after)

    def add_all(
        self,
        topic: str,
        keys: Iterable[str],
        priority: Priority = Priority.BULK,
        after: timedelta = timedelta(),
    ) -> None:
        """Say that all these have changed, in one statement."""
        now = self.clock.now()
        rows = [
            {
                "topic": topic,
                "key": key,
                "priority": int(priority),
                "created": now,
                "not_before": now + after,
                "attempts": 0,
                "failed": False,
            }
            for key in keys
        ]
        if rows:
            self.db.execute(insert(OutboxRow), rows)

    def waiting(self) -> list[tuple[str, int, datetime]]:
        """Return for each topic how many rows wait and since when the oldest does."""
        return [
            (topic, count, oldest)
            for topic, count, oldest in self.db.execute(
                select(OutboxRow.topic, func.count(), func.min(OutboxRow.created))
                .where(OutboxRow.failed.is_(False))
                .group_by(OutboxRow.topic)
                .order_by(OutboxRow.topic)
            )
        ]

    def rows_of(self, topic: str) -> Sequence[int]:
        """Return the numbers of all rows of a topic, those that failed with them."""
        return self.db.scalars(select(OutboxRow.id).where(OutboxRow.topic == topic)).all()

    def has_waiting(self, topic: str) -> bool:
        """Say whether a row of a topic is still to be done; one that failed is not."""
        mine = (OutboxRow.topic == topic) & OutboxRow.failed.is_(False)
        return bool(self.db.scalar(select(exists().where(mine))))

    def not_in_it(self, topic: str, keys: Iterable[str]) -> list[str]:
        """Return those keys that have no row of a topic: they neither wait nor have failed."""
        wanted = list(keys)
        known: set[str] = set()
        for part in portions(wanted, AT_ONCE):
            mine = (OutboxRow.topic == topic) & OutboxRow.key.in_(part)
            known.update(self.db.scalars(select(OutboxRow.key).where(mine)))
        return [key for key in wanted if key not in known]

    def forget(self, row_ids: Sequence[int]) -> None:
        """Take out rows whose work was done otherwise; a worker may have been faster."""
        self.db.execute(delete(OutboxRow).where(OutboxRow.id.in_(row_ids)))

    def failures(self, offset: int = 0, limit: int = 50) -> tuple[int, Sequence[OutboxRow]]:
        """Return how many rows finally failed, and one page of them, newest first."""
        failed = OutboxRow.failed.is_(True)
        total = self.db.scalar(select(func.count()).where(failed).select_from(OutboxRow)) or 0
        rows = self.db.scalars(
            select(OutboxRow)
            .where(failed)
            .order_by(OutboxRow.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()
        return total, rows

    def retry(self, row_ids: Sequence[int] | None = None) -> int:
        """Let failed rows, or all of them, be tried again; return how many."""
        statement = update(OutboxRow).where(OutboxRow.failed.is_(True))
        if row_ids is not None:
            statement = statement.where(OutboxRow.id.in_(row_ids))
        result = self.db.execute(
            statement.values(failed=False, attempts=0, not_before=self.clock.now())
        )
        return int(getattr(result, "rowcount", 0))


def heartbeats(db: Session, now: datetime) -> list[tuple[str, datetime, bool]]:
    """Return (name, last seen, whether it lives) of every worker, the latest first."""
    rows = db.execute(select(WorkerHeartbeat.name, WorkerHeartbeat.seen))
    latest = sorted(rows, key=lambda row: row.seen, reverse=True)
    return [(row.name, row.seen, now - row.seen < SILENCE) for row in latest]


def beat(db: Session, name: str, now: datetime) -> None:
    """Note that a worker lives."""
    result = db.execute(
        update(WorkerHeartbeat).where(WorkerHeartbeat.name == name).values(seen=now)
    )
    if not getattr(result, "rowcount", 0):
        db.execute(insert(WorkerHeartbeat).values(name=name, seen=now))


def forget_workers(db: Session, names: Iterable[str]) -> None:
    """Forget workers that have stopped or died."""
    db.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.name.in_(list(names))))


def due_topic(db: Session, topics: Iterable[str], now: datetime) -> str | None:
    """Return the topic with the most urgent row that is due, people's before imports'."""
    return db.scalar(
        select(OutboxRow.topic)
        .where(
            OutboxRow.topic.in_(list(topics)),
            OutboxRow.failed.is_(False),
            OutboxRow.not_before <= now,
        )
        .order_by(OutboxRow.priority, OutboxRow.id)
        .limit(1)
    )


def keys_of(db: Session, row_ids: Sequence[int]) -> dict[int, str]:
    """Return the keys of claimed rows."""
    found = db.execute(select(OutboxRow.id, OutboxRow.key).where(OutboxRow.id.in_(row_ids)))
    return {row.id: row.key for row in found}


def claim(db: Session, topic: str, now: datetime, limit: int) -> tuple[list[int], list[str]]:
    """Take rows for work: (row ids, their keys without repeats), people's before imports'.

    The claim is a time in the future before which nobody else takes the row. A worker that dies
    leaves its rows to be taken again when that time has passed.
    """
    query = (
        select(OutboxRow.id, OutboxRow.key)
        .where(OutboxRow.topic == topic, OutboxRow.failed.is_(False), OutboxRow.not_before <= now)
        .order_by(OutboxRow.priority, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = db.execute(query).all()
    ids = [row.id for row in rows]
    if ids:
        db.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(ids))
            # Without an error it is a claim, with one it is a pause: ``release`` tells them apart.
            .values(not_before=now + CLAIM, attempts=OutboxRow.attempts + 1, error=None)
        )
    return ids, list(dict.fromkeys(row.key for row in rows))


def finish(db: Session, row_ids: Sequence[int]) -> None:
    """Delete rows whose work is done."""
    db.execute(delete(OutboxRow).where(OutboxRow.id.in_(row_ids)))


def postpone(db: Session, row_ids: Sequence[int], now: datetime, error: str) -> None:
    """Let rows wait longer each time; after the last attempt they wait for a person."""
    for row in db.scalars(select(OutboxRow).where(OutboxRow.id.in_(row_ids))):
        row.error = error[:4000]
        row.not_before = now + timedelta(seconds=min(5 * 4 ** (row.attempts - 1), 3600))
        row.failed = row.attempts >= ATTEMPTS


def release(db: Session, topics: Iterable[str], now: datetime) -> None:
    """Give back what a worker claimed before it died: only right where it is the only worker."""
    db.execute(
        update(OutboxRow)
        .where(
            OutboxRow.topic.in_(list(topics)),
            OutboxRow.failed.is_(False),
            OutboxRow.error.is_(None),
            OutboxRow.not_before > now,
        )
        .values(not_before=now)
    )


def _add_job(
    config: Configurator, topic: str, handler: Handler, batch: int = 100, writes: bool = True
) -> None:
    """Register who works off a topic of the outbox; handlers are idempotent."""
    discriminator = ("bibliopolis job", topic)
    handler = config.maybe_dotted(handler)
    job = Job(topic, handler, batch, writes)

    def register() -> None:
        config.registry["bibliopolis.jobs"][topic] = job

    introspectable = config.introspectable("bibliopolis jobs", discriminator, topic, "outbox job")
    introspectable["handler"] = handler
    config.action(discriminator, register, introspectables=(introspectable,))


def _add_upkeep(
    config: Configurator,
    name: str,
    upkeep: Callable[[Request], None],
    every: float = UPKEEP,
    writes: bool = False,
) -> None:
    """Register what the worker looks after by itself, again and again; it must be cheap.

    The first look is at the start of the worker, so that what fell due while none ran is done.
    """
    discriminator = ("bibliopolis upkeep", name)
    upkeep = config.maybe_dotted(upkeep)

    def register() -> None:
        config.registry["bibliopolis.upkeep"][name] = Upkeep(upkeep, every, writes)

    introspectable = config.introspectable("bibliopolis upkeep", discriminator, name, "upkeep")
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Register the service and the directives ``add_job`` and ``add_upkeep``."""
    config.registry["bibliopolis.jobs"] = {}
    config.registry["bibliopolis.upkeep"] = {}
    config.add_directive("add_job", _add_job)
    config.add_directive("add_upkeep", _add_upkeep)
    config.register_service_factory(Outbox.from_request, Outbox)
