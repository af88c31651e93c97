"""What happened to a resource: who, when, which transition, why; grouped by operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bibliopolis.clock import Clock
from bibliopolis.db import Base, new_uid

WITNESSES = "bibliopolis.history_witnesses"


class HistoryEntry(Base):
    """One thing that happened to one resource."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_resource", "resource_type", "resource_id", "id"),
        Index("ix_history_operation", "operation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(String(32))
    resource_type: Mapped[str] = mapped_column(String(40))
    resource_id: Mapped[int]
    language: Mapped[str] = mapped_column(String(20), default="")
    actor_id: Mapped[int | None]
    happened: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(60))
    state_before: Mapped[str | None] = mapped_column(String(40))
    state_after: Mapped[str | None] = mapped_column(String(40))
    comment: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class History:
    """Write and read the history; one instance is one operation."""

    def __init__(
        self, db: Session, clock: Clock, actor_id: int | None, witnesses: Iterable[Any] = ()
    ) -> None:
        self.db = db
        self.clock = clock
        self.actor_id = actor_id
        self.witnesses = tuple(witnesses)
        self.operation = new_uid()
        self._gathered: list[dict[str, Any]] | None = None

    @classmethod
    def from_request(cls, context: Any, request: Any) -> History:
        """Make it for a request: all it writes is one operation of the visitor."""
        return cls(
            db=request.db,
            clock=request.clock,
            actor_id=request.principals.person_id,
            witnesses=[make(context, request) for make in request.registry[WITNESSES]],
        )

    def write(
        self,
        resource: tuple[str, int],
        action: str,
        *,
        language: str = "",
        before: str | None = None,
        after: str | None = None,
        comment: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Say what happened to the resource ``(type, id)``; witnesses are told of it, too."""
        self.write_each([(resource, dict(data or {}))], action, language, before, after, comment)

    def write_each(
        self,
        resources: Sequence[tuple[tuple[str, int], Mapping[str, Any]]],
        action: str,
        language: str = "",
        before: str | None = None,
        after: str | None = None,
        comment: str | None = None,
    ) -> None:
        """Say the same of many resources, in one statement; witnesses are told of each."""
        self.write_all(resources, action, language, before, after, comment)
        for witness in self.witnesses:
            for resource, data in resources:
                witness.saw(resource, action, dict(data))

    def write_all(
        self,
        resources: Iterable[tuple[tuple[str, int], Mapping[str, Any]]],
        action: str,
        language: str = "",
        before: str | None = None,
        after: str | None = None,
        comment: str | None = None,
    ) -> None:
        """Say the same of many resources, in one statement."""
        rows = [
            {
                "operation": self.operation,
                "resource_type": resource[0],
                "resource_id": resource[1],
                "language": language,
                "actor_id": self.actor_id,
                "happened": self.clock.now(),
                "action": action,
                "state_before": before,
                "state_after": after,
                "comment": comment,
                "data": dict(data),
            }
            for resource, data in resources
        ]
        if self._gathered is not None:
            self._gathered += rows
        elif rows:
            self.db.execute(insert(HistoryEntry), rows)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what is said meanwhile in one statement, at the end: many steps at once."""
        gathered: list[dict[str, Any]] = []
        self._gathered = gathered
        try:
            yield
        finally:
            self._gathered = None
        if gathered:
            self.db.execute(insert(HistoryEntry), gathered)

    def of(
        self, resource: tuple[str, int], offset: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[HistoryEntry]]:
        """Return how many entries a resource has and one page of them, newest first."""
        mine = (HistoryEntry.resource_type == resource[0]) & (
            HistoryEntry.resource_id == resource[1]
        )
        total = self.db.scalar(select(func.count()).where(mine).select_from(HistoryEntry)) or 0
        entries = self.db.scalars(
            select(HistoryEntry)
            .where(mine)
            .order_by(HistoryEntry.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()
        return total, entries

    def last(
        self, resource: tuple[str, int], actions: Iterable[str], language: str = ""
    ) -> HistoryEntry | None:
        """Return which of the actions was taken last, in a language."""
        return self.db.scalar(
            select(HistoryEntry)
            .where(
                HistoryEntry.resource_type == resource[0],
                HistoryEntry.resource_id == resource[1],
                HistoryEntry.language == language,
                HistoryEntry.action.in_(tuple(actions)),
            )
            .order_by(HistoryEntry.id.desc())
            .limit(1)
        )


def _add_history_witness(config: Any, factory: Callable[[Any, Any], Any]) -> None:
    """Let an ``IHistoryWitness`` be told of what is written: ``factory(context, request)``."""
    discriminator = ("bibliopolis history witness", factory)

    def register() -> None:
        config.registry[WITNESSES].append(factory)

    introspectable = config.introspectable(
        "bibliopolis history witnesses", discriminator, factory.__qualname__, "history witness"
    )
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Any) -> None:
    """Register the service, and the directive ``add_history_witness``."""
    config.registry[WITNESSES] = []
    config.add_directive("add_history_witness", _add_history_witness)
    config.register_service_factory(History.from_request, History)
