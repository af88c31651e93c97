"""Tickets: what a link or an address in a letter carries, so that nobody can guess it.

Who holds the ticket of a thread reads and answers it as its asker; the one in the address for
replies only lets write. Neither is kept: they are made of the site's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.parameters import row_id
from bibliopolis.secret import site_secret

from ..models import Enquiry

THREAD = "thread"
REPLY = "reply"


class Tickets:
    """Write tickets for questions, and find the question of a ticket."""

    def __init__(self, db: Session, secret: str) -> None:
        self.db = db
        self.secret = secret

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Tickets:
        """Make it for a request."""
        return cls(db=request.db, secret=site_secret(request.settings))

    def write(self, enquiry: Enquiry, purpose: str) -> str:
        """Return the ticket: letters, digits and one hyphen."""
        return f"{enquiry.id}-{self._seal(enquiry, purpose)}"

    def read(self, ticket: str, purpose: str) -> Enquiry | None:
        """Return the question of a ticket; None where it is not ours."""
        number, _hyphen, seal = ticket.strip().lower().partition("-")
        enquiry_id = row_id(number)
        enquiry = self.db.get(Enquiry, enquiry_id) if enquiry_id else None
        if enquiry is None:
            return None
        good = hmac.compare_digest(seal.encode(), self._seal(enquiry, purpose).encode())
        return enquiry if good else None

    def _seal(self, enquiry: Enquiry, purpose: str) -> str:
        text = f"enquiry {purpose} {enquiry.id} {enquiry.uid}"
        digest = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()
        # Case is lost in mail addresses; 130 bits are not guessed.
        return base64.b32encode(digest[:17]).decode().lower().rstrip("=")[:26]
