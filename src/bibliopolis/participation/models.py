"""Searches that people have saved."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base, new_uid


class Frequency(StrEnum):
    """How often a letter may come about what is new."""

    NEVER = "never"
    DAILY = "daily"
    WEEKLY = "weekly"


class SavedSearch(Base):
    """A search of the catalogue that somebody has given a name."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("person_id", "fingerprint"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(20))
    """The language of the page it was saved on."""
    query: Mapped[str] = mapped_column(Text)
    """The parameters of its address, as ``Asked.parameters`` orders them."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """A hash of the query, by which the same search is known again."""
    frequency: Mapped[str] = mapped_column(String(20), default=Frequency.NEVER)
    created: Mapped[datetime]
    mark: Mapped[int]
    """The highest id of a record that its owner has been told of, or could find when saving."""
    due: Mapped[datetime | None] = mapped_column(index=True)
    """When it is to be looked for what is new; empty where no letter is wanted."""
    told: Mapped[datetime | None]
    """When the last letter was written."""
