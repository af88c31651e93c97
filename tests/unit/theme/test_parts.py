from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup

from bibliopolis.i18n import _, _n
from bibliopolis.parts import (
    Available,
    Choice,
    Facet,
    Problem,
    Status,
    make_pager,
    make_poster,
    stand,
)

IDIOT = {"title": "Идиот", "author": "Ф. М. Достоевский", "work": 7, "year": 1998}


def part(render, name: str, path: str = "/ru", **values) -> BeautifulSoup:
    source = f'<div i18n:domain="bibliopolis"><m metal:use-macro="load: parts/{name}.pt" /></div>'
    return BeautifulSoup(render(source, path, **values), "lxml")


@pytest.mark.parametrize("path", ["/ru", "/ar"])
def test_a_cover_is_drawn_and_says_nothing_beside_its_title(render, make_request, path):
    source = '<p tal:define="book cover(given)"><metal:c use-macro="load: parts/cover.pt" /></p>'

    page = BeautifulSoup(render(source, path, given=IDIOT), "lxml")

    drawn = page.select_one(".cover")
    assert drawn["aria-hidden"] == "true"
    assert drawn.select_one(".cover-title").text == "Идиот"
    assert "#art-" in drawn.use["href"]


def test_a_real_picture_takes_the_place_of_the_drawing(render):
    source = '<p tal:define="book cover(given)"><metal:c use-macro="load: parts/cover.pt" /></p>'

    page = BeautifulSoup(render(source, given={**IDIOT, "image": "/media/1/small"}), "lxml")

    assert page.img["src"] == "/media/1/small"
    assert page.svg is None


def test_a_shelf_has_faces_and_spines(render):
    books = [
        stand(IDIOT, "/ru/catalogue/1", "Достоевский. Идиот", Status(Available.IN, _("here"))),
        stand(IDIOT, "/ru/catalogue/1", face=False),
    ]

    page = part(render, "shelf", books=books)

    assert page.select_one(".shelf-book .cover-link")["href"] == "/ru/catalogue/1"
    assert page.select_one(".shelf-book .cover").get("aria-hidden") is None
    assert page.select_one(".status--in").text == "here"
    assert page.select_one("a.spine").text == "Идиот"


def test_a_poster_writes_day_weekday_and_hour_in_the_citys_time(render, make_request):
    formats = make_request("/ru").formats
    poster = make_poster(
        formats,
        key=3,
        title="Поэма без героя",
        url="/ru/events/poem",
        starts=datetime(2026, 11, 21, 22, 30, tzinfo=UTC),
        place="Фонтанка",
        cancelled=True,
    )

    page = part(render, "poster", poster=poster)

    assert page.select_one(".poster-day").text == "22"
    assert page.select_one(".poster-month").text.split() == ["ноября", "воскресенье,", "01:30"]
    assert page.select_one(".poster--cancelled .poster-place b")


def test_a_pager_leaves_out_the_middle(render):
    pager = make_pager(200, 10, 10, lambda number: f"?page={number}")

    page = part(render, "pager", pager=pager)

    texts = [item.text.strip() for item in page("li")]
    assert texts[1:-1] == ["1", "…", "8", "9", "10", "11", "12", "…", "20"]
    assert page.select_one("[aria-current]").text == "10"


def test_one_page_needs_no_pager(render):
    assert part(render, "pager", pager=make_pager(3, 10, 1, str)).nav is None


def test_a_facet_marks_what_was_chosen(render):
    choices = (Choice("ru", "Русский", 1352, True), Choice("en", "English", 2))
    facet = Facet("lang", _("Language"), choices)

    page = part(render, "facet", facet=facet)

    first, second = page("input")
    assert first.has_attr("checked")
    assert not second.has_attr("checked")
    assert page.details.has_attr("open")
    assert page.select_one(".count").text == "1\xa0352"


def test_problems_lead_to_their_fields(render):
    page = part(render, "error_summary", problems=(Problem(_("Title"), _("Required"), "field1"),))

    assert page.a["href"] == "#field1"
    assert page.select_one("[role=alert]")


def test_plurals_are_written_in_the_language_of_the_page(render):
    source = '<p i18n:domain="bibliopolis">${message}</p>'

    assert "1\xa0234" in render(source, "/ru", message=_n("${n} copy", "${n} copies", 1234))
    assert "1,234 copies" in render(source, "/en", message=_n("${n} copy", "${n} copies", 1234))


def test_messages_inside_messages_are_translated_and_escaped(render):
    message = _("Loan of ${book}", mapping={"book": _n("${n} <b>", "${n} <bs>", 2)})

    assert "Loan of 2 &lt;bs>" in render("<p>${message}</p>", message=message).replace("&gt;", ">")
