"""What is kept of harvests: how far each source has come, its runs, and what it sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base, new_uid

from ..models import RunState

LONGEST_IDENTIFIER = 255


class HarvestSource(Base):
    """A declared source and the library it is harvested for."""

    __tablename__ = "harvest_source"
    __table_args__ = (UniqueConstraint("name", "library_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    """Its name in ``policies/harvests.yaml``."""
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    place: Mapped[str] = mapped_column(Text, default="")
    """Address, format and set that ``since`` is good for."""
    since: Mapped[datetime | None]
    """The source's own time when the last harvest that missed nothing began."""
    granularity: Mapped[str] = mapped_column(String(30), default="")
    """The smallest step of its dates, as it writes it itself."""
    deleted: Mapped[str] = mapped_column(String(20), default="")
    """What it does with deleted records: ``persistent``, ``transient``, ``no``."""
    created: Mapped[datetime]


class HarvestRun(Base):
    """One harvest of a source, whole or of what is new."""

    __tablename__ = "harvest_run"
    __table_args__ = (Index("ix_harvest_run_source", "source_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    """Its operation in history and quarantine."""
    source_id: Mapped[int] = mapped_column(ForeignKey("harvest_source.id"))
    state: Mapped[str] = mapped_column(String(20), default=RunState.WAITING)
    dry: Mapped[bool] = mapped_column(default=False)
    """Whether nothing is written but the report."""
    whole: Mapped[bool] = mapped_column(default=False)
    """Whether everything is asked for, so that what does not come is gone."""
    gone: Mapped[bool] = mapped_column(default=False)
    """Whether a large part that is gone may be withdrawn, too."""
    since: Mapped[datetime | None]
    """What was changed from here on is asked for; None asks for everything."""
    keeps: Mapped[bool] = mapped_column(default=True)
    """Whether the next harvest may begin where this one did."""
    place: Mapped[str] = mapped_column(Text, default="")
    granularity: Mapped[str] = mapped_column(String(30), default="")
    """Empty until the source has said what it is."""
    step: Mapped[int] = mapped_column(BigInteger, default=0)
    """Counts what was committed: two workers do not do the same twice."""
    token: Mapped[str] = mapped_column(Text, default="")
    """Asks for the page that is next; empty before the first."""
    mark: Mapped[str] = mapped_column(String(64), default="")
    """The fingerprint of an earlier token: a list that comes back to it has no end."""
    pages: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    """So many records of the page that is next are in already."""
    stale: Mapped[int] = mapped_column(default=0)
    """So many pages in a row brought nothing that had not come before in this run."""
    listed: Mapped[bool] = mapped_column(default=False)
    """Whether the last page is in: now what did not come is withdrawn."""
    began: Mapped[datetime | None]
    """The source's own time of its first page."""
    size: Mapped[int | None]
    """How many records there are in all, if the source says so."""
    read: Mapped[int] = mapped_column(default=0)
    restarts: Mapped[int] = mapped_column(default=0)
    """So often a token had run out."""
    attempts: Mapped[int] = mapped_column(default=0)
    """So often in a row the source did not answer."""
    not_before: Mapped[datetime | None]
    """When it is asked again; nothing waits in the outbox until then."""
    touched: Mapped[datetime]
    """When somebody worked on it last."""
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Numbers and the first remarks, as ``import_run.Report`` writes them."""
    trouble: Mapped[str | None] = mapped_column(Text)
    """Why it does not go on, in the words of the catalogues; ``trouble_values`` fill it."""
    trouble_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_id: Mapped[int | None]
    created: Mapped[datetime]
    ended: Mapped[datetime | None]


class HarvestedRecord(Base):
    """Which record an identifier of a source stands for."""

    __tablename__ = "harvested_record"
    __table_args__ = (
        UniqueConstraint("source_id", "identifier"),
        Index("ix_harvested_record_number", "source_id", "control_number"),
        Index("ix_harvested_record_run", "source_id", "run_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("harvest_source.id"))
    identifier: Mapped[str] = mapped_column(String(LONGEST_IDENTIFIER))
    control_number: Mapped[str] = mapped_column(String(80), default="")
    """Empty where it could not be taken in."""
    run_id: Mapped[int]
    """The run it came with last."""
