"""What people change of themselves without a desk, and what they let the libraries remember."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.accounts.services import NO_PLACE, names_a_place
from bibliopolis.clock import Clock
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.history import History

from ..interfaces import IReadingHistory
from ..models import Reader, Registration
from .registering import LONGEST, Registering, clean


class Profile:
    """A person's own particulars and choices."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        history: History,
        registering: Registering,
        reading: IReadingHistory | None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.history = history
        self.registering = registering
        self.reading = reading

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Profile:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            history=request.find_service(History),
            registering=request.find_service(Registering),
            reading=request.services.get(IReadingHistory, context=None, default=None),
        )

    def may_rename(self, reader: Reader | None) -> bool:
        """Say whether the name is the person's own to change: no desk has seen a document."""
        return reader is None or reader.registration != Registration.FULL

    def change(self, person: Person, reader: Reader | None, sent: Mapping[str, Any]) -> None:
        """Keep what a person says of themselves; birth date and category stay as they are."""
        if reader is None:
            name = clean(sent.get("name"))
            if not name or len(name) > LONGEST["name"]:
                reason = _("This is too long.") if name else _("A name is needed.")
                raise InvalidInput(_("Some fields need another look."), {"name": reason})
            if names_a_place(name):
                raise InvalidInput(_("Some fields need another look."), {"name": NO_PLACE})
            person.rename(name)
            return
        own = {} if self.may_rename(reader) else {"name": reader.name}
        born = reader.born.isoformat() if reader.born else ""
        particulars = self.registering.read({**sent, **own, "born": born})
        self.registering.change(reader, particulars, reader.category)
        person.rename(particulars.name)

    def kept_loans(self, reader: Reader) -> int:
        """Return how many loans of the past are kept for a reader."""
        return self.reading.count(reader.id) if self.reading is not None else 0

    def keep_history(self, reader: Reader, keep: bool) -> None:
        """Keep what is borrowed from now on, or keep nothing and forget what was kept."""
        if reader.keeps_history == keep:
            return
        reader.keeps_history = keep
        reader.changed = self.clock.now()
        if not keep and self.reading is not None:
            self.reading.forget(reader.id)
        action = "keep_reading_history" if keep else "forget_reading_history"
        self.history.write(("reader", reader.id), action)
