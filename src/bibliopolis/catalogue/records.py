"""A record with all that its page needs, read in a number of queries that never grows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.availability import items_in_use
from bibliopolis.catalogue.closed import days_of
from bibliopolis.catalogue.copies import Copy, stand_copies
from bibliopolis.catalogue.interfaces import ItemUse, UseKind
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.standing import Words
from bibliopolis.db import read_rows
from bibliopolis.formats import Formats
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import Libraries, Named
from bibliopolis.libraries.settings import LibrarySettings

_COPIES = (
    select(Item.id, Item.holding_library_id, Item.shelf_mark, Item.location, Item.status)
    .where(Item.record_id == bindparam("record_id"))
    .order_by(Item.id)
)


@dataclass(frozen=True)
class RecordView:
    """A record, its copies, and the libraries they are at."""

    record: Record
    copies: Sequence[Copy]
    libraries: Mapping[int, Named]

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

    def __init__(
        self,
        db: Session,
        in_use: Any,
        libraries: Libraries,
        calendars: Calendars,
        settings: LibrarySettings,
        formats: Formats,
    ) -> None:
        self.db = db
        self.in_use = in_use
        self.libraries = libraries
        self.calendars = calendars
        self.settings = settings
        self.formats = formats

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Records:
        """Make it for a request."""
        return cls(
            db=request.db,
            in_use=items_in_use(request),
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
            settings=request.find_service(LibrarySettings, context=None),
            formats=request.formats,
        )

    def view(self, record: Record, language: str) -> RecordView:
        """Return the record with its copies; names of libraries are in this language."""
        rows = read_rows(self.db, _COPIES, {"record_id": record.id}).all()
        uses = self.in_use.of_records([record.id]) if rows else {}
        closed = self.calendars.closed_today(
            {row.holding_library_id for row in rows if row.id not in uses}
        )
        words = Words(
            names=self._names(uses.values(), language),
            closed=closed,
            for_days=self.calendars.closed_for_days(closed, days_of(self.settings)),
            waiting=self._waiting(record.id, uses.values()),
            today=self.calendars.clock.today(),
            write_day=self._day,
        )
        return RecordView(record, stand_copies(rows, uses, words), self.libraries.names)

    def _waiting(self, record_id: int, uses: Iterable[ItemUse]) -> int:
        """Return how many readers wait; told, and so asked, only where a copy is out."""
        lent = any(use.kind is UseKind.ON_LOAN for use in uses)
        return self.in_use.waiting(record_id) if lent else 0

    def _day(self, day: date) -> str:
        return self.formats.date(day, "day")

    def _names(self, uses: Iterable[ItemUse], language: str) -> dict[int, str]:
        """Return the names of the places that copies are on their way to."""
        ids = {use.library_id for use in uses if use.library_id}
        known: Mapping[int, Any] = self.libraries.names
        if not ids <= known.keys():
            # Lockers and the like are no libraries, and seldom where a copy is sent.
            known = self.libraries.tree
        return {one: known[one].name_in(language) for one in ids if one in known}
