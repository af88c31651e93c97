"""The organisations of the portal: network, systems, libraries, pickup points; their closures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from bibliopolis.db import Base, new_uid
from bibliopolis.i18n import fallback_chain


class OrganisationKind(StrEnum):
    """What a row of the tree is."""

    NETWORK = "network"
    SYSTEM = "system"
    LIBRARY = "library"
    PICKUP_POINT = "pickup_point"


class Access(StrEnum):
    """What makes a building usable for everyone; people search for these."""

    STEP_FREE = "step_free"
    LIFT = "lift"
    ACCESSIBLE_TOILET = "accessible_toilet"
    HEARING_LOOP = "hearing_loop"
    TACTILE_GUIDANCE = "tactile_guidance"
    SIGN_LANGUAGE = "sign_language"


class Library(Base):
    """An organisation: most are libraries; the row without a parent is the network above all."""

    __tablename__ = "library"
    __table_args__ = (Index("ix_library_parent_id", "parent_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("library.id"))
    kind: Mapped[str] = mapped_column(String(20), default=OrganisationKind.LIBRARY)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    """Short, never changed: imports, facets and barcodes' owners go by it."""
    name: Mapped[dict[str, str]] = mapped_column(JSON)
    """The name in each language: ``{"ru": …, "en": …}``."""
    address: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    sort_key: Mapped[str] = mapped_column(String(200))
    is_pickup_point: Mapped[bool] = mapped_column(default=True)
    """Whether holds can be collected here now."""
    withdrawn: Mapped[bool] = mapped_column(default=False)
    """It exists no more; what happened in it keeps its name."""
    cells: Mapped[int | None]
    """How many holds a locker has room for; None is a shelf, which always has."""
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    contacts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """``phone``, ``email``, ``web``."""
    access: Mapped[list[str]] = mapped_column(JSON, default=list)
    access_note: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Its own settings only; what is not here comes from the organisation above."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes, so that two people who edit at once do not undo each other's work."""
    created: Mapped[datetime]
    changed: Mapped[datetime]

    def name_in(self, language: str) -> str:
        """Return the name in a language, or in the next one it has, or the code."""
        return spoken(self.name, language) or self.code

    def address_in(self, language: str) -> str:
        """Return the address in a language, or in the next one it has."""
        return spoken(self.address, language)

    def access_note_in(self, language: str) -> str:
        """Return what is said about access in a language, or in the next one it has."""
        return spoken(self.access_note, language)

    @property
    def is_locker(self) -> bool:
        """Say whether holds wait in cells that readers open themselves."""
        return self.kind == OrganisationKind.PICKUP_POINT and self.cells is not None


class ExceptionKind(StrEnum):
    """What is different on the days of an exception."""

    CLOSED = "closed"
    OTHER_HOURS = "other_hours"


class HoursException(Base):
    """Days on which an organisation keeps other hours than usual, or is closed."""

    __tablename__ = "hours_exception"
    __table_args__ = (Index("ix_hours_exception_library_id", "library_id", "last"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    first: Mapped[date]
    last: Mapped[date | None]
    """The last of the days; None is until further notice."""
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    """Hours of each of the days, by the library's clocks; closed without hours is all day long.
    An end at midnight is that at the end of the day."""
    reason: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    with_below: Mapped[bool] = mapped_column(default=False)
    """Whether it holds for everything below in the tree, too."""
    urgent: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether nobody could foresee it: readers are told of it wherever the place is named."""

    def reason_in(self, language: str) -> str:
        """Return the reason in a language, or in the next one it has."""
        return spoken(self.reason, language)

    @property
    def whole_day(self) -> bool:
        """Say whether nothing is open on its days."""
        return self.kind == ExceptionKind.CLOSED and self.starts is None


def spoken(words: Mapping[str, str], language: str) -> str:
    """Return words in a language, or in the next one they exist in, or nothing."""
    chain = fallback_chain(language, (*words,))
    return next((words[tag] for tag in chain if words.get(tag)), "")
