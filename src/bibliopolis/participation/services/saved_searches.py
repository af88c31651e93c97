"""Saving a search, finding it again, changing and deleting it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _, _n
from bibliopolis.search.asking import Asked

from ..models import Frequency, SavedSearch
from ..queries import fingerprint, query_of
from ..timetable import next_look
from .new_finds import NewFinds

MOST = 50
"""So many searches one person can save."""
LONGEST_NAME = 100
LONGEST_QUERY = 20_000
CHECK = _("Some fields need another look.")


class AlreadySaved(Conflict):
    """The person has saved this very search already; ``search`` is how."""

    def __init__(self, search: SavedSearch) -> None:
        super().__init__(
            _("You have saved this search already, as “${name}”.", mapping={"name": search.name})
        )
        self.search = search


class SavedSearches:
    """The saved searches of people."""

    def __init__(self, db: Session, clock: Clock, finds: NewFinds) -> None:
        self.db = db
        self.clock = clock
        self.finds = finds

    @classmethod
    def from_request(cls, context: Any, request: Any) -> SavedSearches:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock, finds=request.find_service(NewFinds))

    def count(self, person_id: int | None) -> int:
        """Return how many searches a person has saved."""
        mine = select(func.count()).select_from(SavedSearch)
        return self.db.scalar(mine.where(SavedSearch.person_id == person_id)) or 0

    def page(
        self, person_id: int | None, offset: int = 0, limit: int = MOST
    ) -> Sequence[SavedSearch]:
        """Return one page of the searches of a person, the latest first."""
        return self.db.scalars(
            select(SavedSearch)
            .where(SavedSearch.person_id == person_id)
            .order_by(SavedSearch.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()

    def by_uid(self, uid: str) -> SavedSearch | None:
        """Return the search with the uid, whosever it is."""
        return self.db.scalar(select(SavedSearch).where(SavedSearch.uid == uid))

    def same(self, person_id: int | None, asked: Asked) -> SavedSearch | None:
        """Return how a person has saved this very search, on whatever page of it."""
        return self.db.scalar(
            select(SavedSearch).where(
                SavedSearch.person_id == person_id,
                SavedSearch.fingerprint == fingerprint(asked),
            )
        )

    def save(
        self, person_id: int, asked: Asked, language: str, sent: Mapping[str, Any]
    ) -> SavedSearch:
        """Save a search under the name and with the frequency of a form.

        Raise AlreadySaved for one that is saved already, Conflict beyond the limit, InvalidInput.
        """
        name, frequency = read_form(sent)
        # Two clicks of one person are taken one after the other.
        self.db.execute(select(Person.id).where(Person.id == person_id).with_for_update())
        known = self.same(person_id, asked)
        if known is not None:
            raise AlreadySaved(known)
        if self.count(person_id) >= MOST:
            raise Conflict(too_many())
        query = query_of(asked)
        if len(query) > LONGEST_QUERY:
            raise Conflict(_("This search is too long to be saved: leave out some filters."))
        search = SavedSearch(
            person_id=person_id,
            name=name,
            language=language,
            query=query,
            fingerprint=fingerprint(asked),
            created=self.clock.now(),
            mark=self.finds.settled(),
        )
        self._choose(search, frequency)
        self.db.add(search)
        # Flush so that a second one of the kind is refused here, not at the end of the request.
        self.db.flush()
        return search

    def change(self, search: SavedSearch, sent: Mapping[str, Any]) -> None:
        """Give a search another name, or letters at another pace."""
        search.name, frequency = read_form(sent)
        if frequency != search.frequency:
            if search.frequency == Frequency.NEVER:
                # Nobody wants to hear what came while no letters were wanted.
                search.mark = self.finds.settled()
            self._choose(search, frequency)

    def stop(self, search: SavedSearch) -> None:
        """Write no more letters about it; it stays saved."""
        self._choose(search, Frequency.NEVER)

    def delete(self, search: SavedSearch) -> None:
        """Forget a search."""
        self.db.delete(search)

    def forget(self, person_id: int) -> None:
        """Forget all searches of a person."""
        self.db.execute(delete(SavedSearch).where(SavedSearch.person_id == person_id))

    def _choose(self, search: SavedSearch, frequency: Frequency) -> None:
        search.frequency = frequency
        search.due = next_look(frequency, self.clock.local(self.clock.now()))


def too_many() -> Any:
    """Return why no further search can be saved."""
    return _n(
        "You have saved ${n} search, and there can be no more: delete one that you no longer need.",
        "You have saved ${n} searches, and there can be no more: delete one that you no longer"
        " need.",
        MOST,
    )


def read_form(sent: Mapping[str, Any]) -> tuple[str, Frequency]:
    """Return the name and the frequency of a form, or raise InvalidInput with what is wrong."""
    said = str(sent.get("name", "")).encode("utf-8", "ignore").decode().replace("\0", "")
    name, errors = " ".join(said.split()), {}
    if not name:
        errors["name"] = _("A name is needed.")
    elif len(name) > LONGEST_NAME:
        errors["name"] = _("This is too long.")
    try:
        frequency = Frequency(str(sent.get("frequency", "")))
    except ValueError:
        frequency = Frequency.NEVER
        errors["frequency"] = _("Choose how often we may write.")
    if errors:
        raise InvalidInput(CHECK, errors)
    return name, frequency
