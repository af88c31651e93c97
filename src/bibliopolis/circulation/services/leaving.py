"""What becomes of the holds of readers who go."""

from __future__ import annotations

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

HOUSE = Principals(grants=frozenset({Grant(Role.LIBRARIAN)}))
"""The house itself takes the steps, wherever the holds are."""


@implementer(IOpenHolds)
class OpenHolds:
    """The open holds of a reader, to be cancelled with all that follows."""

    def __init__(self, db: Session, holds: Holds) -> None:
        self.db = db
        self.holds = holds

    @classmethod
    def from_request(cls, context: Any, request: Any) -> OpenHolds:
        """Make it for a request."""
        holds = Holds.from_request(context, request)
        holds.steps = HoldSteps.from_request(context, request)
        holds.steps.actor = HOUSE
        return cls(db=request.db, holds=holds)

    def cancel_all(self, reader_id: int) -> None:
        """Cancel all, with all their titles locked first: to settle one takes what comes last."""
        mine = select(Hold.record_id).where(
            Hold.reader_id == reader_id, Hold.state.in_(OPEN_STATES)
        )
        records, holds = sorted(set(self.db.scalars(mine))), self.holds
        titles = holds.titles.lock_heads(records, reader_ids=[reader_id])
        if not set(records).issuperset(self.db.scalars(mine)):
            raise BeginAnew("a hold was moved to another record")
        for title in titles:
            for hold in [one for one in title.holds.values() if one.reader_id == reader_id]:
                holds.end("cancel", title, hold, cause=CancelCause.LEFT)
        holds.settle(*titles)
