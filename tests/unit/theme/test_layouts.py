import pytest
from bs4 import BeautifulSoup
from pyramid.renderers import render as render_page


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "lxml")


PUBLIC = """<html metal:use-macro="load: layout.pt" i18n:domain="bibliopolis">
<metal:title fill-slot="title">A title</metal:title>
<metal:main fill-slot="main"><p class="hello">Hello, ${who}</p></metal:main>
</html>"""


@pytest.mark.parametrize(("language", "direction"), [("ru", "ltr"), ("en", "ltr"), ("ar", "rtl")])
def test_the_layout_says_its_language_and_direction(render, language, direction):
    page = soup(render(PUBLIC, f"/{language}/x", who="<b>"))

    assert page.html["lang"] == language
    assert page.html["dir"] == direction
    assert page.title.text == "A title"
    assert page.select_one(".hello").text == "Hello, <b>"


def test_the_layout_offers_the_page_in_every_language(render):
    page = soup(render(PUBLIC, "/ru/events/poem?x=1", who=""))

    links = {a["lang"]: a["href"] for a in page.select(".site-foot .langs a")}
    assert links == {tag: f"/{tag}/events/poem?x=1" for tag in ("ru", "en", "ar")}


def test_a_problem_page_stands_by_itself(make_request):
    request = make_request("/ar/nothing")

    page = render_page(
        "problem.pt",
        {"status": 404, "title": "No", "advice": "Search", "detail": None, "reasons": ("a", "b")},
        request=request,
    )

    assert [item.text for item in soup(page)("li")] == ["a", "b"]
