"""Holds, which copy is looked for, loans and transits."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, UniqueConstraint, and_, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base, new_uid


class HoldState(StrEnum):
    """The states Python relies on; ``workflows/hold.yaml`` declares them."""

    QUEUED = "queued"
    IN_TRANSIT = "in_transit"
    READY = "ready"
    OUT_FOR_DELIVERY = "out_for_delivery"
    """A courier has the copy and brings it to its reader."""
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    UNFILLED = "unfilled"
    NOT_COLLECTED = "not_collected"


class LoanState(StrEnum):
    """The states of a loan Python relies on; ``workflows/loan.yaml`` declares them."""

    ON_LOAN = "on_loan"
    CLAIMED = "claimed"
    """The reader says that it was brought back; nobody has seen it yet."""
    LOST = "lost"
    RETURNED = "returned"
    SETTLED = "settled"
    """It stays lost; the reader has made up for it, or need not."""


class TransitState(StrEnum):
    """The states of a transit Python relies on; ``workflows/transit.yaml`` declares them."""

    SENT = "sent"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    """It ended at another library than the one it was for."""
    LOST = "lost"


class CancelCause(StrEnum):
    """Why a hold was cancelled, beside what was said in words."""

    READER = "reader"
    """By its reader, or who acts for them, on the site."""
    IN_PERSON = "in_person"
    PHONE = "phone"
    LETTER = "letter"
    LIBRARY = "library"
    """The library decided it."""
    JOINED = "joined"
    """Its reader waited for another description of the same edition."""
    LEFT = "left"
    """Its reader's registration ended."""


BOUND_STATES = (HoldState.IN_TRANSIT, HoldState.READY, HoldState.OUT_FOR_DELIVERY)
OPEN_STATES = (HoldState.QUEUED, *BOUND_STATES)


def _among(states: tuple[HoldState, ...]) -> str:
    return "state IN ({})".format(", ".join(f"'{state}'" for state in states))


class Hold(Base):
    """A reader's wish to have a copy of a record, any or a certain one, at a pickup library."""

    __tablename__ = "hold"
    __table_args__ = (
        # A copy is never promised twice, whatever the code believes.
        Index(
            "uq_hold_bound_item",
            "item_id",
            unique=True,
            sqlite_where=text(_among(BOUND_STATES)),
            postgresql_where=text(_among(BOUND_STATES)),
        ),
        # How many a reader may have on one title is a rule (holds_per_record); the lock of the
        # record keeps two placings at once from both being the last that is allowed.
        Index("ix_hold_reader_record", "reader_id", "record_id", "state"),
        Index("ix_hold_queue", "record_id", "state", "cut_in_line", "placed", "id"),
        Index("ix_hold_pickup", "pickup_library_id", "state"),
        # Who waits for a certain copy: few do.
        Index(
            "ix_hold_wanted_item",
            "record_id",
            "wanted_item_id",
            sqlite_where=text("wanted_item_id IS NOT NULL"),
            postgresql_where=text("wanted_item_id IS NOT NULL"),
        ),
        # Few holds have such a day; the worker asks for them again and again.
        *(
            Index(
                f"ix_hold_{day}",
                day,
                sqlite_where=text(f"{day} IS NOT NULL"),
                postgresql_where=text(f"{day} IS NOT NULL"),
            )
            for day in ("starts", "suspend_from", "suspended_until", "need_by", "collect_by")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    state: Mapped[str] = mapped_column(String(20), default=HoldState.QUEUED)
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("reader.id"), index=True)
    """Forgotten when the copy it brought comes back; an open hold always has one."""
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    pickup_library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    """The copy bound to it once captured; kept when it is closed."""
    wanted_item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    """The one copy its reader wants; None where any copy of the record will do."""
    overridden: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Codes of the blocks that staff overrode when it was placed: they no longer stand."""
    cut_in_line: Mapped[bool] = mapped_column(default=False)
    placed: Mapped[datetime]
    """By which it stands in its queue: when it was placed, or when the day came or comes from which
    its reader wants it, unless staff gave it another place."""
    requested: Mapped[datetime | None]
    """When it was placed, where ``placed`` is another time.

    It begins later, staff have moved it, or no time was left between its neighbours when they moved
    others.
    """
    changed: Mapped[datetime]
    closed: Mapped[datetime | None]
    wanted_since: Mapped[datetime | None]
    """From when on its reader wants it, where that is later than when it was placed."""
    starts: Mapped[date | None]
    """The day, at the pickup place, from which its reader wants it; None once that has come."""
    suspended: Mapped[datetime | None]
    """Since when its reader lets others go first; the place in the queue stays."""
    suspend_from: Mapped[date | None]
    """The day, at the pickup place, on which a pause begins that lies ahead; None once it has."""
    suspended_until: Mapped[date | None]
    """The day, at the pickup place, on which it counts again by itself; None is until told."""
    need_by: Mapped[date | None]
    """The last day on which its reader wants the book, at the pickup place."""
    collect_by: Mapped[date | None]
    """The last day on which the copy waits on the hold shelf; every hold that is ready has one,
    unless it is brought to its reader."""
    by_delivery: Mapped[bool] = mapped_column(default=False)
    """Whether the pickup library brings it; then there is a ``HoldDelivery``, while it is open."""
    cancel_requested: Mapped[datetime | None]
    """Since when its reader no longer wants the copy that waits: staff end it by a scan."""
    hopeless_since: Mapped[datetime | None]
    """Since when no copy can be hoped for: all are lost, set aside or not in their place."""
    cause: Mapped[str | None] = mapped_column(String(20))
    """Why it was cancelled: one of ``CancelCause``."""

    @property
    def asked(self) -> datetime:
        """Return when its reader asked for it, wherever it stands in the queue."""
        return self.requested or self.placed

    @property
    def is_suspended(self) -> bool:
        """Say whether no copy is to be found for it for the time being."""
        return self.suspended is not None and self.state == HoldState.QUEUED

    @property
    def begins_later(self) -> bool:
        """Say whether the day from which its reader wants it is still ahead."""
        return self.starts is not None and self.state == HoldState.QUEUED

    @hybrid_property
    def waits(self) -> bool:
        """Say whether a copy is to be found for it: queued, begun, and not paused.

        In a query it is the condition; all that choose among holds, or count who waits, ask it.
        """
        return self.state == HoldState.QUEUED and self.starts is None and self.suspended is None

    @waits.inplace.expression
    @classmethod
    def _waits(cls) -> ColumnElement[bool]:
        return and_(cls.state == HoldState.QUEUED, cls.starts.is_(None), cls.suspended.is_(None))


class HoldDelivery(Base):
    """Where a hold is brought to: kept while the hold is open and is to be brought."""

    __tablename__ = "hold_delivery"

    hold_id: Mapped[int] = mapped_column(
        ForeignKey("hold.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str] = mapped_column(String(500))
    note: Mapped[str] = mapped_column(String(500), default="")
    """What the courier should know: the floor, when somebody is at home."""
    tries: Mapped[int] = mapped_column(default=0)
    """So often nobody was met."""


class DeliveryMark(Base):
    """A librarian has seen that a reader cannot come: until a day books are brought to them."""

    __tablename__ = "delivery_mark"

    reader_id: Mapped[int] = mapped_column(
        ForeignKey("reader.id", ondelete="CASCADE"), primary_key=True
    )
    until: Mapped[date]
    """The last day it counts."""
    person_id: Mapped[int | None]
    """Who noted it, and when."""
    since: Mapped[datetime]


class HoldTarget(Base):
    """Which copy is being looked for, for which hold: the targeter rewrites these rows."""

    __tablename__ = "hold_target"

    hold_id: Mapped[int] = mapped_column(
        ForeignKey("hold.id", ondelete="CASCADE"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), unique=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    """On whose pull list it is: where the copy stands."""
    targeted: Mapped[datetime]
    found: Mapped[datetime | None]
    """When somebody took the copy from its place; checking it in captures it."""


class TargetEnd(StrEnum):
    """Why a copy is no longer looked for, though nobody captured it."""

    NOT_ON_SHELF = "not_on_shelf"
    NOT_PULLED = "not_pulled"
    """Nobody went for it in time."""
    REASSIGNED = "reassigned"
    """It is for another hold now, or another copy is better for this one."""


class PastTarget(Base):
    """A copy that was looked for in vain, for which hold, and why it ended."""

    __tablename__ = "past_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    targeted: Mapped[datetime]
    ended: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(20))
    """One of ``TargetEnd``."""


class Loan(Base):
    """A copy in a reader's hands, until it is returned."""

    __tablename__ = "loan"
    __table_args__ = (
        Index(
            "uq_loan_open_item",
            "item_id",
            unique=True,
            sqlite_where=text("closed IS NULL"),
            postgresql_where=text("closed IS NULL"),
        ),
        Index("ix_loan_reader", "reader_id", "closed"),
        # What is out, by the day on which it is due: the overdue list, and what is given up.
        Index(
            "ix_loan_open_due",
            "due",
            "library_id",
            sqlite_where=text("closed IS NULL"),
            postgresql_where=text("closed IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("reader.id"))
    """Forgotten when the loan is closed, unless the reader keeps a history."""
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    opened: Mapped[datetime]
    due: Mapped[date]
    """The last day for bringing it back, by the calendar of the library that lent it."""
    closed: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(20), default=LoanState.ON_LOAN)
    renewals: Mapped[int] = mapped_column(default=0)
    """So often it was renewed."""
    changed: Mapped[datetime | None]
    """When it was renewed last, or came into its present state; empty right after lending."""
    kept: Mapped[bool] = mapped_column(default=False)
    """Whether the reader kept a reading history when it was opened: what they say later counts
    for later loans."""


class Transit(Base):
    """A copy on its way between two libraries, for a hold or home."""

    __tablename__ = "transit"
    __table_args__ = (
        Index(
            "uq_transit_open_item",
            "item_id",
            unique=True,
            sqlite_where=text("received IS NULL"),
            postgresql_where=text("received IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id"))
    from_library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    to_library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default=TransitState.SENT)
    sent: Mapped[datetime]
    received: Mapped[datetime | None]
    """When it ended, wherever and however that was."""


class MissingCopy(Base):
    """A copy that was not where it should stand: nobody is sent for it until it turns up."""

    __tablename__ = "missing_copy"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    """Where it was looked for."""
    noticed: Mapped[datetime]


class ShelfRemoval(Base):
    """A copy that lies on a hold shelf for nobody any more; checking it in ends that."""

    __tablename__ = "shelf_removal"

    item_id: Mapped[int] = mapped_column(
        ForeignKey("item.id", ondelete="CASCADE"), primary_key=True
    )
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    since: Mapped[datetime]


class LockerCell(Base):
    """A cell of a locker and the copy that lies in it, or for which it is kept on the way there.

    Staff take a copy out of a cell by checking it in; a reader who takes it out ends it, too.
    """

    __tablename__ = "locker_cell"

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), primary_key=True)
    """The locker."""
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """As it is written on its door, from 1."""
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), unique=True)


class CirculationRule(Base):
    """A rule staff have set at an organisation; see ``rules.names`` for what there is to set."""

    __tablename__ = "circulation_rule"
    __table_args__ = (UniqueConstraint("library_id", "name", "category", "item_type"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    name: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(40), default="")
    """Of readers; empty is any, so that the database, too, sees two rules at one scope."""
    item_type: Mapped[str] = mapped_column(String(40), default="")
    value: Mapped[Any] = mapped_column(JSON)
    """As the rule's type keeps it; None is no limit."""
    person_id: Mapped[int | None]
    """Who set it, and when."""
    changed: Mapped[datetime]
