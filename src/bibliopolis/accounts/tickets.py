"""Tickets between the two steps of signing in: signed, not kept, good for some minutes.

A ticket says whose password was right, and is worth nothing once that password is another one.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.parameters import row_id, whole_number

GOOD_FOR = timedelta(minutes=10)


class Tickets:
    """Issue tickets and read them."""

    def __init__(self, clock: Clock, secret: str) -> None:
        self.clock = clock
        self.secret = secret

    def issue(self, person: Person) -> str:
        """Return a ticket for a person whose password was right."""
        expires = int((self.clock.now() + GOOD_FOR).timestamp())
        return f"{person.id}.{expires}.{self._signature(person, expires)}"

    def holder(self, db: Session, ticket: str) -> Person | None:
        """Return whose ticket this is, None where it is not good, or not any more."""
        number, _dot, rest = ticket.partition(".")
        moment, _dot, signature = rest.partition(".")
        person_id, expires = row_id(number), whole_number(moment, 12)
        if person_id is None or expires is None or self.clock.now().timestamp() >= expires:
            return None
        person = db.get(Person, person_id)
        if person is None or person.disabled:
            return None
        signed = self._signature(person, expires)
        good = hmac.compare_digest(signature.encode(errors="replace"), signed.encode())
        return person if good else None

    def _signature(self, person: Person, expires: int) -> str:
        said = f"second step\0{person.id}\0{expires}\0{person.password_hash}".encode()
        return hmac.new(self.secret.encode(), said, hashlib.sha256).hexdigest()
