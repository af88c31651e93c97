"""Who acts for whom: guardians and the children in their care."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from bibliopolis.clock import Clock
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.history import History

from ..categories import ReaderPolicy
from ..models import Guardianship, Reader, Registration


class Guardians:
    """Appoint guardians, and say for whom a reader may act today."""

    def __init__(self, db: Session, clock: Clock, policy: ReaderPolicy, history: History) -> None:
        self.db = db
        self.clock = clock
        self.policy = policy
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Guardians:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            policy=request.find_service(ReaderPolicy),
            history=request.find_service(History),
        )

    def appoint(self, guardian: Reader | None, child: Reader) -> None:
        """Let a grown-up act for a child; appointing them twice changes nothing."""
        today = self.clock.today()
        if guardian is None:
            raise _refused(_("No reader has this card."))
        if not self.policy.needs_guardian(child, today):
            raise _refused(_("Nobody acts for a reader of this age."))
        if self.policy.needs_guardian(guardian, today) or guardian.id == child.id:
            raise _refused(_("A guardian is a grown-up reader."))
        if guardian.registration != Registration.FULL:
            raise _refused(_("The guardian's own registration must be finished first."))
        if self.db.get(Guardianship, (guardian.id, child.id)) is None:
            self.db.add(
                Guardianship(guardian_id=guardian.id, child_id=child.id, since=self.clock.now())
            )
            self.history.write(("reader", child.id), "appoint_guardian")

    def dismiss(self, guardian_id: int, child: Reader) -> None:
        """End it; a child needs somebody, so the last guardian stays."""
        rows = {row.id for row in self.of(child)}
        if guardian_id not in rows:
            return
        if len(rows) == 1 and self.policy.needs_guardian(child, self.clock.today()):
            raise _refused(_("A child needs a guardian: appoint another one first."))
        self.db.execute(
            delete(Guardianship).where(
                Guardianship.guardian_id == guardian_id, Guardianship.child_id == child.id
            )
        )
        self.history.write(("reader", child.id), "dismiss_guardian")

    def of(self, child: Reader) -> Sequence[Reader]:
        """Return who acts for a reader, if their age still wants it."""
        if not self.policy.needs_guardian(child, self.clock.today()):
            return ()
        query = (
            select(Reader)
            .join(Guardianship, Guardianship.guardian_id == Reader.id)
            .options(selectinload(Reader.cards))
            .where(Guardianship.child_id == child.id)
            .order_by(Reader.sort_key, Reader.id)
        )
        return self.db.scalars(query).all()

    def children_of(self, reader_id: int | None) -> Sequence[Reader]:
        """Return the children a reader acts for today."""
        if reader_id is None:
            return ()
        query = (
            select(Reader)
            .join(Guardianship, Guardianship.child_id == Reader.id)
            .options(selectinload(Reader.cards))
            .where(
                Guardianship.guardian_id == reader_id, Reader.registration != Registration.CLOSED
            )
            .order_by(Reader.sort_key, Reader.id)
        )
        today = self.clock.today()
        found = self.db.scalars(query).all()
        return [child for child in found if self.policy.needs_guardian(child, today)]

    def acts_for(self, reader_id: int | None, child_id: int) -> bool:
        """Say whether a reader acts for another one today."""
        if reader_id is None or self.db.get(Guardianship, (reader_id, child_id)) is None:
            return False
        child = self.db.get(Reader, child_id)
        return (
            child is not None
            and child.registration != Registration.CLOSED
            and self.policy.needs_guardian(child, self.clock.today())
        )


def _refused(why: Any) -> InvalidInput:
    return InvalidInput(_("The guardian was not appointed."), {"guardian": why})
