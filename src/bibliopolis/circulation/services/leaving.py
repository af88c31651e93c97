"""What becomes of the holds of readers who go."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.readers.interfaces import IOpenHolds
from bibliopolis.resources.access import Grant, Principals, Role

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
        """Cancel each, in the order in which titles are locked."""
        mine = (Hold.reader_id == reader_id) & Hold.state.in_(OPEN_STATES)
        for hold_id in self.db.scalars(select(Hold.id).where(mine).order_by(Hold.record_id)).all():
            self.holds.cancel(hold_id, cause=CancelCause.LEFT)
