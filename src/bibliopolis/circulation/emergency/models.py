"""Emergency closings of libraries, and the dates that they moved."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base, new_uid
from bibliopolis.libraries.models import spoken


class ClosingState(StrEnum):
    """How far the worker is with an emergency closing."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


AT_WORK = (ClosingState.WAITING, ClosingState.RUNNING, ClosingState.UNDOING)
STANDING = (
    ClosingState.WAITING,
    ClosingState.RUNNING,
    ClosingState.PAUSED,
    ClosingState.DONE,
)
"""The place is closed; what is undone, or is being undone, closes nothing any more."""


class ClosingStep(StrEnum):
    """What the worker does now, in this order; taking it back has two steps of its own."""

    LOANS = "loans"
    SHELF = "shelf"
    TARGETS = "targets"
    LETTERS = "letters"
    TAKE_BACK = "take_back"
    LETTERS_BACK = "letters_back"


class EmergencyClosing(Base):
    """A place that had to close for some days; its row says how far moving the dates is."""

    __tablename__ = "emergency_closing"
    __table_args__ = (Index("ix_emergency_closing_library_id", "library_id", "last"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    exception_id: Mapped[int | None] = mapped_column(
        ForeignKey("hours_exception.id", ondelete="SET NULL")
    )
    """What calendars know of it; none once it is undone."""
    first: Mapped[date]
    last: Mapped[date]
    with_below: Mapped[bool]
    reason: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(20), default=ClosingState.WAITING)
    step: Mapped[str] = mapped_column(String(20), default=ClosingStep.LOANS)
    at: Mapped[int] = mapped_column(default=0)
    """The id up to which the step is done: the next turn goes on behind it."""
    round: Mapped[int] = mapped_column(default=1)
    """Counts what readers may be told of: that it closed, that it stays closed for longer, and what
    was found when it was looked at again."""
    total: Mapped[int] = mapped_column(default=0)
    """So many dates were to be moved when the round began."""
    moved_loans: Mapped[int] = mapped_column(default=0)
    moved_holds: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    """So many dates stayed as they were when it was undone: they had changed since."""
    operation: Mapped[str] = mapped_column(String(32), default=new_uid)
    """What groups all that it wrote into histories."""
    person_id: Mapped[int | None]
    created: Mapped[datetime]
    changed: Mapped[datetime]
    """When its days were said last."""

    def reason_in(self, language: str) -> str:
        """Return the reason in a language, or in the next one it has."""
        return spoken(self.reason, language)

    @property
    def stands(self) -> bool:
        """Say whether it closes the place."""
        return self.state in STANDING

    def may_tell(self, round_: int) -> bool:
        """Say whether readers may be written to whose dates moved in a round.

        They may once nothing moves any more, and who hears of a later round is known, too.
        """
        if self.state not in (ClosingState.WAITING, ClosingState.RUNNING, ClosingState.PAUSED):
            return True
        return self.step == ClosingStep.LETTERS and self.round == round_


class MovedDate(Base):
    """A due date or a last day to collect that an emergency closing moved, and from where."""

    __tablename__ = "moved_date"
    __table_args__ = (
        UniqueConstraint("closing_id", "loan_id"),
        UniqueConstraint("closing_id", "hold_id"),
        # Turn by turn its dates are gone through in the order in which they moved.
        Index("ix_moved_date_closing_id", "closing_id", "id"),
        CheckConstraint("(loan_id IS NULL) != (hold_id IS NULL)", name="one_thing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    closing_id: Mapped[int] = mapped_column(ForeignKey("emergency_closing.id", ondelete="CASCADE"))
    loan_id: Mapped[int | None] = mapped_column(
        ForeignKey("loan.id", ondelete="CASCADE"), index=True
    )
    hold_id: Mapped[int | None] = mapped_column(
        ForeignKey("hold.id", ondelete="CASCADE"), index=True
    )
    before: Mapped[date]
    """As it was before the first round moved it."""
    after: Mapped[date]
    round: Mapped[int]
    """In which its reader is told of it."""
    moved: Mapped[datetime]
    undone: Mapped[datetime | None]
    """When it was looked at to be put back."""
    stayed: Mapped[bool] = mapped_column(default=False)
    """Whether it was left as it was then."""
