"""Which hold gets the copy on a desk: the one the rules put first of those it may fill."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session, selectinload

from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock
from bibliopolis.db import portions
from bibliopolis.readers.models import Reader

from ..choosing import (
    GO_HOME,
    Candidate,
    Choice,
    Event,
    in_order,
    should_go_home,
    tier_of,
    waits_for_local,
)
from ..models import Hold, Loan, Transit
from ..permits import CopyFacts, ReaderFacts, Terms
from .permits import Permits
from .title import Title

AT_ONCE = 20
"""So many holds from the head of a queue are looked at together: the first one mostly fits."""
MANY = 1000
LAST_EVENTS = 50
FIFO = "fifo"

Groups = Mapping[frozenset[int], Sequence[int]]
"""Places where holds are collected, by the home libraries of those meant there; none is all."""


class BestHold:
    """Choose by the rules of the library that has the copy; the same facts, the same choice."""

    def __init__(self, db: Session, clock: Clock, permits: Permits) -> None:
        self.db = db
        self.clock = clock
        self.permits = permits

    @classmethod
    def from_request(cls, context: Any, request: Any) -> BestHold:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            permits=request.find_service(Permits, context=None),
        )

    def choose(
        self, title: Title, item: Item, library_id: int, *, passed_over: Collection[int] = ()
    ) -> Hold | None:
        """Return which of the waiting holds gets the copy, None where it may fill none of them.

        Who waits for this very copy comes first, as it is looked for; then who takes any. Those
        ``passed_over``, by their ids, are left out. What is sought for a hold is its own first as
        long as the order is that of the queue; then only as much of the queue is read as has to be.
        """
        for wanted in (item.id, None):
            best = self._choose(title, item, library_id, wanted, passed_over)
            if best is not None:
                return best
        return None

    def _choose(
        self,
        title: Title,
        item: Item,
        library_id: int,
        wanted: int | None,
        passed_over: Collection[int],
    ) -> Hold | None:
        terms = self.permits.terms()
        desk = self.permits.code_of(library_id)
        copy = self.permits.copy_facts(title, item)
        order = str(terms.of("best_hold_order", desk=desk).value)
        if order == FIFO and not self._prefers_local():
            for some in self._in_turn(title, item, wanted, passed_over):
                fitting = self._fitting(title, item, some, self._readers(some), terms, copy)
                if fitting:
                    return fitting[0]
            return None
        choice = self._choice(item, copy, desk, order, terms)
        for tier, groups in self._tiers(title, wanted, choice, order, terms):
            for ids in self._in_time(title, wanted, groups):
                holds = title.bring([one for one in ids if one not in passed_over])
                readers = self._readers(holds)
                known = {one.id: self._candidate(one, readers, copy, terms) for one in holds}
                here = [one for one in holds if tier_of(known[one.id], choice, order) == tier]
                fitting = self._fitting(title, item, here, readers, terms, copy)
                best = in_order((known[one.id] for one in fitting), choice, order)
                if best:
                    return title.holds[best[0].id]
        return None

    def _tiers(
        self, title: Title, wanted: int | None, choice: Choice, order: str, terms: Terms
    ) -> Iterable[tuple[tuple[int, ...], Groups]]:
        """Return the tiers of a queue, the first first, each with who is in it.

        Those who collect at one place and have one home library are of one tier, but where the
        rules tell categories of readers apart: then these holds are in several, to be looked at.
        """
        pairs = self.db.execute(
            select(Hold.pickup_library_id, Reader.home_library_id)
            .join(Reader, Reader.id == Hold.reader_id)
            .where(*_waiting(title, wanted))
            .distinct()
        ).all()
        rules = self.permits.rules.book.of("local_priority")
        categories = {"", *(rule.scope.category for rule in rules if rule.scope.category)}
        tiers: dict[tuple[int, ...], dict[int, set[int]]] = {}
        homes_at: dict[int, set[int]] = defaultdict(set)
        for place_id, home_id in pairs:
            homes_at[place_id].add(home_id)
            home = self.permits.code_of(home_id)
            pickup = self.permits.code_of(self.permits.libraries.desk_of(place_id))
            for category in categories:
                reader = ReaderFacts(0, category, home)
                local = str(terms.of("local_priority", reader, choice.copy).value)
                one = Candidate(0, pickup, home, self.clock.now(), local_priority=local)
                tier = tiers.setdefault(tier_of(one, choice, order), {})
                tier.setdefault(place_id, set()).add(home_id)
        in_order_of_tiers = sorted(tiers.items(), key=itemgetter(0))
        return [(tier, _grouped(places, homes_at)) for tier, places in in_order_of_tiers]

    def _in_time(self, title: Title, wanted: int | None, groups: Groups) -> Iterator[Sequence[int]]:
        """Yield the ids of who waits there, in portions: of one time all are in the same one."""
        there = or_(
            *(
                Hold.pickup_library_id.in_(place_ids)
                & (Reader.home_library_id.in_(homes) if homes else true())
                for homes, place_ids in groups.items()
            )
        )
        query = (
            select(Hold.id, Hold.cut_in_line, Hold.placed)
            .join(Reader, Reader.id == Hold.reader_id)
            .where(*_waiting(title, wanted), there)
            .order_by(Hold.cut_in_line.desc(), Hold.placed, Hold.id)
        )
        behind: ColumnElement[bool] = true()
        number = AT_ONCE
        while True:
            rows = self.db.execute(query.where(behind).limit(number)).all()
            whole = rows
            if len(rows) == number:
                last = _time(rows[-1])
                whole = [row for row in rows if _time(row) != last]
                behind = _after(_time(whole[-1])) if whole else behind
            if whole:
                yield [row.id for row in whole]
            if len(rows) < number:
                return
            number = 2 * number if not whole else min(2 * number, MANY)

    def _in_turn(
        self, title: Title, item: Item, wanted: int | None, passed_over: Collection[int]
    ) -> Iterator[Sequence[Hold]]:
        """Yield those who want this copy, or any, in portions; first for whom it is looked for."""
        if wanted is not None:
            title.read_all_for([wanted])
        target = title.target_of_item(item.id)
        sought_for = target.hold_id if target is not None else 0
        known = {hold.id: hold for hold in (*title.queue, *title.sought_behind)}
        left_out = {*passed_over, sought_for}
        known = {one: hold for one, hold in known.items() if hold.wanted_item_id == wanted}
        if sought_for in known and sought_for not in passed_over:
            yield [known[sought_for]]
        some, number = [*title.queue], AT_ONCE
        while some:
            these = [one for one in some if one.wanted_item_id == wanted]
            for part in portions((one for one in these if one.id not in left_out), number):
                yield part
                number = min(2 * number, MANY)
            some = list(title.more(number)) if wanted is None else []

    def _prefers_local(self) -> bool:
        rules = self.permits.rules.book.of("local_priority")
        return any(rule.value != "none" for rule in rules)

    def _fitting(
        self,
        title: Title,
        item: Item,
        holds: Iterable[Hold],
        readers: Mapping[int, Reader],
        terms: Terms,
        copy: CopyFacts,
    ) -> list[Hold]:
        """Return the holds the copy may fill, in their order."""
        holds = list(holds)
        against = self.permits.fit(title, item, holds, readers)
        return [
            hold
            for hold in holds
            if not against[hold.id] and not self._waits(title, hold, readers, copy, terms)
        ]

    def _waits(
        self, title: Title, hold: Hold, readers: Mapping[int, Reader], copy: CopyFacts, terms: Terms
    ) -> bool:
        """Say whether the hold is left to a local copy that is being looked for."""
        place = self.permits.place(hold.pickup_library_id)
        days = terms.of("local_priority_days", place=place).value if place else 0
        target = title.targets.get(hold.id)
        if not days or target is None or target.item_id == copy.id:
            return False
        sought = self.permits.copy_facts(title, title.items[target.item_id])
        candidate = self._candidate(hold, readers, copy, terms)
        here, there = (self._local(one, terms, one.holding) for one in (copy, sought))
        return waits_for_local(candidate, here, there, days, self.clock.now())

    def _choice(self, item: Item, copy: CopyFacts, desk: str, order: str, terms: Terms) -> Choice:
        go_home = order in GO_HOME and self._goes_home(item, copy, terms)
        return self._local(copy, terms, desk, go_home)

    def _local(self, copy: CopyFacts, terms: Terms, desk: str, go_home: bool = False) -> Choice:
        return Choice(
            copy,
            desk,
            terms.geography,
            go_home,
            str(terms.of("local_priority_reader", copy=copy).value),
            str(terms.of("local_priority_item", copy=copy).value),
        )

    def _candidate(
        self, hold: Hold, readers: Mapping[int, Reader], copy: CopyFacts, terms: Terms
    ) -> Candidate:
        reader = readers.get(hold.reader_id or 0)
        pickup = self.permits.code_of(self.permits.libraries.desk_of(hold.pickup_library_id))
        known = self.permits.reader_facts([reader], counting=False) if reader else {}
        facts = known.get(hold.reader_id or 0)
        return Candidate(
            id=hold.id,
            pickup=pickup,
            home=facts.home if facts and facts.home else pickup,
            placed=hold.placed,
            requested=hold.requested,
            wanted_since=hold.wanted_since,
            cut_in_line=hold.cut_in_line,
            local_priority=str(terms.of("local_priority", facts, copy).value),
        )

    def _readers(self, holds: Iterable[Hold]) -> Mapping[int, Reader]:
        ids = [hold.reader_id for hold in holds if hold.reader_id is not None]
        query = select(Reader).options(selectinload(Reader.cards)).where(Reader.id.in_(ids))
        return {reader.id: reader for reader in self.db.scalars(query)}

    def _goes_home(self, item: Item, copy: CopyFacts, terms: Terms) -> bool:
        days = terms.of("go_home_days", copy=copy).value
        return should_go_home(
            copy.home, self._events(item.id), timedelta(days=days), self.clock.now()
        )

    def _events(self, item_id: int) -> list[Event]:
        """Return what happened last to a copy: loans when and where they were made, and journeys.

        Where a loan was taken in is not kept: it may have been elsewhere.
        """
        code = self.permits.code_of
        loans = self.db.execute(
            select(Loan.opened, Loan.library_id)
            .where(Loan.item_id == item_id)
            .order_by(Loan.id.desc())
            .limit(LAST_EVENTS)
        )
        journeys = self.db.execute(
            select(Transit.sent, Transit.received, Transit.from_library_id, Transit.to_library_id)
            .where(Transit.item_id == item_id)
            .order_by(Transit.id.desc())
            .limit(LAST_EVENTS)
        )
        return [
            *(Event(one.opened, code(one.library_id)) for one in loans),
            *(
                Event(one.received or one.sent, code(one.to_library_id), code(one.from_library_id))
                for one in journeys
            ),
        ]


def _waiting(title: Title, wanted: int | None) -> tuple[Any, ...]:
    """Return the conditions that a hold waits for any copy of a title, or for a certain one."""
    level = Hold.wanted_item_id.is_(None) if wanted is None else Hold.wanted_item_id == wanted
    return (Hold.record_id == title.record.id, Hold.waits, level)


def _grouped(
    places: Mapping[int, Collection[int]], homes_at: Mapping[int, Collection[int]]
) -> Groups:
    """Bring places together: a network has more of them than a statement takes conditions."""
    groups: dict[frozenset[int], list[int]] = defaultdict(list)
    for place_id, homes in places.items():
        everybody = homes == homes_at[place_id]
        groups[frozenset() if everybody else frozenset(homes)].append(place_id)
    return groups


def _time(row: Any) -> tuple[bool, datetime]:
    return row.cut_in_line, row.placed


def _after(time: tuple[bool, datetime]) -> ColumnElement[bool]:
    """Return the condition that a hold stands behind all of one time."""
    first, placed = time
    later = and_(Hold.cut_in_line.is_(first), Hold.placed > placed)
    return or_(later, Hold.cut_in_line.is_(False)) if first else later
