"""Read a period from the live tables and the histories; nothing is written, nobody is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.item_types import item_type_of
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.clock import Clock
from bibliopolis.db import portions
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.libraries.services import Libraries
from bibliopolis.readers.categories import ReaderPolicy, age_on
from bibliopolis.readers.models import Reader
from bibliopolis.resources.history import HistoryEntry

from ..models import Hold, HoldTarget, Loan, PastTarget, Transit
from ..services.copy_steps import LOAN
from ..services.rules import CirculationRules
from ..services.steps import WORKFLOW
from .facts import (
    Journey,
    PastCopy,
    PastHold,
    PastReader,
    PastTitle,
    Pause,
    Period,
    Place,
    Pull,
    Vain,
    Walk,
    rules_as_json,
    rules_from_json,
)
from .stories import Note, Story
from .usual import TOGETHER

AT_ONCE = 500
MOST_HOLDS = 20_000
"""More are not replayed at once: memory stays below some hundred megabytes."""


class PeriodReading:
    """Collect the facts of a period in a number of queries that grows with its holds by 500s."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        libraries: Libraries,
        rules: CirculationRules,
        readers: ReaderPolicy,
    ) -> None:
        self.db = db
        self.clock = clock
        self.libraries = libraries
        self.rules = rules
        self.readers = readers

    @classmethod
    def from_request(cls, context: Any, request: Any) -> PeriodReading:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            libraries=request.find_service(Libraries, context=None),
            rules=request.find_service(CirculationRules, context=None),
            readers=request.find_service(ReaderPolicy, context=None),
        )

    def demand_not_too_much(self, since: datetime, until: datetime) -> int:
        """Return how many holds were open in a period; InvalidInput for none, and for too many."""
        number = self.db.scalar(select(func.count()).where(*_open_in(since, until))) or 0
        if not number:
            reason = _("Nobody waited for anything in this time: choose another.")
            raise InvalidInput(reason, {"since": reason})
        if number > MOST_HOLDS:
            reason = _(
                "More than ${most} holds were open in this time: choose a shorter one.",
                mapping={"most": MOST_HOLDS},
            )
            raise InvalidInput(reason, {"since": reason})
        return number

    def read(self, since: datetime, until: datetime) -> Period:
        """Return what is known of a period."""
        holds = self.db.scalars(select(Hold).where(*_open_in(since, until)).order_by(Hold.id)).all()
        start, end = _seconds(since), _seconds(until)
        stories = self._stories(holds, start)
        titles = self._titles({hold.record_id for hold in holds})
        items = self._items(titles)
        loans, journeys = self._loans(items, since, until), self._journeys(items, since, until)
        numbers, readers = self._readers(holds)
        past = [
            stories[hold.id].told(
                PastHold(
                    id=hold.id,
                    title=hold.record_id,
                    reader=numbers[hold.id],
                    pickup=hold.pickup_library_id,
                    placed=_seconds(hold.placed),
                    day=self.clock.local(hold.asked).toordinal(),
                    cut_in_line=hold.cut_in_line,
                    wanted=hold.wanted_item_id,
                    overridden=tuple(hold.overridden or ()),
                ),
                start,
                _seconds(hold.closed) if hold.closed else None,
                hold.state,
            )
            for hold in holds
        ]
        past, walks = _with_loans(past, loans)
        pulls = tuple(pull for story in stories.values() for pull in story.pulls)
        copies = _copies(items, titles, past, walks, pulls, journeys, start)
        return Period(
            since=start,
            until=end,
            places=self._places(),
            readers=readers,
            titles=tuple(PastTitle(one.id, one.kind, one.age) for one in titles.values()),
            copies=copies,
            holds=tuple(past),
            walks=tuple(walks),
            pauses=tuple(
                Pause(one, at, paused)
                for one, story in stories.items()
                for at, paused in story.pauses
                if at >= start
            ),
            pulls=pulls,
            vain=tuple(self._vain(items, until)),
            journeys=tuple(journeys),
            rules=rules_from_json(rules_as_json(self.rules.book)),
        )

    def _places(self) -> tuple[Place, ...]:
        there, desk_of = self.libraries.is_there, self.libraries.desk_of
        return tuple(
            Place(one.id, one.code, desk_of(one.id), one.parent_id, _hands_out(one, there))
            for one in self.libraries.tree.values()
        )

    def _stories(self, holds: Iterable[Hold], since: int) -> dict[int, Story]:
        found = {hold.id: Story(hold.id) for hold in holds}
        for one, note in self._notes(WORKFLOW, found):
            found[one].add(note)
        return found

    def _notes(self, kind: str, ids: Iterable[int]) -> Iterable[tuple[int, Note]]:
        entry = HistoryEntry
        columns = (
            *(entry.resource_id, entry.happened, entry.action),
            *(entry.state_before, entry.state_after, entry.data),
        )
        for some in portions(ids, AT_ONCE):
            mine = (entry.resource_type == kind) & entry.resource_id.in_(some)
            for row in self.db.execute(select(*columns).where(mine).order_by(entry.id)):
                data = row.data or {}
                yield (
                    row.resource_id,
                    Note(
                        _seconds(row.happened),
                        row.action,
                        row.state_before,
                        row.state_after,
                        data.get("library_id"),
                        data.get("item_id"),
                    ),
                )

    def _titles(self, ids: Iterable[int]) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for some in portions(sorted(ids), AT_ONCE):
            wanted = select(Record.id, Record.kind, Record.age).where(Record.id.in_(some))
            found |= {row.id: row for row in self.db.execute(wanted)}
        return found

    def _items(self, titles: Mapping[int, Any]) -> dict[int, Any]:
        columns = (
            *(Item.id, Item.record_id, Item.library_id, Item.holding_library_id),
            *(Item.status, Item.item_type, Item.location, Item.created),
        )
        found: dict[int, Any] = {}
        for some in portions(titles, AT_ONCE):
            wanted = select(*columns).where(Item.record_id.in_(some)).order_by(Item.id)
            found |= {row.id: row for row in self.db.execute(wanted)}
        return found

    def _loans(
        self, items: Mapping[int, Any], since: datetime, until: datetime
    ) -> list[tuple[Any, int | None]]:
        """Return the loans of a period, each with the library where it was returned."""
        found: dict[int, Any] = {}
        columns = (Loan.id, Loan.item_id, Loan.library_id, Loan.opened, Loan.closed)
        open_in = (Loan.opened < until, or_(Loan.closed.is_(None), Loan.closed > since))
        for some in portions(items, AT_ONCE):
            wanted = select(*columns).where(Loan.item_id.in_(some), *open_in)
            found |= {row.id: row for row in self.db.execute(wanted)}
        places: dict[int, int] = {}
        for one, note in self._notes(LOAN, [row.id for row in found.values() if row.closed]):
            if note.library_id is not None:
                places[one] = note.library_id
        return [(row, places.get(row.id)) for row in found.values()]

    def _journeys(
        self, items: Mapping[int, Any], since: datetime, until: datetime
    ) -> list[Journey]:
        found = []
        ended = or_(Transit.received.is_(None), Transit.received > since)
        for some in portions(items, AT_ONCE):
            wanted = select(Transit).where(Transit.item_id.in_(some), Transit.sent < until, ended)
            found += [
                Journey(
                    row.item_id,
                    _seconds(row.sent),
                    row.from_library_id,
                    row.to_library_id,
                    _seconds(row.received) if row.received else None,
                    row.hold_id is not None,
                )
                for row in self.db.scalars(wanted.order_by(Transit.id))
            ]
        return found

    def _vain(self, items: Mapping[int, Any], until: datetime) -> list[Vain]:
        found = []
        past = (PastTarget.item_id, PastTarget.targeted, PastTarget.ended)
        for some in portions(items, AT_ONCE):
            ended = select(*past).where(PastTarget.item_id.in_(some), PastTarget.targeted < until)
            for copy, since, end in self.db.execute(ended):
                found.append(Vain(copy, _seconds(since), _seconds(end)))
            still = select(HoldTarget.item_id, HoldTarget.targeted).where(
                HoldTarget.item_id.in_(some), HoldTarget.targeted < until
            )
            found += [Vain(copy, _seconds(since), None) for copy, since in self.db.execute(still)]
        return found

    def _readers(self, holds: Iterable[Hold]) -> tuple[dict[int, int], tuple[PastReader, ...]]:
        """Return the number of the reader of each hold, and the readers; forgotten ones, too."""
        known: dict[int, Reader] = {}
        ids = {hold.reader_id for hold in holds if hold.reader_id is not None}
        for some in portions(sorted(ids), AT_ONCE):
            wanted = select(Reader).where(Reader.id.in_(some))
            known |= {one.id: one for one in self.db.scalars(wanted)}
        today, found = self.clock.today(), list[PastReader]()
        numbers: dict[int, int] = {}
        of_hold: dict[int, int] = {}
        for hold in holds:
            reader = known.get(hold.reader_id or 0)
            if reader is not None and reader.id in numbers:
                of_hold[hold.id] = numbers[reader.id]
                continue
            number = of_hold[hold.id] = len(found) + 1
            if reader is None:
                category = self.readers.by_age(None, today).name
                home, age = self.libraries.desk_of(hold.pickup_library_id), None
            else:
                numbers[reader.id] = number
                category = self.readers.category_of(reader, today).name
                home = reader.home_library_id
                age = age_on(reader.born, today) if reader.born else None
            found.append(PastReader(number, category, home, age))
        return of_hold, tuple(found)


def _open_in(since: datetime, until: datetime) -> tuple[Any, ...]:
    """Return the condition that a hold was in its queue; one may end before its first day."""
    ended_later = and_(Hold.closed > since, Hold.closed >= Hold.placed)
    return (Hold.placed < until, or_(Hold.closed.is_(None), ended_later))


def _hands_out(place: Any, is_there: Any) -> bool:
    return bool(place.is_pickup_point and is_there(place))


def _with_loans(
    holds: Iterable[PastHold], loans: Iterable[tuple[Any, int | None]]
) -> tuple[list[PastHold], list[Walk]]:
    """Say of holds when their copy came back; loans without a hold are of those who walked in."""
    waiting: dict[int, list[PastHold]] = defaultdict(list)
    told = {hold.id: hold for hold in holds}
    for hold in told.values():
        if hold.copy is not None and hold.collected is not None:
            waiting[hold.copy].append(hold)
    walks = []
    for loan, returned_at in loans:
        opened, back = _seconds(loan.opened), _seconds(loan.closed) if loan.closed else None
        back_at = returned_at or loan.library_id
        mine = next(
            (
                hold
                for hold in waiting[loan.item_id]
                if abs((hold.collected or 0) - opened) <= TOGETHER
            ),
            None,
        )
        if mine is not None:
            told[mine.id] = replace(mine, back=back, back_at=back_at)
        else:
            walks.append(Walk(loan.item_id, opened, loan.library_id, back, back_at))
    return list(told.values()), sorted(walks, key=lambda walk: (walk.at, walk.copy))


def _copies(
    items: Mapping[int, Any],
    titles: Mapping[int, Any],
    holds: Iterable[PastHold],
    walks: Iterable[Walk],
    pulls: Iterable[Pull],
    journeys: Iterable[Journey],
    since: int,
) -> tuple[PastCopy, ...]:
    """Return the copies where they were at the beginning, as far as later notes tell."""
    seen: dict[int, tuple[int, int]] = {}

    def was(copy: int | None, at: int, place: int) -> None:
        if copy is not None and at >= since:
            seen[copy] = min(seen.get(copy, (at, place)), (at, place))

    out = {walk.copy for walk in walks if walk.at < since}
    out |= {trip.copy for trip in journeys if trip.sent < since and not trip.held}
    held = {one.copy: one.id for one in holds if one.state in ("in_transit", "ready")}
    for walk in walks:
        was(walk.copy, walk.at, walk.desk)
    for pull in pulls:
        was(pull.copy, pull.at, pull.desk)
    for trip in journeys:
        was(trip.copy, trip.sent, trip.start)
    return tuple(
        PastCopy(
            id=item.id,
            title=item.record_id,
            home=item.library_id,
            item_type=item_type_of(item, titles[item.record_id].kind),
            status=str(item.status),
            location=item.location or "",
            created=_seconds(item.created),
            at=seen[item.id][1] if item.id in seen else item.holding_library_id,
            out=item.id in out,
            held=held.get(item.id),
        )
        for item in items.values()
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
