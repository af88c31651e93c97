"""When organisations are open: weekly hours, exceptions, clocks that are changed, working days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from bibliopolis.errors import InvalidInput, NotFoundHere
from bibliopolis.libraries.calendars import NeverOpen
from bibliopolis.libraries.models import ExceptionKind, HoursException

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = "Mo-Fr 10:00-20:00; Sa 11:00-18:00; Su off"
MONDAY = date(2026, 11, 23)
SUNDAY = date(2026, 11, 29)
CLOSED, OTHER_HOURS = ExceptionKind.CLOSED, ExceptionKind.OTHER_HOURS


@pytest.fixture
def library(tree):
    tree.library.settings = {"opening_hours": WEEK}
    return tree.library


@pytest.fixture
def calendars(services):
    return services.calendars


def at(day, hour, minute=0, zone=MOSCOW):
    return datetime.combine(day, time(hour, minute), tzinfo=zone)


def clocks(day):
    """Return the hours of a day as the clocks of the place show them."""
    return [(f"{one.opens_at:%H:%M}", f"{one.closes_at:%H:%M}") for one in day.spans]


def test_a_library_is_open_within_its_hours_and_not_at_their_end(calendars, library):
    assert not calendars.is_open(library, at(MONDAY, 9, 59))
    assert calendars.is_open(library, at(MONDAY, 10))
    assert not calendars.is_open(library, at(MONDAY, 20))


def test_one_is_told_until_when_it_is_open_and_when_it_opens_next(calendars, library):
    assert calendars.closing(library, at(MONDAY, 12)) == at(MONDAY, 20)
    assert calendars.next_opening(library, at(MONDAY, 12)) == at(date(2026, 11, 24), 10)
    assert calendars.next_opening(library, at(SUNDAY, 12)) == at(date(2026, 11, 30), 10)


def test_a_locker_has_the_hours_of_its_library_unless_it_has_its_own(calendars, tree, library):
    assert clocks(calendars.hours(tree.locker, MONDAY)) == [("10:00", "20:00")]

    tree.locker.settings = {"opening_hours": "24/7"}

    assert clocks(calendars.hours(tree.locker, SUNDAY)) == [("00:00", "00:00")]
    assert calendars.next_opening(tree.locker, at(MONDAY, 12)) is None


def test_a_night_is_one_opening(calendars, library):
    library.settings = {"opening_hours": "Fr 18:00-02:00"}
    friday, saturday = date(2026, 11, 27), date(2026, 11, 28)

    assert clocks(calendars.hours(library, friday)) == [("18:00", "00:00")]
    assert calendars.closing(library, at(friday, 23)) == at(saturday, 2)
    assert calendars.closing(library, at(saturday, 1)) == at(saturday, 2)


def test_public_holidays_are_those_of_the_country(calendars, tree, library):
    library.settings = {"opening_hours": "Mo-Su 10:00-20:00; PH off"}
    unity_day = date(2026, 11, 4)

    assert clocks(calendars.hours(library, unity_day)) == [("10:00", "20:00")]

    tree.network.settings = {"country": "RU"}

    assert clocks(calendars.hours(library, unity_day)) == []


def test_hours_are_by_the_clocks_of_the_place(calendars, tree, library):
    tree.system.settings = {"time_zone": "Asia/Yekaterinburg"}

    assert calendars.is_open(library, at(MONDAY, 8, zone=MOSCOW))
    assert not calendars.is_open(library, at(MONDAY, 18, zone=MOSCOW))
    assert clocks(calendars.hours(library, MONDAY)) == [("10:00", "20:00")]


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 5), (date(2026, 10, 25), 7), (date(2026, 10, 26), 6)]
)
def test_a_night_in_which_the_clocks_change_is_shorter_or_longer(calendars, library, day, hours):
    library.settings = {"opening_hours": "Mo-Su 00:00-06:00", "time_zone": "Europe/Berlin"}
    (span,) = calendars.hours(library, day).spans

    assert span.closes - span.opens == timedelta(hours=hours)


def test_hours_that_the_clocks_skip_are_not_offered(calendars, library):
    library.settings = {"opening_hours": "Mo-Su 02:00-03:00", "time_zone": "Europe/Berlin"}

    assert calendars.hours(library, date(2026, 3, 29)).spans == ()


def test_a_closure_has_a_reason_and_ends(services, calendars, library):
    services.closures.add(
        library, CLOSED, MONDAY, MONDAY + timedelta(days=1), reason={"en": "Repairs", "ru": ""}
    )

    day = calendars.hours(library, MONDAY)

    assert (day.spans, [one.reason_in("ru") for one in day.exceptions]) == ((), ["Repairs"])
    assert calendars.next_opening(library, at(MONDAY, 12)) == at(date(2026, 11, 25), 10)


def test_part_of_a_day_can_be_closed(services, calendars, library):
    services.closures.add(library, CLOSED, MONDAY, MONDAY, starts=time(13), ends=time(15))

    assert clocks(calendars.hours(library, MONDAY)) == [("10:00", "13:00"), ("15:00", "20:00")]


def test_part_of_a_day_can_be_closed_until_its_end(services, calendars, library):
    services.closures.add(library, CLOSED, MONDAY, MONDAY, starts=time(16), ends=time())

    assert clocks(calendars.hours(library, MONDAY)) == [("10:00", "16:00")]


def test_other_hours_replace_the_usual_ones(services, calendars, library):
    services.closures.add(library, OTHER_HOURS, SUNDAY, SUNDAY, starts=time(12), ends=time())

    assert clocks(calendars.hours(library, SUNDAY)) == [("12:00", "00:00")]


def test_a_closure_above_holds_below_only_if_it_says_so(services, calendars, tree, library):
    services.closures.add(tree.system, CLOSED, MONDAY, MONDAY)
    assert calendars.is_open(library, at(MONDAY, 12))

    services.closures.add(tree.system, CLOSED, MONDAY, MONDAY, with_below=True)
    assert not calendars.is_open(library, at(MONDAY, 12))
    assert not calendars.is_open(tree.locker, at(MONDAY, 12))


def test_the_nearer_organisation_has_the_last_word(services, calendars, tree, library):
    services.closures.add(library, OTHER_HOURS, MONDAY, MONDAY, starts=time(12), ends=time(16))
    services.closures.add(tree.network, CLOSED, MONDAY, MONDAY, with_below=True)

    assert clocks(calendars.hours(library, MONDAY)) == [("12:00", "16:00")]


def test_a_removed_closure_is_forgotten(services, calendars, tree, library):
    closure = services.closures.add(library, CLOSED, MONDAY, MONDAY)

    with pytest.raises(NotFoundHere):
        services.closures.remove(tree.other, closure.id)
    services.closures.remove(library, closure.id)

    assert calendars.is_open(library, at(MONDAY, 12))


def test_what_is_closed_for_good_never_opens_again(services, calendars, library):
    services.closures.add(library, CLOSED, MONDAY, None)

    assert calendars.next_opening(library, at(MONDAY, 12)) is None
    with pytest.raises(NeverOpen):
        calendars.add_working_days(library, at(MONDAY, 12), 1)


def test_a_closure_of_today_says_when_the_place_opens_again(
    services, calendars, tree, library, clock
):
    clock.instant = at(MONDAY, 12)
    services.closures.add(tree.system, CLOSED, MONDAY, MONDAY + timedelta(days=4), with_below=True)
    ids = [library.id, tree.other.id]

    # Closed until Friday, on Saturday it is open.
    assert calendars.closed_today(ids) == {library.id: MONDAY + timedelta(days=5)}


def test_a_closure_without_usual_hours_is_over_on_the_day_after(services, calendars, tree, clock):
    clock.instant = at(MONDAY, 12)
    services.closures.add(tree.other, CLOSED, MONDAY, MONDAY + timedelta(days=1))

    assert calendars.closed_today([tree.other.id]) == {tree.other.id: MONDAY + timedelta(days=2)}


def test_neither_a_day_off_nor_a_part_of_a_day_is_a_closure(services, calendars, library, clock):
    services.closures.add(library, CLOSED, MONDAY, MONDAY, starts=time(10), ends=time(12))
    for day in (SUNDAY, MONDAY):
        clock.instant = at(day, 11)
        assert calendars.closed_today([library.id]) == {}


def test_what_is_closed_until_further_notice_names_no_day(services, calendars, library, clock):
    clock.instant = at(MONDAY, 12)
    services.closures.add(library, CLOSED, MONDAY, None)

    assert calendars.closed_today([library.id]) == {library.id: None}


@pytest.mark.parametrize(
    ("last", "days", "stays_closed"),
    [
        (0, 0, True),  # on Tuesday it is open
        (0, 1, False),
        (3, 3, True),
        (3, 4, False),
        (5, 6, True),  # the day after the last one is a Sunday
        (5, 7, False),
        (None, 60, True),
    ],
)
def test_a_closure_counts_by_the_days_until_the_place_opens(
    services, calendars, library, clock, last, days, stays_closed
):
    clock.instant = at(MONDAY, 12)
    ends = None if last is None else MONDAY + timedelta(days=last)
    services.closures.add(library, CLOSED, MONDAY, ends)

    found = calendars.closed_for_days([library.id], lambda _library: days)

    assert found == (frozenset({library.id}) if stays_closed else frozenset())


@pytest.mark.parametrize(("days", "stays_closed"), [(2, True), (3, False)])
def test_without_usual_hours_the_day_after_a_closure_counts(
    services, calendars, tree, clock, days, stays_closed
):
    clock.instant = at(MONDAY, 12)
    services.closures.add(tree.other, CLOSED, MONDAY, MONDAY + timedelta(days=2))

    assert bool(calendars.closed_for_days([tree.other.id], lambda _: days)) is stays_closed


def test_a_closure_counts_by_the_clocks_of_the_place(services, calendars, library, clock):
    library.settings = {"opening_hours": "Mo-Su 10:00-20:00", "time_zone": "Asia/Vladivostok"}
    services.closures.add(library, CLOSED, MONDAY, MONDAY)

    clock.instant = at(MONDAY - timedelta(days=1), 18)  # there it is Monday already
    assert calendars.closed_today([library.id]) == {library.id: MONDAY + timedelta(days=1)}
    clock.instant = at(MONDAY, 18)  # there it is Tuesday
    assert calendars.closed_today([library.id]) == {}


def test_who_depends_on_the_hours_hears_of_each_closure(services, library):
    closure = services.closures.add(library, CLOSED, MONDAY, None)
    assert services.follower.told == 1

    services.closures.remove(library, closure.id)
    assert services.follower.told == 2


def test_hours_nobody_has_said_are_unknown_and_do_not_stop_deadlines(calendars, tree):
    assert not calendars.hours(tree.other, MONDAY).known
    assert not calendars.is_open(tree.other, at(MONDAY, 12))
    assert calendars.next_opening(tree.other, at(MONDAY, 12)) is None

    friday = date(2026, 11, 27)
    assert calendars.add_working_days(tree.other, at(friday, 12), 1) == at(date(2026, 12, 1), 0)


def test_working_days_are_those_it_is_open_the_day_itself_left_out(services, calendars, library):
    friday = date(2026, 11, 27)
    saturday, tuesday = friday + timedelta(days=1), friday + timedelta(days=4)
    services.closures.add(library, CLOSED, date(2026, 11, 30), date(2026, 11, 30))

    assert calendars.add_working_days(library, at(friday, 9), 1) == at(saturday, 18)
    assert calendars.add_working_days(library, at(friday, 9), 2) == at(tuesday, 20)


def test_past_days_keep_their_exceptions(services, calendars, library):
    services.closures.add(library, CLOSED, date(2026, 5, 4), date(2026, 5, 4))
    assert calendars.is_open(library, at(MONDAY, 12))

    assert not calendars.is_open(library, at(date(2026, 5, 4), 12))


def test_exceptions_ahead_leave_out_what_is_over(services, calendars, tree, library):
    services.closures.add(library, CLOSED, date(2026, 11, 1), date(2026, 11, 2))
    late = services.closures.add(tree.network, CLOSED, date(2027, 1, 1), None, with_below=True)
    soon = services.closures.add(library, CLOSED, MONDAY, MONDAY)

    assert calendars.exceptions_ahead(library, date(2026, 11, 22)) == [soon, late]


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"first": MONDAY, "last": MONDAY - timedelta(days=1)}, "last"),
        ({"first": date(9999, 1, 1), "last": None}, "first"),
        ({"first": MONDAY, "last": None, "starts": time(9)}, "ends"),
        ({"first": MONDAY, "last": None, "starts": time(9), "ends": time(9)}, "ends"),
        ({"first": MONDAY, "last": None, "kind": OTHER_HOURS}, "starts"),
    ],
)
def test_days_that_make_no_sense_are_refused(services, library, days, field):
    with pytest.raises(InvalidInput) as refusal:
        services.closures.add(library, **{"kind": CLOSED, **days})

    assert set(refusal.value.errors) == {field}


def test_a_city_is_read_with_two_queries(engine, services, tree, library, db):
    services.closures.add(tree.network, CLOSED, MONDAY, MONDAY, with_below=True)
    services.libraries.forget()
    services.calendars.forget()
    said = []
    event.listen(engine, "before_cursor_execute", lambda *_args: said.append(1))

    for organisation in services.libraries.tree.values():
        services.calendars.week(organisation, MONDAY)
        services.calendars.next_opening(organisation, at(MONDAY, 12))

    assert len(said) == 2


ZONES = st.sampled_from(["Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
WEEKS = st.sampled_from(
    [WEEK, "24/7", "Mo-Su 22:00-04:00", "Su 00:00-24:00", "We[1] 10:00-12:00", "Mo 10:00-10:30"]
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
EXCEPTIONS = st.lists(
    st.builds(
        dict,
        kind=st.sampled_from(ExceptionKind),
        first=st.dates(date(2026, 1, 1), date(2028, 1, 31)),
        days=st.none() | st.integers(0, 40),
        hours=st.tuples(st.integers(0, 11), st.integers(12, 23)),
        all_day=st.booleans(),
        whose=st.sampled_from(["network", "system", "library"]),
    ),
    max_size=4,
)


def keep(services, tree, zone, week, exceptions):
    """Let the library of the tree keep these hours and exceptions, and nothing from before."""
    tree.library.settings = {"opening_hours": week, "time_zone": zone}
    for one in exceptions:
        all_day = one["all_day"] and one["kind"] == CLOSED
        services.closures.add(
            getattr(tree, one["whose"]),
            one["kind"],
            one["first"],
            None if one["days"] is None else one["first"] + timedelta(days=one["days"]),
            starts=None if all_day else time(one["hours"][0]),
            ends=None if all_day else time(one["hours"][1]),
            with_below=True,
        )
    return services.calendars


@pytest.fixture
def every_time(services, tree, db):
    """Return a way to set the library up that forgets what an earlier example had."""

    def set_up(*arguments):
        db.query(HoursException).delete()
        services.calendars.forget()
        return keep(services, tree, *arguments)

    return set_up


many = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@many
@given(zone=ZONES, week=WEEKS, exceptions=EXCEPTIONS, moment=MOMENTS)
def test_what_is_open_closes_and_what_opens_was_closed(
    every_time, tree, zone, week, exceptions, moment
):
    calendars, library = every_time(zone, week, exceptions), tree.library
    closing = calendars.closing(library, moment)
    opening = calendars.next_opening(library, moment)

    assert calendars.is_open(library, moment) == (closing is not None)
    if closing is not None:
        assert closing > moment
        assert calendars.is_open(library, closing - timedelta(microseconds=1))
    if opening is not None:
        assert opening >= (closing or moment)
        assert calendars.is_open(library, opening)
        assert opening == moment or not calendars.is_open(
            library, opening - timedelta(microseconds=1)
        )


@many
@given(zone=ZONES, week=WEEKS, exceptions=EXCEPTIONS, moment=MOMENTS)
def test_a_day_tells_what_its_moments_tell(every_time, tree, zone, week, exceptions, moment):
    calendars, library = every_time(zone, week, exceptions), tree.library
    day = calendars.hours(library, moment.astimezone(ZoneInfo(zone)).date())

    told = any(span.opens <= moment < span.closes for span in day.spans)

    assert calendars.is_open(library, moment) == told


@many
@given(
    zone=ZONES,
    week=WEEKS,
    exceptions=EXCEPTIONS,
    moment=MOMENTS,
    days=st.integers(1, 15),
    more=st.integers(1, 15),
)
def test_deadlines_end_on_days_it_is_open_and_add_up(
    every_time, tree, zone, week, exceptions, moment, days, more
):
    calendars, library = every_time(zone, week, exceptions), tree.library
    try:
        whole = calendars.add_working_days(library, moment, days + more)
    except NeverOpen:
        return
    part = calendars.add_working_days(library, moment, days)
    last = part - timedelta(microseconds=1)

    assert moment < part < whole
    assert calendars.is_open(library, last)
    assert calendars.add_working_days(library, last, more) == whole
