"""What is forgotten of a loan that is closed: whose it was, and of the hold that brought it."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bibliopolis.readers.models import Guardianship, Reader
from bibliopolis.resources.history import HistoryEntry

from ..models import Hold, HoldState, Loan
from .copy_steps import CopySteps
from .steps import WORKFLOW
from .title import Title


def end_loan(db: Session, steps: CopySteps, title: Title, loan: Loan) -> None:
    """Forget what must not be known of a loan that has just been closed."""
    del title.loans[loan.item_id]
    if loan.reader_id is not None:
        _forget(db, loan.item_id, loan.reader_id)
        steps.forget_reader(loan)
        if not loan.kept:
            loan.reader_id = None


def _forget(db: Session, item_id: int, reader_id: int) -> None:
    """Keep that a hold was fulfilled, not whose it was; a history is made of loans only."""
    mine = (
        (Hold.item_id == item_id)
        & (Hold.reader_id == reader_id)
        & (Hold.state == HoldState.FULFILLED)
    )
    guardians = select(Guardianship.guardian_id).where(Guardianship.child_id == reader_id)
    people = select(Reader.person_id).where(
        (Reader.id == reader_id) | Reader.id.in_(guardians), Reader.person_id.is_not(None)
    )
    db.execute(
        update(HistoryEntry)
        .where(
            HistoryEntry.resource_type == WORKFLOW,
            HistoryEntry.resource_id.in_(select(Hold.id).where(mine)),
            HistoryEntry.actor_id.in_(people),
        )
        .values(actor_id=None)
        .execution_options(synchronize_session=False)
    )
    db.execute(update(Hold).where(mine).values(reader_id=None))
