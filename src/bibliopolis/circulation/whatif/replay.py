"""A period once more, under other rules: the same wishes, the same returns, other decisions.

What decides are the functions the engine decides by: whether a hold may be placed and captured
(`permits`), which copy is looked for (`assign`, `match`), and who gets the copy in the hand
(`in_order`, `waits_for_local`). What people did stays as it was where the case is the same, and
takes as long as it usually did where it is not; see `usual`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

from ..permits import Terms
from .deciding import Deciding
from .facts import PastHold, Period
from .queues import Queues
from .state import WAITING_FOR_NOBODY, CopyRun, HoldRun, Kind, Stage, State, Where
from .usual import Usual

Event = tuple[int, int, int, int, int]
LAST_EVENTS = 50
AGAIN = 3600
"""Seconds before somebody goes for a copy again that filled no hold when it was fetched."""


class Replay:
    """One run through a period; give it a state to go on where another stopped."""

    def __init__(self, period: Period, terms: Terms, state: State | None = None) -> None:
        self.period = period
        self.usual = Usual(period)
        self.desk = self.usual.desk
        self.holds = {one.id: one for one in period.holds}
        self.copies = {one.id: one for one in period.copies}
        self.queues = Queues()
        self.events = _events(period)
        self.state = state or State()
        self.deciding = Deciding(period, terms, self.state, self.queues)
        if state is None:
            self._begin()
        for hold_id, run in self.state.holds.items():
            if run.stage == Stage.QUEUED:
                self.queues.add(self.holds[hold_id])
            if run.stage not in WAITING_FOR_NOBODY:
                self.deciding.opened(self.holds[hold_id])

    @property
    def share(self) -> float:
        """Return how much of the period is done, as a share of one."""
        return self.state.next / len(self.events) if self.events else 1.0

    def run(self, stop: Callable[[], bool] = lambda: False) -> bool:
        """Go on until the end, or until told to stop between two events; say if it is done."""
        state = self.state
        while state.next < len(self.events) or state.heap:
            if stop():
                return False
            own = self.events[state.next] if state.next < len(self.events) else None
            if own is not None and (not state.heap or own <= state.heap[0]):
                state.next += 1
                event = own
            else:
                event = heapq.heappop(state.heap)
            if event[0] > self.period.until:
                state.heap.clear()
                state.next = len(self.events)
                break
            self._take(event)
        return True

    def _begin(self) -> None:
        """Set everything as it was when the period began."""
        state, since = self.state, self.period.since
        for copy in self.period.copies:
            where = Where.OUT if copy.out else Where.SHELF
            state.copies[copy.id] = CopyRun(Where.BOUND if copy.held else where, copy.at)
        for hold in self.period.holds:
            if hold.state == "new":
                continue
            run = state.holds[hold.id] = HoldRun(hold.state)
            if hold.state == Stage.QUEUED:
                self.queues.add(hold)
                continue
            run.copy = hold.copy
            if hold.copy not in state.copies:
                continue
            if hold.state == Stage.IN_TRANSIT:
                self._later(hold.ready or since + self.usual.shelf, Kind.ARRIVE, hold.id, hold.copy)
            else:
                run.ready = hold.ready
                self._wait_on_shelf(hold, hold.copy, max(since, hold.ready or since))
        for title in self.queues.titles():
            self._target(title, since)

    def _take(self, event: Event) -> None:
        now, kind, _number, one, other = event
        match Kind(kind):
            case Kind.PLACE:
                self._place(self.holds[one], now)
            case Kind.PAUSE | Kind.THAW:
                self._pause(self.holds[one], kind == Kind.PAUSE, now)
            case Kind.BACK | Kind.HOME:
                self._scan(one, other, now)
            case Kind.ARRIVE:
                self._arrive(self.holds[one], other, now)
            case Kind.COLLECT:
                self._collect(self.holds[one], other, now)
            case Kind.MISS:
                self._close(self.holds[one], Stage.NOT_COLLECTED)
                self._scan(other, self.desk[self.holds[one].pickup], now)
            case Kind.WALK:
                self._walk_in(one, other, now)
            case Kind.DIRECT:
                self._hand_out(self.holds[one], other, now)
            case Kind.PULL:
                self._pull(one, now)
            case Kind.END:
                self._end(self.holds[one], now)

    def _place(self, hold: PastHold, now: int) -> None:
        why = self.deciding.against(hold, now)
        self.deciding.placed(hold)
        run = self.state.holds[hold.id] = HoldRun(Stage.REFUSED if why else Stage.QUEUED, why=why)
        if run.stage == Stage.REFUSED:
            return
        self.deciding.opened(hold)
        self.queues.add(hold)
        self._target(hold.title, now)

    def _pause(self, hold: PastHold, paused: bool, now: int) -> None:
        run = self.state.holds.get(hold.id)
        if run is not None and run.stage == Stage.QUEUED:
            run.paused = paused
            self._target(hold.title, now)

    def _end(self, hold: PastHold, now: int) -> None:
        """Let a reader give up waiting as they did; one who has been served by then stays so."""
        run = self.state.holds.get(hold.id)
        if run is not None and run.stage == Stage.QUEUED:
            self._close(hold, Stage.ENDED)
            self._target(hold.title, now)

    def _pull(self, copy_id: int, now: int) -> None:
        run = self.state.copies[copy_id]
        if run.pull != now or run.where != Where.SHELF:
            return
        run.pull, run.rest = None, now + AGAIN
        if run.pull_for is not None and self.state.sought(run.pull_for) == copy_id:
            self._scan(copy_id, run.at, now)

    def _scan(self, copy_id: int, desk: int, now: int) -> None:
        """Take a copy in at a desk: it is for the best hold, or it goes home."""
        copy, run = self.copies[copy_id], self.state.copies[copy_id]
        run.where, run.at, run.pull = Where.SHELF, desk, None
        chosen = self.deciding.choose(copy, desk, now)
        if chosen is not None:
            self._bind(self.holds[chosen], copy_id, desk, now)
        elif copy.home != desk:
            self.state.going.home += 1
            self.state.going.steps += self.deciding.steps(desk, copy.home, copy)
            run.where = Where.AWAY
            self._note(copy_id, now, copy.home, desk)
            arrival = self.usual.home(copy_id, desk, copy.home, now)
            if arrival is not None:
                self._later(arrival, Kind.HOME, copy_id, copy.home)
        self._target(copy.title, now)

    def _bind(self, hold: PastHold, copy_id: int, desk: int, now: int) -> None:
        run, there = self.state.holds[hold.id], self.desk[hold.pickup]
        self.queues.discard(hold)
        self.state.targets.pop(hold.id, None)
        self.state.copies[copy_id].where = Where.BOUND
        run.copy = copy_id
        run.stage = Stage.IN_TRANSIT
        if there == desk:
            self._arrive(hold, copy_id, now)
            return
        self.state.going.for_holds += 1
        self.state.going.steps += self.deciding.steps(desk, there, self.copies[copy_id])
        self._note(copy_id, now, there, desk)
        self._later(self.usual.arrives(hold, copy_id, desk, now), Kind.ARRIVE, hold.id, copy_id)

    def _arrive(self, hold: PastHold, copy_id: int, now: int) -> None:
        run, copy = self.state.holds[hold.id], self.state.copies[copy_id]
        run.stage, run.ready, copy.at = Stage.READY, now, self.desk[hold.pickup]
        self._wait_on_shelf(hold, copy_id, now)

    def _wait_on_shelf(self, hold: PastHold, copy_id: int, now: int) -> None:
        when, collected = self.usual.taken(hold, now)
        self._later(when, Kind.COLLECT if collected else Kind.MISS, hold.id, copy_id)

    def _collect(self, hold: PastHold, copy_id: int, now: int) -> None:
        self._close(hold, Stage.FULFILLED)
        desk = self.desk[hold.pickup]
        self._lend(copy_id, desk, now)
        back_at = desk if hold.back_at is None else hold.back_at
        self._later(self.usual.returned(hold, now), Kind.BACK, copy_id, back_at)

    def _hand_out(self, hold: PastHold, copy_id: int, now: int) -> None:
        """Hand out a copy that stood on its shelf, as it was done, if it still stands there."""
        run, copy = self.state.holds.get(hold.id), self.state.copies.get(copy_id)
        if run is None or copy is None or run.stage != Stage.QUEUED or copy.where != Where.SHELF:
            return
        run.copy, run.ready = copy_id, now
        self.queues.discard(hold)
        self.state.targets.pop(hold.id, None)
        self._collect(hold, copy_id, now)
        self._target(hold.title, now)

    def _walk_in(self, copy_id: int, place: int, now: int) -> None:
        walk, run = self.period.walks[place], self.state.copies[copy_id]
        if run.where != Where.SHELF:
            return
        self._lend(copy_id, walk.desk, now)
        if walk.back is not None:
            self._later(walk.back, Kind.BACK, copy_id, walk.back_at)
        self._target(self.copies[copy_id].title, now)

    def _lend(self, copy_id: int, desk: int, now: int) -> None:
        run = self.state.copies[copy_id]
        run.where, run.at, run.pull = Where.OUT, desk, None
        self._note(copy_id, now, desk, None)

    def _close(self, hold: PastHold, stage: Stage) -> None:
        self.state.holds[hold.id].stage = stage
        self.queues.discard(hold)
        self.state.targets.pop(hold.id, None)
        self.deciding.closed(hold)

    def _target(self, title: int, now: int) -> None:
        """Choose anew what is looked for of a title, and send somebody for what is new."""
        for hold_id, copy_id in self.deciding.retarget(title, now).items():
            run = self.state.copies[copy_id]
            if run.pull is None or run.pull_for != hold_id:
                start, hold = max(now, run.rest), self.holds[hold_id]
                run.pull = self.usual.fetched(copy_id, run.at, start, hold)
                run.pull_for = hold_id
                self._later(run.pull, Kind.PULL, copy_id, 0)

    def _note(self, copy_id: int, now: int, place: int, left: int | None) -> None:
        events = self.state.copies[copy_id].events
        events.append((now, place, left))
        del events[:-LAST_EVENTS]

    def _later(self, when: int, kind: Kind, one: int, other: int) -> None:
        self.state.number += 1
        heapq.heappush(self.state.heap, (when, int(kind), self.state.number, one, other))


def _events(period: Period) -> list[Event]:
    """Return what happens of itself in the period, in its order."""
    first = {copy.id: copy for copy in period.copies}
    found: list[Event] = []

    def add(when: int | None, kind: Kind, one: int, other: int = 0) -> None:
        if when is not None and period.since <= when <= period.until:
            found.append((when, int(kind), 0, one, other))

    for hold in period.holds:
        if hold.state == "new":
            add(hold.placed, Kind.PLACE, hold.id)
        add(hold.ended, Kind.END, hold.id)
        if hold.direct and hold.copy in first:
            add(hold.collected, Kind.DIRECT, hold.id, hold.copy or 0)
    for place, walk in enumerate(period.walks):
        if walk.at < period.since:
            add(walk.back, Kind.BACK, walk.copy, walk.back_at)
        else:
            add(walk.at, Kind.WALK, walk.copy, place)
    for pause in period.pauses:
        add(pause.at, Kind.PAUSE if pause.paused else Kind.THAW, pause.hold)
    for trip in period.journeys:
        if trip.sent < period.since and not trip.held and trip.copy in first:
            add(trip.received, Kind.HOME, trip.copy, trip.end)
    return sorted(found)
