"""What accounts keeps of people: the account, where it is signed in, letters, the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import case, delete, func, or_, select, update

from bibliopolis.accounts.models import (
    AccessToken,
    AuditEvent,
    ConfirmationToken,
    GroupMember,
    KnownDevice,
    PasswordRequest,
    Person,
    PersonGroup,
    RecoveryCode,
    RoleGrant,
    SecondFactor,
    SignedInSession,
    held_by_person,
)
from bibliopolis.accounts.personal_data import Part, Subject
from bibliopolis.i18n import _
from bibliopolis.mail import MailMessage

THEIR_OWN: tuple[Any, ...] = (
    SignedInSession,
    AccessToken,
    KnownDevice,
    GroupMember,
    SecondFactor,
    RecoveryCode,
)
EVENTS = 1000
"""So many entries of the audit log and letters are handed out at most, the newest."""


class AccountData(Part):
    """The account itself."""

    def export(self, subject: Subject) -> Mapping[str, Any]:
        """Return the account and all that hangs on it; of secrets only that they are there."""
        person = self.db.get_one(Person, subject.person_id)
        groups = (
            select(PersonGroup.name).join(GroupMember).where(GroupMember.person_id == person.id)
        )
        return {
            "name": person.name,
            "email": person.email,
            "language": person.language,
            "created": person.created,
            "has_password": person.password_hash is not None,
            "second_step": self.db.get(SecondFactor, person.id) is not None,
            "roles": self._rows(
                select(RoleGrant.role, RoleGrant.scope).where(RoleGrant.person_id == person.id)
            ),
            "groups": list(self.db.scalars(groups)),
            "sessions": self._rows(
                select(
                    SignedInSession.created,
                    SignedInSession.last_used,
                    SignedInSession.expires,
                    SignedInSession.browser,
                    SignedInSession.in_library,
                ).where(SignedInSession.person_id == person.id)
            ),
            "known_browsers": self._rows(
                select(KnownDevice.seen).where(KnownDevice.person_id == person.id)
            ),
            "programs": self._rows(
                select(
                    AccessToken.name,
                    AccessToken.created,
                    AccessToken.expires,
                    AccessToken.may_write,
                ).where(AccessToken.person_id == person.id)
            ),
            "letters": self._rows(
                select(
                    MailMessage.created,
                    MailMessage.sent,
                    MailMessage.subject,
                    # One that waits to be sent may hold a link that lets people in.
                    case((MailMessage.confidential, ""), else_=MailMessage.body).label("body"),
                )
                .where(MailMessage.recipient == person.email)
                .order_by(MailMessage.id.desc())
                .limit(EVENTS)
            ),
            "audit_log": self._rows(
                select(AuditEvent.happened, AuditEvent.what, AuditEvent.network)
                .where(_about(person.id))
                .order_by(AuditEvent.id.desc())
                .limit(EVENTS)
            ),
        }

    def lock(self, subject: Subject) -> None:
        """Let nobody sign in or be given a role meanwhile."""
        self.db.execute(select(Person.id).where(Person.id == subject.person_id).with_for_update())

    def against_closing(self, subject: Subject) -> Iterable[Any]:
        """Who works here gives their roles back first."""
        held = (
            select(func.count())
            .select_from(RoleGrant)
            .join(Person, held_by_person())
            .where(Person.id == subject.person_id)
        )
        if self.db.scalar(held):
            yield _("You work here: ask an administrator to take your roles first.")

    def erase(self, subject: Subject) -> None:
        """Sign the person out everywhere and forget who they were; the row stays."""
        person = self.db.get_one(Person, subject.person_id)
        for table in THEIR_OWN:
            self.db.execute(delete(table).where(table.person_id == person.id))
        self.db.execute(update(AuditEvent).where(_about(person.id)).values(network=None))
        self.db.execute(delete(PasswordRequest).where(PasswordRequest.name == subject.email))
        self.db.execute(delete(MailMessage).where(MailMessage.recipient == subject.email))
        self.db.execute(
            delete(ConfirmationToken).where(
                ConfirmationToken.subject.in_([subject.email, f"person:{person.id}"])
            )
        )
        person.erase()

    def _rows(self, query: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self.db.execute(query).mappings()]


def _about(person_id: int) -> Any:
    about = (AuditEvent.about_type == "person") & (AuditEvent.about_id == person_id)
    return or_(AuditEvent.actor_id == person_id, about)
