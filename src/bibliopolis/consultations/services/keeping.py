"""How long what people wrote is kept: then names, addresses and texts go, and counts stay.

A question that nobody confirmed goes altogether. Each topic says for how many days after its end
a question is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.mail import MailMessage
from bibliopolis.resources.history import HistoryEntry

from ..models import Asker, Enquiry, EnquiryFile, EnquiryMessage, EnquiryState, Topic
from .enquiries import CONFIRMED_WITHIN
from .steps import WORKFLOW
from .topics import Topics

AT_ONCE = 200
"""So many questions are forgotten by one transaction; the rest waits for the next look."""


class Keeping:
    """Forget what is over."""

    def __init__(self, db: Session, clock: Clock, topics: Topics) -> None:
        self.db = db
        self.clock = clock
        self.topics = topics

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Keeping:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            topics=request.find_service(Topics, context=None),
        )

    def forget_unconfirmed(self) -> int:
        """Delete questions whose address was not confirmed in time; return how many."""
        old = self.db.scalars(
            select(Enquiry.id)
            .where(
                Enquiry.state == EnquiryState.UNCONFIRMED,
                Enquiry.created <= self.clock.now() - CONFIRMED_WITHIN,
            )
            .order_by(Enquiry.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        if old:
            self._delete_texts(old)
            self.db.execute(delete(Enquiry).where(Enquiry.id.in_(old)))
        return len(old)

    def forget_ended(self) -> int:
        """Forget who asked and what was written where the time of its topic is over."""
        now = self.clock.now()
        done = 0
        for topic in self.topics.all.values():
            old = self.db.scalars(self._over(topic, now - timedelta(days=topic.keep_days))).all()
            if old:
                self.forget(old)
            done += len(old)
        return done

    def _over(self, topic: Topic, before: Any) -> Any:
        return (
            select(Enquiry.id)
            .where(
                Enquiry.topic_id == topic.id, Enquiry.ended <= before, Enquiry.forgotten.is_(None)
            )
            .order_by(Enquiry.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        )

    def forget(self, ids: Sequence[int]) -> None:
        """Forget who asked and what was written in these; that they were asked stays."""
        self._delete_texts(ids)
        self.db.execute(
            update(Enquiry)
            .where(Enquiry.id.in_(ids))
            .values(title="", folded="", extra={}, forgotten=self.clock.now())
            .execution_options(synchronize_session=False)
        )

    def _delete_texts(self, ids: Any) -> None:
        """Delete who asked and what was written; who of the staff did what, and when, stays."""
        for table in (EnquiryFile, EnquiryMessage, Asker):
            self.db.execute(
                delete(table)
                .where(table.enquiry_id.in_(ids))
                .execution_options(synchronize_session=False)
            )
        about = [f"enquiry:{one}" for one in ids]
        self.db.execute(
            delete(MailMessage)
            .where(MailMessage.about.in_(about))
            .execution_options(synchronize_session=False)
        )
        mine = (HistoryEntry.resource_type == WORKFLOW) & HistoryEntry.resource_id.in_(ids)
        self.db.execute(
            update(HistoryEntry)
            .where(mine)
            .values(comment=None)
            .execution_options(synchronize_session=False)
        )
        by_asker = HistoryEntry.action.in_(("ask", "accept", "reply", "ask_again"))
        self.db.execute(
            update(HistoryEntry)
            .where(mine, by_asker)
            .values(actor_id=None)
            .execution_options(synchronize_session=False)
        )
        self.db.expire_all()
