"""Tokens by which programs act for people: made, seen, renewed and ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.models import (
    AccessToken,
    Person,
    RoleGrant,
    SecondFactor,
    held_by_person,
)
from bibliopolis.accounts.sign_in import Visitor, visitor_in
from bibliopolis.accounts.tokens import hash_of, new_token
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.resources.fields.texts import clean_text

PREFIX = "bibliopolis_"
"""Those who look for secrets that were published by mistake can tell what they have found."""

LASTS = timedelta(hours=12)
"""How long a program that signed in by ``@login`` may go on, unless it asks again."""

DAYS = (30, 90, 365)
"""How long a token made by hand may last."""

ALLOWED, ENDED = "program.allowed", "program.ended"
"""What is written into the audit log: tokens made by hand, which last long."""

MOST = 50
LONGEST_NAME = 100


@dataclass(frozen=True)
class Issued:
    """A new token: its secret is shown once and then known to nobody here."""

    secret: str
    token: AccessToken


@dataclass(frozen=True)
class Bearer:
    """A program that has shown a token, and the person it acts for."""

    visitor: Visitor
    token_id: int
    may_write: bool
    expires: datetime


class Tokens:
    """Give programs tokens and take them away."""

    def __init__(self, db: Session, clock: Clock, audit: Callable[[], AuditLog]) -> None:
        self.db = db
        self.clock = clock
        self.audit = audit

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Tokens:
        """Make it for a request."""
        # The log wants to know who the visitor is, and that is asked here.
        return cls(request.db, request.clock, lambda: request.find_service(AuditLog))

    def bearer(self, secret: str) -> Bearer | None:
        """Return whose token this is: one query, which never writes."""
        rows = self.db.execute(
            select(
                Person.id,
                Person.name,
                Person.email,
                Person.language,
                RoleGrant.role,
                RoleGrant.scope,
                SecondFactor.confirmed,
                AccessToken.id.label("token_id"),
                AccessToken.may_write,
                AccessToken.expires,
            )
            .join(AccessToken, AccessToken.person_id == Person.id)
            .outerjoin(RoleGrant, held_by_person())
            .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
            .where(
                AccessToken.token_hash == hash_of(secret),
                AccessToken.expires > self.clock.now(),
                Person.disabled.is_(False),
            )
        ).all()
        visitor = visitor_in(rows)
        if visitor is None:
            return None
        return Bearer(visitor, rows[0].token_id, rows[0].may_write, rows[0].expires)

    def begin(self, person_id: int, program: str) -> Issued:
        """Give a program that has signed in its token; of too many the oldest ends."""
        self._forget_expired(person_id)
        begun = self.db.scalars(
            select(AccessToken.id)
            .where(AccessToken.person_id == person_id, AccessToken.personal.is_(False))
            .order_by(AccessToken.id.desc())
            .offset(MOST - 1)
        ).all()
        if begun:
            self.db.execute(delete(AccessToken).where(AccessToken.id.in_(begun)))
        return self._issue(person_id, _named(program) or "@login", LASTS, True, personal=False)

    def create(self, person_id: int, name: str, days: int, may_write: bool) -> Issued:
        """Make a token by hand, under a name the person will know it by."""
        errors: dict[str, Any] = {}
        name = _named(name)
        if not name:
            errors["name"] = _("Say which program this is for.")
        if days not in DAYS:
            errors["days"] = _("Choose how long it may last.")
        if errors:
            raise InvalidInput(_("The token was not made."), errors)
        self._forget_expired(person_id)
        if self.count(person_id) >= 2 * MOST:
            raise Conflict(_("There are too many programs already: end some of them first."))
        details = {"name": name, "may_write": may_write}
        self.audit().record(ALLOWED, about=("person", person_id), details=details)
        return self._issue(person_id, name, timedelta(days=days), may_write, personal=True)

    def renew(self, token_id: int) -> Issued:
        """Give a program that signed in a new token for its old one, which ends."""
        old = self.db.get(AccessToken, token_id)
        if old is None:
            raise NotFoundHere(_("There is no such token."))
        if old.personal:
            raise Conflict(_("This token was made by hand: make another one in your account."))
        self.db.delete(old)
        self.db.flush()  # so that the two never count together
        return self._issue(old.person_id, old.name, LASTS, old.may_write, personal=False)

    def count(self, person_id: int) -> int:
        """Return how many programs may act for a person now."""
        mine = select(func.count()).select_from(AccessToken).where(*self._of(person_id))
        return self.db.scalar(mine) or 0

    def page(self, person_id: int, offset: int, limit: int) -> Sequence[AccessToken]:
        """Return some of the programs that may act for a person, the newest first."""
        return self.db.scalars(
            select(AccessToken)
            .where(*self._of(person_id))
            .order_by(AccessToken.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()

    def end(self, person_id: int, token_id: int) -> None:
        """End a token of the person's own; ending it twice changes nothing."""
        token = self.db.get(AccessToken, token_id)
        if token is None or token.person_id != person_id:
            return
        self.db.delete(token)
        self.db.flush()  # its next request is refused
        if token.personal:
            self.audit().record(ENDED, about=("person", person_id), details={"name": token.name})

    def _of(self, person_id: int) -> tuple[Any, ...]:
        return (AccessToken.person_id == person_id, AccessToken.expires > self.clock.now())

    def _issue(
        self, person_id: int, name: str, lasts: timedelta, may_write: bool, *, personal: bool
    ) -> Issued:
        secret = PREFIX + new_token()
        now = self.clock.now()
        token = AccessToken(
            token_hash=hash_of(secret),
            person_id=person_id,
            name=name,
            may_write=may_write,
            personal=personal,
            created=now,
            expires=now + lasts,
        )
        self.db.add(token)
        self.db.flush()  # the id is what the person ends it by
        return Issued(secret, token)

    def _forget_expired(self, person_id: int) -> None:
        self.db.execute(
            delete(AccessToken).where(
                AccessToken.person_id == person_id, AccessToken.expires <= self.clock.now()
            )
        )


def _named(name: str) -> str:
    return clean_text(name, one_line=True)[:LONGEST_NAME]
