from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bibliopolis.formats import Formats

MOSCOW = ZoneInfo("Europe/Moscow")
LATE = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "weekday"),
    [
        ("ru", "22 ноября 2026", "воскресенье, 22 ноября"),
        ("en", "22 November 2026", "Sunday 22 November"),
        ("ar", "22 نوفمبر 2026", "الأحد 22 نوفمبر"),
    ],
)
def test_days_are_those_of_the_city(language, day, weekday):
    formats = Formats(language, MOSCOW)

    assert formats.date(LATE) == day
    assert formats.date(LATE, "weekday_day") == weekday
    assert formats.time(LATE) == "00:30"


def test_nothing_is_written_as_nothing():
    formats = Formats("ru", MOSCOW)

    assert formats.date(None) == formats.time(None) == formats.number(None) == ""


@pytest.mark.parametrize("style", ["long", "medium", "short", "day", "weekday", "month", "year"])
def test_every_style_of_date_works(style):
    assert Formats("ru", MOSCOW).date(date(2026, 5, 1), style)


@pytest.mark.parametrize(
    ("tag", "name"), [("ru", "русский"), ("rus", "русский"), ("ger", "немецкий"), ("zzz", "zzz")]
)
def test_languages_have_names_by_tag_and_by_marc_code(tag, name):
    assert Formats("ru", MOSCOW).language_name(tag) == name


def test_parts_stand_one_after_another_with_the_comma_of_the_language():
    noon = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    assert Formats("ru", MOSCOW).datetime(noon) == "21 ноября 2026, 12:00"
    assert "، 12:00" in Formats("ar", MOSCOW).datetime(noon)
    assert Formats("ar", MOSCOW).listed(["ا", "ب"]) == "ا، ب"


def test_machines_read_days_and_moments_to_the_second():
    moment = datetime(2026, 11, 21, 9, 0, 7, 941949, tzinfo=UTC)

    assert Formats.machine(moment) == "2026-11-21T09:00:07+00:00"
    assert Formats.machine(moment.date()) == "2026-11-21"
