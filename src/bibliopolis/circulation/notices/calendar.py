"""What the calendar brings: reminders, books due soon or overdue, and holds without any copy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.clock import Clock
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import Libraries
from bibliopolis.notices.interfaces import Happening
from bibliopolis.notices.models import Notice
from bibliopolis.notices.policy import NoticePolicy
from bibliopolis.notices.services import Notices
from bibliopolis.notices.services.notices import this_morning

from ..models import Hold, HoldState, Loan, LoanState
from ..services.lendable import LendableCopies
from ..services.title import COMING
from .kinds import Kind

AT_ONCE = 500
"""So many of a kind are noted by one look; the next one finds the others."""


def has_hope(lendable: LendableCopies) -> ColumnElement[bool]:
    """Return whether a hold has a copy to wait for that can be lent, now or some day.

    Any of its title, or the one it is for.
    """
    return (
        exists()
        .where(Item.record_id == Hold.record_id, or_(Item.status.in_(COMING), lendable.condition()))
        .where(or_(Hold.wanted_item_id.is_(None), Hold.wanted_item_id == Item.id))
        .where(Record.id == Item.record_id, Record.withdrawn.is_(False))
        .correlate(Hold)
    )


@dataclass(frozen=True)
class Places:
    """Organisations that go by the same clocks, and the present day there."""

    zone: ZoneInfo
    ids: list[int]
    today: date


class CalendarLook:
    """Find what is to be told today, and has not been told yet."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        policy: NoticePolicy,
        notices: Notices,
        libraries: Libraries,
        calendars: Calendars,
        lendable: LendableCopies,
    ) -> None:
        self.db = db
        self.clock = clock
        self.policy = policy
        self.notices = notices
        self.libraries = libraries
        self.calendars = calendars
        self.lendable = lendable

    @classmethod
    def from_request(cls, context: Any, request: Any) -> CalendarLook:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            policy=request.find_service(NoticePolicy, context=None),
            notices=request.find_service(Notices, context=None),
            libraries=request.find_service(Libraries, context=None),
            calendars=request.find_service(Calendars, context=None),
            lendable=request.find_service(LendableCopies, context=None),
        )

    def look(self) -> int:
        """Note all that has come; after days without a worker each thing is told once."""
        found = [*self._without_copy()]
        for zone, ids in self._zones().items():
            places = Places(zone, ids, self.clock.now().astimezone(zone).date())
            found += [*self._reminders(places), *self._due_soon(places), *self._overdue(places)]
        return self.notices.note(found) if found else 0

    def _zones(self) -> dict[ZoneInfo, list[int]]:
        """Return the organisations by the clocks they go by: mostly there is one zone."""
        found: dict[ZoneInfo, list[int]] = {}
        for one in self.libraries.tree.values():
            found.setdefault(self.calendars.zone(one), []).append(one.id)
        return found

    def _days(self, kind: Kind) -> list[int]:
        return sorted(self.policy.kinds[kind].days)

    def _reminders(self, places: Places) -> Iterable[Happening]:
        """Return holds whose last day on the shelf is near; those kept for less are left out."""
        for days, last, since in self._ahead(Kind.REMINDER, places):
            occasion = cast(Hold.collect_by, String) + literal(f":{days}")
            near = [
                Hold.state == HoldState.READY,
                Hold.pickup_library_id.in_(places.ids),
                Hold.collect_by == last,
                Hold.changed < since,
                Hold.cancel_requested.is_(None),
            ]
            for hold in self._holds(Kind.REMINDER, [Notice.occasion == occasion], *near):
                occasion_of = f"{last.isoformat()}:{days}"
                yield self._of_hold(Kind.REMINDER, hold, occasion_of, places.zone)

    def _without_copy(self) -> Iterable[Happening]:
        """Return holds that wait for a title whose last copy is gone."""
        lost = [Hold.state == HoldState.QUEUED, ~has_hope(self.lendable)]
        for hold in self._holds(Kind.NO_COPY, [], *lost):
            place = self.libraries.tree[hold.pickup_library_id]
            yield self._of_hold(Kind.NO_COPY, hold, "gone", self.calendars.zone(place))

    def _due_soon(self, places: Places) -> Iterable[Happening]:
        """Return loans that are due within so many days; what was lent for less is left out."""
        for days, due, since in self._ahead(Kind.DUE_SOON, places):
            near = [Loan.due == due, Loan.opened < since]
            yield from self._loans(Kind.DUE_SOON, days, places, *near)

    def _ahead(self, kind: Kind, places: Places) -> Iterable[tuple[int, date, datetime]]:
        """Return (days before, a day that is so near, since when it must have been so)."""
        today = places.today
        for days, nearer in _spans(self._days(kind), downwards=True):
            for ahead in range(nearer + 1, days + 1):
                last = today + timedelta(days=ahead)
                since = datetime.combine(last - timedelta(days=days), time(), places.zone)
                yield days, last, since

    def _overdue(self, places: Places) -> Iterable[Happening]:
        """Return loans that are over for so many days; of several, the last that fits."""
        today = places.today
        for days, longest in _spans(self._days(Kind.OVERDUE)):
            over = [Loan.due <= today - timedelta(days=days), Loan.due < today]
            if longest is not None:
                over.append(Loan.due > today - timedelta(days=longest))
            yield from self._loans(Kind.OVERDUE, days, places, *over)

    def _holds(self, kind: Kind, told: list[Any], *conditions: Any) -> Iterable[Hold]:
        return self.db.scalars(
            select(Hold)
            .where(*conditions, Hold.reader_id.is_not(None))
            .where(~_noted(kind, "hold", Hold.id, *told))
            .order_by(Hold.id)
            .limit(AT_ONCE)
        ).all()

    def _of_hold(self, kind: Kind, hold: Hold, occasion: str, zone: ZoneInfo) -> Happening:
        return Happening(
            kind,
            ("hold", hold.id),
            occasion,
            hold.reader_id or 0,
            hold.pickup_library_id,
            this_morning(self.clock, self.policy, zone),
        )

    def _loans(
        self, kind: Kind, days: int, places: Places, *conditions: Any
    ) -> Iterable[Happening]:
        # The day it is due tells a renewed loan from what it was before.
        occasion = cast(Loan.due, String) + literal(f":{days}")
        loans = self.db.scalars(
            select(Loan)
            .where(*conditions, Loan.library_id.in_(places.ids))
            .where(Loan.state == LoanState.ON_LOAN, Loan.reader_id.is_not(None))
            .where(~_noted(kind, "loan", Loan.id, Notice.occasion == occasion))
            .order_by(Loan.due, Loan.id)
            .limit(AT_ONCE)
        ).all()
        morning = this_morning(self.clock, self.policy, places.zone)
        for loan in loans:
            yield Happening(
                kind,
                ("loan", loan.id),
                f"{loan.due.isoformat()}:{days}",
                loan.reader_id or 0,
                loan.library_id,
                morning,
            )


def _noted(kind: Kind, about: str, thing_id: Any, *conditions: Any) -> ColumnElement[bool]:
    return exists().where(
        Notice.thing_type == about,
        Notice.thing_id == thing_id,
        Notice.kind == kind,
        *conditions,
    )


def _spans(days: list[int], downwards: bool = False) -> list[tuple[int, Any]]:
    """Return each number of days with the next one that takes over: larger, or smaller."""
    if downwards:
        return list(zip(days, [-1, *days[:-1]], strict=True))
    return list(zip(days, [*days[1:], None], strict=True))
