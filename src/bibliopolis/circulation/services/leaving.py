"""What becomes of the holds of readers who go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.readers.interfaces import IOpenHolds
from bibliopolis.resources.access import Grant, Principals, Role
from bibliopolis.transactions import BeginAnew

from ..models import OPEN_STATES, CancelCause, Hold
from .holds import Holds
from .steps import HoldSteps
from .title import Title

HOUSE = Principals(grants=frozenset({Grant(Role.LIBRARIAN)}))
"""The house itself takes the steps, wherever the holds are."""


@implementer(IOpenHolds)
class OpenHolds:
    """The open holds of readers, to be cancelled with all that follows."""

    def __init__(self, db: Session, holds: Holds) -> None:
        self.db = db
        self.holds = holds
        self._titles: dict[int, Title] = {}

    @classmethod
    def from_request(cls, context: Any, request: Any) -> OpenHolds:
        """Make it for a request."""
        holds = Holds.from_request(context, request)
        holds.steps = HoldSteps.from_request(context, request)
        holds.steps.actor = HOUSE
        return cls(db=request.db, holds=holds)

    def lock(self, reader_ids: Iterable[int]) -> None:
        """Lock the titles for which these readers wait."""
        ids = list(reader_ids)
        records = sorted({row.record_id for row in self._open(ids)})
        found = self.holds.titles.lock_heads(records, reader_ids=ids)
        self._titles = {title.record.id: title for title in found}

    def cancel_all(self, reader_ids: Iterable[int]) -> None:
        """Cancel each hold there is now that nobody places another; settle the titles at once.

        BeginAnew where one was placed for another title, or moved there, between both locks: a
        title must not be locked after its readers.
        """
        rows = self._open(reader_ids)
        if any(row.record_id not in self._titles for row in rows):
            raise BeginAnew("a reader who leaves waits for another title since")
        with self.holds.together():
            for row in rows:
                title = self._titles[row.record_id]
                for hold in title.bring([row.id]):
                    self.holds.end("cancel", title, hold, cause=CancelCause.LEFT)
        self.holds.settle(*self._titles.values())

    def _open(self, reader_ids: Iterable[int]) -> Sequence[Any]:
        mine = Hold.reader_id.in_(list(reader_ids)) & Hold.state.in_(OPEN_STATES)
        query = select(Hold.id, Hold.record_id).where(mine)
        return self.db.execute(query.order_by(Hold.record_id, Hold.id)).all()
