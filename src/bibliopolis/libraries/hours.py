"""Weekly opening hours as the map of the world writes them: ``Mo-Fr 10:00-20:00; Su off``."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

import opening_hours
from opening_hours import OpeningHours, State

MAX_LENGTH = 500
KNOWN = 1000

# The stubs of the library do not tell of its errors.
_ParserError: type[Exception] = vars(opening_hours)["ParserError"]
_UnknownCountryError: type[Exception] = vars(opening_hours)["UnknownCountryError"]

Naive = tuple[datetime, datetime]
"""From and until, by the clocks of the place."""


class HoursError(ValueError):
    """The text is not in the syntax; ``column`` is where reading stopped, from 1."""

    def __init__(self, column: int) -> None:
        super().__init__(f"cannot be read from character {column}")
        self.column = column


@lru_cache(maxsize=KNOWN)
def parse(text: str, country: str = "") -> OpeningHours:
    """Return hours that can be asked; the country says which days are public holidays (``PH``)."""
    try:
        # The place is said by clocks and country alone: nothing is guessed from coordinates.
        return OpeningHours(text, country=country or None)
    except _ParserError as error:
        raise HoursError(_column(str(error))) from error


def is_country(code: str) -> bool:
    """Say whether the public holidays of a country are known."""
    try:
        OpeningHours("24/7", country=code)
    except _UnknownCountryError:
        return False
    return True


def spans(hours: OpeningHours, first: date, days: int = 1) -> list[Naive]:
    """Return when it is open within some days; hours past midnight are cut there."""
    start = datetime.combine(first, datetime.min.time())
    end = start + timedelta(days=days)
    return [
        (opens, closes)
        for opens, closes, state, _comment in hours.intervals(start, end)
        if state == State.OPEN
    ]


def _column(said: str) -> int:
    """Read the place from the parser's message, whose first line ends in ``line:column``."""
    place = said.splitlines()[0].rpartition(":")[2].strip()
    return int(place) if place.isdigit() else 1
