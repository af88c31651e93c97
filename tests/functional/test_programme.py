"""The programme of a section: by days, by what was chosen, what is over; by what everybody sees."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event

from bibliopolis.content.programme_page import LINES, PAGE
from bibliopolis.libraries.services import Libraries

TODAY = date(2026, 11, 21)


@pytest.fixture
def section(publish):
    return publish(publish.chief.tree.root(), "section", "on", title="Афиша")


@pytest.fixture
def libraries(db, clock):
    service = Libraries(db, clock)
    return [service.add(code, {"en": code.title()}) for code in ("fontanka", "harbour")]


@pytest.fixture
def announce(publish, section, clock):
    """Publish an event some days from today: ``announce("chess", 1, hour=19, hours=2)``."""

    def announce(slug, days, *, hour=12, hours=None, **shared):
        day = TODAY + timedelta(days=days)
        starts = datetime.combine(day, time(hour), clock.zone)
        if hours is not None:
            shared["ends"] = (starts + timedelta(hours=hours)).isoformat()
        shared["starts"] = starts.isoformat()
        return publish(section, "event", slug, shared=shared, title=slug.title())

    return announce


def days(page):
    """Return what stands below each day: its date and the lines."""
    return {
        heading.time["datetime"]: [
            (line.time.text, line.a.text) for line in heading.find_next("ul").find_all("li")
        ]
        for heading in page.html.find_all("h3", class_="programme-day")
    }


def posters(page):
    return [one.text for one in page.html.select(".poster-title a")]


def test_a_week_shows_each_day_with_what_is_on(announce, web):
    announce("chess", 0, hour=19)
    announce("talk", 2)
    announce("far", 30)

    page = web.get("/en/on", {"from": "2026-11-16", "to": "2026-11-22"})

    assert days(page) == {"2026-11-21": [("19:00", "Chess")]}
    later = page.click("Later")
    assert days(later) == {"2026-11-23": [("12:00", "Talk")]}
    assert days(later.click("Earlier")) == days(page)


def test_the_ways_to_the_days_need_no_script(announce, web):
    announce("chess", 0, hour=19)
    announce("talk", 9)
    page = web.get("/en/on")
    assert posters(page) == ["Chess", "Talk"]

    assert list(days(page.click("Today"))) == ["2026-11-21"]
    assert list(days(page.click("This month"))) == ["2026-11-21", "2026-11-30"]
    form = page.html.find("form", class_="more-box-body")
    assert {one["name"] for one in form.find_all("input", type="date")} == {"from", "to"}


def test_an_event_of_several_days_stands_on_each(announce, web):
    announce("fair", 1, hour=10, hours=8 + 48)

    page = web.get("/en/on", {"from": "2026-11-21", "to": "2026-11-30"})

    assert days(page) == {
        "2026-11-22": [("10:00", "Fair")],
        "2026-11-23": [("all day", "Fair")],
        "2026-11-24": [("until 18:00", "Fair")],
    }


def test_a_whole_day_is_on_until_midnight_of_the_city_and_not_a_day_longer(announce, clock, web):
    announce("feast", 0, hour=0, whole_day=True)
    clock.instant = datetime(2026, 11, 21, 20, 30, tzinfo=clock.zone)
    assert posters(web.get("/en/on")) == ["Feast"]
    assert days(web.get("/en/on", {"from": "2026-11-20", "to": "2026-11-23"})) == {
        "2026-11-21": [("all day", "Feast")]
    }

    clock.advance(timedelta(hours=4))

    assert posters(web.get("/en/on")) == []
    assert posters(web.get("/en/on", {"past": "1"})) == ["Feast"]


def test_events_are_chosen_by_library_audience_and_language(announce, libraries, web):
    here, there = libraries
    announce("chess", 1, library=here.id, audience=["children"], held_in=["ru"])
    announce("plov", 2, library=there.id, audience=["children", "adults"], held_in=["ru", "uz"])
    announce("talk", 3, library=there.id, audience=["adults"], held_in=["uz"])
    page = web.get("/en/on")
    form = page.html.find("form", class_="more-box-body")
    said = {
        label.text: label.find_next("span", class_="count").text
        for label in form.select(".facet label")
    }
    assert said == {
        "Fontanka": "1",
        "Harbour": "2",
        "Children": "2",
        "Adults": "2",
        "Russian": "2",
        "Uzbek": "2",
    }

    assert posters(web.get("/en/on", {"lib": str(there.id)})) == ["Plov", "Talk"]
    assert posters(web.get("/en/on", {"lib": str(there.id), "for": "children"})) == ["Plov"]
    assert posters(web.get("/en/on?in=uz&in=ru&for=adults")) == ["Plov", "Talk"]
    nothing = web.get("/en/on", {"lib": str(here.id), "in": "uz"})
    assert posters(nothing) == []
    assert "Nothing is on then that was asked for." in nothing


def test_what_nobody_may_see_is_neither_shown_nor_counted(announce, publish, web):
    announce("chess", 1, audience=["children"])
    hidden = announce("secret", 1, audience=["children"])
    publish.chief.editing.take(hidden, "ru", "retract")

    page = web.get("/en/on", {"from": "2026-11-21", "to": "2026-11-30"})

    assert "Secret" not in page
    assert page.html.select_one(".facet .count").text == "1"
    assert "1 event" in page


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "yesterday"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "2026-11-30", "to": "2026-11-01"},
        {"from": "1900-01-01", "to": "2199-12-31"},
        {"lib": "99999999999999"},
        {"lib": "' OR 1=1", "for": "<script>", "in": "\u0661"},
        {"events": "9999999"},
    ],
)
def test_nobody_is_hurt_by_what_cannot_be_read(announce, web, asked):
    announce("chess", 1)

    assert "<script>" not in web.get("/en/on", asked).html.find("main").decode().replace(
        '<script type="application/ld+json">', ""
    )


def test_long_programmes_page(announce, web):
    for number in range(PAGE + 1):
        announce(f"e{number}", 1 + number % 9)

    first = web.get("/en/on")

    assert len(posters(first)) == PAGE
    assert len(posters(web.get("/en/on", {"events": "2"}))) == 1


def test_a_long_list_by_day_pages_too(announce, web):
    for number in range(4):
        announce(f"e{number}", 0, hour=1, hours=24 * 20)
    asked = {"from": "2026-11-21", "to": "2026-12-31"}

    lines = [
        sum(map(len, days(web.get("/en/on", {**asked, "events": str(page)})).values()))
        for page in (1, 2)
    ]

    assert lines == [LINES, 4 * 21 - LINES]


@pytest.mark.parametrize("asked", ["", "?from=2026-11-21&to=2026-12-20", "?past=1"])
def test_queries_do_not_grow_with_the_programme(announce, libraries, web, engine, asked):
    def count():
        found = []

        def note(_connection, _cursor, statement, *_rest):
            found.append(statement)

        sqlalchemy_event.listen(engine, "before_cursor_execute", note)
        try:
            web.get(f"/en/on{asked}")
        finally:
            sqlalchemy_event.remove(engine, "before_cursor_execute", note)
        return len(found)

    announce("old", -3, library=libraries[0].id, audience=["adults"])
    announce("first", 1, library=libraries[0].id, audience=["adults"])
    count()
    few = count()
    for number in range(6):
        announce(f"e{number}", number - 2, library=libraries[1].id, audience=["children"])

    assert count() == few
