"""What was or is to be sent to whom, what readers want to hear, and by which address."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base


class Outcome(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    SENT = "sent"
    OUTDATED = "outdated"
    """It was no longer true when it was to be sent."""
    SWITCHED_OFF = "switched_off"
    NO_ADDRESS = "no_address"


class Notice(Base):
    """One notice to one reader by one channel: first to be sent, then the log of it.

    The unique key keeps it from being sent twice. ``reader_id`` is who gets it: for a child, who
    acts for it. Both ids are forgotten in time, the rest stays for the counts.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("reader_id", "kind", "thing_type", "thing_id", "occasion", "channel"),
        Index(
            "ix_notice_waiting",
            "due",
            sqlite_where=text("settled IS NULL"),
            postgresql_where=text("settled IS NULL"),
        ),
        Index("ix_notice_thing", "thing_type", "thing_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    """Empty where there was no way to send it."""
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("reader.id"), index=True)
    thing_type: Mapped[str] = mapped_column(String(20))
    thing_id: Mapped[int | None]
    occasion: Mapped[str] = mapped_column(String(60))
    """What tells two notices of one kind about one thing apart, such as a day it was due."""
    library_id: Mapped[int | None] = mapped_column(ForeignKey("library.id"))
    """By whose clocks it is night."""
    created: Mapped[datetime] = mapped_column(index=True)
    due: Mapped[datetime]
    settled: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20), default=Outcome.WAITING)


class NoticePreference(Base):
    """What a reader wants to hear; a kind that is not named is as the site has it."""

    __tablename__ = "notice_preference"

    reader_id: Mapped[int] = mapped_column(ForeignKey("reader.id"), primary_key=True)
    digest: Mapped[bool] = mapped_column(default=False)
    """One letter a day with all that can wait."""
    channels: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """The names of channels by kind."""


class NoticeAddress(Base):
    """An address that a reader has given for a channel; used once it is confirmed."""

    __tablename__ = "notice_address"

    reader_id: Mapped[int] = mapped_column(ForeignKey("reader.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(String(100))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    """Of the code that was sent there."""
    asked: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[datetime | None]
