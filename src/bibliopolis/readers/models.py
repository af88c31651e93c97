"""Readers, what identifies them, and who acts for children."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bibliopolis.db import Base, new_uid
from bibliopolis.search.analysis import fold_to


class Registration(StrEnum):
    """How far a registration has come."""

    PRELIMINARY = "preliminary"
    """Made on the site, to be finished at a desk."""
    FULL = "full"
    CLOSED = "closed"
    """Nothing is left of the person; what refers to them still finds a row."""


class CardKind(StrEnum):
    """What can identify a reader, the one to show first."""

    LIBRARY = "library"
    CITY = "city"
    SCHOOL = "school"
    TEMPORARY = "temporary"


class BlockReason(StrEnum):
    """Why a card is no longer taken."""

    REPLACED = "replaced"
    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    MISUSED = "misused"


KINDS = tuple(CardKind)
LONGEST_FOLDED = 400


def _folded_name(context: Any) -> str:
    return fold_to(context.get_current_parameters()["name"], LONGEST_FOLDED)


class Reader(Base):
    """A person who uses the libraries; maybe with an account on the site."""

    __tablename__ = "reader"
    __table_args__ = (Index("ix_reader_registration", "registration", "registered_until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    name: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(String(200), index=True)
    folded: Mapped[str] = mapped_column(String(LONGEST_FOLDED), default=_folded_name)
    """The name as it is looked for: SQLite lowers ASCII only."""
    home_library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), unique=True)
    registration: Mapped[str] = mapped_column(String(20), default=Registration.FULL)
    registered_until: Mapped[date | None]
    """The last day it holds; a preliminary one is to be finished by then. Empty: without end."""
    category: Mapped[str | None] = mapped_column(String(40))
    """Only what was given at a desk; otherwise it follows from the age."""
    born: Mapped[date | None]
    phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    keeps_history: Mapped[bool] = mapped_column(default=False)
    consent: Mapped[str | None] = mapped_column(String(40))
    """The version of the text the reader agreed to, and when."""
    consented: Mapped[datetime | None]
    document_seen: Mapped[datetime | None]
    """When a librarian saw a document; never its number."""
    created: Mapped[datetime]
    changed: Mapped[datetime]

    cards: Mapped[list[Card]] = relationship(
        back_populates="reader", cascade="all, delete-orphan", order_by="Card.id"
    )

    @property
    def card(self) -> Card | None:
        """Return the card to show: one that is not blocked, the library's own before others."""
        valid = [card for card in self.cards if card.blocked is None]
        return min(
            valid, key=lambda card: (KINDS.index(CardKind(card.kind)), -card.id), default=None
        )


class Card(Base):
    """A card a reader shows at the desk: of the library, of the city, of the school."""

    __tablename__ = "card"
    __table_args__ = (UniqueConstraint("kind", "number"), Index("ix_card_number", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default=CardKind.LIBRARY)
    number: Mapped[str] = mapped_column(String(40))
    reader_id: Mapped[int] = mapped_column(ForeignKey("reader.id"), index=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    blocked: Mapped[datetime | None]
    block_reason: Mapped[str | None] = mapped_column(String(20))

    reader: Mapped[Reader] = relationship(back_populates="cards")

    def is_taken(self, today: date) -> bool:
        """Say whether it counts today."""
        begun = self.valid_from is None or self.valid_from <= today
        over = self.valid_until is not None and self.valid_until < today
        return begun and not over and self.blocked is None


class Guardianship(Base):
    """A grown-up reader who acts for a child, as long as the child's age wants it."""

    __tablename__ = "guardianship"

    guardian_id: Mapped[int] = mapped_column(ForeignKey("reader.id"), primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("reader.id"), primary_key=True, index=True)
    since: Mapped[datetime]
