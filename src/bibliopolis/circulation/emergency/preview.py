"""What an emergency closing would move, before anybody says that it should."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true, tuple_, union
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.once import once

from ..models import Hold, HoldState, HoldTarget, Loan, LoanState
from .scope import Scope

OUT = (LoanState.ON_LOAN, LoanState.CLAIMED)
"""What is lost has no date to be moved."""


@dataclass(frozen=True)
class Line:
    """One date: of what, as it is and as it would be; whose it is only the desk may see."""

    record: Record
    item: Item | None
    place_id: int
    before: date
    after: date


@dataclass(frozen=True)
class Effects:
    """What an emergency closing concerns, in numbers."""

    loans: int
    shelf: int
    readers: int
    ready: int
    in_transit: int
    targets: int
    days: Sequence[tuple[date, int]]
    """To which days due dates would move, and how many to each."""


@dataclass
class _Days:
    """Days at places: how many dates of each would be moved, and which days stay as they are."""

    moved: dict[tuple[int, date], int] = field(default_factory=dict)
    stay: list[tuple[int, date]] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.moved.values())


class Preview:
    """The dates on the days of a closing; queries do not grow with them."""

    def __init__(self, db: Session, scope: Scope) -> None:
        self.db = db
        self.scope = scope

    @property
    def total(self) -> int:
        """Return how many dates would be moved."""
        return self._due.count + self._last.count

    def effects(self) -> Effects:
        """Return what it concerns."""
        places = self.scope.places
        days: dict[date, int] = {}
        for (library_id, due), count in self._due.moved.items():
            after = self.scope.due(library_id, due)
            days[after] = days.get(after, 0) + count
        readers = union(
            select(Loan.reader_id).where(*self._loans()),
            select(Hold.reader_id).where(*self._shelf()),
        ).subquery()
        counted = self.db.execute(
            select(Hold.state, func.count(Hold.id))
            .where(
                Hold.pickup_library_id.in_(places),
                Hold.state.in_((HoldState.READY, HoldState.IN_TRANSIT)),
            )
            .group_by(Hold.state)
        )
        states = {row[0]: row[1] for row in counted}
        sought = select(func.count(HoldTarget.hold_id)).where(HoldTarget.library_id.in_(places))
        return Effects(
            loans=self._due.count,
            shelf=self._last.count,
            readers=self.db.scalar(select(func.count()).select_from(readers)) or 0,
            ready=states.get(HoldState.READY, 0),
            in_transit=states.get(HoldState.IN_TRANSIT, 0),
            targets=self.db.scalar(sought) or 0,
            days=sorted(days.items()),
        )

    def loans(self, offset: int, limit: int) -> tuple[int, list[Line]]:
        """Return how many due dates would be moved, and some of them, the first due first."""
        rows = self.db.execute(
            select(Loan, Item, Record)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(*self._loans())
            .order_by(Loan.due, Loan.id)
            .offset(offset)
            .limit(limit)
        )
        lines = [
            Line(
                *(row.Record, row.Item, row.Loan.library_id),
                before=row.Loan.due,
                after=self.scope.due(row.Loan.library_id, row.Loan.due),
            )
            for row in rows
        ]
        return self._due.count, lines

    def shelf(self, offset: int, limit: int) -> tuple[int, list[Line]]:
        """Return how many last days to collect would be moved, and some of them."""
        rows = self.db.execute(
            select(Hold, Item, Record)
            .join(Record, Record.id == Hold.record_id)
            .outerjoin(Item, Item.id == Hold.item_id)
            .where(*self._shelf())
            .order_by(Hold.collect_by, Hold.id)
            .offset(offset)
            .limit(limit)
        )
        lines = [
            Line(
                *(row.Record, row.Item, row.Hold.pickup_library_id),
                before=row.Hold.collect_by,
                after=self.scope.collect_by(
                    row.Hold.pickup_library_id, row.Hold.collect_by, row.Hold.need_by
                ),
            )
            for row in rows
        ]
        return self._last.count, lines

    def lines(self, batch: int = 500) -> Iterator[Line]:
        """Yield all of them, due dates first, so many at a time."""
        for page in (self.loans, self.shelf):
            for start in range(0, page(0, 0)[0], batch):
                yield from page(start, batch)[1]

    @once
    def _due(self) -> _Days:
        """Return which due dates move, and how many loans of a library are due on each."""
        found = self.db.execute(
            select(Loan.library_id, Loan.due, func.count(Loan.id))
            .where(*loans_on(self.scope))
            .group_by(Loan.library_id, Loan.due)
        )
        return _parted(found, self.scope.due)

    @once
    def _last(self) -> _Days:
        """Return the same of holds that are ready, by their places and their last days."""
        found = self.db.execute(
            select(Hold.pickup_library_id, Hold.collect_by, func.count(Hold.id))
            .where(*ready_at(self.scope), _may_wait_longer())
            .group_by(Hold.pickup_library_id, Hold.collect_by)
        )
        return _parted(found, lambda place, last: self.scope.collect_by(place, last, None))

    def _loans(self) -> list[ColumnElement[bool]]:
        return [*loans_on(self.scope), _none_of((Loan.library_id, Loan.due), self._due.stay)]

    def _shelf(self) -> list[ColumnElement[bool]]:
        pair = (Hold.pickup_library_id, Hold.collect_by)
        return [*ready_at(self.scope), _may_wait_longer(), _none_of(pair, self._last.stay)]


def _parted(found: Iterable[Any], after: Callable[[int, date], date]) -> _Days:
    days = _Days()
    for place_id, day, count in found:
        if after(place_id, day) == day:
            days.stay.append((place_id, day))
        else:
            days.moved[place_id, day] = count
    return days


def loans_on(scope: Scope) -> list[ColumnElement[bool]]:
    """Return which loans are due on the days of a closing."""
    return [
        Loan.closed.is_(None),
        Loan.state.in_(OUT),
        Loan.library_id.in_(scope.places),
        Loan.due.between(scope.first, scope.last),
    ]


def ready_at(scope: Scope) -> list[ColumnElement[bool]]:
    """Return which holds wait at its places, and can still be collected when it begins."""
    return [
        Hold.state == HoldState.READY,
        Hold.pickup_library_id.in_(scope.places),
        Hold.collect_by >= scope.first,
    ]


def _may_wait_longer() -> ColumnElement[bool]:
    return or_(Hold.need_by.is_(None), Hold.need_by > Hold.collect_by)


def _none_of(pair: tuple[Any, Any], pairs: Sequence[tuple[int, date]]) -> ColumnElement[bool]:
    return tuple_(*pair).not_in(pairs) if pairs else true()
