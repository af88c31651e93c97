"""What the worker does with holds when a day has come, by the calendar of their pickup place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import CompoundSelect, or_, select, union_all
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.libraries.calendars import Calendars

from ..models import BOUND_STATES, Hold, HoldState, HoldTarget, Loan, MissingCopy, Transit
from .changes import HoldChanges
from .holds import Holds
from .leaving import HOUSE
from .steps import HoldSteps
from .titles import Title

SHORTEST = timedelta(hours=1)
"""No rule lets another copy be looked for sooner."""
AT_MOST = 5000
"""So many holds are put into the outbox by one look; the next one finds the others."""


class HoldDates:
    """Find the holds whose day has come, and take the step that it brings; again changes nothing.

    A step that somebody has taken meanwhile, or that speaks against the facts of now, is left out.
    """

    def __init__(self, db: Session, holds: Holds, changes: HoldChanges) -> None:
        self.db = db
        self.holds = holds
        self.changes = changes

    @classmethod
    def from_request(cls, context: Any, request: Any) -> HoldDates:
        """Make it for a request; the house itself takes the steps."""
        holds = Holds.from_request(context, request)
        holds.steps = HoldSteps.from_request(context, request)
        holds.steps.actor = HOUSE
        calendars = request.find_service(Calendars, context=None)
        return cls(db=request.db, holds=holds, changes=HoldChanges(holds, calendars))

    def due(self, limit: int = AT_MOST) -> Sequence[int]:
        """Return the ids of the holds whose day has come where they are collected."""
        # It may be tomorrow already in the easternmost library.
        latest = self.holds.clock.today() + timedelta(days=1)
        queued, ready = Hold.state == HoldState.QUEUED, Hold.state == HoldState.READY
        ahead = or_(
            queued & (Hold.suspended_until <= latest),
            queued & (Hold.need_by < latest),
            ready & (Hold.collect_by < latest),
        )
        found = self.db.scalars(select(Hold).where(ahead).order_by(Hold.id).limit(limit))
        return [hold.id for hold in found if self._verb(hold) is not None]

    def to_look_for_anew(self, limit: int = AT_MOST) -> Sequence[int]:
        """Return the ids of the records for which copies are to be chosen anew.

        Where one stood on a pull list for too long, or one is free while somebody waits for whom
        none is looked for: its library was closed, or it has just come.
        """
        reach, now = self.holds.targeting.reach, self.holds.clock.now()
        old = self.db.execute(
            select(Item.record_id, HoldTarget.library_id, HoldTarget.targeted)
            .join(Item, Item.id == HoldTarget.item_id)
            .where(HoldTarget.found.is_(None), HoldTarget.targeted <= now - SHORTEST)
            .order_by(HoldTarget.targeted)
            .limit(limit)
        )
        found = {
            row.record_id
            for row in old
            if now - row.targeted >= reach.patience(row.library_id)
            and reach.works_today(row.library_id)
        }
        taken: CompoundSelect[Any] = union_all(
            select(Loan.item_id).where(Loan.closed.is_(None)),
            select(Transit.item_id).where(Transit.received.is_(None)),
            select(Hold.item_id).where(Hold.state.in_(BOUND_STATES), Hold.item_id.is_not(None)),
            select(HoldTarget.item_id),
            select(MissingCopy.item_id),
        )
        sought = select(HoldTarget.hold_id).where(HoldTarget.hold_id == Hold.id).exists()
        waits = (Hold.state == HoldState.QUEUED, Hold.suspended.is_(None), ~sought)
        any_copy = select(Hold.record_id).where(*waits, Hold.wanted_item_id.is_(None))
        certain = select(Hold.wanted_item_id).where(*waits, Hold.wanted_item_id.is_not(None))
        free = [
            row
            for wanted in (Item.record_id.in_(any_copy), Item.id.in_(certain))
            for row in self.db.execute(
                select(Item.record_id, Item.holding_library_id)
                .where(wanted, Item.status == ItemStatus.LENDABLE, Item.id.not_in(taken))
                .limit(limit)
            )
        ]
        found |= {row.record_id for row in free if reach.is_fetched_from(row.holding_library_id)}
        return sorted(found)[:limit]

    def keep(self, hold_ids: Iterable[int]) -> None:
        """Take the step that is due of each of these holds; their titles are locked in order."""
        wanted = list(hold_ids)
        records = self.db.scalars(select(Hold.record_id).where(Hold.id.in_(wanted)).distinct())
        known = self.holds.titles.lock_records(sorted(records))
        titles = [self.holds.titles.lock_head(record_id, hold_ids=wanted) for record_id in known]
        for title in titles:
            for hold in [title.holds[one] for one in wanted if one in title.holds]:
                self._keep(title, hold)
        self.holds.settle(*titles)

    def _keep(self, title: Title, hold: Hold) -> None:
        verb = self._verb(hold)
        if verb == "thaw":
            self.changes.kinds["thaw"](title, hold, None)
        elif verb is not None:
            self.holds.end(verb, title, hold)

    def _verb(self, hold: Hold) -> str | None:
        """Return which step the day brings, if it brings one."""
        today = self.holds.shelf.today(hold)
        if hold.state == HoldState.READY:
            return "not_collected" if self.holds.shelf.is_over(hold) else None
        if hold.need_by is not None and hold.need_by < today:
            return "expire_unfilled"
        until = hold.suspended_until
        if hold.is_suspended and until is not None and until <= today:
            return "thaw"
        return None
