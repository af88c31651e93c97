"""Sources of harvests are declared; a slip stops the start with its line; times are the city's."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bibliopolis.errors import ConfigurationError
from bibliopolis.intake.harvest.declared import load_sources
from bibliopolis.intake.profiles import Profile, Wanted

MOSCOW = ZoneInfo("Europe/Moscow")
SOURCE = """\
sources:
  national-library:
    title: National library
    url: https://oai.example.org/request
    prefix: marc21
    library: central
"""
PROFILES = {
    "koha": Profile("koha", "Koha", (), Wanted()),
    "other": Profile("other", "Other", ("okhta",), Wanted()),
}


def sources(tmp_path, more="", text=SOURCE):
    folder = tmp_path / "policies"
    folder.mkdir(exist_ok=True)
    (folder / "harvests.yaml").write_text(text + more, "utf-8")
    return load_sources(tmp_path, PROFILES)


def source(tmp_path, more=""):
    return sources(tmp_path, more)["national-library"]


def test_a_source_is_read(tmp_path):
    one = source(tmp_path, "    set: 'books:new'\n    profile: koha\n")

    assert (one.url, one.prefix, one.set) == (
        "https://oai.example.org/request",
        "marc21",
        "books:new",
    )
    assert (one.library, one.profile, one.times) == ("central", "koha", ())
    assert (
        one.last_due(datetime.now(UTC), MOSCOW) is one.next_due(datetime.now(UTC), MOSCOW) is None
    )


def test_a_site_without_the_file_or_without_sources_harvests_nothing(tmp_path):
    assert load_sources(tmp_path, {}) == {}
    assert sources(tmp_path, text="sources: {}\n") == {}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("    at: [3:30]\n", "a time is written in quotes"),
        ("    at: ['25:00']\n", "a time is like '03:30', not “25:00”"),
        ("    days: [funday]\n", "unknown day “funday”"),
        ("    days: [monday]\n    whole: [sunday]\n", "unknown day of this source “sunday”"),
        ("    profile: kohe\n", "unknown profile “kohe”"),
        ("    profile: other\n", "is not for the library “central”"),
        ("    sett: x\n", "unknown key “sett”"),
        ("    set: 'a b'\n", "something like books:new is expected"),
    ],
)
def test_a_slip_stops_the_start_with_its_line(tmp_path, more, said):
    with pytest.raises(ConfigurationError, match=r"policies/harvests.yaml:\d+: ") as error:
        sources(tmp_path, more)

    assert said in str(error.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://oai.example.org/", "an address with http or https"),
        ("https:///request", "an address with http or https"),
        ("https://oai.example.org:99999/", "is no address"),
        ("https://name:word@oai.example.org/", "bibliopolis.harvest_netrc"),
        ("https://oai.example.org/?verb=Identify", "leave out what follows the “?”"),
        ("https://пример.рф/", "plain letters only"),
        ("'https://oai.example.org/ x'", "plain letters only"),
    ],
)
def test_an_address_that_cannot_be_asked_is_refused(tmp_path, url, said):
    text = SOURCE.replace("https://oai.example.org/request", url)

    with pytest.raises(ConfigurationError) as error:
        sources(tmp_path, text=text)

    assert said in str(error.value)


def test_dublin_core_is_refused_with_the_reason(tmp_path):
    with pytest.raises(ConfigurationError, match="neither copies nor volumes"):
        sources(tmp_path, text=SOURCE.replace("marc21", "oai_dc"))


@pytest.mark.parametrize(
    ("now", "last", "following"),
    [
        # Wednesday noon in Moscow.
        ((25, 9, 0), (25, 0, 30), (25, 18, 0)),
        # Wednesday a minute after one of the times.
        ((25, 0, 31), (25, 0, 30), (25, 18, 0)),
        # Friday: the next day is Monday.
        ((27, 9, 0), (25, 18, 0), (30, 0, 30)),
    ],
)
def test_times_are_those_of_the_city_on_the_days_that_are_named(tmp_path, now, last, following):
    one = source(tmp_path, "    at: ['03:30', '21:00']\n    days: [monday, wednesday]\n")
    moments = [datetime(2026, 11, *part, tzinfo=UTC) for part in (now, last, following)]

    assert one.last_due(moments[0], MOSCOW) == moments[1]
    assert one.next_due(moments[0], MOSCOW) == moments[2]


def test_everything_is_asked_for_on_the_days_that_are_named(tmp_path):
    one = source(tmp_path, "    at: ['00:30']\n    whole: [sunday]\n")

    # Sunday in Moscow is Saturday evening in UTC.
    assert one.is_whole(datetime(2026, 11, 28, 21, 30, tzinfo=UTC), MOSCOW)
    assert not one.is_whole(datetime(2026, 11, 29, 21, 30, tzinfo=UTC), MOSCOW)
