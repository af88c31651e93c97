"""Counts of refusals, and for two days the wishes behind them, without anybody's name."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base


class Refusal(Base):
    """How often something was refused on a day, and how often the wish was met all the same."""

    __tablename__ = "refusal"
    __table_args__ = (Index("ix_refusal_library", "library_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), primary_key=True)
    """Where it was to be collected, lent or renewed."""
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    act: Mapped[str] = mapped_column(String(10), primary_key=True)
    """One of ``Act``."""
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    """A code of ``permits.Code`` or ``kinds.Outcome``."""
    times: Mapped[int]
    avoided: Mapped[int] = mapped_column(default=0)


class RefusedWish(Base):
    """A wish that was refused, kept until the end of the next day to see whether it is met."""

    __tablename__ = "refused_wish"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A hash of reader and work, keyed with the secret of its day."""
    day: Mapped[date] = mapped_column(index=True)
    library_id: Mapped[int]
    record_id: Mapped[int]
    act: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(40))


class WishSecret(Base):
    """The secret of a day. With it goes the last way from a wish to a reader."""

    __tablename__ = "wish_secret"

    day: Mapped[date] = mapped_column(primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
