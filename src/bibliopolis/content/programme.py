"""What is on, by date: the events that touch some days, with counts of what they can be chosen by.

An event stands on every day it touches. Days are those of the city; an event that ends at midnight
does not touch the day that begins then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from bibliopolis.clock import Clock

MOST_DAYS = 62

LIBRARY, AUDIENCE, SPOKEN = "lib", "for", "in"
FACETS: Mapping[str, str] = {LIBRARY: "library", AUDIENCE: "audience", SPOKEN: "held_in"}
"""What events are chosen by, and the field of the declaration that holds it."""


@dataclass(frozen=True)
class Span:
    """Some days, the first and the last included."""

    first: date
    last: date

    @classmethod
    def between(cls, one: date, other: date) -> Span:
        """Return the days between two, whichever comes first, but not too many."""
        first, last = min(one, other), max(one, other)
        return cls(first, min(last, first + timedelta(days=MOST_DAYS - 1)))

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    @property
    def is_month(self) -> bool:
        """Say whether it is one month from its first day to its last."""
        following = self.last + timedelta(days=1)
        return self.first.day == 1 and following.day == 1 and self.days <= 31

    def moved(self, steps: int) -> Span:
        """Return as many days before or after it; for a month, another month."""
        if not self.is_month:
            step = timedelta(days=self.days * steps)
            return Span(self.first + step, self.last + step)
        return month_of(self.first - timedelta(days=1) if steps < 0 else self.last + timedelta(1))

    def bounds(self, clock: Clock) -> tuple[datetime, datetime]:
        """Return when it begins and when it is over, in UTC."""
        begins = datetime.combine(self.first, time(), clock.zone)
        over = datetime.combine(self.last + timedelta(days=1), time(), clock.zone)
        return begins.astimezone(UTC), over.astimezone(UTC)


def week_of(day: date) -> Span:
    """Return the week of a day, from Monday on."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=6))


def month_of(day: date) -> Span:
    """Return the month of a day."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Span(first, following - timedelta(days=1))


@dataclass(frozen=True)
class Dated:
    """An event as far as a list by date must know it."""

    id: int
    starts: datetime
    ends: datetime | None
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def days(self, clock: Clock) -> Span:
        """Return the days it touches."""
        first = clock.local(self.starts).date()
        if self.ends is None or self.ends <= self.starts:
            return Span(first, first)
        return Span(first, clock.local(self.ends - timedelta(microseconds=1)).date())

    def fits(self, chosen: Mapping[str, Sequence[str]], but: str = "") -> bool:
        """Say whether it is among what was chosen, one facet perhaps not looked at."""
        return all(
            not values or name == but or not set(values).isdisjoint(self.facets.get(name, ()))
            for name, values in chosen.items()
        )


def counts(events: Sequence[Dated], chosen: Mapping[str, Sequence[str]]) -> dict[str, Counter[str]]:
    """Return how many events each further choice would leave, by facet."""
    return {
        name: Counter(
            value
            for event in events
            if event.fits(chosen, but=name)
            for value in event.facets.get(name, ())
        )
        for name in FACETS
    }


def day_by_day(events: Sequence[Dated], span: Span, clock: Clock) -> Iterator[tuple[date, Dated]]:
    """Return each event on each day of the span that it touches; what goes on already is first."""
    found = []
    for event in events:
        touched = event.days(clock)
        first, last = max(touched.first, span.first), min(touched.last, span.last)
        for number in range((last - first).days + 1):
            found.append((first + timedelta(days=number), event))
    return iter(sorted(found, key=lambda one: (one[0], one[1].starts, one[1].id)))
