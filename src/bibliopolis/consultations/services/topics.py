"""Topics: which there are, where they lie, who answers questions about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person, RoleGrant, held_by_person
from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.once import once
from bibliopolis.resources.access import Grant, Role

from ..models import Enquiry, Topic


class Topics:
    """The topics of a site; read once a request, for there are dozens."""

    def __init__(self, db: Session, libraries: Libraries) -> None:
        self.db = db
        self.libraries = libraries

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Topics:
        """Make it for a request."""
        return cls(db=request.db, libraries=request.find_service(Libraries, context=None))

    @once
    def all(self) -> Mapping[int, Topic]:
        """Return every topic by its id, in the order staff gave them."""
        found = self.db.scalars(select(Topic).order_by(Topic.position, Topic.id))
        return {topic.id: topic for topic in found}

    def by_id(self, topic_id: int | None) -> Topic:
        """Return a topic; refuse one that does not exist."""
        topic = self.all.get(topic_id or 0)
        if topic is None:
            raise NotFoundHere(_("There is no such topic."))
        return topic

    def by_code(self, code: str) -> Topic | None:
        """Return the topic with the code, or None."""
        return next((topic for topic in self.all.values() if topic.code == code), None)

    def scopes(self, topic: Topic) -> frozenset[str]:
        """Return the scopes of a topic: its own, its library's and what is above that."""
        return self.libraries.scopes((topic.library_id,)) | {f"topic:{topic.id}"}

    def scopes_of(self, enquiry: Enquiry) -> frozenset[str]:
        """Return the scopes of a question: its topic's and the language of the answer."""
        return self.scopes(self.by_id(enquiry.topic_id)) | {f"lang:{enquiry.language}"}

    @once
    def all_scopes(self) -> Mapping[int, frozenset[str]]:
        """Return the scopes of every topic by its id."""
        return {topic.id: self.scopes(topic) for topic in self.all.values()}

    @once
    def _granted(self) -> list[tuple[int, str, str, Grant]]:
        rows = self.db.execute(
            select(Person.id, Person.name, Person.email, RoleGrant.role, RoleGrant.scope)
            .join(RoleGrant, held_by_person())
            .where(RoleGrant.role == Role.CONSULTANT, Person.disabled.is_(False))
            .order_by(Person.name, Person.id)
        )
        return [(row.id, row.name, row.email, Grant.parse(row.role, row.scope)) for row in rows]

    def consultants(self, scopes: Iterable[str]) -> dict[int, str]:
        """Return the names of those who answer in these scopes, by id."""
        scopes = frozenset(scopes)
        return {
            person_id: name
            for person_id, name, _email, grant in self._granted
            if grant.scopes <= scopes
        }

    def named_for(self, topic: Topic) -> list[tuple[int, str, str, frozenset[str]]]:
        """Return (id, name, address, languages) of all who answer some questions of a topic.

        Without languages they answer in all of the topic's.
        """
        lies_in = self.scopes(topic)
        found = []
        for person_id, name, email, grant in self._granted:
            languages = frozenset(one for one in grant.scopes if one.startswith("lang:"))
            if grant.scopes - languages <= lies_in:
                spoken = frozenset(one.removeprefix("lang:") for one in languages)
                found.append((person_id, name, email, spoken))
        return found

    def forget(self) -> None:
        """Read everything anew when it is next asked for: it has been changed."""
        for name in ("all", "all_scopes", "_granted"):
            self.__dict__.pop(name, None)
