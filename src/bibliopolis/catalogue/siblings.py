"""Other books by the author of a record: found by the index, read from the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
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

_BY_AUTHOR = select(*COLUMNS).where(
    Record.id.in_(bindparam("ids", expanding=True)),
    Record.author == bindparam("author"),
    Record.withdrawn.is_(False),
)


class Siblings:
    """Find what else an author wrote; without an index there is simply nothing to show."""

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

    def of(self, record: Record) -> Sequence[Any]:
        """Return rows of other works of the same author, each in one edition."""
        if not record.author:
            return []
        query = Query(
            visibility=self.visibility,
            text=spoken(record.author),
            filters={RESOURCE: (TYPE,)},
            limit=ASKED,
            exact=True,
        )
        found_ids = (hit.resource[1] for hit in self.search.find(query).hits)
        ids = [one for one in found_ids if one != record.id]
        if not ids:
            return []
        wanted = {"ids": ids, "author": record.author}
        rows = read_rows(self.db, _BY_AUTHOR, wanted)
        found = {other.id: other for other in rows}
        works = {found[id_].sort_key: found[id_] for id_ in reversed(ids) if id_ in found}
        works.pop(record.sort_key, None)
        return list(reversed(works.values()))[:SHOWN]
