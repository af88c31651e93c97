"""Write down each wait as it begins and ends, in the transaction of the step of the hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.libraries.services import Libraries

from ..models import Hold, HoldState
from .expecting import Expectations
from .models import Ending, HoldWait
from .outlook import outlook_of

if TYPE_CHECKING:
    from ..services.titles import Title

WAITING = frozenset({HoldState.QUEUED, HoldState.IN_TRANSIT})
"""States in which a reader waits for a copy to lie ready."""


class Waits:
    """The waits of holds, each with what its reader was promised."""

    def __init__(self, db: Session, clock: Clock, libraries: Libraries) -> None:
        self.db = db
        self.clock = clock
        self.expectations = Expectations(db, clock, libraries)

    def begin(self, title: Title, hold: Hold) -> None:
        """Let a wait begin where the hold stands now; one that is open ends.

        A hold that is paused, has a copy already or is for one copy only ends one.
        """
        self.stop(hold)
        if hold.state != HoldState.QUEUED or hold.is_suspended or hold.wanted_item_id:
            return
        outlook = outlook_of(title, self.expectations.position(hold))
        if outlook.rounds is None:
            return  # nobody waits for a copy that cannot come: it is not known when one does
        promised = self.expectations.at([hold.pickup_library_id], outlook)[hold.pickup_library_id]
        now = self.clock.now()
        known = promised.lower is not None and promised.upper is not None
        self.db.add(
            HoldWait(
                hold_id=hold.id,
                pickup_library_id=hold.pickup_library_id,
                item_type=outlook.item_type,
                since=now,
                position=outlook.position,
                copies=outlook.copies,
                free=outlook.free,
                rounds=outlook.rounds,
                lower=promised.lower,
                upper=promised.upper,
                cases=promised.cases,
                earliest=now + timedelta(days=promised.lower or 0) if known else None,
                latest=now + timedelta(days=promised.upper or 0) if known else None,
            )
        )

    def stop(self, hold: Hold) -> None:
        """Let the wait of a hold end without a copy, because its course has changed."""
        end_wait(self.db, hold.id, self.clock.now(), Ending.LEFT)


def follow_step(db: Session, hold: Hold, before: str, verb: str, now: datetime) -> None:
    """Let the wait of a hold end if a step that was taken has ended it."""
    if before not in WAITING or hold.state in WAITING:
        return
    if hold.state in (HoldState.READY, HoldState.FULFILLED):
        ending = Ending.CAME
    else:
        ending = Ending.NEVER if verb == "give_up" else Ending.LEFT
    end_wait(db, hold.id, now, ending)


def end_wait(db: Session, hold_id: int, now: datetime, ending: Ending) -> None:
    """Write down that a wait has ended, if one is open."""
    ended = update(HoldWait).where(HoldWait.hold_id == hold_id, HoldWait.ended.is_(None))
    # The step is half done: nothing of it is written yet.
    with db.no_autoflush:
        db.execute(
            ended.values(ended=now, ending=ending).execution_options(synchronize_session=False)
        )
