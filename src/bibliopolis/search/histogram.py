"""Counts by year as bars that fit into one small picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_BARS = 31
WIDTHS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)
HEIGHT = 62
SHORTEST = 2
EARLIEST = 1400


@dataclass(frozen=True)
class Bar:
    """The years of one bar, how many hits they have, and where it is drawn."""

    first: int
    last: int
    count: int
    x: int
    y: int
    height: int
    chosen: bool


@dataclass(frozen=True)
class Histogram:
    """The bars, with the width of the picture."""

    bars: tuple[Bar, ...]
    width: int

    @property
    def first(self) -> int:
        """Return the first year."""
        return self.bars[0].first

    @property
    def last(self) -> int:
        """Return the last year."""
        return self.bars[-1].last

    @property
    def tallest(self) -> Bar:
        """Return the years with the most hits."""
        return max(self.bars, key=lambda bar: bar.count)


def make_histogram(
    counts: Iterable[tuple[str, int]],
    year_from: int | None,
    year_to: int | None,
    this_year: int,
) -> Histogram | None:
    """Return the histogram of a year facet, or nothing if there is too little to draw.

    Years before printing and after the next year are mistakes of a catalogue: they are counted
    in the outermost bars rather than stretching the picture.
    """
    years = [
        (min(max(int(year), EARLIEST), this_year + 1), count) for year, count in counts if count
    ]
    if len({year for year, _count in years}) < 3:
        return None
    first, last = min(years)[0], max(years)[0]
    width = next(one for one in WIDTHS if (last - first) // one < MOST_BARS)
    start = first - first % width
    totals = [0] * ((last - start) // width + 1)
    for year, count in years:
        totals[(year - start) // width] += count
    most = max(totals)
    low = -1 if year_from is None else year_from
    high = 10_000 if year_to is None else year_to
    bars = []
    for place, count in enumerate(totals):
        begins = start + place * width
        ends = begins + width - 1
        height = max(SHORTEST, round(count / most * HEIGHT)) if count else 0
        inside = ends >= low and begins <= high
        bars.append(Bar(begins, ends, count, place * 10 + 1, 68 - height, height, inside))
    return Histogram(tuple(bars), len(bars) * 10)
