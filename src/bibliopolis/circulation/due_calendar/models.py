"""The calendars that readers have asked for: of their secret addresses only hashes are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base, new_uid


class DueCalendar(Base):
    """One reader's calendar of due dates, at an address that only they know."""

    __tablename__ = "due_calendar"

    reader_id: Mapped[int] = mapped_column(ForeignKey("reader.id"), primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    """What entries without titles are named by; a new address keeps it."""
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    titles: Mapped[bool] = mapped_column(default=False)
    """Whether it names the books; whoever has the address reads them."""
    created: Mapped[datetime]
    """When the address was made."""
