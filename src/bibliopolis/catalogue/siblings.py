"""What stands beside a record: editions of the same work, and other works of its author.

The works are found by the index, the editions by their common key; one query reads both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.indexing import SHOWN as COLUMNS
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.naming import spoken
from bibliopolis.catalogue.resources import TYPE
from bibliopolis.db import read_rows
from bibliopolis.resources.access import Visibility, visible_to
from bibliopolis.search.documents import RESOURCE, Query
from bibliopolis.search.services import Search

SHOWN = 8
ASKED = 24
EDITIONS = 6
"""So many editions stand on the page of a record; all of them have a page of their own."""

_OF_WORK = and_(Record.work_key == bindparam("work_key"), Record.id != bindparam("id"))
_BY_AUTHOR = and_(
    Record.id.in_(bindparam("ids", expanding=True)), Record.author == bindparam("author")
)
# Works first: however many editions there are, they push no work out of the answer.
_BESIDE = (
    select(*COLUMNS, Record.place, Record.edition, Record.languages, Record.work_key)
    .where(or_(_BY_AUTHOR, _OF_WORK), Record.withdrawn.is_(False))
    .order_by(
        case((Record.work_key == bindparam("work_key"), 1), else_=0), Record.year.desc(), Record.id
    )
    .limit(ASKED + EDITIONS + 1)
)


@dataclass(frozen=True)
class Beside:
    """Rows of records: other editions, and other works in one edition each."""

    editions: Sequence[Any] = ()
    works: Sequence[Any] = ()

    @property
    def has_more_editions(self) -> bool:
        """Return whether there are more editions than are shown."""
        return len(self.editions) > EDITIONS


class Siblings:
    """Find what stands beside a record; without an index there are editions alone."""

    def __init__(self, db: Session, search: Search, visibility: Visibility) -> None:
        self.db = db
        self.search = search
        self.visibility = visibility

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Siblings:
        """Make it for a request: nothing is shown that the visitor may not find."""
        return cls(
            db=request.db,
            search=request.find_service(Search, context=None),
            visibility=visible_to(request.principals),
        )

    def of(self, record: Record) -> Beside:
        """Return other editions, one more than are shown, and other works of the author."""
        if not record.author:
            return Beside()
        query = Query(
            visibility=self.visibility,
            text=spoken(record.author),
            filters={RESOURCE: (TYPE,)},
            limit=ASKED,
            exact=True,
        )
        found_ids = (hit.resource[1] for hit in self.search.find(query).hits)
        ids = [one for one in found_ids if one != record.id]
        if not ids and not record.work_key:
            return Beside()
        key = record.work_key or ""
        wanted = {"id": record.id, "ids": ids, "author": record.author, "work_key": key}
        rows = read_rows(self.db, _BESIDE, wanted).all()
        editions = [row for row in rows if key and row.work_key == key]
        others = {row.id: row for row in rows if not key or row.work_key != key}
        return Beside(editions[: EDITIONS + 1], _works(others, ids, record))

    def editions(self, record: Record, start: int, size: int) -> tuple[Sequence[int], int]:
        """Return the ids of some other editions, the newest first, and how many there are."""
        if not record.work_key:
            return (), 0
        wanted = (
            Record.work_key == record.work_key,
            Record.id != record.id,
            Record.withdrawn.is_(False),
        )
        total = self.db.scalar(select(func.count()).select_from(Record).where(*wanted)) or 0
        listed = select(Record.id).where(*wanted).order_by(Record.year.desc(), Record.id)
        return self.db.scalars(listed.offset(start).limit(size)).all(), total


def _works(rows: dict[int, Any], ids: Iterable[int], record: Record) -> list[Any]:
    """Return each work once, in the order of the index, without the record's own."""
    known = [rows[id_] for id_ in ids if id_ in rows]
    works = {row.work_key or row.sort_key: row for row in reversed(known)}
    return [row for row in reversed(works.values()) if row.sort_key != record.sort_key][:SHOWN]
