"""Signing in and out: who may, and what the browser keeps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bibliopolis.accounts import events
from bibliopolis.accounts.attempts import Attempts, too_many
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.devices import Devices
from bibliopolis.accounts.interfaces import IReaders
from bibliopolis.accounts.lookup import find_readers
from bibliopolis.accounts.models import (
    Person,
    RoleGrant,
    SecondFactor,
    SignedInSession,
    held_by_person,
)
from bibliopolis.accounts.networks import NOWHERE, Origin
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.accounts.second_factor import SecondFactors
from bibliopolis.accounts.tickets import Tickets
from bibliopolis.accounts.tokens import hash_of, new_token
from bibliopolis.clock import Clock
from bibliopolis.i18n import _
from bibliopolis.resources.access import Grant
from bibliopolis.secret import site_secret

WRONG_CODE = _("This code is not right, or has been used already.")
CODE_NEEDED = _("This account has a second step: send the code of the app, too, as code.")
WRONG = _("The name or the password is not right.")
LASTS = timedelta(days=30)
LASTS_IN_LIBRARY = timedelta(hours=12)
"""Where many share a computer, a forgotten sign-out does not last."""


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that worked: the tokens go into the browser's cookies, only hashes are kept.

    Without ``device`` the browser is not to be known again, and its cookie ends with it.
    """

    person_id: int
    language: str
    token: str
    expires: datetime
    device: str | None = None


@dataclass(frozen=True)
class Refusal:
    """A sign-in that did not work; returned, not raised, because the attempt must be counted.

    ``wait`` is how long nobody may try again, where that is why.
    """

    reason: Any
    wait: timedelta | None = None


@dataclass(frozen=True)
class SecondStep:
    """A password that was right, of a person who must show a code, too; the ticket leads on."""

    ticket: str


@dataclass(frozen=True)
class Visitor:
    """The person behind a cookie, with the roles they hold."""

    person_id: int
    name: str
    email: str
    language: str
    grants: frozenset[Grant]
    has_second_factor: bool = False
    session_id: int | None = None
    last_used: datetime | None = None
    """A program acts without a session."""

    def unseen_for(self, now: datetime) -> timedelta:
        """Return how long ago the last use of the session was noted."""
        return now - self.last_used if self.last_used else timedelta(0)


class SignIn:
    """Let people in and out."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        passwords: Passwords,
        readers: IReaders | None,
        attempts: Attempts,
        devices: Devices,
        audit: AuditLog,
        factors: Callable[[], SecondFactors],
        tickets: Tickets,
    ) -> None:
        self.db = db
        self.clock = clock
        self.passwords = passwords
        self.readers = readers
        self.attempts = attempts
        self.devices = devices
        self.audit = audit
        self.factors = factors
        self.tickets = tickets

    @classmethod
    def from_request(cls, context: Any, request: Any) -> SignIn:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            passwords=request.registry["bibliopolis.passwords"],
            readers=find_readers(request),
            attempts=request.find_service(Attempts, context=None),
            devices=request.find_service(Devices, context=None),
            audit=request.find_service(AuditLog, context=None),
            # Few requests need it, and its letters cost some work to make.
            factors=lambda: request.find_service(SecondFactors, context=None),
            tickets=Tickets(request.clock, site_secret(request.settings)),
        )

    def sign_in(
        self, name: str, password: str, browser: str = "", origin: Origin = NOWHERE
    ) -> SignedIn | SecondStep | Refusal:
        """Open a session for an e-mail address or a card number and its password.

        Of a person with a second factor the password is only the first step.
        """
        answer = self.prove(name, password, origin)
        if isinstance(answer, Refusal):
            return answer
        if self.factors().since(answer.id) is not None:
            return SecondStep(self.tickets.issue(answer))
        self.db.execute(delete(SignedInSession).where(SignedInSession.expires < self.clock.now()))
        return self.open_session(answer, browser, origin)

    def go_on(
        self, ticket: str, code: str, browser: str = "", origin: Origin = NOWHERE
    ) -> SignedIn | Refusal | None:
        """Open a session by a code, after the password; None if the ticket is no longer good."""
        person = self.tickets.holder(self.db, ticket)
        if person is None:
            return None
        refused = self.prove_code(person, code, origin)
        return refused or self.open_session(person, browser, origin)

    def prove_code(self, person: Person, code: str, origin: Origin = NOWHERE) -> Refusal | None:
        """Return why a code does not show that it is its owner, None if it does and is used up.

        Attempts are counted apart from those of passwords, and slowed down alike.
        """
        known = self.devices.knows(person.id, origin.device)
        who = f"second step of person {person.id}"
        wait = self.attempts.begin(who, origin, known)
        if wait is not None:
            return Refusal(too_many(wait), wait)
        if not self.factors().accepts(person, code):
            reached = self.attempts.failed(who, origin, known)
            if reached.account:
                self.audit.record(events.CODE_GUESSED, about=("person", person.id))
            return Refusal(WRONG_CODE)
        self.attempts.succeeded(who, origin, known)
        return None

    def prove_program(
        self, name: str, password: str, code: str | None, origin: Origin = NOWHERE
    ) -> Person | Refusal:
        """Return whose these are; of a person with a second factor the code belongs to it."""
        person = self.prove(name, password, origin)
        if isinstance(person, Refusal) or self.factors().since(person.id) is None:
            return person
        if code is None:
            return Refusal(CODE_NEEDED)
        return self.prove_code(person, code, origin) or person

    def owes_second_factor(self, person: Person, required: Collection[str]) -> bool:
        """Say whether a person holds a role that needs a second factor, and has none."""
        held = select(RoleGrant.id).join(Person, held_by_person())
        held = held.where(Person.id == person.id, RoleGrant.role.in_(required))
        return (
            bool(required)
            and self.db.scalar(held.limit(1)) is not None
            and self.factors().since(person.id) is None
        )

    def prove(self, name: str, password: str, origin: Origin = NOWHERE) -> Person | Refusal:
        """Return whose e-mail address or card number and password these are.

        Attempts are counted and slowed down; see ``accounts.attempts``.
        """
        person = self.person_named(name)
        who = f"person {person.id}" if person else name.strip().lower()[:320]
        refused = self._check(person, who, password, origin)
        if refused is not None or person is None:
            return refused or Refusal(WRONG)
        return person

    def check_again(self, person: Person, password: str, origin: Origin = NOWHERE) -> Any | None:
        """Return why somebody who is signed in has not shown that they are the owner, or None."""
        refused = self._check(person, f"person {person.id}", password, origin)
        if refused is None:
            return None
        return refused.reason if refused.wait else _("This is not your present password.")

    def open_session(self, person: Person, browser: str = "", origin: Origin = NOWHERE) -> SignedIn:
        """Open a session for a person who has proved who they are."""
        token = new_token()
        now = self.clock.now()
        expires = now + (LASTS_IN_LIBRARY if origin.in_library else LASTS)
        self.db.add(
            SignedInSession(
                token_hash=hash_of(token),
                person_id=person.id,
                created=now,
                last_used=now,
                expires=expires,
                browser=browser[:200],
                in_library=origin.in_library,
            )
        )
        device = None if origin.in_library else self.devices.remember(person.id, origin.device)
        return SignedIn(person.id, person.language, token, expires, device)

    def sign_out(self, token: str) -> None:
        """Close the session of a browser."""
        self.db.execute(delete(SignedInSession).where(SignedInSession.token_hash == hash_of(token)))

    def visitor(self, token: str) -> Visitor | None:
        """Return who is behind a token: one query, which never writes."""
        rows = self.db.execute(
            select(
                Person.id,
                Person.name,
                Person.email,
                Person.language,
                RoleGrant.role,
                RoleGrant.scope,
                SecondFactor.confirmed,
                SignedInSession.id.label("session_id"),
                SignedInSession.last_used,
            )
            .join(SignedInSession, SignedInSession.person_id == Person.id)
            .outerjoin(RoleGrant, held_by_person())
            .outerjoin(SecondFactor, SecondFactor.person_id == Person.id)
            .where(
                SignedInSession.token_hash == hash_of(token),
                SignedInSession.expires > self.clock.now(),
                Person.disabled.is_(False),
            )
        ).all()
        visitor = visitor_in(rows)
        if visitor is None:
            return None
        return replace(visitor, session_id=rows[0].session_id, last_used=rows[0].last_used)

    def person_named(self, name: str) -> Person | None:
        """Return whose e-mail address or card number this is."""
        name = name.strip()
        if "@" in name:
            return self.db.scalar(select(Person).where(Person.email == name.lower()))
        person_id = self.readers.person_id_by_card(name) if self.readers and name else None
        return self.db.get(Person, person_id) if person_id is not None else None

    def _check(
        self, person: Person | None, who: str, password: str, origin: Origin
    ) -> Refusal | None:
        known = person is not None and self.devices.knows(person.id, origin.device)
        wait = self.attempts.begin(who, origin, known)
        if wait is not None:
            return Refusal(too_many(wait), wait)
        kept = person.password_hash if person and not person.disabled else None
        if not self.passwords.accepts(kept, password) or person is None or kept is None:
            self._failed(person, who, origin, known)
            return Refusal(WRONG)
        self.attempts.succeeded(who, origin, known)
        if self.passwords.is_outdated(kept):
            person.password_hash = self.passwords.hash(password)
        return None

    def _failed(self, person: Person | None, who: str, origin: Origin, known: bool) -> None:
        reached = self.attempts.failed(who, origin, known)
        if reached.account and person is not None:
            self.audit.record(events.PASSWORD_GUESSED, about=("person", person.id))
        if reached.site:
            self.audit.record(events.MANY_FAILURES)


def owes(visitor: Visitor, required: Iterable[str]) -> bool:
    """Say whether a person holds one of the roles that need a second factor, and has none."""
    held = {grant.role for grant in visitor.grants}
    return not visitor.has_second_factor and not held.isdisjoint(required)


def visitor_in(rows: Sequence[Any]) -> Visitor | None:
    """Return the person whose particulars, repeated for each role, were read."""
    if not rows:
        return None
    grants = frozenset(Grant.parse(row.role, row.scope) for row in rows if row.role)
    first = rows[0]
    has_factor = first.confirmed is not None
    return Visitor(first.id, first.name, first.email, first.language, grants, has_factor)
