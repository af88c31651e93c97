"""What the worker does with holds when a day has come, by the calendar of their pickup place."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, false, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.errors import Conflict, NotAllowed
from bibliopolis.libraries.calendars import Calendars

from ..models import BOUND_STATES, Hold, HoldState, HoldTarget, Loan, MissingCopy, Transit
from .changes import HoldChanges
from .holds import Holds
from .leaving import HOUSE
from .steps import HoldSteps
from .title import Title

log = logging.getLogger(__name__)

AT_MOST = 5000
"""So many holds or records are put into the outbox by one look; the next one goes on."""


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
        today, open_today = self.holds.clock.today(), self._open_today()
        # It may be tomorrow already in the easternmost library. What waits for tomorrow elsewhere
        # is read last: however much it is, it takes no place from what has come.
        ahead = _by(today + timedelta(days=1), open_today)
        order = (case((_by(today, open_today), 0), else_=1), Hold.id)
        found = self.db.scalars(select(Hold).where(ahead).order_by(*order).limit(limit))
        return [hold.id for hold in found if self._verb(hold) is not None]

    def to_look_for_anew(self, limit: int = AT_MOST, after: int = 0) -> Sequence[int]:
        """Return the ids of the records for which copies are to be chosen anew, in their order.

        Where one stood on a pull list for too long, or one is free while somebody waits for whom
        none is looked for: its library was closed, or it has just come. ``after`` is the last one
        of the look before: where a free copy fits nobody, it is found by each round of looks, but
        only once.
        """
        any_copy, certain = self._waiting()
        wanted = [
            select(Item.record_id)
            .join(HoldTarget, HoldTarget.item_id == Item.id)
            .where(HoldTarget.found.is_(None), self._too_long(self.holds.clock.now())),
            self._free_copies(Item.record_id.in_(any_copy)),
            self._free_copies(Item.id.in_(certain)),
        ]
        found: set[int] = set()
        for statement in wanted:
            next_ones = statement.where(Item.record_id > after).distinct()
            found.update(self.db.scalars(next_ones.order_by(Item.record_id).limit(limit)))
        return sorted(found)[:limit]

    def _waiting(self) -> tuple[Any, Any]:
        """Select the records of which any copy is waited for in vain, and the copies that are."""
        sought = select(HoldTarget.hold_id).where(HoldTarget.hold_id == Hold.id).exists()
        waiting = (Hold.waits, ~sought)
        return (
            select(Hold.record_id)
            .join(Record, Record.id == Hold.record_id)
            .where(*waiting, Hold.wanted_item_id.is_(None), Record.withdrawn.is_(False)),
            select(Hold.wanted_item_id).where(*waiting, Hold.wanted_item_id.is_not(None)),
        )

    def _free_copies(self, wanted: ColumnElement[bool]) -> Any:
        """Select the records of copies that are free where somebody can be sent for them."""
        taken = (
            select(Loan.id).where(Loan.item_id == Item.id, Loan.closed.is_(None)),
            select(Transit.id).where(Transit.item_id == Item.id, Transit.received.is_(None)),
            select(Hold.id).where(Hold.item_id == Item.id, Hold.state.in_(BOUND_STATES)),
            select(HoldTarget.item_id).where(HoldTarget.item_id == Item.id),
            select(MissingCopy.item_id).where(MissingCopy.item_id == Item.id),
        )
        reach = self.holds.targeting.reach
        places = [one for one in self.holds.libraries.tree if reach.is_fetched_from(one)]
        return select(Item.record_id).where(
            wanted,
            self.holds.titles.lendable.condition(),
            Item.holding_library_id.in_(places),
            *(~one.exists() for one in taken),
        )

    def _too_long(self, now: datetime) -> ColumnElement[bool]:
        """Return which targets have waited for so long that another copy is looked for.

        Where nobody could have gone for it today, it is left: the day does not count. Where nobody
        is sent any more, the library having closed since, another one is looked for at once.
        """
        reach = self.holds.targeting.reach
        places: dict[timedelta, list[int]] = {}
        for library_id in self.db.scalars(select(HoldTarget.library_id).distinct()):
            if not reach.is_fetched_from(library_id):
                places.setdefault(timedelta(), []).append(library_id)
            elif reach.works_today(library_id):
                places.setdefault(reach.patience(library_id), []).append(library_id)
        return or_(
            false(),
            *(
                HoldTarget.library_id.in_(ids) & (HoldTarget.targeted <= now - patience)
                for patience, ids in places.items()
            ),
        )

    def _open_today(self) -> list[int]:
        return [place.id for place in self.holds.libraries.tree.values() if self._opens(place)]

    def _opens(self, place: Any) -> bool:
        shelf = self.holds.shelf
        return shelf.is_open(place, shelf.calendars.today(place))

    def keep(self, hold_ids: Iterable[int]) -> None:
        """Take the step that is due of each of these holds; their titles are locked in order.

        A step that is refused is left, and said in the log: the others are taken.
        """
        wanted = list(hold_ids)
        records = self.db.scalars(select(Hold.record_id).where(Hold.id.in_(wanted)).distinct())
        titles = self.holds.titles.lock_heads(sorted(records), hold_ids=wanted)
        with self.holds.together():
            for title in titles:
                for hold in [title.holds[one] for one in wanted if one in title.holds]:
                    try:
                        self._keep(title, hold)
                    except (Conflict, NotAllowed) as refusal:
                        log.warning("hold %d: its day has come, but: %s", hold.id, refusal)
        self.holds.settle(*titles)

    def _keep(self, title: Title, hold: Hold) -> None:
        verb = self._verb(hold)
        if verb == "begin":
            self.changes.kinds["begin"](title, hold, None)
            # It may lie under a pause that begins, or ends, on the same day.
            verb = self._verb(hold)
        if verb == "thaw":
            self.changes.kinds["thaw"](title, hold, None)
        elif verb == "suspend":
            self.changes.begin_pause(title, hold)
        elif verb is not None:
            self.holds.end(verb, title, hold)

    def _verb(self, hold: Hold) -> str | None:
        """Return which step the day brings, if it brings one.

        What has found a copy since it was looked at goes its way: its days count no more.
        """
        today = self.holds.shelf.today(hold)
        if hold.state == HoldState.READY:
            return "not_collected" if self.holds.shelf.is_over(hold) else None
        if hold.state != HoldState.QUEUED:
            return None
        if hold.need_by is not None and hold.need_by < today:
            return "expire_unfilled"
        if hold.starts is not None and hold.starts <= today:
            return "begin"
        if hold.suspend_from is not None and hold.suspend_from <= today:
            return "suspend"
        until = hold.suspended_until
        if hold.is_suspended and until is not None and until <= today:
            return "thaw"
        return None


def _by(latest: date, open_today: Sequence[int]) -> ColumnElement[bool]:
    """Say which holds have a step to take on a day at the latest."""
    queued, ready = Hold.state == HoldState.QUEUED, Hold.state == HoldState.READY
    return or_(
        queued & (Hold.starts <= latest),
        queued & (Hold.suspend_from <= latest),
        queued & (Hold.suspended_until <= latest),
        queued & (Hold.need_by < latest),
        # What waits where it is closed today must not crowd out the others.
        ready & (Hold.collect_by < latest) & Hold.pickup_library_id.in_(open_today),
    )
