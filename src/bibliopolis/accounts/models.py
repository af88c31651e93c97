"""People, the roles they hold at a scope, where they are signed in, and what is kept of that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bibliopolis.db import Base, new_uid
from bibliopolis.search.analysis import fold_to

LONGEST_FOLDED = 600


def _name_and_address(context: Any) -> str:
    values = context.get_current_parameters()
    return fold_to(f"{values['name']} {values['email']}", LONGEST_FOLDED)


ERASED_NAME = "—"
ERASED_DOMAIN = "closed.invalid"
"""No address can be there (RFC 2606)."""


class Person(Base):
    """Somebody with an account: staff, or a reader who uses the site."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    """Lower case: it is what people sign in with."""
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20))
    created: Mapped[datetime]
    disabled: Mapped[bool] = mapped_column(default=False)
    folded: Mapped[str] = mapped_column(String(LONGEST_FOLDED), default=_name_and_address)
    """Name and address as they are looked for: SQLite lowers ASCII only."""

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="person", cascade="all")
    """Their own; what they hold by their groups ``held_by`` finds, too."""

    def rename(self, name: str) -> None:
        """Give the person another name."""
        self.name = name
        self.folded = fold_to(f"{name} {self.email}", LONGEST_FOLDED)

    def erase(self) -> None:
        """Forget who the person was; the row stays for what they did, and nobody signs in."""
        self.name, self.folded = ERASED_NAME, ""
        self.email = f"{self.uid}@{ERASED_DOMAIN}"
        self.password_hash = None
        self.disabled = True

    def move_to(self, email: str) -> None:
        """Give the person another address."""
        self.email = email
        self.folded = fold_to(f"{self.name} {email}", LONGEST_FOLDED)


class PersonGroup(Base):
    """People who hold roles together: whoever joins has them, whoever leaves has them no more."""

    __tablename__ = "person_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    folded: Mapped[str] = mapped_column(String(300), unique=True)
    """The name as it is looked for; two that differ only in case would be taken for one."""
    created: Mapped[datetime]

    grants: Mapped[list[RoleGrant]] = relationship(back_populates="group", cascade="all")


class GroupMember(Base):
    """That a person belongs to a group."""

    __tablename__ = "group_member"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("person_group.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class RoleGrant(Base):
    """A role held by a person or by a group.

    ``scope`` is what ``resources.access.Grant.scope`` writes.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("person_id", "role", "scope"),
        UniqueConstraint("group_id", "role", "scope"),
        CheckConstraint("(person_id IS NULL) <> (group_id IS NULL)", name="one_holder"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("person_group.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(200), default="")

    person: Mapped[Person | None] = relationship(back_populates="grants")
    group: Mapped[PersonGroup | None] = relationship(back_populates="grants")


def held_by_person() -> ColumnElement[bool]:
    """Return the condition that a ``RoleGrant`` is held by the ``Person`` of the same query.

    Their own grants and those of their groups; one query finds both.
    """
    groups = (
        select(GroupMember.group_id)
        .where(GroupMember.person_id == Person.id)
        .correlate(Person)
        .scalar_subquery()
    )
    return (RoleGrant.person_id == Person.id) | RoleGrant.group_id.in_(groups)


class SignedInSession(Base):
    """A browser in which a person is signed in; only the hash of its token is kept."""

    __tablename__ = "signed_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime]
    expires: Mapped[datetime]
    last_used: Mapped[datetime]
    """Written now and then only; see ``accounts.sessions``."""
    browser: Mapped[str] = mapped_column(String(200), default="")
    in_library: Mapped[bool] = mapped_column(default=False)


class KnownDevice(Base):
    """A browser in which a person has signed in before; strangers cannot slow it down."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("token_hash", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    seen: Mapped[datetime]


class SecondFactor(Base):
    """An authenticator app whose codes a person shows beside the password (RFC 6238).

    The key itself is not kept, only the seed from which the site's secret makes it: a stolen copy
    of the database gives no codes. ``confirmed`` is None until the person has shown a first code.
    """

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    seed: Mapped[str] = mapped_column(String(64))
    begun: Mapped[datetime]
    confirmed: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The time step of the last code that was accepted: none up to it is good any more."""


class RecoveryCode(Base):
    """A code that takes the place of the authenticator once; only its hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used: Mapped[datetime | None]


class AttemptCount(Base):
    """How often something was tried lately; ``key`` says what, where and by whom as a hash."""

    __tablename__ = "attempt_count"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime]
    last: Mapped[datetime] = mapped_column(index=True)


class PasswordRequest(Base):
    """Somebody who asks for a new password; the worker finds out whether there is such a one.

    ``site_url`` is the address they asked at: the worker has none of its own.
    """

    __tablename__ = "password_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(320))
    site_url: Mapped[str] = mapped_column(String(300))
    created: Mapped[datetime]


class AccessToken(Base):
    """A program that acts for a person; only the hash of its token is kept.

    ``personal`` ones were made by hand in "my account" and are named; the others began with
    ``@login``.
    """

    __tablename__ = "access_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    may_write: Mapped[bool] = mapped_column(default=True)
    personal: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime]
    expires: Mapped[datetime]


class ConfirmationToken(Base):
    """A link in a letter that does one thing once; only the hash of its token is kept."""

    __tablename__ = "confirmation_token"
    __table_args__ = (Index("ix_confirmation_token_subject", "purpose", "subject", "created"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(320))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
    used: Mapped[datetime | None]


class AuditEvent(Base):
    """Something that somebody may have to account for later; it is never changed.

    People and things are kept as numbers, not as foreign keys: what happened stays true when
    they are gone. ``network`` is the shortened address, which is forgotten after a while.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_what", "what", "id"),
        Index("ix_audit_event_actor", "actor_id", "id"),
        Index("ix_audit_event_about", "about_type", "about_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    happened: Mapped[datetime] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int | None]
    about_type: Mapped[str | None] = mapped_column(String(40))
    about_id: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    network: Mapped[str | None] = mapped_column(String(50))
