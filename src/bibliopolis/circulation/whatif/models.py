"""Reports of what other rules would have brought."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from bibliopolis.db import Base, JsonText, new_uid


class ReportState(StrEnum):
    """How far a report is."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


AT_WORK = (ReportState.WAITING, ReportState.RUNNING)


class WhatIfReport(Base):
    """A period replayed under the rules that count and under drafted ones."""

    __tablename__ = "what_if_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    title: Mapped[str] = mapped_column(String(120))
    draft: Mapped[str] = mapped_column(Text)
    """The changed rules as they were written."""
    since: Mapped[datetime]
    until: Mapped[datetime]
    """The moment that is not replayed any more: as a rule, the beginning of a day."""
    person_id: Mapped[int | None]
    created: Mapped[datetime]
    finished: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10), default=ReportState.WAITING, index=True)
    share: Mapped[float] = mapped_column(default=0.0)
    """How much of the work is done, as a share of one."""
    claimed_until: Mapped[datetime | None]
    """A worker computes a portion until then; nobody else takes it up before."""
    changes: Mapped[Any] = deferred(mapped_column(JsonText))
    """``{"rules": […], "removed": […]}`` as ``facts.rules_as_json`` writes them."""
    period: Mapped[Any] = deferred(mapped_column(JsonText, nullable=True))
    """The facts it computes with, without names; forgotten when it is done."""
    progress: Mapped[Any] = deferred(mapped_column(JsonText, nullable=True))
    """``{"before": figures or None, "state": state of the replay}``; forgotten likewise."""
    result: Mapped[Any] = deferred(mapped_column(JsonText, nullable=True))
    """``{"reality", "before", "after"}``, each the figures of ``measures``."""

    @property
    def last_moment(self) -> datetime:
        """Return a moment of the last day that is replayed."""
        return self.until - timedelta(microseconds=1)
