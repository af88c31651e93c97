"""The front page: the river under the skyline carries today."""

import pytest
from bs4 import BeautifulSoup


@pytest.fixture
def section(publish):
    return publish(publish.chief.tree.root(), "section", "events", title="Афиша")


def river(web) -> BeautifulSoup:
    return BeautifulSoup(web.get("/ru").text, "lxml").select_one(".river")


def test_the_river_carries_what_is_on_today_and_nothing_of_other_days(web, publish, section):
    for slug, starts in (
        ("chess", "2026-11-21T15:00:00+00:00"),
        ("poem", "2026-11-21T20:30:00+00:00"),
        ("tomorrow", "2026-11-21T22:00:00+00:00"),
    ):
        publish(section, "event", slug, title=slug, shared={"starts": starts})

    lines = [line.get_text(" ", strip=True) for line in river(web).select(".today-list li")]

    assert lines == ["18:00 chess", "23:30 poem"]


def test_what_began_before_today_is_going_on(web, publish, section):
    dates = {"starts": "2026-11-10T09:00:00+00:00", "ends": "2026-12-01T09:00:00+00:00"}
    publish(section, "event", "show", title="Выставка", shared=dates)

    assert river(web).select_one(".today-list time").text == "идёт сейчас"


def test_the_river_knows_the_day_the_library_and_the_card(web, town):
    web.set_cookie("my_library", town.here.code)

    shown = river(web)

    assert shown.select_one(".eyebrow").text == "суббота, 21 ноября"
    assert shown.select_one("h2").text == town.here.name_in("ru")
    assert shown.select_one("[href$='/account']") is None


def test_a_reader_sees_what_waits_for_them(web, town, sign_in):
    sign_in("elena")

    assert "Ничего не ждёт" in river(web).text


def test_the_front_page_leads_to_a_few_libraries_ones_own_first(web, town):
    web.set_cookie("my_library", town.there.code)

    shown = BeautifulSoup(web.get("/ru").text, "lxml").select(".front-libraries li")

    assert town.there.code in shown[0].select_one("a")["href"]
    assert len(shown) <= 4
