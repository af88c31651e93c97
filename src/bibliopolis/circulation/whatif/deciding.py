"""The decisions of a replay: facts of the period in, the pure functions of the engine decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any, cast

from bibliopolis.catalogue.record_data import ItemStatus

from ..choosing import GO_HOME, Candidate, Choice, Event, in_order, should_go_home, waits_for_local
from ..matching import match
from ..permits import (
    CopyFacts,
    HoldWish,
    OpenHold,
    PickupFacts,
    ReaderFacts,
    Terms,
    TitleFacts,
    against_capture,
    against_hold,
    some_copy_may_not_fit,
)
from ..services.best_hold import FIFO
from ..services.lendable import RULE as HOLD_DAMAGED
from ..services.reach import RETARGET_HOURS, TAKES_PART
from ..services.targeting import assign, worth_of
from .facts import PastCopy, PastHold, Period
from .queues import Queues
from .state import State, Where

DAY = 24 * 3600
LENDABLE, DAMAGED = str(ItemStatus.LENDABLE), str(ItemStatus.DAMAGED)
LOOKED_AT = 200
"""So many holds from the head of a queue are matched with copies where not every one fits."""


@dataclass(frozen=True)
class Waiting:
    """A hold as `assign` and `match` see one."""

    id: int
    pickup_library_id: int


@dataclass(frozen=True)
class Standing:
    """A copy as they see one."""

    id: int
    holding_library_id: int


class Deciding:
    """Decide for a replay; what it decides by is its state and its queues, which it only reads.

    Only ``retarget`` writes: which copies are looked for.
    """

    def __init__(self, period: Period, terms: Terms, state: State, queues: Queues) -> None:
        self.terms = terms
        self.state = state
        self.queues = queues
        self.places = {place.id: place for place in period.places}
        self.pickups = {
            place.id: PickupFacts(
                place.code, self._code(place.desk), place.code, enabled=place.enabled
            )
            for place in period.places
        }
        self.readers = {
            one.id: ReaderFacts(one.id, one.category, self._code(one.home), one.age)
            for one in period.readers
        }
        self.titles = {one.id: one for one in period.titles}
        self.holds = {one.id: one for one in period.holds}
        self.copies = {copy.id: copy for copy in period.copies}
        self.sought: dict[int, set[int]] = defaultdict(set)
        for hold_id in state.targets:
            self.sought[self.holds[hold_id].title].add(hold_id)
        self.of_title: dict[int, list[PastCopy]] = defaultdict(list)
        for copy in period.copies:
            self.of_title[copy.title].append(copy)
        self.open: dict[int, dict[int, OpenHold]] = defaultdict(dict)
        self.today: dict[tuple[int, int], int] = defaultdict(int)
        for hold in period.holds:
            if hold.id in state.holds or hold.state != "new":
                self.placed(hold)
        book = terms.book
        closed = any(one.closed for one in terms.geography.distances)
        self.freely = not some_copy_may_not_fit(book) and not closed
        self.ageing = any(rule.value for rule in book.of("age_protection_days"))
        self.prefers_local = any(rule.value != "none" for rule in book.of("local_priority"))
        self._fits: dict[tuple[object, ...], bool] = {}

    def opened(self, hold: PastHold) -> None:
        """Count a hold among the open ones of its reader."""
        kind = self.titles[hold.title].kind
        code = self._code(hold.pickup)
        self.open[hold.reader][hold.id] = OpenHold(hold.title, kind, code, item_id=hold.wanted)

    def closed(self, hold: PastHold) -> None:
        """Count it no more."""
        self.open[hold.reader].pop(hold.id, None)

    def placed(self, hold: PastHold) -> None:
        """Count it among those placed on its day."""
        self.today[hold.reader, hold.day] += 1

    def against(self, hold: PastHold, now: int) -> str | None:
        """Return the first code by which a rule refuses the hold; None where none does.

        What does not follow from a rule did not keep the hold from being placed in reality.
        """
        reader = self.readers[hold.reader]
        facts = ReaderFacts(
            reader.id,
            reader.category,
            reader.home,
            reader.age,
            holds=tuple(self.open[hold.reader].values()),
            placed_today=self.today[hold.reader, hold.day],
        )
        pickup = self.pickups[hold.pickup]
        blocks = against_hold(
            HoldWish(self._title(hold.title, now), facts, pickup, hold.wanted), self.terms
        )
        return next(
            (
                str(one.known)
                for one in blocks
                if one.decided is not None and one.code not in hold.overridden
            ),
            None,
        )

    def choose(self, copy: PastCopy, desk: int, now: int) -> int | None:
        """Return which hold gets the copy on a desk, as `BestHold` chooses; None for none."""
        if not self._fills_holds(copy):
            return None
        waiting = self._waiting(copy.title)
        if not self.queues.particular(copy.title):
            return self._best(copy, desk, waiting, now)
        queue = list(waiting)
        for wanted in (copy.id, None):
            level = [hold for hold in queue if hold.wanted == wanted]
            best = self._best(copy, desk, level, now) if level else None
            if best is not None:
                return best
        return None

    def retarget(self, title: int, now: int) -> dict[int, int]:
        """Choose which copies of a title are looked for; return them by the id of the hold."""
        targets, sought = self.state.targets, self.sought[title]
        present = {one: targets.pop(one) for one in sorted(sought) if one in targets}
        sought.clear()
        present = {
            one: row
            for one, row in present.items()
            if one in self.queues and not self.state.holds[one].paused
        }
        standing = [copy for copy in self.of_title[title] if self._is_fetched(copy)]
        if not standing:
            return {}
        number = None if self.queues.particular(title) else max(LOOKED_AT, len(standing))
        queue = list(islice(self._waiting(title), number))
        if not queue:
            return {}
        in_vain = {
            hold_id: copy_id
            for hold_id, (copy_id, since) in present.items()
            if now - since >= self._patience(copy_id)
        }
        kept = {one: copy_id for one, (copy_id, _at) in present.items() if one not in in_vain}
        wanted = self._certain(queue, standing, now)
        taken = set(wanted.values())
        free = [
            Standing(copy.id, self.state.copies[copy.id].at)
            for copy in standing
            if copy.id not in taken
        ]
        rest = [Waiting(h.id, h.pickup) for h in queue if h.wanted is None]
        wanted |= self._given(rest, free, kept, in_vain, now)
        for hold_id, copy_id in wanted.items():
            same = kept.get(hold_id) == copy_id
            targets[hold_id] = (copy_id, present[hold_id][1] if same else now)
        sought.update(wanted)
        return dict(sorted(wanted.items()))

    def steps(self, start: int, end: int, copy: PastCopy) -> int:
        """Return how far a copy travels, in steps of the tree, distances of the site included."""
        return self.terms.geography.steps(self._code(start), self._code(end), copy.item_type)

    def _certain(
        self, queue: Sequence[PastHold], standing: Iterable[PastCopy], now: int
    ) -> dict[int, int]:
        there = {copy.id: copy for copy in standing}
        first: dict[int, int] = {}
        for hold in queue:
            copy = there.get(hold.wanted or 0)
            if copy is not None and self._may_fill(hold, copy, now):
                first.setdefault(copy.id, hold.id)
        return {hold_id: copy_id for copy_id, hold_id in first.items()}

    def _given(
        self,
        queue: Sequence[Waiting],
        free: Sequence[Standing],
        kept: Mapping[int, int],
        in_vain: Mapping[int, int],
        now: int,
    ) -> dict[int, int]:
        if not queue or not free:
            return {}
        if self.freely:
            return assign(cast("Any", queue), cast("Any", free), kept, self._way, in_vain)
        looked_for = set(kept.values())

        def fits(hold: Waiting, item: Standing) -> bool:
            return self._may_fill(self.holds[hold.id], self.copies[item.id], now)

        def worth(hold: Waiting, item: Standing) -> tuple[object, ...]:
            best = worth_of(cast("Any", hold), self._way, in_vain.get(hold.id), cast("Any", item))
            return (item.id != kept.get(hold.id), item.id in looked_for, *best)

        found = match(queue[:LOOKED_AT], free, fits, worth)
        return {hold.id: item.id for hold, item in found}

    def _waiting(self, title: int) -> Iterator[PastHold]:
        """Go through those who wait for a title and are not paused, the first first."""
        return (one for one in self.queues.of(title) if not self.state.holds[one.id].paused)

    def _best(self, copy: PastCopy, desk: int, holds: Iterable[PastHold], now: int) -> int | None:
        facts, code = self._facts(copy, now), self._code(desk)
        order = str(self.terms.of("best_hold_order", desk=code).value)
        if order == FIFO and not self.prefers_local:
            for hold in chain(self._sought_for(copy), holds):
                if self._may_fill(hold, copy, now) and not self._waits(hold, copy, now):
                    return hold.id
            return None
        fitting = [
            self._candidate(hold, facts)
            for hold in holds
            if self._may_fill(hold, copy, now) and not self._waits(hold, copy, now)
        ]
        go_home = order in GO_HOME and self._goes_home(copy, facts, now)
        best = in_order(fitting, self._choice(facts, code, go_home), order)
        return best[0].id if best else None

    def _sought_for(self, copy: PastCopy) -> list[PastHold]:
        """Return the hold the copy is looked for for, if it still waits and takes this one."""
        sought = (one for one in self.sought[copy.title] if self.state.sought(one) == copy.id)
        return [self.holds[one] for one in sought if one in self.queues]

    def _waits(self, hold: PastHold, copy: PastCopy, now: int) -> bool:
        """Say whether the hold is left to a local copy that is being looked for."""
        days = self.terms.of("local_priority_days", place=self.pickups[hold.pickup]).value
        sought = self.state.sought(hold.id)
        if not days or sought is None or sought == copy.id:
            return False
        here, there = self._facts(copy, now), self._facts(self.copies[sought], now)
        return waits_for_local(
            self._candidate(hold, here),
            self._choice(here, here.holding),
            self._choice(there, there.holding),
            days,
            _moment(now),
        )

    def _candidate(self, hold: PastHold, copy: CopyFacts) -> Candidate:
        reader, pickup = self.readers[hold.reader], self.pickups[hold.pickup].desk
        return Candidate(
            id=hold.id,
            pickup=pickup,
            home=reader.home or pickup,
            placed=_moment(hold.placed),
            cut_in_line=hold.cut_in_line,
            local_priority=str(self.terms.of("local_priority", reader, copy).value),
        )

    def _choice(self, copy: CopyFacts, desk: str, go_home: bool = False) -> Choice:
        return Choice(
            copy,
            desk,
            self.terms.geography,
            go_home,
            str(self.terms.of("local_priority_reader", copy=copy).value),
            str(self.terms.of("local_priority_item", copy=copy).value),
        )

    def _goes_home(self, copy: PastCopy, facts: CopyFacts, now: int) -> bool:
        days = self.terms.of("go_home_days", copy=facts).value
        events = [
            Event(_moment(at), self._code(place), None if left is None else self._code(left))
            for at, place, left in self.state.copies[copy.id].events
        ]
        return should_go_home(facts.home, events, timedelta(days=days), _moment(now))

    def _may_fill(self, hold: PastHold, copy: PastCopy, now: int) -> bool:
        """Say whether nothing speaks against giving the copy to the hold; worked out once."""
        if hold.wanted not in (None, copy.id):
            return False
        reader, facts = self.readers[hold.reader], self._facts(copy, now)
        days = facts.days_old if self.ageing else 0
        key = (
            *(copy.id, facts.holding, days, hold.pickup),
            *(reader.home, reader.category, hold.overridden),
        )
        if key not in self._fits:
            title = TitleFacts(copy.title, (facts,))
            wish = HoldWish(title, reader, self.pickups[hold.pickup], hold.wanted)
            blocks = against_capture(wish, facts, self.terms)
            self._fits[key] = all(one.code in hold.overridden for one in blocks)
        return self._fits[key]

    def _title(self, title: int, now: int) -> TitleFacts:
        copies = tuple(self._facts(copy, now) for copy in self.of_title[title])
        return TitleFacts(title, copies, age=self.titles[title].age)

    def _facts(self, copy: PastCopy, now: int) -> CopyFacts:
        run = self.state.copies[copy.id]
        return CopyFacts(
            id=copy.id,
            home=self._code(copy.home),
            holding=self._code(run.at),
            item_type=copy.item_type,
            status=copy.status,
            location=copy.location,
            days_old=max(0, now - copy.created) // DAY,
            out=run.where != Where.SHELF,
        )

    def _fills_holds(self, copy: PastCopy) -> bool:
        """Say whether a copy fills holds by what it is: a damaged one where the rules let it."""
        if copy.status != DAMAGED:
            return copy.status == LENDABLE
        home = self._code(copy.home)
        return bool(self.terms.of(HOLD_DAMAGED, copy=CopyFacts(copy.id, home, home, "")).value)

    def _is_fetched(self, copy: PastCopy) -> bool:
        """Say whether somebody can be sent for a copy: the library where it stands takes part."""
        run = self.state.copies[copy.id]
        if not self._fills_holds(copy) or run.where != Where.SHELF:
            return False
        here = self._code(run.at)
        return bool(self.terms.of(TAKES_PART, copy=CopyFacts(copy.id, here, here, "")).value)

    def _patience(self, copy_id: int) -> int:
        """Return for how many seconds a copy stands on a pull list before another is sought."""
        desk = self._code(self.state.copies[copy_id].at)
        return int(self.terms.of(RETARGET_HOURS, desk=desk).value) * 3600

    def _way(self, item: Any, hold: Any) -> int:
        """Return how far a copy travels to where a hold is collected, as `Targeting` counts it."""
        start = self.places[item.holding_library_id].desk
        end = self.places[hold.pickup_library_id].desk
        return 0 if start == end else self.steps(start, end, self.copies[item.id])

    def _code(self, place_id: int) -> str:
        return self.places[place_id].code


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
