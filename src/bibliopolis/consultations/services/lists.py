"""What readers and consultants look up: one's own questions, the queue, a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.resources.access import Principals
from bibliopolis.search.columns import has_words

from ..access import worked_on_by
from ..models import (
    ENDED_STATES,
    OPEN_STATES,
    RUNNING_STATES,
    Asker,
    Enquiry,
    EnquiryMessage,
    EnquiryState,
    MessageKind,
)
from .topics import Topics

Condition = ColumnElement[bool]


class Show(StrEnum):
    """Which part of the queue is shown."""

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    WAITING = "waiting"
    ENDED = "ended"


class EnquiryLists:
    """Read-only views of questions; each list is one query, and one for its length.

    Every list of the queue has the condition of what its actor has to do with.
    """

    def __init__(self, db: Session, clock: Clock, topics: Topics, actor: Principals) -> None:
        self.db = db
        self.clock = clock
        self.topics = topics
        self.actor = actor

    @classmethod
    def from_request(cls, context: Any, request: Any) -> EnquiryLists:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            topics=request.find_service(Topics, context=None),
            actor=request.principals,
        )

    def by_uid(self, uid: str) -> Enquiry | None:
        """Return the question with the uid; who may see it is its own matter."""
        return self.db.scalar(select(Enquiry).where(Enquiry.uid == uid))

    def by_id(self, enquiry_id: int) -> Enquiry | None:
        """Return the question with the number; who may see it is its own matter."""
        return self.db.get(Enquiry, enquiry_id)

    def asked_by(
        self, person_id: int, offset: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[Enquiry]]:
        """Return how many questions a person has asked, and one page of them, newest first."""
        mine = select(Enquiry).join(Asker).where(Asker.person_id == person_id)
        rows = mine.order_by(Enquiry.created.desc(), Enquiry.id.desc())
        return self._page(mine, rows, offset, limit)

    def asked_and_open(self, person_id: int, limit: int) -> tuple[int, Sequence[Enquiry]]:
        """Return a person's latest questions, those that are open or wait for them first."""
        mine = select(Enquiry).join(Asker).where(Asker.person_id == person_id)
        order = case((Enquiry.state == EnquiryState.WAITING, 0), else_=1)
        rows = mine.order_by(order, Enquiry.changed.desc(), Enquiry.id.desc())
        return self._page(mine, rows, 0, limit)

    def queue(
        self,
        show: Show,
        *,
        text: str = "",
        topic_id: int | None = None,
        language: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[int, Sequence[Enquiry]]:
        """Return how many questions of a part of the queue there are, and one page of them."""
        found = select(Enquiry).where(
            self._mine_to_see(), self._part(show), has_words(Enquiry.folded, text)
        )
        if topic_id is not None:
            found = found.where(Enquiry.topic_id == topic_id)
        if language:
            found = found.where(Enquiry.language == language)
        newest = (Enquiry.ended.desc(), Enquiry.id.desc())
        # First what is due first; what stands still or has no end comes after.
        urgent = (
            case((Enquiry.state == EnquiryState.WAITING, 1), else_=0),
            case((Enquiry.due.is_(None), 1), else_=0),
            Enquiry.due,
            Enquiry.id,
        )
        ordered = found.order_by(*(newest if show == Show.ENDED else urgent))
        return self._page(found, ordered, offset, limit)

    def counts(self) -> Mapping[Show, int]:
        """Return how long each part of the queue is, by one query."""
        parts = [one for one in Show if one != Show.ENDED]
        sums = [func.coalesce(func.sum(case((self._part(one), 1), else_=0)), 0) for one in parts]
        here = and_(self._mine_to_see(), Enquiry.state.in_(OPEN_STATES))
        row = self.db.execute(select(*sums).where(here)).one()
        return dict(zip(parts, map(int, row), strict=True))

    def thread(
        self, enquiry: Enquiry, *, notes: bool, offset: int, limit: int
    ) -> Sequence[EnquiryMessage]:
        """Return a part of what was written, the oldest first; notes to those who may read them."""
        found = select(EnquiryMessage).where(*_written(enquiry, notes))
        return self.db.scalars(found.order_by(EnquiryMessage.id).offset(offset).limit(limit)).all()

    def thread_length(self, enquiry: Enquiry, *, notes: bool) -> int:
        """Return how many messages a thread has, notes only for those who may read them."""
        found = select(func.count()).select_from(EnquiryMessage).where(*_written(enquiry, notes))
        return self.db.scalar(found) or 0

    def neighbours(self, enquiry: Enquiry) -> tuple[int | None, int | None]:
        """Return the numbers of the open questions before and after this one in the queue."""
        if enquiry.due is None or enquiry.state not in RUNNING_STATES:
            return None, None
        here = and_(self._mine_to_see(), Enquiry.state.in_(RUNNING_STATES))
        before = or_(
            Enquiry.due < enquiry.due, and_(Enquiry.due == enquiry.due, Enquiry.id < enquiry.id)
        )
        after = or_(
            Enquiry.due > enquiry.due, and_(Enquiry.due == enquiry.due, Enquiry.id > enquiry.id)
        )
        return (
            self.db.scalar(
                select(Enquiry.id)
                .where(here, before)
                .order_by(Enquiry.due.desc(), Enquiry.id.desc())
                .limit(1)
            ),
            self.db.scalar(
                select(Enquiry.id).where(here, after).order_by(Enquiry.due, Enquiry.id).limit(1)
            ),
        )

    def _mine_to_see(self) -> Condition:
        return worked_on_by(self.actor, self.topics.all_scopes)

    def _part(self, show: Show) -> Condition:
        now: datetime = self.clock.now()
        is_open = Enquiry.state.in_(OPEN_STATES)
        parts: dict[Show, Condition] = {
            Show.OPEN: is_open,
            Show.MINE: and_(is_open, Enquiry.consultant_id == self.actor.person_id),
            Show.UNASSIGNED: and_(is_open, Enquiry.consultant_id.is_(None)),
            Show.OVERDUE: and_(Enquiry.state.in_(RUNNING_STATES), Enquiry.due < now),
            Show.WAITING: Enquiry.state == EnquiryState.WAITING,
            Show.ENDED: Enquiry.state.in_(ENDED_STATES),
        }
        return parts[show]

    def _page(
        self, found: Any, ordered: Any, offset: int, limit: int
    ) -> tuple[int, Sequence[Enquiry]]:
        total = self.db.scalar(select(func.count()).select_from(found.subquery())) or 0
        return total, self.db.scalars(ordered.offset(offset).limit(limit)).all()


def _written(enquiry: Enquiry, notes: bool) -> list[ColumnElement[bool]]:
    found = [EnquiryMessage.enquiry_id == enquiry.id]
    return found if notes else [*found, EnquiryMessage.kind != MessageKind.NOTE]
