"""From steps to what readers hear of them: who has taken a step themselves is not told of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from bibliopolis.notices.interfaces import Happening
from bibliopolis.notices.services import Notices
from bibliopolis.readers.models import Guardianship, Reader
from bibliopolis.resources.history import HistoryEntry

from ..models import Hold
from ..services.following import JOINED
from ..services.steps import WORKFLOW
from .kinds import STEPS, Kind

CANCEL = "cancel"


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
        own = self._taken_by_reader([one for one in entries if one.action == CANCEL])
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
                if one.resource_id in holds and one.id not in own
            ]
        )

    def _last_entries(self, steps: set[tuple[int, str]]) -> Sequence[Any]:
        """Return the last entry of each step, which tells two occasions apart."""
        if not steps:
            return ()
        newest = (
            select(func.max(HistoryEntry.id).label("id"))
            .where(
                HistoryEntry.resource_type == WORKFLOW,
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
                HistoryEntry.operation,
            )
            .join(newest, newest.c.id == HistoryEntry.id)
            .order_by(HistoryEntry.id)
        ).all()
        return [one for one in found if (one.resource_id, one.action) in steps]

    def _taken_by_reader(self, cancels: Sequence[Any]) -> set[int]:
        """Return those of the cancellations that need no telling.

        The reader cancelled it, or who acts for them; or it ended because it was joined to
        another hold, which has a notice of its own.
        """
        if not cancels:
            return set()
        guardian = aliased(Reader)
        people = select(Hold.id, Reader.person_id, guardian.person_id.label("guardian")).where(
            Hold.id.in_([one.resource_id for one in cancels])
        )
        people = (
            people.join(Reader, Reader.id == Hold.reader_id)
            .outerjoin(Guardianship, Guardianship.child_id == Reader.id)
            .outerjoin(guardian, guardian.id == Guardianship.guardian_id)
        )
        theirs: dict[int, set[int | None]] = {}
        for row in self.db.execute(people):
            theirs.setdefault(row.id, set()).update({row.person_id, row.guardian})
        joined = self.db.execute(
            select(HistoryEntry.resource_id, HistoryEntry.operation).where(
                HistoryEntry.resource_type == WORKFLOW,
                HistoryEntry.action == JOINED,
                or_(*(HistoryEntry.resource_id == one.resource_id for one in cancels)),
            )
        )
        ended = {(row.resource_id, row.operation) for row in joined}
        return {
            one.id
            for one in cancels
            if (one.resource_id, one.operation) in ended
            or (one.actor_id is not None and one.actor_id in theirs.get(one.resource_id, ()))
        }


__all__ = ["Kind", "ToldSteps"]
