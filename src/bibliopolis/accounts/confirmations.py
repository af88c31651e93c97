"""Confirmations: links in letters that do one thing once, such as a new password.

Whoever opens the link proves that they read the mail of that address. Mail scanners open links,
too: a page shows what the link is for with ``peek``, and only the form on it redeems the link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import ConfirmationToken
from bibliopolis.accounts.tokens import hash_of, new_token
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _

REMEMBERED = timedelta(days=7)
"""So long after its end a link is told to be too old, instead of unknown."""


class ConfirmationRefused(Conflict):
    """The link is unknown, too old or used up; the reason says which and what to do."""


class ConfirmationUsed(ConfirmationRefused):
    """The link has done its work, whoever opened it; ``subject`` is whom it was about."""

    def __init__(self, subject: str) -> None:
        super().__init__(_("This link has been used already."))
        self.subject = subject


@dataclass(frozen=True)
class Confirmation:
    """What a link confirms: for what, for whom, and what was noted when it was written."""

    purpose: str
    subject: str
    data: Mapping[str, Any]
    issued: datetime
    expires: datetime


class Confirmations:
    """Write links that confirm something, and redeem them once."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Confirmations:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock)

    def issue(
        self,
        purpose: str,
        subject: str,
        data: Mapping[str, Any] | None = None,
        valid: timedelta = timedelta(days=1),
    ) -> str:
        """Return a new token for a link; send it in a ``confidential`` letter.

        ``subject`` is whom it is about, such as an address or ``person:12``. Earlier links
        stay good: letters overtake each other, and people open whichever they see first.
        """
        token = new_token()
        now = self.clock.now()
        self.db.add(
            ConfirmationToken(
                token_hash=hash_of(token),
                purpose=purpose,
                subject=subject,
                data=dict(data or {}),
                created=now,
                expires=now + valid,
            )
        )
        self.db.flush()  # a link that cannot be kept must not be sent
        return token

    def peek(self, purpose: str, token: str) -> Confirmation:
        """Return what the link is for without using it up, or raise `ConfirmationRefused`."""
        row = self._row(purpose, token)
        if row is None:
            raise ConfirmationRefused(
                _("This link is not known here. Copy the whole address from the letter.")
            )
        if row.used is not None:
            raise ConfirmationUsed(row.subject)
        if row.expires <= self.clock.now():
            raise ConfirmationRefused(_("This link is too old. Ask for a new one."))
        return Confirmation(row.purpose, row.subject, row.data, row.created, row.expires)

    def redeem(self, purpose: str, token: str) -> Confirmation:
        """Use the link up and return what it confirms, or raise `ConfirmationRefused`.

        Of two at the same time one gets it. When the request fails afterwards, the link is good
        again.
        """
        now = self.clock.now()
        taken = self.db.execute(
            update(ConfirmationToken)
            .where(
                ConfirmationToken.token_hash == hash_of(token),
                ConfirmationToken.purpose == purpose,
                ConfirmationToken.used.is_(None),
                ConfirmationToken.expires > now,
            )
            .values(used=now)
            .returning(
                ConfirmationToken.subject,
                ConfirmationToken.data,
                ConfirmationToken.created,
                ConfirmationToken.expires,
            )
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if taken is not None:
            # What was noted has done its work; the row stays to say that the link was used.
            self.db.execute(
                update(ConfirmationToken)
                .where(ConfirmationToken.token_hash == hash_of(token))
                .values(data={})
                .execution_options(synchronize_session=False)
            )
            return Confirmation(purpose, taken.subject, taken.data, taken.created, taken.expires)
        raise ConfirmationUsed(self.peek(purpose, token).subject)  # or it says why else not

    def withdraw(self, purpose: str, subject: str) -> None:
        """Take all open links of a purpose for somebody as used: what they are for is done."""
        self.db.execute(
            update(ConfirmationToken)
            .where(
                ConfirmationToken.purpose == purpose,
                ConfirmationToken.subject == subject,
                ConfirmationToken.used.is_(None),
            )
            .values(used=self.clock.now(), data={})
            .execution_options(synchronize_session=False)
        )

    def issued_within(self, purpose: str, subject: str, time: timedelta) -> int:
        """Return how many links were written lately: nobody's mailbox is to be filled."""
        return (
            self.db.scalar(
                select(func.count())
                .select_from(ConfirmationToken)
                .where(
                    ConfirmationToken.purpose == purpose,
                    ConfirmationToken.subject == subject,
                    ConfirmationToken.created > self.clock.now() - time,
                )
            )
            or 0
        )

    def forget_old(self) -> None:
        """Forget what links that have ended were for, and those that ended some time ago."""
        now = self.clock.now()
        self.db.execute(
            delete(ConfirmationToken).where(ConfirmationToken.expires < now - REMEMBERED)
        )
        self.db.execute(
            update(ConfirmationToken).where(ConfirmationToken.expires < now).values(data={})
        )

    def _row(self, purpose: str, token: str) -> ConfirmationToken | None:
        return self.db.scalar(
            select(ConfirmationToken)
            .where(
                ConfirmationToken.token_hash == hash_of(token),
                ConfirmationToken.purpose == purpose,
            )
            .execution_options(populate_existing=True)
        )
