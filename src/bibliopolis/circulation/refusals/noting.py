"""How services tell of refusals: written when the request is over, so that no attempt fails by it.

Whoever attempted something still waits for the writing, since Pyramid calls back before the
response is sent: all that a request notes is therefore written at once, in one short transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bibliopolis.db import make_session, write_afterwards
from bibliopolis.transactions import once_committed

from .counting import Attempt, Got, RefusalCounts
from .kinds import Act, counted_code

log = logging.getLogger(__name__)


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

    def unfilled(
        self, code: str, reader_id: int | None, record_id: int, library_id: int | None
    ) -> None:
        """Note that a hold ended without its title, and how, once that is committed."""

    def met(self, reader_id: int | None, record_id: int) -> None:
        """Note that a reader got or will get a title, once that is committed."""


UNHEARD = RefusalNotes()


class NotesOfRequest(RefusalNotes):
    """Counts when the request is over, in a short transaction of its own."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self._attempts: list[Attempt] = []
        self._got: list[Got] = []
        self._is_called_back = False

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
        """Note it if it is a refusal at all; what the attempt has begun may well be undone."""
        attempt = _attempt(act, codes, reader_id, record_id, library_id)
        if attempt is not None:
            self._attempts.append(attempt)
            self._write_at_the_end()

    def unfilled(
        self, code: str, reader_id: int | None, record_id: int, library_id: int | None
    ) -> None:
        """Note it once it has happened: a batch of the worker may be undone."""
        attempt = _attempt(Act.HOLD, [code], reader_id, record_id, library_id)
        if attempt is not None:
            once_committed(self.request, partial(self._attempts.append, attempt))
            self._write_at_the_end()

    def met(self, reader_id: int | None, record_id: int) -> None:
        """Note it if something was refused before; who was refused nothing costs no writing."""
        if reader_id is not None:
            got = Got(reader_id, record_id)
            once_committed(self.request, partial(self._got.append, got))
            self._write_at_the_end()

    def _write_at_the_end(self) -> None:
        if not self._is_called_back:
            self._is_called_back = True
            self.request.add_finished_callback(self._write)

    def _write(self, request: Any) -> None:
        today = request.clock.today()
        self._is_called_back = False
        attempts, self._attempts = self._attempts, []
        got, self._got = self._got, []

        def write(db: Session) -> None:
            counts = RefusalCounts(db, today)
            for attempt in attempts:
                _tried(db, partial(counts.refused, attempt))
            _tried(db, partial(counts.met, got))

        if attempts or self._were_refused(got):
            write_afterwards(request, "the count of refusals", write)

    def _were_refused(self, got: list[Got]) -> bool:
        request = self.request
        today = request.clock.today()
        if not got:
            return False
        try:
            if "bibliopolis.db" in request.environ:
                return bool(RefusalCounts(request.db, today).wishes(got))
            engine = request.registry["bibliopolis.engine"]
            with make_session(engine, writes=False) as db, db.begin():
                return bool(RefusalCounts(db, today).wishes(got))
        except SQLAlchemyError as error:
            log.info("refused wishes could not be read: %s", error)
            return False


def _attempt(
    act: Act,
    codes: Iterable[str],
    reader_id: int | None,
    record_id: int,
    library_id: int | None,
) -> Attempt | None:
    code = counted_code(codes)
    if code is None or reader_id is None or library_id is None:
        return None
    return Attempt(act, code, reader_id, record_id, library_id)


def _tried(db: Session, write: Any) -> None:
    """Write it, or log why it could not be; the others are written all the same."""
    try:
        with db.begin_nested():
            write()
    except SQLAlchemyError as error:
        log.info("a refusal could not be counted: %s", error)


def forget_what_is_old(request: Any) -> None:
    """Forget wishes after a day, and counts that have been kept long enough."""
    RefusalCounts(request.db, request.clock.today()).forget_old(request.settings.refusal_days)
