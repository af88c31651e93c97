"""Which libraries are closed for days, and who hears of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.availability import Availability, AvailabilityFacet, NothingInUse
from bibliopolis.catalogue.closed import DEFAULT, SETTING, ClosedLibraries
from bibliopolis.catalogue.models import ClosedLibrary
from bibliopolis.libraries import settings as declarations
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import ExceptionKind, HoursException
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.settings import DeclaredSetting, LibrarySettings

TODAY = date(2026, 11, 21)  # a Saturday
DECLARED = {
    one.name: one
    for one in (
        DeclaredSetting("opening_hours", "Hours", declarations.HOURS, "Mo-Su 10:00-20:00"),
        DeclaredSetting("time_zone", "Zone", declarations.ZONE, "Europe/Moscow"),
        DeclaredSetting("country", "Country", declarations.COUNTRY),
        DeclaredSetting(SETTING, "Days", declarations.number_between(0, 60), DEFAULT),
    )
}


@pytest.fixture
def closed(db, clock):
    libraries = Libraries(db, clock)
    settings = LibrarySettings(libraries, DECLARED)
    calendars = Calendars(db, clock, libraries, settings)
    return ClosedLibraries(db, libraries, settings, calendars, Availability(db, NothingInUse()))


def close(db, library, first, last, kind=ExceptionKind.CLOSED):
    """Close a library from a day to another, counted from today."""
    ends = None if last is None else TODAY + timedelta(days=last)
    starts = TODAY + timedelta(days=first)
    db.add(HoursException(library_id=library.id, kind=kind, first=starts, last=ends, reason={}))
    db.flush()


def kept(db):
    return set(db.scalars(select(ClosedLibrary.library_id)))


@pytest.mark.parametrize(
    ("first", "last", "is_closed"),
    [
        (0, 0, False),
        (0, 2, False),
        (0, 3, True),
        (-30, 3, True),
        (-30, 2, False),
        (-30, -1, False),
        (1, 30, False),
        (0, None, True),
    ],
)
def test_a_closure_of_more_than_three_days_from_today_counts(
    db, closed, libraries, first, last, is_closed
):
    close(db, libraries["central"], first, last)

    closed.hours_changed()

    assert kept(db) == ({libraries["central"].id} if is_closed else set())


def test_each_library_says_how_many_days_do_not_count(db, closed, libraries):
    libraries["central"].settings = {SETTING: 0}
    libraries["harbour"].settings = {SETTING: 10}
    for library in libraries.values():
        close(db, library, 0, 5)

    closed.hours_changed()

    assert kept(db) == {libraries["central"].id}


def test_days_begin_and_end_a_closure_without_anybody_doing_anything(db, closed, libraries, clock):
    close(db, libraries["central"], 1, 10)
    seen = []
    for _day in range(12):
        closed.hours_changed()
        seen.append(bool(kept(db)))
        clock.advance(timedelta(days=1))

    # Closed from tomorrow; the last three days do not count any more.
    assert seen == [False, *[True] * 7, False, False, False, False]


def test_those_who_follow_the_availability_hear_of_it_once(db, closed, libraries):
    facet = AvailabilityFacet()
    before = facet.everything(db).sequence
    close(db, libraries["central"], 0, None)

    closed.hours_changed()
    told = facet.changes_since(db, before)
    closed.hours_changed()

    assert (told.changes, told.hidden) == ({}, frozenset({"central"}))
    assert told.sequence > before
    assert facet.everything(db).sequence == told.sequence
    assert facet.everything(db).hidden == {"central"}
