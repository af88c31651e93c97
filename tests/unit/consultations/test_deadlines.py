"""Until when an answer is promised: working days of the library, which stop while one waits."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from fixtures.asking import WEEK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bibliopolis.consultations.models import Enquiry
from bibliopolis.consultations.services import Deadlines
from bibliopolis.libraries import settings as declarations
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import ExceptionKind, HoursException
from bibliopolis.libraries.services import Libraries
from bibliopolis.libraries.settings import DeclaredSetting, LibrarySettings

MOSCOW = ZoneInfo("Europe/Moscow")
DECLARED = {
    one.name: one
    for one in (
        DeclaredSetting("opening_hours", "Opening hours", declarations.HOURS),
        DeclaredSetting("time_zone", "Time zone", declarations.ZONE, "Europe/Moscow"),
        DeclaredSetting("country", "Country", declarations.COUNTRY),
    )
}


def at(day, hour=12):
    return datetime(2026, 11, day, hour, tzinfo=MOSCOW)


@pytest.fixture
def libraries(db, clock):
    return Libraries(db, clock)


@pytest.fixture
def topic(libraries):
    library = libraries.add("fontanka", {"en": "Fontanka"}, settings={"opening_hours": WEEK})
    return SimpleNamespace(id=1, library_id=library.id, working_days=3)


@pytest.fixture
def calendars(db, clock, libraries):
    return Calendars(db, clock, libraries, LibrarySettings(libraries, DECLARED))


@pytest.fixture
def deadlines(clock, calendars, libraries, topic):
    return Deadlines(clock, calendars, libraries, SimpleNamespace(by_id=lambda _id: topic))


@pytest.fixture
def go_to(clock):
    def go_to(moment):
        clock.instant = moment.astimezone(UTC)

    return go_to


@pytest.fixture
def asked(deadlines, go_to, topic):
    """A question accepted on Monday the 23rd at noon."""
    go_to(at(23))
    return Enquiry(topic_id=topic.id, due=deadlines.promised(topic))


def test_three_working_days_after_monday_is_the_end_of_thursday(asked, deadlines):
    assert asked.due == at(26, 20)
    assert deadlines.days_left(asked) == 3


def test_sundays_and_closures_do_not_count(deadlines, db, clock, topic, go_to):
    db.add(
        HoursException(
            library_id=topic.library_id,
            kind=ExceptionKind.CLOSED,
            first=at(30).date(),
            last=at(30).date(),
            reason={},
        )
    )
    db.flush()
    go_to(at(27))  # a Friday; the library is closed on Monday the 30th

    due = deadlines.promised(topic)

    assert due == datetime(2026, 12, 2, 20, tzinfo=MOSCOW)


def test_a_day_comes_nearer_with_every_working_day(asked, deadlines, go_to):
    left = []
    for day in (23, 24, 25, 26):
        go_to(at(day))
        left.append(deadlines.days_left(asked))
    go_to(at(26, 21))
    left.append(deadlines.days_left(asked))
    go_to(at(30))
    left.append(deadlines.days_left(asked))

    assert left == [3, 2, 1, 0, -1, -3]


def test_while_the_asker_is_asked_no_day_counts(asked, deadlines, go_to):
    go_to(at(24))
    deadlines.pause(asked)
    go_to(at(30))
    assert deadlines.days_left(asked) == 2

    deadlines.go_on(asked)

    assert asked.due == datetime(2026, 12, 2, 20, tzinfo=MOSCOW)
    assert deadlines.days_left(asked) == 2


def test_a_reply_on_the_same_day_changes_nothing(asked, deadlines, go_to):
    before = asked.due
    go_to(at(24, 11))
    deadlines.pause(asked)
    go_to(at(24, 19))
    deadlines.go_on(asked)

    assert asked.due == before


def test_what_was_late_stays_late(asked, deadlines, go_to):
    before = asked.due
    go_to(at(27))
    deadlines.pause(asked)
    go_to(at(30))
    deadlines.go_on(asked)

    assert asked.due == before


def test_what_was_due_that_very_day_is_due_on_the_next_working_day(asked, deadlines, go_to):
    go_to(at(26))
    deadlines.pause(asked)
    go_to(at(28))
    deadlines.go_on(asked)

    assert asked.due == at(30, 20)


def test_where_no_working_day_is_in_sight_nothing_is_promised(deadlines, db, clock, topic):
    db.add(
        HoursException(
            library_id=topic.library_id,
            kind=ExceptionKind.CLOSED,
            first=clock.today() - timedelta(days=1),
            last=None,
            reason={},
        )
    )
    db.flush()

    assert deadlines.promised(topic) is None
    assert deadlines.days_left(Enquiry(topic_id=1, due=None)) is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.integers(0, 24 * 60), days=st.integers(1, 12))
def test_days_that_are_added_are_found_again(calendars, libraries, topic, hours, days):
    start = at(1, 0) + timedelta(hours=hours)
    library = libraries.get(topic.library_id)

    end = calendars.add_working_days(library, start, days)

    assert calendars.working_days_between(library, start, end) == days
