"""The content tree: nodes, their translations, revisions, and media."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bibliopolis.db import Base, new_uid

NEUTRAL = "*"
"""The "language" of the fields that belong to no language."""


class Content(Base):
    """A node of the tree, one for all languages; the root is the row without a parent."""

    __tablename__ = "content"
    __table_args__ = (
        Index(
            "uq_content_slug",
            "parent_id",
            "slug",
            unique=True,
            sqlite_where=text("binned IS NULL"),
            postgresql_where=text("binned IS NULL"),
        ),
        Index("ix_content_children", "parent_id", "position"),
        Index("ix_content_path", "path"),
        Index("ix_content_dates", "type", "starts"),
        Index("ix_content_library", "library_id", "type", "starts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    type: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("content.id"))
    position: Mapped[int] = mapped_column(default=0)
    slug: Mapped[str] = mapped_column(String(100))
    path: Mapped[str] = mapped_column(String(1000))
    """Slugs from below the root, joined by ``/``; the root's is empty."""
    ancestors: Mapped[str] = mapped_column(String(400), default="")
    """Ids of the nodes above and of itself, ``/1/5/12/``: for scopes and subtrees."""
    in_navigation: Mapped[bool] = mapped_column(default=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source_language: Mapped[str] = mapped_column(String(20))
    starts: Mapped[datetime | None]
    """Of the live revision of an event: dates that listings sort by."""
    ends: Mapped[datetime | None]
    library_id: Mapped[int | None]
    """Of the live revision: the library it is about; no foreign key, as between all rooms."""
    created: Mapped[datetime]
    changed: Mapped[datetime]
    binned: Mapped[datetime | None]

    translations: Mapped[list[ContentTranslation]] = relationship(back_populates="content")


class ContentTranslation(Base):
    """A node in one language, with a state of its own; language ``*`` has no state."""

    __tablename__ = "content_translation"
    __table_args__ = (UniqueConstraint("content_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    content_id: Mapped[int] = mapped_column(ForeignKey("content.id"))
    language: Mapped[str] = mapped_column(String(20))
    state: Mapped[str | None] = mapped_column(String(40))
    live_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id", use_alter=True))
    working_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("revision.id", use_alter=True)
    )
    live_title: Mapped[str | None] = mapped_column(String(300))
    """Titles are columns so that navigation and breadcrumbs read one table."""
    working_title: Mapped[str | None] = mapped_column(String(300))
    published: Mapped[datetime | None]
    """When it first went live; news are sorted by it."""
    created: Mapped[datetime]
    changed: Mapped[datetime]

    content: Mapped[Content] = relationship(back_populates="translations")
    live: Mapped[Revision | None] = relationship(foreign_keys=[live_revision_id])
    working: Mapped[Revision | None] = relationship(foreign_keys=[working_revision_id])


class Revision(Base):
    """One saved state of a translation; never changed."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("translation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    translation_id: Mapped[int] = mapped_column(ForeignKey("content_translation.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300), default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    compiled: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What was made of the blocks when they were saved, see :meth:`.body.Body.compiled`."""
    """Field values by name; ``blocks`` is a list of ``{"id", "type", …}``."""
    source_revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    """The revision of the source language this one was translated from."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str | None] = mapped_column(Text)
    created: Mapped[datetime]


class Media(Base):
    """An uploaded file; its bytes lie in ``DATA/files`` under their hash."""

    __tablename__ = "media"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=new_uid)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int | None]
    height: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created: Mapped[datetime]


class MediaUse(Base):
    """Which revision shows which file: a file is public while a live revision shows it."""

    __tablename__ = "media_use"

    media_id: Mapped[int] = mapped_column(
        ForeignKey("media.id", ondelete="CASCADE"), primary_key=True
    )
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("revision.id", ondelete="CASCADE"), primary_key=True
    )
