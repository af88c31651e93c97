"""Registering on the site: a form, a letter, a password, and a card that serves for a while.

Nobody learns here whether an address has an account: the answer is the same, and as much is done
for it, a password hashed and a letter written; only the letter differs. What was typed waits in
the link itself and is forgotten with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bibliopolis.accounts.confirmations import Confirmation, ConfirmationRefused, Confirmations
from bibliopolis.accounts.models import Person
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.accounts.services import TAKEN, People, is_email
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _

from ..categories import ReaderPolicy
from ..letters import ReaderLetters
from ..models import Reader, Registration
from .registering import Particulars, Registering, clean

PURPOSE = "registration"
VALID = timedelta(days=2)
LETTERS_AN_HOUR = 3
CONSENTS = ("rules", "privacy")
"""What is agreed to, each by itself: the rules of the libraries, and what is kept of readers."""


@dataclass(frozen=True)
class Wanted:
    """Who wants to become a reader, as a link shows it before it is used."""

    name: str
    email: str


class Joining:
    """Let people become readers without coming to a desk first."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        policy: ReaderPolicy,
        people: People,
        passwords: Passwords,
        confirmations: Confirmations,
        registering: Registering,
        letters: ReaderLetters,
    ) -> None:
        self.db = db
        self.clock = clock
        self.policy = policy
        self.people = people
        self.passwords = passwords
        self.confirmations = confirmations
        self.registering = registering
        self.letters = letters

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Joining:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            policy=request.find_service(ReaderPolicy),
            people=request.find_service(People),
            passwords=request.registry["bibliopolis.passwords"],
            confirmations=request.find_service(Confirmations),
            registering=request.find_service(Registering),
            letters=request.find_service(ReaderLetters),
        )

    def ask(self, sent: Mapping[str, Any], language: str) -> str:
        """Write to whoever wants to register; return the address. Nobody is a reader yet."""
        email, password = clean(sent.get("email")).lower(), str(sent.get("password", ""))
        checks: list[Callable[[], None]] = [
            lambda: _demand(is_email(email), "email", _("This is not an e-mail address.")),
            lambda: self.passwords.check_new(password),
        ]
        particulars = self._read(sent, self._no_child_alone, checks)
        # Also where the address is known, so that the answer takes as long.
        data = {
            "name": particulars.name,
            "born": particulars.born.isoformat() if particulars.born else "",
            "home": particulars.home_library_id,
            "password": self.passwords.hash(password),
            "rules": self.policy.rules,
            "language": language,
        }
        lately = self.confirmations.issued_within(PURPOSE, email, timedelta(hours=1))
        owner = self.people.by_email(email)
        if lately < LETTERS_AN_HOUR:
            kept = data if owner is None else {}
            token = self.confirmations.issue(PURPOSE, email, kept, VALID)
            if owner is None:
                self.letters.confirm_registration(email, particulars.name, token, language)
            else:
                self.letters.known_already(owner)
        return email

    def wanted(self, token: str) -> Wanted:
        """Return who a link makes a reader, without using it up."""
        return _wanted(self.confirmations.peek(PURPOSE, token))

    def confirm(self, token: str, password: str) -> Person:
        """Open the account and give a card until the registration is finished at a desk.

        The password shows that who reads the letter is who registered: nobody opens an account
        for a stranger who chose its password.
        """
        waiting = self.confirmations.peek(PURPOSE, token)
        _wanted(waiting)
        if not self.passwords.accepts(waiting.data["password"], password):
            reason = _("This is not the password you chose when you registered.")
            raise InvalidInput(_("The account was not opened."), {"password": reason})
        found = self.confirmations.redeem(PURPOSE, token)
        data = found.data
        try:
            person = self.people.create(
                name=data["name"],
                email=found.subject,
                password=None,
                language=data["language"],
            )
        except InvalidInput as error:
            raise ConfirmationRefused(TAKEN) from error
        person.password_hash = data["password"]
        born = date.fromisoformat(data["born"]) if data["born"] else None
        self.registering.begin(
            Particulars(data["name"], data["home"], born),
            person_id=person.id,
            consent=data["rules"],
        )
        self.confirmations.withdraw(PURPOSE, found.subject)
        return person

    def become_reader(self, person: Person, sent: Mapping[str, Any]) -> Reader:
        """Make somebody who has an account a reader; their address needs no letter."""
        particulars = self._read(sent, self._no_child_alone)
        try:
            with self.db.begin_nested():
                return self.registering.begin(
                    particulars, person_id=person.id, consent=self.policy.rules
                )
        except IntegrityError as error:
            raise Conflict(_("You are a reader already.")) from error

    def may_bring_children(self, reader: Reader | None) -> bool:
        """Say whether a reader may register children: a grown-up whom a desk has seen."""
        return (
            reader is not None
            and reader.registration == Registration.FULL
            and not self.policy.needs_guardian(reader, self.clock.today())
        )

    def bring_child(self, guardian: Reader | None, sent: Mapping[str, Any]) -> Reader:
        """Write down a child for whom a reader acts; a desk finishes it."""
        if not self.may_bring_children(guardian):
            raise Conflict(
                _("A grown-up whose own registration is finished may register a child here.")
            )
        particulars = self._read(sent, self._a_child)
        return self.registering.begin(
            particulars, person_id=None, consent=self.policy.rules, guardian=guardian
        )

    def _read(
        self,
        sent: Mapping[str, Any],
        check_age: Callable[[Particulars], None],
        checks: list[Callable[[], None]] | None = None,
    ) -> Particulars:
        """Return what was typed; all that is wrong is said at once."""
        errors: dict[str, Any] = {}
        particulars = None
        try:
            particulars = self.registering.read(sent, born_required=True)
            check_age(particulars)
        except InvalidInput as error:
            errors.update(error.errors)
        for check in checks or []:
            try:
                check()
            except InvalidInput as error:
                errors.update(error.errors)
        for name in CONSENTS:
            if not sent.get(name):
                errors[name] = _("Without this nobody can be registered.")
        if errors or particulars is None:
            raise InvalidInput(_("Some fields need another look."), errors)
        return particulars

    def _is_child(self, particulars: Particulars) -> bool:
        return self.policy.by_age(particulars.born, self.clock.today()).needs_guardian

    def _no_child_alone(self, particulars: Particulars) -> None:
        reason = _(
            "At this age a grown-up reader registers the child, in “My account” or at a desk."
        )
        _demand(not self._is_child(particulars), "born", reason)

    def _a_child(self, particulars: Particulars) -> None:
        reason = _("At this age one registers without a grown-up.")
        _demand(self._is_child(particulars), "born", reason)


def _wanted(waiting: Confirmation) -> Wanted:
    if "password" not in waiting.data:
        raise ConfirmationRefused(TAKEN)
    return Wanted(waiting.data["name"], waiting.subject)


def _demand(fulfilled: bool, field: str, reason: Any) -> None:
    if not fulfilled:
        raise InvalidInput(_("Some fields need another look."), {field: reason})
