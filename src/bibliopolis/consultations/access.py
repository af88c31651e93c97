"""Who may do what with a question: the list of its state, at its topic, library and language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, true

from bibliopolis.resources.access import Principals, Role
from bibliopolis.workflow import Workflow

from .models import Enquiry

LANGUAGE = "lang:"


@dataclass(frozen=True)
class EnquiryAccess:
    """The access list of one question in its present state.

    ``scopes`` are those of its topic, of the library that keeps the topic and of the language the
    answer is wished in: ``consultant@topic:3+lang:ar`` answers one topic in Arabic. The page's
    own language is none of them: which language a consultant reads the site in grants nothing.
    """

    workflow: Workflow
    state: str
    owner_id: int | None
    scopes: frozenset[str]

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles the state names."""
        return self.workflow.allowed_roles(permission, self.state)


def worked_on_by(
    principals: Principals, topic_scopes: Mapping[int, frozenset[str]]
) -> ColumnElement[bool]:
    """Return the SQL condition for the questions that a consultant has to do with.

    It says the same as the access lists do one by one; ``topic_scopes`` are those of each topic.
    """
    ways = [
        way
        for grant in principals.grants
        if grant.role == Role.CONSULTANT
        for way in _ways(grant.scopes, topic_scopes)
    ]
    return or_(false(), *ways)


def _ways(
    scopes: Iterable[str], topic_scopes: Mapping[int, frozenset[str]]
) -> list[ColumnElement[bool]]:
    languages = {scope.removeprefix(LANGUAGE) for scope in scopes if scope.startswith(LANGUAGE)}
    places = {scope for scope in scopes if not scope.startswith(LANGUAGE)}
    topics = [topic_id for topic_id, lies_in in topic_scopes.items() if places <= lies_in]
    if len(languages) > 1 or not topics:
        return []
    spoken: Any = Enquiry.language.in_(languages) if languages else true()
    return [and_(Enquiry.topic_id.in_(topics), spoken)]


def works_on_some(principals: Principals) -> bool:
    """Say whether a menu should show the way to the queue."""
    return principals.holds_anywhere((Role.CONSULTANT,))
