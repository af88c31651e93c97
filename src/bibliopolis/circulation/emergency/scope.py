"""Which places an emergency closing is about, and what the calendars say of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import ExceptionKind, HoursException, Library
from bibliopolis.libraries.services import Libraries

from . import shifting


class Scope:
    """The calendars with a closing and without it, at the place and all below it."""

    def __init__(
        self,
        libraries: Libraries,
        with_it: Calendars,
        without_it: Calendars,
        library: Library,
        days: tuple[date, date],
        with_below: bool,
    ) -> None:
        self.libraries = libraries
        self.with_it = with_it
        self.without_it = without_it
        self.library = library
        self.first, self.last = days
        self.with_below = with_below
        self._due: dict[tuple[int, date], date] = {}

    @classmethod
    def supposed(
        cls, libraries: Libraries, calendars: Calendars, wanted: Any, replaces: int | None = None
    ) -> Scope:
        """Return it for days that nobody has said yet; nothing is written.

        ``wanted`` has a library, first, last and with_below; it stands for the exception whose id
        is ``replaces``, if there is one.
        """
        closed = HoursException(
            library_id=wanted.library.id,
            kind=ExceptionKind.CLOSED,
            first=wanted.first,
            last=wanted.last,
            with_below=wanted.with_below,
            reason={},
            urgent=True,
        )
        return cls(
            libraries,
            calendars.supposing(closed, without=replaces),
            calendars.supposing(without=replaces),
            wanted.library,
            (wanted.first, wanted.last),
            wanted.with_below,
        )

    @property
    def places(self) -> Sequence[int]:
        """Return the ids of the organisations it is about."""
        if not self.with_below:
            return [self.library.id]
        tree = self.libraries.tree.values()
        return [one.id for one in tree if self.library in self.libraries.lineage(one)]

    def due(self, library_id: int, day: date) -> date:
        """Return when what was due at a library on a day is due now."""
        known = (library_id, day)
        if known not in self._due:
            self._due[known] = shifting.next_open(day, self._open(self.with_it, library_id))
        return self._due[known]

    def collect_by(self, place_id: int, last: date, need_by: date | None) -> date:
        """Return until when a copy waits that was laid ready before the place closed."""
        return shifting.last_day_to_collect(
            last,
            need_by,
            (self.first, self.last),
            self._open(self.without_it, place_id),
            self._open(self.with_it, place_id),
        )

    def next_open(self, place_id: int, day: date) -> date:
        """Return the day, or the next one on which a place is open."""
        return shifting.next_open(day, self._open(self.with_it, place_id))

    def _open(self, calendars: Calendars, place_id: int) -> shifting.IsOpen:
        place = self.libraries.tree[place_id]

        def is_open(day: date) -> bool:
            hours = calendars.hours(place, day)
            return bool(hours.spans) or not hours.known

        return is_open
