"""People: who has an account."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload
from zope.interface import implementer

from bibliopolis.accounts import events
from bibliopolis.accounts.audit import AuditLog
from bibliopolis.accounts.models import (
    ERASED_DOMAIN,
    AccessToken,
    GroupMember,
    Person,
    RoleGrant,
    SignedInSession,
    held_by_person,
)
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.accounts.roles import Roles
from bibliopolis.clock import Clock
from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.i18n import SPOKEN, _
from bibliopolis.resources.interfaces import IPrincipals
from bibliopolis.search.columns import has_words

TAKEN = _("There is an account with this address already.")
NO_PLACE = _(
    "A name holds no web address: leave out signs such as / and @, and put a space after a full"
    " stop."
)
A_PLACE = re.compile(r"[/\\@:]|[^\W_]{2,}\.[^\W_]{2,}")
"""What mail programs make a link of; initials stay possible, as in А.С.Пушкин."""
LONGEST_EMAIL = 320
# What means something in the head of a letter is left out, though mail allows some of it quoted:
# «x,anna@example.org» and «x<anna@example.org>» would be other accounts whose letters Anna gets.
_LETTERS = r"[^@\s.,:;\"()<>\[\]\\\x00-\x1f\x7f]+"
EMAIL = re.compile(rf"(?!.*=\?){_LETTERS}(\.{_LETTERS})*@{_LETTERS}(\.{_LETTERS})+")


@implementer(IPrincipals)
class People:
    """Make people known, and say what they may do."""

    def __init__(
        self, db: Session, clock: Clock, passwords: Passwords, roles: Roles, audit: AuditLog
    ) -> None:
        self.db = db
        self.clock = clock
        self.passwords = passwords
        self.roles = roles
        self.audit = audit

    @classmethod
    def from_request(cls, context: Any, request: Any) -> People:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            passwords=request.registry["bibliopolis.passwords"],
            roles=request.find_service(Roles),
            audit=request.find_service(AuditLog),
        )

    def create(self, *, name: str, email: str, password: str | None, language: str) -> Person:
        """Open an account; an address has at most one."""
        email = email.strip().lower()
        refused, errors = _("The account could not be opened."), {}
        if not name.strip():
            errors["name"] = _("A name is needed.")
        if not is_email(email):
            errors["email"] = _("This is not an e-mail address.")
        elif self.by_email(email) is not None:
            errors["email"] = TAKEN
        if language not in SPOKEN:
            errors["language"] = _("This language is not known here.")
        if errors:
            raise InvalidInput(refused, errors)
        if password is not None:
            self.passwords.check_new(password)
        person = Person(
            name=name.strip()[:200],
            email=email,
            password_hash=None if password is None else self.passwords.hash(password),
            language=language,
            created=self.clock.now(),
        )
        try:
            with self.db.begin_nested():
                self.db.add(person)
        except IntegrityError as error:
            # Somebody was a moment quicker.
            raise InvalidInput(refused, {"email": TAKEN}) from error
        self._note(person, events.OPENED)
        return person

    def by_id(self, person_id: int) -> Person:
        """Return a person with their roles."""
        person = self.db.get(Person, person_id)
        if person is None:
            raise NotFoundHere(_("There is no such person."))
        return person

    def by_email(self, email: str) -> Person | None:
        """Return the person with this address."""
        return self.db.scalar(select(Person).where(Person.email == email.strip().lower()))

    def names(self, person_ids: Iterable[int]) -> dict[int, str]:
        """Return the names of people by id, in one query."""
        wanted = set(person_ids)
        if not wanted:
            return {}
        found = self.db.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
        return {row.id: row.name for row in found}

    def page(
        self,
        text: str = "",
        offset: int = 0,
        limit: int = 50,
        role: str | None = None,
        group_id: int | None = None,
    ) -> tuple[int, Sequence[Person]]:
        """Return how many people there are and one page of them with their roles.

        ``role`` finds also those who hold it by a group. Who has closed their account is nobody.
        """
        there = Person.email.not_like(f"%@{ERASED_DOMAIN}")
        found = select(Person).where(there, has_words(Person.folded, text))
        if role is not None:
            held = exists().where(RoleGrant.role == role, held_by_person()).correlate(Person)
            found = found.where(held)
        if group_id is not None:
            members = select(GroupMember.person_id).where(GroupMember.group_id == group_id)
            found = found.where(Person.id.in_(members))
        total = self.db.scalar(select(func.count()).select_from(found.subquery())) or 0
        people = self.db.scalars(
            found.options(selectinload(Person.grants))
            .order_by(Person.email)
            .offset(offset)
            .limit(limit)
        ).all()
        return total, people

    def set_disabled(self, person: Person, disabled: bool) -> None:
        """Close an account or open it again; closing it signs it out everywhere."""
        if not disabled:
            person.disabled = False
        else:
            with self.roles.keeping_an_administrator():
                person.disabled = True
            self.db.execute(delete(SignedInSession).where(SignedInSession.person_id == person.id))
            self.db.execute(delete(AccessToken).where(AccessToken.person_id == person.id))
        self._note(person, events.CLOSED if disabled else events.REOPENED)

    def change_password(self, person: Person, new: str) -> None:
        """Change a password for somebody who has just shown that they know the old one."""
        self.set_password(person, new)
        self._note(person, events.PASSWORD_CHANGED)

    def set_password(self, person: Person, new: str) -> None:
        """Give a person another password by whatever right."""
        self.passwords.check_new(new, "new_password")
        person.password_hash = self.passwords.hash(new)

    def choose_language(self, person: Person, language: str) -> None:
        """Remember the language a person wants to be written to in."""
        if language not in SPOKEN:
            raise InvalidInput(_("This language is not known here."))
        person.language = language

    def _note(self, person: Person, event: str, **details: Any) -> None:
        self.audit.record(event, about=("person", person.id), details=details)


def names_a_place(name: str) -> bool:
    """Say whether a name looks like an address of the web: it stands in letters to strangers."""
    return A_PLACE.search(unicodedata.normalize("NFKC", name)) is not None


def is_email(text: str) -> bool:
    """Say whether a text may be an e-mail address, and nothing but one."""
    return len(text) <= LONGEST_EMAIL and EMAIL.fullmatch(text) is not None
