"""A new password by a letter, and another address: whoever reads the mail is the owner.

Nobody learns whether an account exists, not even from how long the answer takes: asking only
writes the question down, and the worker finds out whom it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bibliopolis.accounts import events
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.confirmations import Confirmation, ConfirmationRefused, Confirmations
from bibliopolis.accounts.devices import Devices
from bibliopolis.accounts.letters import AccountLetters
from bibliopolis.accounts.models import PasswordRequest, Person
from bibliopolis.accounts.services import TAKEN, People, is_email
from bibliopolis.accounts.sessions import Sessions
from bibliopolis.accounts.sign_in import SignIn
from bibliopolis.clock import Clock
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox

TOPIC = "password_request"
PASSWORD = "password"
ADDRESS = "address"
PASSWORD_VALID = timedelta(hours=2)
ADDRESS_VALID = timedelta(days=1)
LETTERS_AN_HOUR = 3


class NewPasswords:
    """Set a new password: by a link in a letter, or in place of the old one."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        outbox: Outbox,
        sign_in: SignIn,
        people: People,
        sessions: Sessions,
        devices: Devices,
        confirmations: Confirmations,
        letters: AccountLetters,
        audit: AuditLog,
    ) -> None:
        self.db = db
        self.clock = clock
        self.sessions = sessions
        self.devices = devices
        self.outbox = outbox
        self.sign_in = sign_in
        self.people = people
        self.confirmations = confirmations
        self.letters = letters
        self.audit = audit

    @classmethod
    def from_request(cls, context: Any, request: Any) -> NewPasswords:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox),
            sign_in=request.find_service(SignIn),
            people=request.find_service(People),
            sessions=request.find_service(Sessions),
            devices=request.find_service(Devices),
            confirmations=request.find_service(Confirmations),
            letters=request.find_service(AccountLetters),
            audit=request.find_service(AuditLog),
        )

    def ask(self, name: str) -> None:
        """Note that somebody wants a new password, whoever it may be."""
        asked = PasswordRequest(
            name=name.strip()[:320],
            site_url=self.letters.site_url[:300],
            created=self.clock.now(),
        )
        self.db.add(asked)
        self.db.flush()  # to get the id the outbox names
        self.outbox.add(TOPIC, str(asked.id))

    def write_letters(self, request_ids: Sequence[int]) -> None:
        """Send links to those who asked and exist, but not more than a few an hour to each."""
        asked = self.db.scalars(
            select(PasswordRequest).where(PasswordRequest.id.in_(request_ids))
        ).all()
        for request in asked:
            person = self.sign_in.person_named(request.name)
            if person is not None and not person.disabled:
                self._write(person, request.site_url)
            self.db.delete(request)

    def owner(self, token: str) -> Person:
        """Return whose password a link sets, without using it up."""
        return self._owner(self.confirmations.peek(PASSWORD, token))

    def set(self, token: str, new: str) -> Person:
        """Set the password, end all sessions of the account, and tell the person."""
        person = self.owner(token)
        self.people.set_password(person, new)
        self.confirmations.redeem(PASSWORD, token)
        self.confirmations.withdraw(PASSWORD, subject_of(person))
        self.sessions.end_all(person.id, programs=True)
        self.devices.forget(person.id)
        self.audit.record(events.PASSWORD_RESET, about=("person", person.id), who=person.id)
        self.letters.password_was_set(person)
        return person

    def change(self, person: Person, new: str, here: str) -> None:
        """Change it for somebody who has shown the old one; they stay signed in ``here``.

        Whoever read their mail must not get in by a link that lies there.
        """
        self.people.change_password(person, new)
        self.confirmations.withdraw(PASSWORD, subject_of(person))
        self.sessions.end_all(person.id, but=here, programs=True)
        self.letters.password_was_set(person)

    def _write(self, person: Person, site_url: str) -> None:
        subject = subject_of(person)
        lately = self.confirmations.issued_within(PASSWORD, subject, timedelta(hours=1))
        if lately >= LETTERS_AN_HOUR:
            return
        token = self.confirmations.issue(PASSWORD, subject, valid=PASSWORD_VALID)
        self.letters.new_password(person, token, site_url)

    def _owner(self, confirmation: Confirmation) -> Person:
        person = _person_of(self.db, confirmation)
        if person.disabled:
            raise ConfirmationRefused(_("This account is closed."))
        return person


class AddressChange:
    """Move an account to another e-mail address that its owner reads."""

    def __init__(
        self,
        db: Session,
        people: People,
        confirmations: Confirmations,
        letters: AccountLetters,
        audit: AuditLog,
    ) -> None:
        self.db = db
        self.people = people
        self.confirmations = confirmations
        self.letters = letters
        self.audit = audit

    @classmethod
    def from_request(cls, context: Any, request: Any) -> AddressChange:
        """Make it for a request."""
        return cls(
            db=request.db,
            people=request.find_service(People),
            confirmations=request.find_service(Confirmations),
            letters=request.find_service(AccountLetters),
            audit=request.find_service(AuditLog),
        )

    def ask(self, person: Person, email: str) -> None:
        """Write to the new address; whether it has an account only its owner learns."""
        email = email.strip().lower()
        if not is_email(email):
            reason = _("This is not an e-mail address.")
        elif email == person.email:
            reason = _("This is your address already.")
        elif self._wrote_often(person):
            reason = _("We have written several times. Look into the mailbox, or wait an hour.")
        else:
            self._write(person, email)
            return
        raise InvalidInput(_("The address was not changed."), {"new_email": reason})

    def wanted(self, token: str) -> str:
        """Return the address that a link confirms, without using it up."""
        return str(self.confirmations.peek(ADDRESS, token).data["new"])

    def confirm(self, token: str) -> Person:
        """Use the new address from now on, and tell the old one."""
        confirmation = self.confirmations.redeem(ADDRESS, token)
        person = _person_of(self.db, confirmation)
        old, new = confirmation.data["old"], confirmation.data["new"]
        if person.email != old or person.disabled:
            raise ConfirmationRefused(
                _("The account has another address by now. Ask for a new letter.")
            )
        try:
            with self.db.begin_nested():
                person.move_to(new)
        except IntegrityError as error:
            raise ConfirmationRefused(TAKEN) from error
        # Whoever reads the old mailbox must not get in by it.
        self.confirmations.withdraw(PASSWORD, subject_of(person))
        self.confirmations.withdraw(ADDRESS, subject_of(person))
        self.audit.record(events.ADDRESS_CHANGED, about=("person", person.id), who=person.id)
        self.letters.address_was_changed(person, old)
        return person

    def _wrote_often(self, person: Person) -> bool:
        hour = timedelta(hours=1)
        lately = self.confirmations.issued_within(ADDRESS, subject_of(person), hour)
        return lately >= LETTERS_AN_HOUR

    def _write(self, person: Person, email: str) -> None:
        data = {"old": person.email, "new": email}
        # Also where the address is taken, so that such questions are counted, too.
        token = self.confirmations.issue(ADDRESS, subject_of(person), data, ADDRESS_VALID)
        owner = self.people.by_email(email)
        if owner is None:
            self.letters.confirm_address(person, email, token)
        else:
            self.letters.address_is_taken(owner, email)


def subject_of(person: Person) -> str:
    """Return how confirmations name a person."""
    return f"person:{person.id}"


def _person_of(db: Session, confirmation: Confirmation) -> Person:
    person = db.get(Person, int(confirmation.subject.partition(":")[2]))
    if person is None:
        raise ConfirmationRefused(_("This account is closed."))
    return person
