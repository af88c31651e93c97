"""Other books by the author of a record: found by the index, read from the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.naming import spoken
from bibliopolis.catalogue.resources import TYPE
from bibliopolis.resources.access import Visibility, visible_to
from bibliopolis.search.documents import RESOURCE, Query
from bibliopolis.search.services import Search

SHOWN = 8
ASKED = 24


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

    def of(self, record: Record) -> list[Record]:
        """Return other works of the same author, each in one edition."""
        if not record.author:
            return []
        query = Query(
            visibility=self.visibility,
            text=spoken(record.author),
            filters={RESOURCE: (TYPE,)},
            limit=ASKED,
            exact=True,
        )
        ids = [hit.resource[1] for hit in self.search.find(query).hits]
        found = {
            other.id: other
            for other in self.db.scalars(
                select(Record).where(
                    Record.id.in_(ids),
                    Record.id != record.id,
                    Record.author == record.author,
                    Record.withdrawn.is_(False),
                )
            )
        }
        works = {found[id_].sort_key: found[id_] for id_ in reversed(ids) if id_ in found}
        works.pop(record.sort_key, None)
        return list(reversed(works.values()))[:SHOWN]
