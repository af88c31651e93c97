"""Until when an answer is promised: in working days of the calendar of the topic's library.

While the asker is asked, working days do not count: as many as were left when it began to wait
are left when it goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bibliopolis.clock import Clock
from bibliopolis.libraries.calendars import Calendars, NeverOpen
from bibliopolis.libraries.services import Libraries

from ..models import Enquiry, Topic
from .topics import Topics


class Deadlines:
    """Count working days for questions."""

    def __init__(
        self, clock: Clock, calendars: Calendars, libraries: Libraries, topics: Topics
    ) -> None:
        self.clock = clock
        self.calendars = calendars
        self.libraries = libraries
        self.topics = topics

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Deadlines:
        """Make it for a request."""
        return cls(
            clock=request.clock,
            calendars=request.find_service(Calendars, context=None),
            libraries=request.find_service(Libraries, context=None),
            topics=request.find_service(Topics, context=None),
        )

    def promised(self, topic: Topic) -> datetime | None:
        """Return until when a question that is accepted now is answered.

        None where no working day is in sight: nothing can be promised then.
        """
        return self._after(topic, topic.working_days)

    def days_left(self, enquiry: Enquiry) -> int | None:
        """Return how many working days come after today until it is due; 0 is today.

        Below zero: so many working days ago it was due, today among them.
        """
        if enquiry.paused is not None:
            return enquiry.days_left
        if enquiry.due is None:
            return None
        library = self._library(self.topics.by_id(enquiry.topic_id))
        now = self.clock.now()
        if enquiry.due < now:
            return -max(1, self.calendars.working_days_between(library, enquiry.due, now))
        return self.calendars.working_days_between(library, now, enquiry.due)

    def pause(self, enquiry: Enquiry) -> None:
        """Let its time stand still from now on."""
        enquiry.days_left = self.days_left(enquiry)
        enquiry.paused = self.clock.now()

    def go_on(self, enquiry: Enquiry) -> None:
        """Let its time run on: what was left is left, what was late stays late."""
        paused, left = enquiry.paused, enquiry.days_left
        if paused is None:
            return
        enquiry.paused = enquiry.days_left = None
        topic = self.topics.by_id(enquiry.topic_id)
        if left is None or left < 0 or self._is_today(topic, paused):
            return
        # The day it was due is over meanwhile: the next working day takes its place.
        enquiry.due = self._after(topic, max(1, left))

    def renew(self, enquiry: Enquiry) -> None:
        """Promise an answer anew: the question was taken up again."""
        enquiry.paused = enquiry.days_left = None
        enquiry.due = self.promised(self.topics.by_id(enquiry.topic_id))

    def _after(self, topic: Topic, days: int) -> datetime | None:
        try:
            return self.calendars.add_working_days(self._library(topic), self.clock.now(), days)
        except NeverOpen:
            return None

    def _is_today(self, topic: Topic, moment: datetime) -> bool:
        library = self._library(topic)
        zone = self.calendars.zone(library)
        return moment.astimezone(zone).date() == self.calendars.today(library)

    def _library(self, topic: Topic) -> Any:
        return self.libraries.get(topic.library_id)
