"""A record with all that its page needs, read in a number of queries that never grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.availability import items_in_use
from bibliopolis.catalogue.copies import Copy, stand_copies
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import Libraries


@dataclass(frozen=True)
class RecordView:
    """A record, its copies, and the libraries they are at."""

    record: Record
    copies: Sequence[Copy]
    libraries: Mapping[int, Library]

    @cached_property
    def available(self) -> int:
        """Return how many copies can be taken now."""
        return sum(1 for copy in self.copies if copy.standing.available)

    @cached_property
    def library_ids(self) -> Sequence[int]:
        """Return the libraries with a copy, each once."""
        return tuple(dict.fromkeys(copy.library_id for copy in self.copies))


class Records:
    """Read records for those who show them."""

    def __init__(self, db: Session, in_use: Any, libraries: Libraries) -> None:
        self.db = db
        self.in_use = in_use
        self.libraries = libraries

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Records:
        """Make it for a request."""
        return cls(
            db=request.db,
            in_use=items_in_use(request),
            libraries=request.find_service(Libraries, context=None),
        )

    def view(self, record: Record, language: str) -> RecordView:
        """Return the record with its copies; names of libraries are in this language."""
        rows = self.db.execute(
            select(Item.id, Item.holding_library_id, Item.shelf_mark, Item.location, Item.status)
            .where(Item.record_id == record.id)
            .order_by(Item.id)
        ).all()
        uses = self.in_use.of_records([record.id]) if rows else {}
        libraries = self.libraries.by_id
        names = {one.id: one.name_in(language) for one in self.libraries.tree.values()}
        return RecordView(record, stand_copies(rows, uses, names), libraries)
