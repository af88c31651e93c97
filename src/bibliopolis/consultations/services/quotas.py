"""The daily quota of a topic: how much is left today, and when it opens again.

The day of a quota begins at an hour of its own (07:00), by the clocks of the topic's library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import Libraries

from ..models import Topic, TopicDay

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Quota:
    """A topic's day: how many were accepted, how many may be, when the next day begins."""

    limit: int | None
    accepted: int
    day: date
    reopens: datetime

    @property
    def left(self) -> int | None:
        """Return how many more are accepted today; None is as many as come."""
        return None if self.limit is None else max(0, self.limit - self.accepted)

    @property
    def is_full(self) -> bool:
        """Say whether nothing more is accepted today."""
        return self.left == 0

    @property
    def full(self) -> Any:
        """Return what is said when nothing is left."""
        return _(
            "As many questions as we can answer have been asked today. You can ask again from"
            " ${moment}.",
            mapping={"moment": self.reopens},
        )


class Quotas:
    """Count what is accepted, so that no two at the same time get the last place."""

    def __init__(
        self, db: Session, clock: Clock, calendars: Calendars, libraries: Libraries
    ) -> None:
        self.db = db
        self.clock = clock
        self.calendars = calendars
        self.libraries = libraries

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Quotas:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            calendars=request.find_service(Calendars, context=None),
            libraries=request.find_service(Libraries, context=None),
        )

    def today(self, topics: Iterable[Topic]) -> Mapping[int, Quota]:
        """Return the present day of each topic, by its id; one query for all."""
        days = {topic.id: (topic, *self._day(topic)) for topic in topics}
        if not days:
            return {}
        rows = self.db.execute(
            select(TopicDay.topic_id, TopicDay.day, TopicDay.accepted).where(
                TopicDay.topic_id.in_(days),
                TopicDay.day.in_({day for _t, day, _r in days.values()}),
            )
        )
        counts = {(row.topic_id, row.day): row.accepted for row in rows}
        return {
            topic_id: Quota(topic.daily_quota, counts.get((topic_id, day), 0), day, reopens)
            for topic_id, (topic, day, reopens) in days.items()
        }

    def lock(self, topic: Topic) -> Quota:
        """Return the present day with its row locked: who comes next waits for our end."""
        day, reopens = self._day(topic)
        # An insert that becomes an update locks the row whether or not it was there before.
        row = self._insert().values(topic_id=topic.id, day=day, accepted=0)
        self.db.execute(
            row.on_conflict_do_update(
                index_elements=[TopicDay.topic_id, TopicDay.day],
                set_={"accepted": TopicDay.accepted},
            )
        )
        found = self.db.get_one(TopicDay, (topic.id, day), populate_existing=True)
        return Quota(topic.daily_quota, found.accepted, day, reopens)

    def count(self, topic: Topic, quota: Quota) -> None:
        """Count one more on a day that is locked."""
        self.db.get_one(TopicDay, (topic.id, quota.day)).accepted = quota.accepted + 1

    def _day(self, topic: Topic) -> tuple[date, datetime]:
        """Return the present day of the topic's quota, and when the next one begins."""
        zone = self.calendars.zone(self.libraries.get(topic.library_id))
        now = self.clock.now().astimezone(zone)
        day = now.date() if now.time() >= topic.reopens_at else now.date() - DAY
        return day, datetime.combine(day + DAY, topic.reopens_at, zone)

    def _insert(self) -> Any:
        is_postgresql = self.db.get_bind().dialect.name == "postgresql"
        return (postgresql if is_postgresql else sqlite).insert(TopicDay)
