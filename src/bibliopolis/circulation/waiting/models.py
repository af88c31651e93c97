"""How long readers waited, what they were told, and what follows from it; no person is in it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base


class Ending(StrEnum):
    """How a wait ended."""

    CAME = "came"
    """A copy lay ready, or was handed out."""
    LEFT = "left"
    """It was no longer waited for, or not so: cancelled, paused, moved, put first, too late."""
    NEVER = "never"
    """Staff stopped looking: no copy could be had."""


class HoldWait(Base):
    """One wait for a copy: where it began, what was promised then, and how it ended.

    A hold has one at a time. What changes the course of the wait ends it and begins another.
    """

    __tablename__ = "hold_wait"
    __table_args__ = (
        Index("ix_hold_wait_place", "pickup_library_id", "since"),
        Index(
            "uq_hold_wait_open",
            "hold_id",
            unique=True,
            sqlite_where=text("ended IS NULL"),
            postgresql_where=text("ended IS NULL"),
        ),
        Index("ix_hold_wait_hold", "hold_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id", ondelete="SET NULL"))
    pickup_library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    item_type: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]
    position: Mapped[int]
    """In the queue when it began, counted from one; paused holds before it count."""
    copies: Mapped[int]
    """That could be lent, wherever they were; those that were lost or missing are not counted."""
    free: Mapped[int]
    """Of these, so many stood somewhere for nobody."""
    rounds: Mapped[int]
    """What of the three it is counted under, see ``law.rounds_of``."""
    lower: Mapped[int | None]
    upper: Mapped[int | None]
    """The days promised; None where too little was known."""
    cases: Mapped[int] = mapped_column(default=0)
    """The promise rests on so many waits."""
    earliest: Mapped[datetime | None]
    latest: Mapped[datetime | None]
    """The promise as moments."""
    ended: Mapped[datetime | None]
    ending: Mapped[str | None] = mapped_column(String(10))
    """One of ``Ending``."""


class WaitingStatistic(Base):
    """How long readers waited who collect at an organisation or below it; made anew each night."""

    __tablename__ = "waiting_statistic"

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("library.id", ondelete="CASCADE"), primary_key=True
    )
    item_type: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Empty is all of them."""
    rounds: Mapped[int] = mapped_column(primary_key=True)
    cases: Mapped[int]
    """So many waits are in it, those with them that nobody has seen the end of."""
    came: Mapped[int]
    """To so many of them a copy came."""
    lower: Mapped[int]
    upper: Mapped[int]
    """Days within which ``law.SHARE`` of the waits ended; only what is known has a row."""
    curve: Mapped[list[Any]] = mapped_column(JSON)
    """``[[days, share that still waits, copies that came later], …]``, see ``law.Law``."""


class WaitingCalibration(Base):
    """What came of the promises that have fallen due at a pickup place; made anew each night."""

    __tablename__ = "waiting_calibration"

    pickup_library_id: Mapped[int] = mapped_column(
        ForeignKey("library.id", ondelete="CASCADE"), primary_key=True
    )
    item_type: Mapped[str] = mapped_column(String(40), primary_key=True)
    rounds: Mapped[int] = mapped_column(primary_key=True)
    inside: Mapped[int]
    early: Mapped[int]
    late: Mapped[int]
    left: Mapped[int]
    """Who left before the promise fell due: nobody knows when a copy would have come."""


class WaitingReckoned(Base):
    """When an organisation was last reckoned; the night's work goes on where it stopped."""

    __tablename__ = "waiting_reckoned"

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("library.id", ondelete="CASCADE"), primary_key=True
    )
    reckoned: Mapped[datetime]
