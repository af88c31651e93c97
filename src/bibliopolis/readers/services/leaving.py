"""What becomes of readers who go: refused at a desk, not come in time, or by their own wish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.history import History

from ..interfaces import IOpenHolds
from ..letters import ReaderLetters
from ..models import Guardianship, Reader, Registration
from .readers import lock


class Refusal(StrEnum):
    """Why a desk does not finish a registration."""

    NO_DOCUMENT = "no_document"
    DIFFERS = "differs"
    KNOWN = "known"
    RULES = "rules"
    OWN_WISH = "own_wish"


REFUSALS: Mapping[str, Any] = {
    Refusal.NO_DOCUMENT: _("No document that the rules ask for was shown."),
    Refusal.DIFFERS: _("The document says something else than the registration."),
    Refusal.KNOWN: _("You are a reader already, with another card."),
    Refusal.RULES: _("The rules of the libraries do not allow it."),
    Refusal.OWN_WISH: _("You asked for it."),
}

OVER = _("Nobody came to a desk with a document in time.")


class Leaving:
    """Let readers go, and forget who they were."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        history: History,
        letters: ReaderLetters,
        holds: IOpenHolds | None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.history = history
        self.letters = letters
        self.holds = holds

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Leaving:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            history=request.find_service(History),
            letters=request.find_service(ReaderLetters),
            holds=request.services.get(IOpenHolds, context=None, default=None),
        )

    def refuse(self, reader: Reader, reason: str) -> None:
        """End a registration at a desk, tell the person why, and keep nothing of it.

        What they wait for is cancelled; their account stays, without a card.
        """
        self._lock_holds([reader.id])
        lock(self.db, reader)
        if reader.registration != Registration.PRELIMINARY:
            raise Conflict(_("This registration is finished already."))
        if reason not in REFUSALS:
            wrong = {"reason": _("Choose a reason of the list.")}
            raise InvalidInput(_("The registration was not refused."), wrong)
        self._end([reader], REFUSALS[reason])
        self.history.write(("reader", reader.id), "refuse_registration", data={"reason": reason})

    def end_unfinished(self, limit: int) -> int:
        """End registrations that no desk has finished in time; return how many."""
        has_run_out = (
            Reader.registration == Registration.PRELIMINARY,
            Reader.registered_until < self.clock.today(),
        )
        some = select(Reader.id).where(*has_run_out).order_by(Reader.id).limit(limit)
        ids = self.db.scalars(some).all()
        self._lock_holds(ids)
        # A desk that is finishing one meanwhile keeps it.
        mine = select(Reader).where(Reader.id.in_(ids), *has_run_out).order_by(Reader.id)
        over = self.db.scalars(mine.with_for_update(skip_locked=True)).all()
        self._end(over, OVER)
        for reader in over:
            self.history.write(("reader", reader.id), "registration_ran_out")
        return len(over)

    def _lock_holds(self, reader_ids: Sequence[int]) -> None:
        if self.holds is not None:
            self.holds.lock(reader_ids)

    def _end(self, readers: Sequence[Reader], reason: Any) -> None:
        if self.holds is not None:
            self.holds.cancel_all([reader.id for reader in readers])
        for reader in readers:
            person = self.db.get(Person, reader.person_id) if reader.person_id else None
            if person is not None:
                self.letters.registration_refused(person, reason)
            self.erase(reader)

    def erase(self, reader: Reader) -> None:
        """Forget who a reader was; the row stays for what refers to it."""
        reader.name = reader.sort_key = reader.folded = ""
        reader.phone = reader.address = ""
        reader.born = reader.category = reader.person_id = reader.registered_until = None
        reader.keeps_history = False
        reader.registration = Registration.CLOSED
        reader.changed = self.clock.now()
        reader.cards.clear()
        self.db.execute(
            delete(Guardianship).where(
                (Guardianship.child_id == reader.id) | (Guardianship.guardian_id == reader.id)
            )
        )
        self.db.flush()  # an account without its reader may have another one
