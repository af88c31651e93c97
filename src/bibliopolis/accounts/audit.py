"""The audit log: what somebody may have to account for later, such as who granted which role.

Rooms declare their kinds of events with ``config.add_audit_event("cards.replaced", title)``; a
kind that nobody declared cannot be recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import AuditEvent, Person
from bibliopolis.accounts.networks import address_of, shortened
from bibliopolis.clock import Clock
from bibliopolis.search.columns import has_words

EVENTS = "bibliopolis.audit_events"
BATCH = 1000


@dataclass(frozen=True)
class Wanted:
    """Which events a page of the log shows; what is None is not asked for."""

    what: str | None = None
    who: str = ""
    """Words of names or addresses: of those who did it, or those it was done to."""
    person_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog:
    """Write down what happened, and find it again."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        titles: Mapping[str, Any],
        actor: Callable[[], int | None] = lambda: None,
        network: str | None = None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.titles = titles
        # Asked for late: whoever finds out who is here may have to write into the log, too.
        self.actor = actor
        self.network = network

    @classmethod
    def from_request(cls, context: Any, request: Any) -> AuditLog:
        """Make it for a request: unless told otherwise, its visitor is who did it."""
        return cls(
            db=request.db,
            clock=request.clock,
            titles=request.registry[EVENTS],
            actor=lambda: request.principals.person_id,
            network=shortened(address_of(request)),
        )

    def record(
        self,
        what: str,
        about: tuple[str, int] | None = None,
        who: int | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write down that ``who`` (else the visitor) did ``what`` to ``about``, a (type, id).

        ``details`` is plain JSON and holds no secret and no more of people than is needed.
        """
        if what not in self.titles:
            raise LookupError(f"no room has declared the audit event {what}")
        self.db.add(
            AuditEvent(
                happened=self.clock.now(),
                what=what,
                actor_id=self.actor() if who is None else who,
                about_type=about[0] if about else None,
                about_id=about[1] if about else None,
                details=dict(details or {}),
                network=self.network,
            )
        )

    def page(
        self, wanted: Wanted, offset: int = 0, limit: int = 50
    ) -> tuple[int, list[AuditEvent]]:
        """Return how many events are wanted and one page of them, newest first."""
        found = self._found(wanted)
        total = self.db.scalar(select(func.count()).select_from(found.subquery())) or 0
        ordered = found.order_by(AuditEvent.id.desc()).offset(offset).limit(limit)
        return total, list(self.db.scalars(ordered))

    def batches(self, wanted: Wanted, size: int = BATCH) -> Iterator[list[AuditEvent]]:
        """Return all events that are wanted, newest first, some at a time."""
        found = self._found(wanted).order_by(AuditEvent.id.desc()).limit(size)
        events = list(self.db.scalars(found))
        while events:
            yield events
            events = list(self.db.scalars(found.where(AuditEvent.id < events[-1].id)))

    def forget(self, networks_after: timedelta, events_after: timedelta) -> None:
        """Forget where old events came from, and the oldest events altogether."""
        now = self.clock.now()
        self.db.execute(
            update(AuditEvent)
            .where(AuditEvent.happened < now - networks_after, AuditEvent.network.is_not(None))
            .values(network=None)
        )
        self.db.execute(delete(AuditEvent).where(AuditEvent.happened < now - events_after))

    def _found(self, wanted: Wanted) -> Select[AuditEvent]:
        found = select(AuditEvent)
        if wanted.what is not None:
            found = found.where(AuditEvent.what == wanted.what)
        if wanted.who.strip():
            people = select(Person.id).where(has_words(Person.folded, wanted.who))
            found = found.where(
                AuditEvent.actor_id.in_(people)
                | ((AuditEvent.about_type == "person") & AuditEvent.about_id.in_(people))
            )
        if wanted.person_id is not None:
            found = found.where(
                (AuditEvent.actor_id == wanted.person_id)
                | ((AuditEvent.about_type == "person") & (AuditEvent.about_id == wanted.person_id))
            )
        if wanted.since is not None:
            found = found.where(AuditEvent.happened >= wanted.since)
        if wanted.until is not None:
            found = found.where(AuditEvent.happened < wanted.until)
        return found


def _add_audit_event(config: Any, name: str, title: Any) -> None:
    """Declare a kind of event; its title says what happened, in the past: «Password changed»."""
    discriminator = ("bibliopolis audit event", name)

    def register() -> None:
        config.registry[EVENTS][name] = title

    introspectable = config.introspectable(
        "bibliopolis audit events", discriminator, name, "audit event"
    )
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Any) -> None:
    """Register the service and the directive."""
    config.registry[EVENTS] = {}
    config.add_directive("add_audit_event", _add_audit_event)
    config.register_service_factory(AuditLog.from_request, AuditLog)
