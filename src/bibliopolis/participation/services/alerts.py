"""Telling people what is new of what they search for: when it is due, and only once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.accounts.interfaces import IReaders
from bibliopolis.accounts.models import Person
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.new_finds import carried
from bibliopolis.clock import Clock
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.resources.access import Principals

from ..letters import SHOWN, AlertLetters
from ..models import Frequency, SavedSearch
from ..queries import read_query
from ..timetable import next_look
from .new_finds import Found, NewFinds

AT_ONCE = 500
"""So many searches are found due in one transaction."""
LATER = timedelta(hours=1)
"""When to look again where the index could not say what is new."""


class Alerts:
    """Look after saved searches for their owners."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        outbox: Outbox,
        finds: NewFinds,
        letters: AlertLetters,
        readers: IReaders | None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.finds = finds
        self.letters = letters
        self.readers = readers

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Alerts:
        """Make it for a request of the worker."""
        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox, context=None),
            finds=request.find_service(NewFinds, context=None),
            letters=request.find_service(AlertLetters, context=None),
            readers=request.services.get(IReaders, context=None, default=None),
        )

    def queue_due(self, topic: str) -> int:
        """Put what is due into the outbox and say when it is due next; return how many."""
        now = self.clock.now()
        due = self.db.scalars(
            select(SavedSearch)
            .where(SavedSearch.due <= now)
            .order_by(SavedSearch.due)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        for search in due:
            search.due = next_look(search.frequency, self.clock.local(now))
        self.outbox.add_all(topic, [str(search.id) for search in due], Priority.BULK)
        return len(due)

    def tell(self, search_id: int) -> bool:
        """Write to the owner what is new since the last letter; say whether there was anything.

        Where the index cannot say so, nothing is lost: it is looked again in an hour.
        """
        search = self.db.scalar(
            select(SavedSearch).where(SavedSearch.id == search_id).with_for_update()
        )
        if search is None or search.frequency == Frequency.NEVER:
            return False
        person = self.db.get_one(Person, search.person_id)
        if person.disabled:
            return False
        settled = self.finds.settled()
        asked = carried(read_query(search.query))
        found = self.finds.between(asked, self._principals(person), search.mark, settled)
        if found is None:
            search.due = self.clock.now() + LATER
            return False
        search.mark = max(search.mark, settled)
        records = self._records(found)
        if not records:
            return False
        self.letters.new_finds(person, search, records[:SHOWN], len(records), found.more)
        search.told = self.clock.now()
        return True

    def _principals(self, person: Person) -> Principals:
        """Return who reads the letter: what staff may see besides is not written into mail."""
        reader_id = self.readers.reader_id_of(person.id) if self.readers is not None else None
        return Principals(person.id, reader_id)

    def _records(self, found: Found) -> Sequence[Any]:
        """Return the new records as they are now, the last that came first."""
        if not found.ids:
            return ()
        return self.db.execute(
            select(
                Record.id,
                Record.title,
                Record.subtitle,
                Record.part,
                Record.author,
                Record.contributors,
                Record.publisher,
                Record.year,
            )
            .where(Record.id.in_(found.ids), Record.withdrawn.is_(False))
            .order_by(Record.id.desc())
        ).all()
