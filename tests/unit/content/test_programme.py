"""Days, weeks and months of a programme, and which events touch them."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.clock import FixedClock
from bibliopolis.content.programme import (
    MOST_DAYS,
    Dated,
    Span,
    counts,
    day_by_day,
    month_of,
    week_of,
)

MOSCOW = FixedClock(datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
DAYS = st.dates(date(1901, 1, 1), date(2198, 1, 1))


def at(day, hour, zone=MOSCOW.zone):
    return datetime(2026, 11, day, hour, tzinfo=zone).astimezone(UTC)


def listed(events, first, last):
    span = Span(date(2026, 11, first), date(2026, 11, last))
    return [(day.day, event.id) for day, event in day_by_day(events, span, MOSCOW)]


@given(DAYS, DAYS)
def test_any_two_days_make_a_span_that_is_not_too_long(one, other):
    span = Span.between(one, other)

    assert span.first == min(one, other)
    assert 1 <= span.days <= MOST_DAYS


@given(DAYS, st.integers(1, MOST_DAYS))
def test_the_span_after_begins_where_this_one_ends(first, days):
    span = Span(first, first + timedelta(days=days - 1))

    following = span.moved(1)

    assert following.first == span.last + timedelta(days=1)
    if not span.is_month:
        assert following.days == span.days
        assert following.moved(-1) == span or following.is_month


@given(DAYS)
def test_a_week_begins_on_monday_and_a_month_on_its_first(day):
    week, month = week_of(day), month_of(day)

    assert week.first.weekday() == 0
    assert week.first <= day <= week.last
    assert week.days == 7
    assert month.is_month
    assert month.first <= day <= month.last
    assert month.moved(1).moved(-1) == month


@given(DAYS)
def test_a_day_is_as_long_as_the_city_says(day):
    begins, over = Span(day, day).bounds(MOSCOW)

    assert begins < over
    assert MOSCOW.local(begins).date() == day
    assert MOSCOW.local(over - timedelta(microseconds=1)).date() == day


def test_an_event_stands_on_every_day_it_touches():
    exhibition = Dated(1, at(20, 10), at(23, 18))
    talk = Dated(2, at(22, 19), at(22, 20))

    assert listed([talk, exhibition], 21, 24) == [(21, 1), (22, 1), (22, 2), (23, 1)]


def test_an_event_that_ends_at_midnight_does_not_touch_the_next_day():
    assert listed([Dated(1, at(20, 22), at(21, 0))], 19, 25) == [(20, 1)]


def test_a_day_is_that_of_the_city():
    late_in_utc = datetime(2026, 11, 20, 22, 30, tzinfo=UTC)

    assert listed([Dated(1, late_in_utc, None)], 20, 22) == [(21, 1)]


def test_an_end_before_the_start_is_no_end():
    assert listed([Dated(1, at(20, 12), at(19, 12))], 18, 22) == [(20, 1)]


def test_counts_say_what_a_further_choice_would_leave():
    events = [
        Dated(1, at(20, 12), None, {"lib": ("1",), "for": ("children", "families")}),
        Dated(2, at(20, 12), None, {"lib": ("2",), "for": ("children",)}),
        Dated(3, at(20, 12), None, {"lib": ("2",)}),
    ]

    found = counts(events, {"lib": ("2",), "for": ("children",)})

    assert found["lib"] == {"1": 1, "2": 1}
    assert found["for"] == {"children": 1}
