"""When an organisation is open: its weekly hours, and the days on which they differ.

Exceptions are laid over the weekly hours from the top of the tree downwards: the nearer one has the
last word. At each organisation other hours come first, closures are cut out of them. Days and
hours are those of the place's own clocks; what is returned are instants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import BibliopolisError
from bibliopolis.i18n import _

from . import hours
from .models import ExceptionKind, HoursException, Library
from .services import Libraries
from .settings import LibrarySettings

HORIZON = 400
"""So many days are looked at for the next opening or working day: more than a year of repairs."""

UNKNOWN_HOURS = "Mo-Fr 00:00-24:00"
"""What counts as working days where nobody has said when the organisation is open."""

DAY = timedelta(days=1)


class NeverOpen(BibliopolisError):
    """There is no working day in sight."""


@dataclass(frozen=True)
class Span:
    """From when until when it is open, as instants; ``zone`` is that of the place."""

    opens: datetime
    closes: datetime
    zone: ZoneInfo

    @property
    def opens_at(self) -> time:
        """Return when it opens by the clocks of the place."""
        return self.opens.astimezone(self.zone).time()

    @property
    def closes_at(self) -> time:
        """Return when it closes by the clocks of the place; midnight is the end of the day."""
        return self.closes.astimezone(self.zone).time()


@dataclass(frozen=True)
class Day:
    """One day of a place: its hours, and why they are not the usual ones."""

    date: date
    spans: tuple[Span, ...]
    exceptions: tuple[HoursException, ...] = ()
    known: bool = True
    """False where nobody has said when the place is open."""


class Calendars:
    """Answer when organisations are open; one query for all exceptions of a request."""

    def __init__(
        self, db: Session, clock: Clock, libraries: Libraries, settings: LibrarySettings
    ) -> None:
        self.db = db
        self.clock = clock
        self.libraries = libraries
        self.settings = settings
        self._since: date | None = None
        self._exceptions: dict[int, list[HoursException]] = {}
        self._days: dict[tuple[Any, ...], Day] = {}
        self._supposed: tuple[HoursException, ...] = ()
        self._left_out: int | None = None

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Calendars:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            libraries=request.find_service(Libraries, context=None),
            settings=request.find_service(LibrarySettings, context=None),
        )

    def supposing(self, *more: HoursException, without: int | None = None) -> Calendars:
        """Return calendars as they would be with these exceptions, or without the one of this id.

        Nothing is written; the exceptions need not be rows.
        """
        other = Calendars(self.db, self.clock, self.libraries, self.settings)
        other._supposed, other._left_out = more, without
        return other

    def zone(self, library: Library) -> ZoneInfo:
        """Return the time zone of the place."""
        return ZoneInfo(self.settings.setting(library, "time_zone").value)

    def today(self, library: Library) -> date:
        """Return the present day at the place."""
        return self.clock.now().astimezone(self.zone(library)).date()

    def hours(self, library: Library, day: date) -> Day:
        """Return when the place is open on a day, and what is different that day."""
        text = self._weekly(library)
        return self._day(library, day, text or "", known=text is not None)

    def week(
        self, library: Library, first: date, days: int = 7, text: str | None = None
    ) -> Sequence[Day]:
        """Return some days one after another; ``text`` tries out other weekly hours."""
        dates = [first + n * DAY for n in range(days)]
        if text is not None:
            return [self._day(library, day, text) for day in dates]
        return [self.hours(library, day) for day in dates]

    def is_open(self, library: Library, moment: datetime) -> bool:
        """Say whether the place is open at an instant."""
        return self.closing(library, moment) is not None

    def closing(self, library: Library, moment: datetime) -> datetime | None:
        """Return until when the place is open, or None if it is closed; midnight is no closing."""
        closes = None
        for span in self._spans_from(library, moment):
            if closes is None and not span.opens <= moment < span.closes:
                return None
            if closes is not None and (span.opens != closes or closes - moment > 7 * DAY):
                return closes
            closes = span.closes
        return closes

    def next_opening(self, library: Library, moment: datetime) -> datetime | None:
        """Return when the place opens next after an instant; None if that is not in sight."""
        before = self.closing(library, moment)
        if before is not None and before - moment > 7 * DAY:
            return None
        for span in self._spans_from(library, before or moment):
            if span.opens >= (before or moment):
                return span.opens
        return None

    def add_working_days(self, library: Library, start: datetime, days: int) -> datetime:
        """Return when the place closes on the so-manieth day it is open after that of ``start``.

        Where nobody has said when it is open, Monday to Friday count, until midnight.
        """
        if days < 1:
            raise ValueError("at least one working day must be added")
        text = self._weekly(library) or UNKNOWN_HOURS
        day = start.astimezone(self.zone(library)).date()
        looked_at, last = 0, start
        while days and looked_at < HORIZON:
            day, looked_at = day + DAY, looked_at + 1
            spans = self._day(library, day, text).spans
            if spans:
                days, looked_at, last = days - 1, 0, spans[-1].closes
        if days:
            raise NeverOpen(_("There is no working day in the coming year."))
        return last

    def working_days_between(self, library: Library, start: datetime, end: datetime) -> int:
        """Return on how many days after that of ``start`` until that of ``end`` it is open.

        As with ``add_working_days``: what that adds is found again here, up to a year ahead.
        """
        zone = self.zone(library)
        text = self._weekly(library) or UNKNOWN_HOURS
        first = start.astimezone(zone).date() + DAY
        # A day that ends at midnight ends on the next one.
        last = (end - timedelta(microseconds=1)).astimezone(zone).date()
        length = min((last - first).days + 1, HORIZON)
        return sum(bool(self._day(library, first + n * DAY, text).spans) for n in range(length))

    def closed_today(self, library_ids: Iterable[int]) -> dict[int, date | None]:
        """Return which of these places are closed all of today though they are open as a rule.

        With each the day on which it opens again, None where that is not in sight. Weekly days off
        are not meant. One query where nothing is closed, as on most days.
        """
        return {
            library.id: self._reopening(library, day)
            for library, day in self._closed_today(library_ids)
        }

    def closed_for_days(
        self, library_ids: Iterable[int], days: Callable[[Library], int]
    ) -> frozenset[int]:
        """Return which of these places are closed today and do not open within so many days.

        ``days`` says for each place how many may pass. No query beside that of ``closed_today``.
        """
        return frozenset(
            library.id
            for library, day in self._closed_today(library_ids)
            if self._stays_closed(library, day, days(library))
        )

    def _closed_today(self, library_ids: Iterable[int]) -> Iterator[tuple[Library, date]]:
        """Yield places that are closed today though they are open as a rule, with their day."""
        today = self.clock.today()
        self._load(today - DAY)
        # In other time zones it is the day before or after.
        near = [today + n * DAY for n in (-1, 0, 1)]
        if not any(
            _closes(one, day)
            for found in self._exceptions.values()
            for one in found
            for day in near
        ):
            return
        for library_id in library_ids:
            library = self.libraries.tree[library_id]
            day = self.today(library)
            if any(_closes(one, day) for one in self._lineage_exceptions(library, day)) and not (
                self.hours(library, day).spans
            ):
                yield library, day

    def _stays_closed(self, library: Library, day: date, days: int) -> bool:
        if self._weekly(library) is None:
            opens = self._reopening(library, day)
            return opens is None or (opens - day).days > days
        return not any(self.hours(library, day + n * DAY).spans for n in range(1, days + 1))

    def _reopening(self, library: Library, day: date) -> date | None:
        if self._weekly(library) is not None:
            opens = self.next_opening(library, self.clock.now())
            return opens and opens.astimezone(self.zone(library)).date()
        # Nobody has said when it is open: the day after the closure must do.
        applied = self._lineage_exceptions(library, day)
        ends = [one.last for one in applied if _closes(one, day)]
        last = [end for end in ends if end is not None]
        return max(last) + DAY if len(last) == len(ends) else None

    def exceptions_ahead(self, library: Library, day: date) -> Sequence[HoursException]:
        """Return what will be different from a day on, the nearest first."""
        found = [one for one in self._lineage_exceptions(library, day) if not _over(one, day)]
        return sorted(found, key=lambda one: (one.first, one.id))

    def closed_urgently(self, library: Library, day: date) -> HoursException | None:
        """Return what keeps a place closed on a day though nobody foresaw it; None if nothing."""
        today = self.hours(library, day)
        urgent = [one for one in today.exceptions if one.urgent and one.whole_day]
        return urgent[-1] if urgent and not today.spans else None

    def _spans_from(self, library: Library, moment: datetime) -> Iterator[Span]:
        """Yield when the place is open, from the span in or after an instant on."""
        text = self._weekly(library)
        if text is None and not self._lineage_exceptions(library, moment.date()):
            return
        day = moment.astimezone(self.zone(library)).date()
        for n in range(HORIZON):
            for span in self._day(library, day + n * DAY, text or "").spans:
                if span.closes > moment:
                    yield span

    def _weekly(self, library: Library) -> str | None:
        text: str | None = self.settings.setting(library, "opening_hours").value
        return text

    def _day(self, library: Library, day: date, text: str, *, known: bool = True) -> Day:
        """Return a day; whether a place is open and what comes next asks for the same ones."""
        self._load(day)
        country = self.settings.setting(library, "country").value or ""
        zone = self.zone(library)
        key = (library.id, day, text, known, country, zone.key)
        if key not in self._days:
            spans = hours.spans(hours.parse(text, country), day) if text else []
            applied = [one for one in self._lineage_exceptions(library, day) if _covers(one, day)]
            for exception in applied:
                spans = _laid_over(exception, day, spans)
            instants = (_span(opens, closes, zone) for opens, closes in spans)
            # Hours that the clocks skip in spring have no length.
            real = tuple(span for span in instants if span.opens < span.closes)
            self._days[key] = Day(day, real, tuple(applied), known or bool(applied))
        return self._days[key]

    def _lineage_exceptions(self, library: Library, day: date) -> list[HoursException]:
        """Return what may apply to a place from a day on, in the order it is laid over."""
        self._load(day)
        found: list[HoursException] = []
        for one in reversed(self.libraries.lineage(library)):
            own = self._exceptions.get(one.id, ())
            found.extend(e for e in own if one.id == library.id or e.with_below)
        return found

    def _load(self, day: date) -> None:
        """Read the exceptions that are not over by a day, unless they have been read."""
        since = min(day, self.clock.today() - 2 * DAY)
        if self._since is not None and self._since <= since:
            return
        self._since = since
        self._exceptions = {}
        self._days = {}
        rows = self.db.scalars(
            select(HoursException)
            .where(or_(HoursException.last.is_(None), HoursException.last >= since))
            .order_by(HoursException.id)
        )
        found = [*(row for row in rows if row.id != self._left_out), *self._supposed]
        for row in sorted(found, key=lambda one: one.kind == ExceptionKind.CLOSED):
            self._exceptions.setdefault(row.library_id, []).append(row)

    def forget(self) -> None:
        """Read the exceptions anew when they are next asked for: they have been changed."""
        self._since = None


def _covers(exception: HoursException, day: date) -> bool:
    return exception.first <= day and not _over(exception, day)


def _closes(exception: HoursException, day: date) -> bool:
    return exception.kind == ExceptionKind.CLOSED and _covers(exception, day)


def _over(exception: HoursException, day: date) -> bool:
    return exception.last is not None and exception.last < day


def _laid_over(
    exception: HoursException, day: date, spans: Iterable[hours.Naive]
) -> list[hours.Naive]:
    """Return the hours of a day after an exception has had its say."""
    midnight = datetime.combine(day, time())
    start = datetime.combine(day, exception.starts or time())
    end = datetime.combine(day, exception.ends or time())
    end = end if end > midnight else midnight + DAY
    if exception.kind == ExceptionKind.OTHER_HOURS:
        return [(start, end)]
    pieces = [((opens, min(closes, start)), (max(opens, end), closes)) for opens, closes in spans]
    return [piece for pair in pieces for piece in pair if piece[0] < piece[1]]


def _span(opens: datetime, closes: datetime, zone: ZoneInfo) -> Span:
    def instant(naive: datetime) -> datetime:
        return naive.replace(tzinfo=zone).astimezone(UTC)

    return Span(instant(opens), instant(closes), zone)
