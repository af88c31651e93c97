"""What readers of the demo ask, and how far the consultants have come with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bibliopolis.accounts.models import Person
from bibliopolis.accounts.roles import Roles
from bibliopolis.accounts.services import People
from bibliopolis.consultations.models import Enquiry
from bibliopolis.consultations.services import Enquiries, EnquirySteps, Question, TopicEditing
from bibliopolis.consultations.services.topic_editing import TopicDescription
from bibliopolis.demo.acting import acting
from bibliopolis.demo.data_files import read
from bibliopolis.resources.access import Grant


class Questions:
    """Ask as readers do, and work the queue as consultants do."""

    def __init__(self, request: Any, library_ids: Mapping[str, int]) -> None:
        self.request = request
        self.library_ids = library_ids
        self.topic_ids: dict[str, int] = {}
        self.people: dict[str, Person] = {}

    def ask_all(self) -> None:
        """Make the topics, name who answers, ask."""
        self._topics()
        self._roles()
        everybody = self.request.db.scalars(select(Person))
        self.people = {person.email: person for person in everybody}
        for number, one in enumerate(read("questions")["questions"]):
            self._ask(number, one)

    def _topics(self) -> None:
        editing = self.request.find_service(TopicEditing)
        for position, declared in enumerate(read("questions")["topics"]):
            one = {name: value for name, value in declared.items() if name != "code"}
            library_id = self.library_ids[one.pop("library")]
            fields = tuple(one.pop("fields"))
            wanted = TopicDescription(
                library_id=library_id, fields=fields, position=position, **one
            )
            self.topic_ids[declared["code"]] = editing.add(declared["code"], wanted).id

    def _roles(self) -> None:
        """Give the roles at topics, which are founded after the people."""
        people, roles = self.request.find_service(People), self.request.find_service(Roles)
        for one in read("people")["people"]:
            for role in one.get("roles", ()):
                if "topic" not in role:
                    continue
                person = people.by_email(one["email"])
                assert person is not None
                scope = Grant(role["role"], frozenset({f"topic:{self.topic_ids[role['topic']]}"}))
                roles.grant(person, role["role"], scope.scope)

    def _ask(self, number: int, one: Mapping[str, Any]) -> None:
        # Asked in the morning, worked on in the following hours.
        morning = self.request.clock.now() - timedelta(days=one["days"], minutes=300 - 7 * number)
        asker = self.people.get(one.get("asker", ""))
        desk = acting(self.request, asker, morning)
        enquiry = desk.find_service(Enquiries).ask(
            Question(
                topic_id=self.topic_ids[one["topic"]],
                text=one["text"],
                language=one["language"],
                email=asker.email if asker else one["stranger"],
                name=asker.name if asker else one.get("name", ""),
                person_id=asker.id if asker else None,
                page_language=asker.language if asker else "ru",
                site_url=self.request.settings.url or "http://localhost",
                extra=one.get("extra", {}),
            )
        )
        if asker is None and one["then"] != "unconfirmed":
            desk.find_service(EnquirySteps).held.add(enquiry.id)
            desk.find_service(Enquiries).accept(enquiry.id)
        if "by" in one:
            later = acting(self.request, self.people[one["by"]], morning + timedelta(hours=3))
            self._work(later.find_service(Enquiries), enquiry, one)

    def _work(self, consultant: Enquiries, enquiry: Enquiry, one: Mapping[str, Any]) -> None:
        then, text = one["then"], one.get("answer", "")
        consultant.take(enquiry.id)
        if "note" in one:
            consultant.note(enquiry.id, one["note"])
        if then == "waiting":
            consultant.ask_back(enquiry.id, text)
        if then in ("answered", "closed"):
            consultant.answer(enquiry.id, text)
        if then == "refused":
            consultant.refuse(enquiry.id, one["rule"], text)
        if then == "closed":
            consultant.close(enquiry.id)
