"""Browsers that people have signed in with before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import KnownDevice
from bibliopolis.accounts.tokens import hash_of, new_token
from bibliopolis.clock import Clock

REMEMBERED = timedelta(days=365)


class Devices:
    """Know browsers again by a token of their own, which is no proof of anything else.

    In a library's network none is remembered: whoever sits there next is not the same person.
    """

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Devices:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock)

    def knows(self, person_id: int, token: str | None) -> bool:
        """Say whether the person has signed in with this browser before."""
        if not token:
            return False
        return bool(
            self.db.scalar(
                select(
                    exists().where(
                        KnownDevice.token_hash == hash_of(token),
                        KnownDevice.person_id == person_id,
                        KnownDevice.seen > self.clock.now() - REMEMBERED,
                    )
                )
            )
        )

    def remember(self, person_id: int, token: str | None) -> str:
        """Know the browser from now on; return the token it should keep."""
        token = token or new_token()
        kept = hash_of(token)
        now = self.clock.now()
        seen = self.db.execute(
            update(KnownDevice)
            .where(KnownDevice.token_hash == kept, KnownDevice.person_id == person_id)
            .values(seen=now)
        )
        if not getattr(seen, "rowcount", 0):
            self.db.add(KnownDevice(token_hash=kept, person_id=person_id, seen=now))
        return token

    def forget(self, person_id: int) -> None:
        """Know none of a person's browsers any more, as after a new password."""
        self.db.execute(delete(KnownDevice).where(KnownDevice.person_id == person_id))

    def forget_old(self) -> None:
        """Delete browsers not seen for a year."""
        self.db.execute(delete(KnownDevice).where(KnownDevice.seen < self.clock.now() - REMEMBERED))
