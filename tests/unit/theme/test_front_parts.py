from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from bibliopolis.frame import Link
from bibliopolis.i18n import _, _n
from bibliopolis.parts import (
    Available,
    CardToday,
    CollectionRow,
    LibraryRow,
    Line,
    Place,
    Status,
    Step,
    Today,
    make_poster,
    spread_books,
    spread_posters,
    stand,
)

NOON = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
BOOKS = spread_books(
    stand(
        {"title": title, "work": 1}, "/b", "caption", Status(Available.WAIT, _n("${n}", "${n}", 2))
    )
    for title in ("Нос", "Шинель")
)
GIVEN = {
    "hero": {"title": "A city", "lede": "Read", "chips": [Link("gogol", "/q")]},
    "river": {
        "day": NOON,
        "place": Place("Library", "open", "tomorrow too", "/l", _("Change")),
        "today": [Today(NOON, "Chess", "/chess", "hall")],
        "card": CardToday("Card", (Line("one", "waits"),), "/card", "Open"),
    },
    "section_head": {"heading": "Events", "more": Link("All", "/events"), "heading_id": "ev"},
    "book_grid": {"books": BOOKS},
    "collection_row": {"row": CollectionRow("Winter", "/winter", BOOKS, "long")},
    "steps": {"steps": [Step("First", "Come", Link("How", "/how")), Step("Second", "Read")]},
    "languages": {},
    "search_box": {},
}


@pytest.mark.parametrize("language", ["ru", "ar"])
@pytest.mark.parametrize("name", GIVEN)
def test_parts_of_the_front_page_need_only_what_they_are_given(render, name, language):
    source = f'<div i18n:domain="bibliopolis"><m metal:use-macro="load: parts/{name}.pt" /></div>'

    page = BeautifulSoup(render(source, f"/{language}", **GIVEN[name]), "lxml")

    assert page.div.find(True)
    assert not page.select("script, style, [style]")


@pytest.mark.parametrize("language", ["ru", "ar"])
def test_a_strip_shows_all_its_posters(render, make_request, language):
    formats = make_request(f"/{language}").formats
    posters = [make_poster(formats, key=n, title=str(n), url="/", starts=NOON) for n in range(3)]
    source = '<div><m metal:use-macro="load: parts/strip.pt" /></div>'

    page = BeautifulSoup(render(source, f"/{language}", posters=posters), "lxml")

    assert [day.text for day in page.select(".poster-day")] == ["21"] * 3


def test_the_river_flows_without_library_card_or_events(render):
    source = '<div><m metal:use-macro="load: parts/river.pt" /></div>'

    page = BeautifulSoup(render(source, "/ru", day=NOON), "lxml")

    assert page.select_one("#today")
    assert page.select_one(".today--2")
    assert page.select_one(".eyebrow").text == "суббота, 21 ноября"


def test_libraries_are_numbered_in_a_list(render):
    source = (
        '<ol><tal:l repeat="library libraries">'
        '<m metal:use-macro="load: parts/lib_row.pt" /></tal:l></ol>'
    )
    libraries = [LibraryRow("A", "/a", mine=True), LibraryRow("B", "/b")]

    page = BeautifulSoup(render(source, libraries=libraries), "lxml")

    assert [pin.text for pin in page.select(".pin-no")] == ["1", "2"]


def test_neighbours_of_one_work_differ_in_colour():
    assert BOOKS[0].cover.palette != BOOKS[1].cover.palette
    assert BOOKS[1].spine.palette == BOOKS[1].cover.palette


STAFF = """<html metal:use-macro="load: staff/layout.pt" i18n:domain="bibliopolis">
<metal:title fill-slot="title">Contents</metal:title>
<metal:main fill-slot="main"><h1>Contents</h1></metal:main></html>"""


@pytest.mark.parametrize(("language", "direction"), [("ru", "ltr"), ("ar", "rtl")])
def test_the_staff_side_has_its_own_layout(render, language, direction):
    page = BeautifulSoup(render(STAFF, f"/{language}/staff"), "lxml")

    assert page.html["dir"] == direction
    assert page.body["class"] == ["staff"]
    assert page.select_one("main h1").text == "Contents"


def test_posters_side_by_side_differ(make_request):
    formats = make_request("/ru").formats
    poster = make_poster(formats, key=1, title="Chess", url="/chess", starts=NOON)

    shown = spread_posters([poster, poster, poster])

    assert shown[0].palette != shown[1].palette != shown[2].palette
