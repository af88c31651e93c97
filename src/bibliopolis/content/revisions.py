"""Revisions: what was saved, one after the other, none ever changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.db import read_rows

from .body import Body
from .models import NEUTRAL, Content, ContentTranslation, Media, MediaUse, Revision
from .subject import media_of

TITLE = 300
"""So much of a title is kept beside the fields, for lists."""


class Read(Protocol):
    """What is read of a revision: a row of the table has it, and a `Revision`."""

    @property
    def number(self) -> int:
        """The how manieth of its translation it is."""

    @property
    def title(self) -> str:
        """The title, as lists show it."""

    @property
    def data(self) -> Mapping[str, Any]:
        """The fields by name."""

    @property
    def compiled(self) -> Mapping[str, Any] | None:
        """What was made of the blocks when they were saved."""

    @property
    def created(self) -> datetime:
        """When it was saved."""


_READ = select(
    Revision.id, Revision.number, Revision.title, Revision.data, Revision.compiled, Revision.created
).where(Revision.id.in_((bindparam("own"), bindparam("shared"))))
"""Columns, not objects: who only reads changes no revision, and pages are asked for often."""


def read(db: Session, own: int | None, shared: int | None) -> tuple[Any, Any]:
    """Return a revision, and that of the part no language owns if there is one, by one query."""
    given = {"own": own, "shared": shared or own}
    rows = {row.id: row for row in read_rows(db, _READ, given)}
    return rows[own], rows.get(shared)


class Revisions:
    """Begin translations and add revisions to them."""

    def __init__(self, db: Session, clock: Clock, author_id: int | None, body: Body) -> None:
        self.db = db
        self.body = body
        self.clock = clock
        self.author_id = author_id

    def begin(self, node: Content, language: str, state: str | None) -> ContentTranslation:
        """Return a new, empty translation of a node."""
        now = self.clock.now()
        translation = ContentTranslation(
            content_id=node.id, language=language, state=state, created=now, changed=now
        )
        self.db.add(translation)
        self.db.flush()  # to get the id its revisions name
        return translation

    def count(self, translation: ContentTranslation) -> int:
        """Return how many revisions a translation has."""
        mine = select(func.count()).where(Revision.translation_id == translation.id)
        return self.db.scalar(mine.select_from(Revision)) or 0

    def page(self, translation: ContentTranslation, offset: int, limit: int) -> Sequence[Revision]:
        """Return some revisions of a translation, the newest first."""
        return self.db.scalars(
            select(Revision)
            .where(Revision.translation_id == translation.id)
            .order_by(Revision.number.desc())
            .offset(offset)
            .limit(limit)
        ).all()

    def find(self, translation: ContentTranslation, number: int) -> Revision | None:
        """Return the revision of a translation with a number."""
        return self.db.scalar(
            select(Revision).where(
                Revision.translation_id == translation.id, Revision.number == number
            )
        )

    def keep(
        self,
        translation: ContentTranslation,
        data: Mapping[str, Any],
        source_revision_id: int | None,
        note: str | None,
    ) -> Revision:
        """Add a revision and make it the working one."""
        last = self.db.scalar(
            select(func.max(Revision.number)).where(Revision.translation_id == translation.id)
        )
        revision = Revision(
            translation_id=translation.id,
            number=(last or 0) + 1,
            title=str(data.get("title") or "")[:TITLE],
            data=dict(data),
            compiled=self.body.compiled(data.get("blocks")),
            source_revision_id=source_revision_id,
            author_id=self.author_id,
            note=note or None,
            created=self.clock.now(),
        )
        self.db.add(revision)
        self.db.flush()  # to get the id the translation points to
        translation.working = revision
        translation.working_title = revision.title or None
        translation.changed = self.clock.now()
        self._remember_media(revision)
        return revision

    def _remember_media(self, revision: Revision) -> None:
        uids = media_of(revision.data)
        if not uids:
            return
        ids = self.db.scalars(select(Media.id).where(Media.uid.in_(uids)))
        rows = [{"media_id": one, "revision_id": revision.id} for one in ids]
        if rows:
            self.db.execute(insert(MediaUse), rows)


def differs(
    translation: ContentTranslation | None,
    data: Mapping[str, Any],
    source_revision_id: int | None,
) -> bool:
    """Say whether there is anything to save."""
    working = translation.working if translation else None
    return working is None or (working.data, working.source_revision_id) != (
        dict(data),
        source_revision_id,
    )


def outdated(
    translations: Iterable[ContentTranslation], source: ContentTranslation | None
) -> set[str]:
    """Return the languages whose text was made from an older revision of the source.

    Derived from revision ids, never from dates: who saved later says nothing about what was read.
    """
    if source is None or source.live_revision_id is None:
        return set()
    return {
        one.language
        for one in translations
        if one.language not in (NEUTRAL, source.language)
        and one.working is not None
        and one.working.source_revision_id is not None
        and one.working.source_revision_id < source.live_revision_id
    }
