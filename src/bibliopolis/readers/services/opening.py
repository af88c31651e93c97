"""An account for a reader whom a desk has registered: a letter, the card in the hand, a password.

A librarian may have mistyped the address: whoever gets the letter opens nothing without the number
of the card, and until then nothing is kept but the link.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.accounts.confirmations import ConfirmationRefused, Confirmations
from bibliopolis.accounts.models import Person
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.accounts.services import TAKEN, People, is_email
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.history import History

from ..categories import ReaderPolicy
from ..letters import ReaderLetters
from ..models import Reader, Registration
from ..numbers import card_key
from .joining import LETTERS_AN_HOUR, VALID, Wanted
from .readers import Readers, lock
from .registering import clean

PURPOSE = "reader_account"
WROTE_OFTEN = _("We have written several times. Look into the mailbox, or wait an hour.")
NO_MORE = _("This reader has an account already, or may not have one yet.")
NOT_SENT = _("The letter was not sent.")
NOT_OPENED = _("The account was not opened.")


class AccountOpening:
    """Let readers of a desk use the site, too."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        policy: ReaderPolicy,
        readers: Readers,
        people: People,
        passwords: Passwords,
        confirmations: Confirmations,
        letters: ReaderLetters,
        history: History,
    ) -> None:
        self.db = db
        self.clock = clock
        self.policy = policy
        self.readers = readers
        self.people = people
        self.passwords = passwords
        self.confirmations = confirmations
        self.letters = letters
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> AccountOpening:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            policy=request.find_service(ReaderPolicy),
            readers=request.find_service(Readers),
            people=request.find_service(People),
            passwords=request.registry["bibliopolis.passwords"],
            confirmations=request.find_service(Confirmations),
            letters=request.find_service(ReaderLetters),
            history=request.find_service(History),
        )

    def may_have_one(self, reader: Reader) -> bool:
        """Say whether a reader may get an account; for a child a grown-up acts in theirs."""
        full = reader.registration == Registration.FULL
        is_child = self.policy.needs_guardian(reader, self.clock.today())
        return full and reader.person_id is None and not is_child

    def invite(self, reader: Reader, email: str, language: str) -> str:
        """Send the link to an address that no account has yet; return the address."""
        if not self.may_have_one(reader):
            raise Conflict(NO_MORE)
        email = clean(email).lower()
        if not is_email(email):
            raise InvalidInput(NOT_SENT, {"email": _("This is not an e-mail address.")})
        if self.people.by_email(email) is not None:
            raise InvalidInput(NOT_SENT, {"email": TAKEN})
        if self.confirmations.issued_within(PURPOSE, email, timedelta(hours=1)) >= LETTERS_AN_HOUR:
            raise InvalidInput(NOT_SENT, {"email": WROTE_OFTEN})
        data = {"reader": reader.id, "language": language}
        token = self.confirmations.issue(PURPOSE, email, data, VALID)
        self.letters.open_account(email, reader.name, token, language)
        self.history.write(("reader", reader.id), "invite")
        return email

    def wanted(self, token: str) -> Wanted:
        """Return whose account a link opens, without using it up."""
        waiting = self.confirmations.peek(PURPOSE, token)
        return Wanted(self._reader(waiting.data).name, waiting.subject)

    def open(self, token: str, card: str, password: str) -> Person:
        """Open the account for whoever has the card, with the password they choose."""
        waiting = self.confirmations.peek(PURPOSE, token)
        reader = self._reader(waiting.data)
        lock(self.db, reader)  # of two links one opens the account
        self._demand_possible(reader)
        errors: dict[str, Any] = {}
        numbers = {one.number for one in reader.cards if one.is_taken(self.clock.today())}
        if card_key(card) not in numbers:
            errors["card"] = _("This is not the number of the card that the desk gave.")
        try:
            self.passwords.check_new(password)
        except InvalidInput as error:
            errors.update(error.errors)
        if errors:
            raise InvalidInput(NOT_OPENED, errors)
        found = self.confirmations.redeem(PURPOSE, token)
        try:
            person = self.people.create(
                name=reader.name,
                email=found.subject,
                password=password,
                language=found.data["language"],
            )
        except InvalidInput as error:
            raise ConfirmationRefused(TAKEN) from error
        reader.person_id, reader.changed = person.id, self.clock.now()
        self.db.flush()  # whoever signs in next finds the reader
        self.history.write(("reader", reader.id), "open_account")
        return person

    def _reader(self, data: Mapping[str, Any]) -> Reader:
        reader = self.readers.get(data["reader"])
        if reader is None:
            raise ConfirmationRefused(NO_MORE)
        self._demand_possible(reader)
        return reader

    def _demand_possible(self, reader: Reader) -> None:
        if not self.may_have_one(reader):
            raise ConfirmationRefused(NO_MORE)
