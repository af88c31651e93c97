"""How services tell of refusals: afterwards, so that no attempt fails or waits because of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bibliopolis.db import make_session, write_afterwards

from .counting import Attempt, RefusalCounts
from .kinds import Act, counted_code

log = logging.getLogger(__name__)

Write = Callable[[RefusalCounts], None]


class RefusalNotes:
    """Takes note of what was refused and what was got; this one forgets it at once."""

    def refused(
        self,
        act: Act,
        codes: Iterable[str],
        reader_id: int | None,
        record_id: int,
        library_id: int | None,
    ) -> None:
        """Note why an attempt failed; ``library_id`` is where it was to be had."""

    def met(self, reader_id: int | None, record_id: int) -> None:
        """Note that a reader got or will get a title."""


UNHEARD = RefusalNotes()


class NotesOfRequest(RefusalNotes):
    """Counts when the request is over, in a short transaction of its own."""

    def __init__(self, request: Any) -> None:
        self.request = request

    @classmethod
    def from_request(cls, context: Any, request: Any) -> NotesOfRequest:
        """Make it for a request."""
        return cls(request)

    def refused(
        self,
        act: Act,
        codes: Iterable[str],
        reader_id: int | None,
        record_id: int,
        library_id: int | None,
    ) -> None:
        """Note it if it is a refusal at all."""
        code = counted_code(codes)
        if code is None or reader_id is None or library_id is None:
            return
        attempt = Attempt(act, code, reader_id, record_id, library_id)
        self._afterwards(lambda counts: counts.refused(attempt))

    def met(self, reader_id: int | None, record_id: int) -> None:
        """Note it if something was refused before; who was refused nothing costs no writing."""
        if reader_id is None:
            return

        def look(request: Any) -> None:
            if request.exception is None and self._was_refused(reader_id, record_id):
                self._afterwards(lambda counts: counts.met(reader_id, record_id))

        self.request.add_finished_callback(look)

    def _was_refused(self, reader_id: int, record_id: int) -> bool:
        request = self.request
        today = request.clock.today()
        try:
            if "bibliopolis.db" in request.environ:
                return bool(RefusalCounts(request.db, today).wishes(reader_id, record_id))
            engine = request.registry["bibliopolis.engine"]
            with make_session(engine, writes=False) as db, db.begin():
                return bool(RefusalCounts(db, today).wishes(reader_id, record_id))
        except SQLAlchemyError as error:
            log.info("refused wishes could not be read: %s", error)
            return False

    def _afterwards(self, write: Write) -> None:
        today = self.request.clock.today()

        def counted(db: Session) -> None:
            try:
                with db.begin_nested():
                    write(RefusalCounts(db, today))
            except SQLAlchemyError as error:
                log.info("a refusal could not be counted: %s", error)

        # Not now: what the attempt has begun is undone when it is refused.
        self.request.add_finished_callback(
            lambda request: write_afterwards(request, "the count of a refusal", counted)
        )


def forget_what_is_old(request: Any) -> None:
    """Forget wishes after a day, and counts that have been kept long enough."""
    RefusalCounts(request.db, request.clock.today()).forget_old(request.settings.refusal_days)
