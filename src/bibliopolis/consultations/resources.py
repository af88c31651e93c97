"""What consultations mounts: ``ask``, one's own questions, and the queue and topics of staff."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyramid.request import Request

from bibliopolis.accounts.resources import SiteWide
from bibliopolis.parameters import row_id
from bibliopolis.resources.access import Role, permission_map
from bibliopolis.resources.traversal import MountedRoom

from .models import Enquiry, Topic
from .services import EnquiryLists, EnquirySteps, Tickets, Topics
from .services.tickets import THREAD

EDITORS = (Role.MANAGER, Role.ADMINISTRATOR)
TOPIC_STAFF = (Role.CONSULTANT, *EDITORS)
QUESTION = "question"
TAKEN = frozenset({QUESTION, "confirm"})
"""What below ``ask`` no topic can be called."""


class AskRoom(MountedRoom):
    """``ask``: the topics; below it each topic's form, and threads whose ticket one holds."""

    permissions = permission_map(view=[Role.EVERYONE], place=[Role.EVERYONE])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "ask")

    def __getitem__(self, name: str) -> Any:
        """Return the form of a topic, or the way to threads by ticket."""
        if name == QUESTION:
            return ThreadsByTicket(self, self.request, name)
        topic = self.request.find_service(Topics, context=None).by_code(name)
        if topic is None:
            raise KeyError(name)
        return TopicForm(self, self.request, topic)


class TopicForm(MountedRoom):
    """``ask/history``: the form of one topic."""

    permissions = permission_map(view=[Role.EVERYONE], place=[Role.EVERYONE])

    def __init__(self, parent: AskRoom, request: Request, topic: Topic) -> None:
        super().__init__(parent, request, topic.code)
        self.topic = topic


class ThreadsByTicket(MountedRoom):
    """``ask/question``: leads to threads only, and only with their tickets."""

    permissions = permission_map()

    def __getitem__(self, name: str) -> ThreadByTicket:
        """Return the thread of a ticket."""
        enquiry = self.request.find_service(Tickets, context=None).read(name, THREAD)
        if enquiry is None:
            raise KeyError(name)
        return ThreadByTicket(self, self.request, name, enquiry)


class EnquiryPage:
    """One question, with the access list of its state and the scopes it lies in.

    The language of the page is none of its scopes.
    """

    def __init__(self, parent: Any, request: Request, name: str, enquiry: Enquiry) -> None:
        self.__parent__ = parent
        self.__name__ = name
        self.request = request
        self.enquiry = enquiry
        self._access = request.find_service(EnquirySteps, context=None).access(enquiry)
        self.owner_id = self._access.owner_id
        self.scopes = self._access.scopes

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles its state names."""
        return self._access.allowed_roles(permission)


class AskersThread(EnquiryPage):
    """A thread as its asker sees it."""


class ThreadByTicket(AskersThread):
    """``ask/question/12-k3…``: whoever holds the ticket of a letter is the asker here."""

    def __init__(self, parent: Any, request: Request, name: str, enquiry: Enquiry) -> None:
        super().__init__(parent, request, name, enquiry)
        request.find_service(EnquirySteps, context=None).held.add(enquiry.id)

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Give everyone what its owner may, and nobody else anything."""
        allowed = super().allowed_roles(permission)
        return frozenset({Role.EVERYONE}) if Role.OWNER in allowed else frozenset()


class MyEnquiries(MountedRoom):
    """``account/enquiries``: one's own questions."""

    permissions = permission_map(use_account=[Role.SIGNED_IN])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "enquiries")

    def __getitem__(self, name: str) -> MyEnquiry:
        """Return the question with this uid; who may see it is its own matter."""
        enquiry = self.request.find_service(EnquiryLists, context=None).by_uid(name)
        if enquiry is None:
            raise KeyError(name)
        return MyEnquiry(self, self.request, name, enquiry)


class MyEnquiry(AskersThread):
    """``account/enquiries/3f…``: one's own question; a consultant works in the queue instead."""

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return what its state gives the owner."""
        return super().allowed_roles(permission) & {Role.OWNER}


class QueueRoom(MountedRoom):
    """``staff/enquiries``: the queue.

    Like the staff area it lies in every scope its visitor has a role in; which questions are in
    their queue is decided one by one.
    """

    permissions = permission_map(use_queue=[Role.CONSULTANT])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "enquiries")

    def __getitem__(self, name: str) -> StaffThread:
        """Return the question with this number; who may see it is its own matter."""
        number = row_id(name)
        found = None
        if number is not None:
            found = self.request.find_service(EnquiryLists, context=None).by_id(number)
        if found is None:
            raise KeyError(name)
        return StaffThread(self, self.request, name, found)


class StrayLetters(MountedRoom):
    """``staff/stray-letters``: what came by mail and fits into no thread by itself.

    Which of them one sees is decided one by one: those of a question by its access.
    """

    permissions = permission_map(use_queue=[Role.CONSULTANT, Role.ADMINISTRATOR])

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "stray-letters")


class StaffThread(EnquiryPage):
    """``staff/enquiries/12``: one question as consultants see it; its asker has another page."""

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return what its state gives consultants."""
        return super().allowed_roles(permission) - {Role.OWNER}


class TopicsRoom(MountedRoom):
    """``staff/topics``: the topics, for all who work with them."""

    permissions = permission_map(view_working=TOPIC_STAFF)

    def __init__(self, parent: Any, request: Request) -> None:
        super().__init__(parent, request, "topics")

    def __getitem__(self, name: str) -> Any:
        """Return the topic with the code, or where a new one is made."""
        if name == NewTopicPage.NAME:
            return NewTopicPage(self, self.request, name)
        topic = self.request.find_service(Topics, context=None).by_code(name)
        if topic is None:
            raise KeyError(name)
        return TopicPage(self, self.request, topic)


class NewTopicPage(SiteWide):
    """``staff/topics/+new``: administrators of the whole site make topics.

    No code of a topic has a plus in it.
    """

    NAME = "+new"


class TopicPage(MountedRoom):
    """``staff/topics/history``: one topic, edited by those who manage its library."""

    permissions = permission_map(
        view_working=TOPIC_STAFF, edit=EDITORS, manage=[Role.ADMINISTRATOR]
    )

    def __init__(self, parent: TopicsRoom, request: Request, topic: Topic) -> None:
        super().__init__(parent, request, topic.code)
        self.topic = topic

    @property
    def scopes(self) -> frozenset[str]:
        """Return the scopes of the topic, and of the languages it is answered in."""
        topics = self.request.find_service(Topics, context=None)
        return topics.scopes(self.topic) | _languages(self.topic.languages)


def _languages(tags: Iterable[str]) -> frozenset[str]:
    return frozenset(f"lang:{tag}" for tag in tags)


def may_see_topics(request: Request) -> bool:
    """Say whether a menu should show the way to the topics."""
    return request.principals.holds_anywhere(TOPIC_STAFF)
