"""From steps to what readers hear of them: nobody is told of what they wished themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bibliopolis.notices.interfaces import Happening
from bibliopolis.notices.services import Notices
from bibliopolis.resources.history import HistoryEntry

from ..models import CancelCause, Hold, Loan
from ..services.copy_steps import LOAN
from ..services.steps import WORKFLOW
from .kinds import LOAN_STEPS, STEPS

CANCEL, THAW = "cancel", "thaw"


class ToldSteps:
    """Read the steps of holds from their histories, and note what is to be told."""

    def __init__(self, db: Session, notices: Notices) -> None:
        self.db = db
        self.notices = notices

    @classmethod
    def from_request(cls, context: Any, request: Any) -> ToldSteps:
        """Make it for a request."""
        return cls(db=request.db, notices=request.find_service(Notices, context=None))

    def note(self, steps: Iterable[tuple[int, str]]) -> int:
        """Note these steps of holds, (id, action), each once; return how many notices are new."""
        wanted = {(hold_id, action) for hold_id, action in steps if action in STEPS}
        entries = self._last_entries(wanted)
        holds = {
            hold.id: hold
            for hold in self.db.scalars(
                select(Hold).where(
                    Hold.id.in_([one.resource_id for one in entries]),
                    Hold.reader_id.is_not(None),
                )
            )
        }
        return self.notices.note(
            [
                Happening(
                    kind=STEPS[one.action],
                    thing=(WORKFLOW, one.resource_id),
                    occasion=str(one.id),
                    reader_id=holds[one.resource_id].reader_id or 0,
                    library_id=holds[one.resource_id].pickup_library_id,
                )
                for one in entries
                if one.resource_id in holds and _is_to_be_told(one, holds[one.resource_id])
            ]
        )

    def note_loans(self, steps: Iterable[tuple[int, str]]) -> int:
        """Note these steps of loans, (id, action), each once; return how many notices are new.

        The day on which it is due tells one renewal from the next.
        """
        wanted = {(loan_id, action) for loan_id, action in steps if action in LOAN_STEPS}
        entries = self._last_entries(wanted, LOAN)
        rows = select(Loan).where(
            Loan.id.in_([one.resource_id for one in entries]), Loan.reader_id.is_not(None)
        )
        loans = {loan.id: loan for loan in self.db.scalars(rows)}
        return self.notices.note(
            [
                Happening(
                    kind=LOAN_STEPS[one.action],
                    thing=(LOAN, one.resource_id),
                    occasion=f"{loan.due.isoformat()}:{one.id}",
                    reader_id=loan.reader_id or 0,
                    library_id=loan.library_id,
                )
                for one in entries
                if (loan := loans.get(one.resource_id)) is not None
            ]
        )

    def _last_entries(self, steps: set[tuple[int, str]], thing: str = WORKFLOW) -> Sequence[Any]:
        """Return the last entry of each step, which tells two occasions apart."""
        if not steps:
            return ()
        newest = (
            select(func.max(HistoryEntry.id).label("id"))
            .where(
                HistoryEntry.resource_type == thing,
                HistoryEntry.resource_id.in_({hold_id for hold_id, _action in steps}),
                HistoryEntry.action.in_({action for _hold_id, action in steps}),
            )
            .group_by(HistoryEntry.resource_id, HistoryEntry.action)
            .subquery()
        )
        found = self.db.execute(
            select(
                HistoryEntry.id,
                HistoryEntry.resource_id,
                HistoryEntry.action,
                HistoryEntry.actor_id,
            )
            .join(newest, newest.c.id == HistoryEntry.id)
            .order_by(HistoryEntry.id)
        ).all()
        return [one for one in found if (one.resource_id, one.action) in steps]


def _is_to_be_told(entry: Any, hold: Hold) -> bool:
    """Say whether a reader hears of it: not of what they wished, nor of a join twice.

    Who ends a pause is a person; that its day has come says the house.
    """
    if entry.action == THAW:
        return entry.actor_id is None
    return entry.action != CANCEL or hold.cause == CancelCause.LIBRARY
