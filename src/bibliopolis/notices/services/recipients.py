"""Who hears of what happens to a reader: they themselves, or whoever acts for a child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.readers.categories import ReaderPolicy
from bibliopolis.readers.models import Guardianship, Reader, Registration

from ..channels import MAIL
from ..models import NoticeAddress, NoticePreference
from ..policy import Kind, NoticePolicy


@dataclass
class Recipient:
    """A reader who gets notices, with all that says how."""

    reader_id: int
    language: str
    addresses: dict[str, str] = field(default_factory=dict)
    """Those that can be used, by channel."""
    preference: NoticePreference | None = None

    @property
    def digest(self) -> bool:
        """Say whether what can wait goes into the letter of the day."""
        return self.preference is not None and self.preference.digest

    def channels(self, kind: Kind) -> tuple[str, ...]:
        """Return by which ways this reader wants a kind; what must be told keeps one."""
        chosen = self.preference.channels.get(kind.name) if self.preference else None
        if chosen is None or (kind.must and not chosen):
            return kind.channels
        return tuple(chosen)

    def ways(self, kind: Kind) -> tuple[str, ...]:
        """Return the wanted ways that lead somewhere; mail stands in where one must be told."""
        ways = tuple(one for one in self.channels(kind) if one in self.addresses)
        return (MAIL,) if not ways and kind.must and MAIL in self.addresses else ways


class Recipients:
    """Find who hears of something, for many readers at once."""

    def __init__(
        self, db: Session, clock: Clock, policy: NoticePolicy, readers: ReaderPolicy
    ) -> None:
        self.db = db
        self.clock = clock
        self.policy = policy
        self.readers = readers

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Recipients:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            policy=request.find_service(NoticePolicy, context=None),
            readers=request.find_service(ReaderPolicy, context=None),
        )

    def hearers(self, reader_ids: Iterable[int]) -> Mapping[int, Sequence[int]]:
        """Return who hears of what concerns each of these readers; closed ones are left out."""
        today, wanted = self.clock.today(), list(set(reader_ids))
        readers = self.db.scalars(
            select(Reader).where(Reader.id.in_(wanted), Reader.registration != Registration.CLOSED)
        ).all()
        children = [one.id for one in readers if self.readers.needs_guardian(one, today)]
        guardians: dict[int, list[int]] = {}
        if children:
            for row in self.db.execute(
                select(Guardianship.child_id, Guardianship.guardian_id)
                .where(Guardianship.child_id.in_(children))
                .order_by(Guardianship.guardian_id)
            ):
                guardians.setdefault(row.child_id, []).append(row.guardian_id)
        return {one.id: guardians.get(one.id, [one.id]) for one in readers}

    def find(self, reader_ids: Iterable[int]) -> Mapping[int, Recipient]:
        """Return the readers with the addresses that can be used and what they have chosen."""
        wanted = list(set(reader_ids))
        rows = self.db.execute(
            select(Reader.id, Person.email, Person.language, Person.disabled)
            .outerjoin(Person, Person.id == Reader.person_id)
            .where(Reader.id.in_(wanted))
        )
        found = {}
        for row in rows:
            recipient = Recipient(row.id, row.language or "")
            if row.email and not row.disabled and MAIL in self.policy.channels:
                recipient.addresses[MAIL] = row.email
            found[row.id] = recipient
        for one in self.db.scalars(
            select(NoticeAddress).where(
                NoticeAddress.reader_id.in_(wanted), NoticeAddress.confirmed.is_not(None)
            )
        ):
            # Without an account there is nobody who could stop it.
            if one.channel in self.policy.channels and found[one.reader_id].language:
                found[one.reader_id].addresses[one.channel] = one.address
        for chosen in self.db.scalars(
            select(NoticePreference).where(NoticePreference.reader_id.in_(wanted))
        ):
            found[chosen.reader_id].preference = chosen
        return found
