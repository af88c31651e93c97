"""Write down each wait as it begins and ends, in the transaction of the step of the hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.libraries.services import Libraries

from ..models import Hold, HoldState
from .expecting import Expectations, Expected
from .models import Ending, HoldWait
from .outlook import Outlook, outlook_of

if TYPE_CHECKING:
    from ..services.title import Title

WAITING = frozenset({HoldState.QUEUED, HoldState.IN_TRANSIT})
"""States in which a reader waits for a copy to lie ready."""


class Waits:
    """The waits of holds, each with what its reader was promised."""

    def __init__(self, db: Session, clock: Clock, libraries: Libraries) -> None:
        self.db = db
        self.clock = clock
        self.expectations = Expectations(db, clock, libraries)
        self._noted: dict[int, tuple[Title, Hold]] | None = None

    def begin(self, title: Title, *holds: Hold, positions: Mapping[int, int] | None = None) -> None:
        """Let waits begin where the holds stand now; those that are open end.

        A hold that is paused or begins later, has a copy already or is for one copy only ends one.
        However many holds of the title there are, the queries are the same few. ``positions`` are
        their places in the queue by their ids, from 1, where these are known: to count them takes
        long for many.
        """
        self._change([(title, hold) for hold in holds], positions)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write waits that begin and end meanwhile down at once, with few queries for all."""
        noted: dict[int, tuple[Title, Hold]] = {}
        self._noted = noted
        try:
            yield
        finally:
            self._noted = None
        self._change(list(noted.values()))

    def _change(
        self,
        pairs: Sequence[tuple[Title, Hold]],
        positions: Mapping[int, int] | None = None,
    ) -> None:
        if self._noted is not None:
            self._noted |= {hold.id: (title, hold) for title, hold in pairs}
            return
        if not pairs:
            return
        end_waits(self.db, [hold.id for _title, hold in pairs], self.clock.now(), Ending.LEFT)
        queued = [(title, hold) for title, hold in pairs if hold.waits and not hold.wanted_item_id]
        if not queued:
            return
        if positions is None:
            positions = self.expectations.positions(hold for _title, hold in queued)
        titles = {id(title): title for title, _hold in queued}
        outlooks = {known: outlook_of(title, position=1) for known, title in titles.items()}
        begun = [
            (hold, outlook)
            for title, hold in queued
            # Where no copy can come, nobody knows when one does: it is no wait for a copy.
            if (outlook := replace(outlooks[id(title)], position=positions[hold.id])).rounds
            is not None
        ]
        asked = [(hold.pickup_library_id, outlook) for hold, outlook in begun]
        promises = self.expectations.for_each(asked)
        rows = [
            self._wait(hold, outlook, promised)
            for (hold, outlook), promised in zip(begun, promises, strict=True)
        ]
        if rows:
            self.db.execute(insert(HoldWait), rows)

    def _wait(self, hold: Hold, outlook: Outlook, promised: Expected) -> dict[str, Any]:
        now = self.clock.now()
        known = promised.lower is not None and promised.upper is not None
        return {
            "hold_id": hold.id,
            "pickup_library_id": hold.pickup_library_id,
            "item_type": outlook.item_type,
            "since": now,
            "position": outlook.position,
            "copies": outlook.copies,
            "free": outlook.free,
            "rounds": outlook.rounds,
            "lower": promised.lower,
            "upper": promised.upper,
            "cases": promised.cases,
            "earliest": now + timedelta(days=promised.lower or 0) if known else None,
            "latest": now + timedelta(days=promised.upper or 0) if known else None,
        }


def ending_of(hold: Hold, before: str, verb: str) -> Ending | None:
    """Return how a step that was taken has ended the wait of a hold, None where it has not."""
    if before not in WAITING or hold.state in WAITING:
        return None
    if hold.state in (HoldState.READY, HoldState.FULFILLED):
        return Ending.CAME
    return Ending.NEVER if verb == "give_up" else Ending.LEFT


def end_waits(db: Session, hold_ids: Sequence[int], now: datetime, ending: Ending) -> None:
    """Write down that the waits of holds have ended, where they are open."""
    ended = update(HoldWait).where(HoldWait.hold_id.in_(hold_ids), HoldWait.ended.is_(None))
    # The step is half done: nothing of it is written yet.
    with db.no_autoflush:
        db.execute(
            ended.values(ended=now, ending=ending).execution_options(synchronize_session=False)
        )
