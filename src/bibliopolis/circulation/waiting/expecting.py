"""What can be said of a wait: an interval and what it rests on, or why nothing is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer

from bibliopolis.clock import Clock
from bibliopolis.libraries.services import Libraries, lineage

from ..models import Hold, HoldState
from ..services.lists import Lists
from .law import Law
from .models import HoldWait, WaitingStatistic
from .outlook import Outlook

ANY = ""
"""All item types together."""
DAY = timedelta(days=1)

Key = tuple[int, str, int]


class Unknown(StrEnum):
    """Why no time is told."""

    TOO_FEW = "too_few_cases"
    """Too few have waited so before."""
    NO_COPY = "no_copy"
    """There is no copy that could be lent: all are lost, missing, or still to come."""
    PAUSED = "paused"
    LATER = "begins_later"
    """It counts from the day from which its reader wants it."""
    ONE_COPY = "one_copy"
    """It is for one particular copy, and no other helps."""
    LONGER = "longer_than_usual"
    """It has taken longer already than nearly all did."""


@dataclass(frozen=True)
class Expected:
    """How many days from now a copy comes, or why that is not known."""

    lower: int | None = None
    upper: int | None = None
    cases: int = 0
    """It rests on so many waits that ended with a copy."""
    organisation_id: int | None = None
    """Of readers who collect there or below."""
    item_type: str = ANY
    """Of copies of this type; empty is any."""
    why: Unknown | None = None
    outlook: Outlook | None = None
    """Before a hold is placed: where it would stand."""
    promised: tuple[int, int] | None = None
    """The days that were promised when the wait began."""


class Expectations:
    """Look up what last night's tables say; the same few queries for any number of holds."""

    def __init__(self, db: Session, clock: Clock, libraries: Libraries) -> None:
        self.db = db
        self.clock = clock
        self.libraries = libraries

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Expectations:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            libraries=request.find_service(Libraries, context=None),
        )

    def positions(self, holds: Iterable[Hold]) -> Mapping[int, int]:
        """Return the places of holds in their queues, from 1, by their ids; one query."""
        self.db.flush()
        return Lists(self.db).positions(holds)

    def at(self, place_ids: Sequence[int], outlook: Outlook) -> Mapping[int, Expected]:
        """Return for each pickup place how long one waits who begins to; one query.

        Without places, or for one that is not known, what is known of the whole network counts:
        ask for the place 0.
        """
        told = self.for_each([(place_id, outlook) for place_id in place_ids])
        return dict(zip(place_ids, told, strict=True))

    def for_each(self, wanted: Sequence[tuple[int, Outlook]]) -> Sequence[Expected]:
        """Return how long one waits who begins to, at each (pickup place, outlook); one query."""
        keys = [
            self._keys(place_id, outlook.item_type, outlook.rounds)
            if outlook.rounds is not None
            else ()
            for place_id, outlook in wanted
        ]
        known = self._statistics(keys, curves=False)
        told = []
        for (_place_id, outlook), mine in zip(wanted, keys, strict=True):
            row = next((known[key] for key in mine if key in known), None)
            if row is not None:
                told.append(_resting_on(row, row.lower, row.upper, outlook))
            else:
                why = Unknown.TOO_FEW if mine else Unknown.NO_COPY
                told.append(Expected(why=why, outlook=outlook))
        return told

    def of(self, holds: Iterable[Hold], waits: Iterable[HoldWait]) -> Mapping[int, Expected]:
        """Return what is known of holds that are in a queue, by their ids; one query.

        ``waits`` are those that are open, as ``Lists.standing`` returns them. Who has waited for
        some time is compared with those who have waited as long.
        """
        queued = [hold for hold in holds if hold.state == HoldState.QUEUED]
        found = {hold.id: Expected(why=_reason(hold)) for hold in queued}
        asked = {hold.id for hold in queued if found[hold.id].why is Unknown.TOO_FEW}
        keys = {
            wait: self._keys(wait.pickup_library_id, wait.item_type, wait.rounds)
            for wait in waits
            if wait.hold_id in asked
        }
        known = self._statistics(keys.values(), curves=True)
        told = {wait.hold_id: self._told(wait, wanted, known) for wait, wanted in keys.items()}
        return {hold_id: told.get(hold_id, one) for hold_id, one in found.items()}

    def _told(
        self, wait: HoldWait, wanted: Sequence[Key], known: Mapping[Key, WaitingStatistic]
    ) -> Expected:
        waited = (self.clock.now() - wait.since) / DAY
        told = Expected(why=Unknown.TOO_FEW)
        for key in wanted:
            row = known.get(key)
            if row is None:
                continue
            points = [(days, share, left) for days, share, left in row.curve]
            interval = Law(row.cases, row.came, points).interval(waited)
            if interval is not None:
                told = _resting_on(row, interval.lower, interval.upper)
                break
            told = Expected(why=Unknown.LONGER)
        promised = None
        if wait.lower is not None and wait.upper is not None:
            promised = (wait.lower, wait.upper)
        return replace(told, promised=promised)

    def _keys(self, place_id: int, item_type: str, rounds: int) -> Sequence[Key]:
        """Return the rows that would do, the nearest first: the place, what is above, any type."""
        outline = self.libraries.outline
        place = outline.get(place_id)
        if place is not None:
            line = [one.id for one in lineage(outline, place)]
        else:
            line = [one.id for one in outline.values() if one.parent_id is None]
        return [*((one, item_type, rounds) for one in line), *((one, ANY, rounds) for one in line)]

    def _statistics(
        self, wanted: Iterable[Sequence[Key]], *, curves: bool
    ) -> Mapping[Key, WaitingStatistic]:
        keys = {key for some in wanted for key in some}
        if not keys:
            return {}
        by_kind: dict[tuple[str, int], set[int]] = {}
        for organisation_id, item_type, rounds in keys:
            by_kind.setdefault((item_type, rounds), set()).add(organisation_id)
        query = select(WaitingStatistic).where(
            or_(
                *(
                    (WaitingStatistic.item_type == item_type)
                    & (WaitingStatistic.rounds == rounds)
                    & WaitingStatistic.organisation_id.in_(sorted(ids))
                    for (item_type, rounds), ids in sorted(by_kind.items())
                )
            )
        )
        if not curves:
            query = query.options(defer(WaitingStatistic.curve))
        rows = self.db.scalars(query)
        return {(one.organisation_id, one.item_type, one.rounds): one for one in rows}


def _reason(hold: Hold) -> Unknown:
    """Return why nothing is known of a hold, unless its wait tells more."""
    if hold.begins_later:
        return Unknown.LATER
    if hold.is_suspended:
        return Unknown.PAUSED
    if hold.hopeless_since:
        return Unknown.NO_COPY
    return Unknown.ONE_COPY if hold.wanted_item_id else Unknown.TOO_FEW


def _resting_on(
    row: WaitingStatistic, lower: int, upper: int, outlook: Outlook | None = None
) -> Expected:
    return Expected(
        lower=lower,
        upper=upper,
        cases=row.came,
        organisation_id=row.organisation_id,
        item_type=row.item_type,
        outlook=outlook,
    )
