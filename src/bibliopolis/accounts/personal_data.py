"""What the house keeps of a person: handed out whole, and forgotten when their account is closed.

Rooms say what is theirs with ``config.add_personal_data(name, part)``: a :class:`Part`, called with
the request. A room that keeps something of people and registers none breaks two promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from sqlalchemy.orm import Session

from bibliopolis.accounts import events
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.lookup import find_readers
from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _

PARTS = "bibliopolis.personal_data"


@dataclass(frozen=True)
class Subject:
    """Whose data they are; a reader's only where the person is one."""

    person_id: int
    reader_id: int | None
    email: str


class Part:
    """What one room keeps of people; a room overrides what concerns it."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.db: Session = request.db

    def export(self, subject: Subject) -> Mapping[str, Any]:
        """Return what is kept by names that last, as JSON takes it; moments may stay moments."""
        return {}

    def lock(self, subject: Subject) -> None:
        """Keep others from adding to it until the transaction ends."""

    def against_closing(self, subject: Subject) -> Iterable[Any]:
        """Return every reason why the account cannot be closed now, and what to do about it."""
        return ()

    def erase(self, subject: Subject) -> None:
        """Forget whose it was; what is counted stays."""


class PersonalData:
    """Everything about one person, from every room."""

    def __init__(
        self, db: Session, clock: Clock, parts: Mapping[str, Part], audit: AuditLog, readers: Any
    ) -> None:
        self.db = db
        self.clock = clock
        self.parts = parts
        self.audit = audit
        self.readers = readers

    @classmethod
    def from_request(cls, context: Any, request: Any) -> PersonalData:
        """Make it for a request."""
        declared = request.registry[PARTS]
        return cls(
            db=request.db,
            clock=request.clock,
            parts={name: part(request) for _order, name, part in sorted(declared, key=_place)},
            audit=request.find_service(AuditLog),
            readers=find_readers(request),
        )

    def export(self, person: Person) -> dict[str, Any]:
        """Return all that is kept of a person, by room; that it was asked for is written down."""
        subject = self._subject(person)
        found = {name: dict(part.export(subject)) for name, part in self.parts.items()}
        self.audit.record(events.EXPORTED, about=("person", person.id), who=person.id)
        return {
            "exported": self.clock.now(),
            **{name: kept for name, kept in found.items() if kept},
        }

    def against_closing(self, person: Person) -> Sequence[Any]:
        """Return every reason why the account cannot be closed now."""
        subject = self._subject(person)
        return [one for part in self.parts.values() for one in part.against_closing(subject)]

    def close(self, person: Person) -> None:
        """Close the account for good and forget who the person was, in every room or in none."""
        subject = self._subject(person)
        for part in self.parts.values():
            part.lock(subject)
        reasons = self.against_closing(person)
        if reasons:
            raise Conflict(_("The account cannot be closed yet."), reasons)
        for part in reversed(list(self.parts.values())):
            part.erase(subject)
        self.audit.record(events.LEFT, about=("person", person.id), who=person.id)

    def _subject(self, person: Person) -> Subject:
        reader_id = self.readers.reader_id_of(person.id) if self.readers is not None else None
        return Subject(person.id, reader_id, person.email)


def _place(declared: tuple[int, str, Callable[[Any], Part]]) -> tuple[int, str]:
    return declared[0], declared[1]


def _add_personal_data(
    config: Configurator, name: str, part: Callable[[Any], Part], order: int = 50
) -> None:
    """Say what a room keeps of people; ``name`` stands in the export, rooms below come first."""
    discriminator = ("bibliopolis personal data", name)
    part = config.maybe_dotted(part)

    def register() -> None:
        config.registry[PARTS].append((order, name, part))

    introspectable = config.introspectable(
        "bibliopolis personal data", discriminator, name, "personal data"
    )
    introspectable["part"] = part
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Register the service, the directive, and what accounts itself keeps."""
    from bibliopolis.accounts.own_data import AccountData

    config.registry[PARTS] = []
    config.add_directive("add_personal_data", _add_personal_data)
    config.register_service_factory(PersonalData.from_request, PersonalData)
    config.add_personal_data("account", AccountData, order=0)
    config.scan("bibliopolis.accounts.data_views")
