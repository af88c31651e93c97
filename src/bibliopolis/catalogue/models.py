"""Records, what libraries said of them, their items, and the table of what is available where."""

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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bibliopolis.catalogue.labels import language_of
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.db import Base, JsonText, new_uid


class Record(Base):
    """The description of an edition: the union of what libraries say of it.

    It is computed from its source records and can be computed again; its id is for good.
    """

    __tablename__ = "record"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    """The library whose description leads: the title is hers."""
    control_number: Mapped[str] = mapped_column(String(80))
    """The number of the description that leads, in its library."""
    library_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    """All libraries that describe it, that of the leading description first."""

    title: Mapped[str] = mapped_column(Text)
    """The title proper, without the punctuation of a catalogue card."""
    subtitle: Mapped[str | None] = mapped_column(Text)
    part: Mapped[str | None] = mapped_column(Text)
    """Which part of the work this is, ``Vol. 2``."""
    title_statement: Mapped[str | None] = mapped_column(Text)
    """Title and subtitle exactly as the source has them."""
    other_titles: Mapped[list[str]] = mapped_column(JSON, default=list)
    responsibility: Mapped[str | None] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(Text)
    """The first author as it is shown, ``Dostoevsky, Fyodor``; None without one."""
    contributors: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """``[{"name": …, "role": "author"|"translator"|…, "dates": …, "original": …}]``, the author
    first; ``original`` is the name in its own script where ``name`` is a transliteration."""
    publisher: Mapped[str | None] = mapped_column(Text)
    place: Mapped[str | None] = mapped_column(Text)
    year: Mapped[int | None]
    edition: Mapped[str | None] = mapped_column(Text)
    extent: Mapped[str | None] = mapped_column(Text)
    series: Mapped[list[str]] = mapped_column(JSON, default=list)
    summary: Mapped[str | None] = mapped_column(Text)
    contents: Mapped[str | None] = mapped_column(Text)
    """What is in it, parts divided by `` -- ``."""
    kind: Mapped[str] = mapped_column(String(20))
    """A value of ``record_data.Kind``: ``book``, ``serial``, ``score`` and so on."""
    language: Mapped[str | None] = mapped_column(String(20))
    """BCP 47 tag of the text, ``ru``; None where unknown."""
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    isbns: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Thirteen digits each."""
    issns: Mapped[list[str]] = mapped_column(JSON, default=list)
    subjects: Mapped[list[str]] = mapped_column(JSON, default=list)
    classes: Mapped[list[str]] = mapped_column(JSON, default=list)
    age: Mapped[int | None]
    """Youngest age it is for: 6 means 6+."""
    links: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    sort_key: Mapped[str] = mapped_column(String(200))
    work_key: Mapped[str | None] = mapped_column(String(120), index=True)
    """The same for all editions of a work, as ``works.work_key`` tells; None where it cannot."""
    field_sources: Mapped[dict[str, list[int]] | None] = mapped_column(JSON(none_as_null=True))
    """Which source records gave which column; None where there is one source for all."""
    joined_to: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)
    """The record this one was joined to; its address leads there, for good."""
    withdrawn: Mapped[bool] = mapped_column(default=False)
    """Nobody describes it any more."""
    created: Mapped[datetime]
    changed: Mapped[datetime]

    items: Mapped[list[Item]] = relationship(back_populates="record")

    @property
    def title_language(self) -> str | None:
        """Return the tag the title bears as ``lang``, so that it is read aloud as it should be."""
        return language_of(self.title, self.language)


class SourceRecord(Base):
    """One library's description of an edition, as it came.

    It is kept when its library withdraws it, so that it is known when it comes back.
    """

    __tablename__ = "source_record"
    __table_args__ = (
        UniqueConstraint("library_id", "control_number"),
        Index("ix_source_record_record", "record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    """The edition it describes."""
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    control_number: Mapped[str] = mapped_column(String(80))
    """Field 001, or for a description without one a number made from its content."""
    content_hash: Mapped[str] = mapped_column(String(64))
    """Of what came, to see at an import that nothing has changed."""
    source: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """What came: ISO 2709 in UTF-8, MARCXML where that is too short, or the text of IRBIS."""
    described: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """What it says, by the columns of ``record``; what it does not say is left out."""
    pinned: Mapped[bool] = mapped_column(default=False)
    """Staff decided that it belongs to this record, whatever it says."""
    withdrawn: Mapped[bool] = mapped_column(default=False)
    created: Mapped[datetime]
    changed: Mapped[datetime]


class SourceKey(Base):
    """A key by which candidates for the same edition are found, see ``matching.keys_of``."""

    __tablename__ = "source_key"
    __table_args__ = (Index("ix_source_key_key", "key"),)

    source_id: Mapped[int] = mapped_column(
        ForeignKey("source_record.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class SourcesApart(Base):
    """Two source records that staff decided are never of one edition; the lower id first."""

    __tablename__ = "sources_apart"
    __table_args__ = (Index("ix_sources_apart_second", "second_id"),)

    first_id: Mapped[int] = mapped_column(
        ForeignKey("source_record.id", ondelete="CASCADE"), primary_key=True
    )
    second_id: Mapped[int] = mapped_column(
        ForeignKey("source_record.id", ondelete="CASCADE"), primary_key=True
    )


class UnionDecision(Base):
    """What somebody decided of the descriptions of a record, and what it takes to undo it."""

    __tablename__ = "union_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    other_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"), index=True)
    """The record that was joined to it, or that was split off."""
    verb: Mapped[str] = mapped_column(String(20))
    """``join``, ``split``, ``pin`` or ``release``."""
    person_id: Mapped[int | None]
    happened: Mapped[datetime]
    operation: Mapped[str] = mapped_column(String(32))
    """Of the history, which tells what else came of it."""
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    """``{"sources": [ids], "pinned": [ids that were], "apart": [pairs], "led": [records]}``."""
    undone: Mapped[datetime | None]
    undone_by: Mapped[int | None]


class Item(Base):
    """One physical copy."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("library_id", "barcode"),
        Index("ix_item_barcode", "barcode"),
        Index("ix_item_record", "record_id"),
        Index("ix_item_source_record", "source_record_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    source_record_id: Mapped[int | None] = mapped_column(ForeignKey("source_record.id"))
    """The description it came with: where that goes, the copy goes."""
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    """Where it belongs."""
    holding_library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    """Where it is, or was last seen."""
    barcode: Mapped[str] = mapped_column(String(60))
    shelf_mark: Mapped[str | None] = mapped_column(String(200))
    location: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20), default=ItemStatus.LENDABLE)
    item_type: Mapped[str | None] = mapped_column(String(40))
    """One of ``policies/item_types.yaml``; None is the kind of its record."""
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    created: Mapped[datetime]
    changed: Mapped[datetime]

    record: Mapped[Record] = relationship(back_populates="items")


class Availability(Base):
    """How many items of a record a library has, and how many can be taken now.

    Each change takes the next number of the sequence; processes that keep the table in memory
    read what is above the number they know.
    """

    __tablename__ = "availability"

    record_id: Mapped[int] = mapped_column(
        ForeignKey("record.id", ondelete="CASCADE"), primary_key=True
    )
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), primary_key=True)
    total: Mapped[int]
    available: Mapped[int]
    sequence: Mapped[int] = mapped_column(index=True)


class ClosedLibrary(Base):
    """A library where nothing can be had for days: its copies do not count as available.

    It follows from the calendars, see ``closed``. With each change the sequence of the
    availability takes its next number.
    """

    __tablename__ = "closed_library"

    library_id: Mapped[int] = mapped_column(
        ForeignKey("library.id", ondelete="CASCADE"), primary_key=True
    )


class Sequence(Base):
    """Counters that only grow; updating the row last keeps readers from missing a number."""

    __tablename__ = "sequence"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


# For bulk work, which goes past the mapped classes.
RECORDS = Base.metadata.tables["record"]
SOURCES = Base.metadata.tables["source_record"]
KEYS = Base.metadata.tables["source_key"]
ITEMS = Base.metadata.tables["item"]
