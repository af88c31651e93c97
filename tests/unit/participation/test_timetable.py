"""Letters about saved searches come in the morning, daily or on Mondays."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bibliopolis.participation.models import Frequency
from bibliopolis.participation.timetable import next_look

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("frequency", "now", "due"),
    [
        (Frequency.DAILY, "2026-11-21 06:59", "2026-11-21 07:00"),
        (Frequency.DAILY, "2026-11-21 07:00", "2026-11-22 07:00"),
        (Frequency.DAILY, "2026-12-31 23:00", "2027-01-01 07:00"),
        (Frequency.WEEKLY, "2026-11-21 12:00", "2026-11-23 07:00"),
        (Frequency.WEEKLY, "2026-11-23 06:00", "2026-11-23 07:00"),
        (Frequency.WEEKLY, "2026-11-23 07:00", "2026-11-30 07:00"),
    ],
)
def test_the_next_morning_is_found(frequency, now, due):
    found = next_look(frequency, datetime.fromisoformat(now).replace(tzinfo=MOSCOW))

    assert found == datetime.fromisoformat(due).replace(tzinfo=MOSCOW)


def test_without_letters_nothing_is_due():
    assert next_look(Frequency.NEVER, datetime(2026, 11, 21, tzinfo=MOSCOW)) is None


def test_seven_in_the_morning_stays_seven_when_clocks_change():
    found = next_look(Frequency.DAILY, datetime(2026, 10, 24, 12, tzinfo=BERLIN))

    assert found.isoformat() == "2026-10-25T07:00:00+01:00"
