"""Imports, and records that were refused, with their bytes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
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

from bibliopolis.db import Base, new_uid

LONGEST_NAME = 255


class RunState(StrEnum):
    """How far an import is."""

    CHECKED = "checked"
    """Its file is here; somebody looks at how its records would be read."""
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


AT_WORK = (RunState.WAITING, RunState.RUNNING)
ENDED = (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)


class IntakeRun(Base):
    """One file of a library that the worker brings in, or only tries."""

    __tablename__ = "intake_run"
    __table_args__ = (Index("ix_intake_run_library", "library_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    """Its operation in history and quarantine, and the name of its file below the data folder."""
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    state: Mapped[str] = mapped_column(String(20), default=RunState.CHECKED)
    file: Mapped[str] = mapped_column(String(LONGEST_NAME))
    """The name of the file where it came from."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the file, unpacked."""
    profile: Mapped[str] = mapped_column(String(60), default="")
    """The name of a profile of ``policies/imports.yaml``, or nothing."""
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was said of this very file: ``items_tag``, ``dialect``, ``encoding``."""
    dry: Mapped[bool] = mapped_column(default=False)
    """Whether nothing is written but the report."""
    read: Mapped[int] = mapped_column(default=0)
    """So many records are done with: where it goes on after a pause or a crash."""
    at: Mapped[int] = mapped_column(BigInteger, default=0)
    """The byte of the last of them, to tell how far it is."""
    worker: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """The process that has its file open, and when it last went on with it."""
    touched: Mapped[datetime | None]
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Numbers and the first remarks, as ``import_run.Report`` writes them."""
    trouble: Mapped[str | None] = mapped_column(Text)
    """Why it failed, in the words of the catalogues."""
    actor_id: Mapped[int | None]
    created: Mapped[datetime]
    ended: Mapped[datetime | None]


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
    """What was said of its file: ``profile``, ``items_tag``, ``dialect``, ``encoding``."""
    came: Mapped[datetime]
    dismissed: Mapped[datetime | None]
    """When somebody said that it need not come in."""
