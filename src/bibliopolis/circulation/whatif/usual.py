"""What things usually took in a period: for what the replay does and nobody did in reality."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from statistics import median

from .facts import PastHold, Period

DAY = 24 * 3600
PULL, TRAVEL, SHELF, LOAN = DAY, DAY, 2 * DAY, 21 * DAY
"""Where nothing of the kind happened in the period."""
SOON = 7 * DAY
"""A copy that was really fetched within so long is fetched at that very time."""
TOGETHER = 2
"""Seconds within which two notes tell of one scan."""


class Usual:
    """Answers from what really happened: the very case, else the median, else a constant."""

    def __init__(self, period: Period) -> None:
        self.desk = {place.id: place.desk for place in period.places}
        self._pulls: dict[int, list[int]] = defaultdict(list)
        for pull in sorted(period.pulls, key=lambda one: one.at):
            self._pulls[pull.copy].append(pull.at)
        self._vain: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for one in sorted(period.vain, key=lambda one: one.since):
            # What is still looked for was not fetched before the period was over.
            ended = period.until + TOGETHER if one.ended is None else one.ended
            self._vain[one.copy].append((one.since, ended))
        self._home: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
        ways: dict[tuple[int, int], list[int]] = defaultdict(list)
        for trip in sorted(period.journeys, key=lambda one: one.sent):
            if not trip.held:
                self._home[trip.copy].append((trip.sent, trip.received))
            if trip.received is not None:
                ways[trip.start, self.desk.get(trip.end, trip.end)].append(
                    trip.received - trip.sent
                )
        self._ways = {way: int(median(times)) for way, times in ways.items()}
        self._way = _median((time for times in ways.values() for time in times), TRAVEL)
        holds = period.holds
        delays: dict[int, list[int]] = defaultdict(list)
        returned = {(one.copy, one.back) for one in period.walks}
        returned |= {(one.copy or 0, one.back) for one in holds}
        for hold in holds:
            if (
                hold.captured is not None
                and hold.captured_at is not None
                # What has just been returned was fetched from no shelf.
                and (hold.copy, hold.captured) not in returned
            ):
                delays[hold.captured_at].append(hold.captured - max(hold.placed, period.since))
        self._delays = {desk: int(median(times)) for desk, times in delays.items()}
        self._delay = min(
            _median((time for times in delays.values() for time in times), PULL), SOON
        )
        self.shelf = _median(
            (one.collected - one.ready for one in holds if one.collected and one.ready), SHELF
        )
        self.loan = _median(
            (one.back - one.collected for one in holds if one.back and one.collected), LOAN
        )

    def fetched(self, copy: int, desk: int, now: int, hold: PastHold) -> int:
        """Return when somebody takes a copy from its shelf that is looked for from now on.

        If that was done soon in reality, at that very time; never while it was looked for in vain,
        nor before its hold got another copy, or ended, without anybody having come for this one.
        """
        taken = self._taken(copy, now)
        if taken is not None:
            return taken
        soonest = now
        for since, ended in self._vain.get(copy, ()):
            if since <= soonest < ended:
                soonest = ended
        for over in (hold.captured if hold.copy != copy else None, hold.ended):
            if over is not None and now <= over <= now + SOON:
                soonest = max(soonest, over + 1)
        if soonest > now:
            return self._taken(copy, soonest) or soonest
        return now + min(self._delays.get(desk, self._delay), SOON)

    def _taken(self, copy: int, now: int) -> int | None:
        times = self._pulls.get(copy, [])
        place = bisect_left(times, now)
        soon = place < len(times) and times[place] - now <= SOON
        return times[place] if soon else None

    def arrives(self, hold: PastHold, copy: int, start: int, now: int) -> int:
        """Return when a copy sent to where a hold is collected gets there."""
        if hold.copy == copy and hold.captured_at == start and hold.captured:
            # What had not arrived when the period was over does not here, either.
            return now + (hold.ready - hold.captured if hold.ready else SOON * 52)
        return now + self._travel(start, self.desk[hold.pickup])

    def home(self, copy: int, start: int, end: int, now: int) -> int | None:
        """Return when a copy that is sent home gets there; None where it never did."""
        for sent, received in self._home.get(copy, ()):
            if abs(sent - now) <= TOGETHER:
                return received
        return now + self._travel(start, end)

    def taken(self, hold: PastHold, now: int) -> tuple[int, bool]:
        """Return when a copy that waits from now on leaves the hold shelf, and if to its reader."""
        if hold.missed is not None and hold.ready is None:
            return now, False  # cancelled on its way: nobody comes for it
        if hold.ready is not None and hold.missed is not None:
            return now + hold.missed - hold.ready, False
        if hold.ready is not None and hold.collected is not None:
            return now + hold.collected - hold.ready, True
        if hold.ready is not None:
            return now + SOON * 52, True  # it still waited when the period was over
        return now + self.shelf, True

    def returned(self, hold: PastHold, now: int) -> int:
        """Return when a copy lent to the reader of a hold comes back."""
        if hold.collected is None:
            return now + self.loan
        return now + hold.back - hold.collected if hold.back is not None else now + SOON * 52

    def _travel(self, start: int, end: int) -> int:
        return self._ways.get((start, end), self._way)


def _median(times: Iterable[int], otherwise: int) -> int:
    found = list(times)
    return int(median(found)) if found else otherwise
