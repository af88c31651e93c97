"""Records that were refused, with their bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base

LONGEST_NAME = 255


class QuarantinedRecord(Base):
    """A record of a library that could not be taken in, until somebody mends or dismisses it."""

    __tablename__ = "quarantined_record"
    __table_args__ = (
        UniqueConstraint("library_id", "fingerprint"),
        Index("ix_quarantined_record_waiting", "library_id", "dismissed", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    operation: Mapped[str] = mapped_column(String(32), index=True)
    """The run that brought it first; the history of the library tells of it."""
    file: Mapped[str] = mapped_column(String(LONGEST_NAME))
    """The name of its file, without the folders of whoever sent it."""
    ordinal: Mapped[int]
    """Its number in the file, from 1."""
    offset: Mapped[int] = mapped_column(BigInteger)
    """The byte it begins at."""
    control_number: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(Text)
    """Why it was refused, as the catalogues of words have it; ``reason_values`` fill it."""
    reason_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Its bytes as they stood in the file, at most ``quarantine.LARGEST_KEPT``."""
    size: Mapped[int]
    """How many bytes it had."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Of all of its bytes: the same record again is no second row."""
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was said of the file when it was read: ``items_tag``, ``dialect``, ``encoding``."""
    came: Mapped[datetime]
    dismissed: Mapped[datetime | None]
    """When somebody said that it need not come in."""
