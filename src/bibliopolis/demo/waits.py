"""How long readers of the demo waited in the last two years, with what they were promised.

Queues are played through: readers come by chance, copies go out and come back, some travel. What
was seen so far says what is promised, as the nights of a real site do; here every other month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from heapq import heapify, heappop, heappush
from random import Random
from typing import Any

from sqlalchemy import insert, select

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.waiting.back_test import Taught, Wait
from bibliopolis.circulation.waiting.law import rounds_of
from bibliopolis.circulation.waiting.models import Ending, HoldWait
from bibliopolis.circulation.waiting.reckoning import Reckoning
from bibliopolis.libraries.models import OrganisationKind
from bibliopolis.libraries.services import Libraries, lineage

DAYS = 720
TITLES = 70
"""So many titles are asked for again and again."""
READS = (10, 32)
"""Days for which a copy is with a reader, between."""
BUSY = (0.35, 1.02)
"""How much of its time a copy is asked for: from hardly ever to all the time."""
LEAVE, GIVEN_UP = 0.08, 0.005
"""Shares of readers who cancel after some days, and for whom no copy is had."""
SEASON = 60

Played = tuple[Wait, tuple[int, int, int]]
"""A wait with its place in the queue, the copies there were, and how many stood ready."""


class Waits:
    """Play two years of queues and write them down, then reckon every organisation."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.chance = Random(1703)
        outline = request.find_service(Libraries, context=None).outline
        self.lineages = {
            one.id: [above.id for above in lineage(outline, one)] for one in outline.values()
        }
        kinds = (OrganisationKind.LIBRARY,)
        self.places = [one.id for one in outline.values() if one.kind in kinds]

    def write(self) -> None:
        """Write all of it; no person and no hold is in it."""
        played = sorted(self._titles(), key=lambda one: one[0].since)
        rows = [self._row(wait, taught, facts) for wait, taught, facts in self._taught(played)]
        self.request.db.execute(insert(HoldWait), rows)
        reckoning = self.request.find_service(Reckoning, context=None)
        for organisation_id in reckoning.due():
            reckoning.reckon(organisation_id)

    def _taught(self, played: Sequence[Played]) -> Iterator[Any]:
        """Yield each wait with what was known in its season."""
        waits = [wait for wait, _facts in played]
        start = self.request.clock.now() - timedelta(days=DAYS)
        known: dict[int, Taught] = {}
        for wait, facts in played:
            season = (wait.since - start).days // SEASON
            if season not in known:
                moment = start + timedelta(days=season * SEASON)
                known[season] = Taught(waits, moment, self.lineages)
            yield wait, known[season], facts

    def _titles(self) -> Iterator[Played]:
        copies: Mapping[tuple[int, str], list[int]] = defaultdict(list)
        found = self.request.db.execute(
            select(Record.id, Record.kind, Item.library_id)
            .join(Item, Item.record_id == Record.id)
            .where(Item.status == ItemStatus.LENDABLE)
            .order_by(Record.id, Item.id)
        )
        for record_id, kind, library_id in found:
            copies[record_id, kind].append(library_id)
        wanted = self.chance.sample(sorted(copies), min(TITLES, len(copies)))
        for record_id, kind in wanted:
            yield from self._title(kind, copies[record_id, kind])

    def _title(self, kind: str, homes: Sequence[int]) -> Iterator[Played]:
        """Play the queue of one title: who comes first is served first."""
        chance, now = self.chance, self.request.clock.now()
        start = now - timedelta(days=DAYS)
        pace = chance.uniform(*BUSY) * len(homes) / (sum(READS) / 2 + 4)
        copies = [(0.0, home) for home in homes]
        heapify(copies)
        bound: list[float] = []
        day = chance.expovariate(pace)
        while day < DAYS:
            place = chance.choice(self.places)
            ahead = sum(1 for moment in bound if moment > day)
            free = max(0, sum(1 for back, _where in copies if back <= day) - ahead)
            facts = (ahead + 1, len(homes), free)
            ending, left = self._ending(), day + chance.uniform(0.5, 30)
            back, where = copies[0]
            begun = max(day, back)
            came = begun + self._on_its_way(where == place)
            if ending is not Ending.CAME and left < begun:
                yield self._wait(kind, place, start, day, left, ending, facts)
            else:
                heappop(copies)
                bound.append(begun)
                again = came + chance.uniform(0, 5) + chance.triangular(*READS)
                heappush(copies, (again, place))
                yield self._wait(kind, place, start, day, came, Ending.CAME, facts)
            day += chance.expovariate(pace)

    def _ending(self) -> Ending:
        drawn = self.chance.random()
        if drawn < GIVEN_UP:
            return Ending.NEVER
        return Ending.LEFT if drawn < GIVEN_UP + LEAVE else Ending.CAME

    def _on_its_way(self, here: bool) -> float:
        """Return how many days it takes to fetch a copy, and to bring it."""
        return self.chance.uniform(0.1, 1.5) + (0 if here else self.chance.uniform(0.8, 4))

    def _wait(
        self,
        kind: str,
        place: int,
        start: Any,
        day: float,
        end: float,
        ending: Ending,
        facts: tuple[int, int, int],
    ) -> Played:
        # Nobody knows how what lasts until today goes on.
        ended, ending = (end, ending) if end <= DAYS else (DAYS, Ending.LEFT)
        wait = Wait(
            place_id=place,
            item_type=kind,
            rounds=rounds_of(*facts),
            since=start + timedelta(days=day),
            ended=start + timedelta(days=ended),
            ending=ending,
        )
        return wait, facts

    def _row(self, wait: Wait, taught: Taught, facts: tuple[int, int, int]) -> dict[str, Any]:
        promise = taught.promise(wait.place_id, wait.item_type, wait.rounds)
        position, copies, free = facts
        return {
            "pickup_library_id": wait.place_id,
            "item_type": wait.item_type,
            "since": wait.since,
            "position": position,
            "copies": copies,
            "free": free,
            "rounds": wait.rounds,
            "lower": promise.lower if promise else None,
            "upper": promise.upper if promise else None,
            "cases": promise.came if promise else 0,
            "earliest": wait.since + timedelta(days=promise.lower) if promise else None,
            "latest": wait.since + timedelta(days=promise.upper) if promise else None,
            "ended": wait.ended,
            "ending": wait.ending,
        }
