"""A reader's first visit costs little: what goes over the wire, measured in the browser."""

import re
from urllib.parse import urlsplit

import pytest
from browser.test_accessibility import PAGES
from fixtures.sites import SITE
from fixtures.walking import sign_in

pytestmark = pytest.mark.browser

PAGE = 120_000
FONTS = 160_000
NOT_COUNTED = {"image", "font"}


def visit(visitors, address, who=None):
    """Open a page in a browser that has nothing of the site yet; return bytes by kind of file."""
    page = visitors.come(language="ru")
    if who is not None:
        sign_in(page, who, "ru")
        page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    weights = {}

    def weigh(request):
        sizes = request.sizes()
        weights[request.resource_type, request.url] = (
            sizes["responseBodySize"] + sizes["responseHeadersSize"]
        )

    page.on("requestfinished", weigh)
    page.goto(address, wait_until="networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.context.close()
    return weights


@pytest.mark.parametrize("who", [None, "reader"])
def test_readers_pages_are_light(visitors, who):
    heavy = {}
    for path in PAGES[who]:
        weights = visit(visitors, f"/ru/{path}", who)
        words = sum(size for (kind, _url), size in weights.items() if kind not in NOT_COUNTED)
        fonts = sum(size for (kind, _url), size in weights.items() if kind == "font")
        if words > PAGE or fonts > FONTS:
            heavy[path] = (words, fonts)

    assert heavy == {}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_front_page_is_light_in_every_language(visitors, language):
    weights = visit(visitors, f"/{language}/")

    assert sum(size for (kind, _url), size in weights.items() if kind not in NOT_COUNTED) < PAGE


def test_a_page_loads_only_the_letters_it_has(visitors):
    files = [
        urlsplit(url).path for kind, url in visit(visitors, "/ru/account/sign-in") if kind == "font"
    ]

    assert any("cyrillic" in file for file in files)
    assert [file for file in files if "arabic" in file or "-ext-" in file] == []


def test_fonts_come_by_the_range_of_letters_and_swap_in():
    sheet = (SITE / "themes" / "default" / "assets" / "fonts.css").read_text(encoding="utf-8")
    faces = re.findall(r"@font-face\s*\{([^}]*)\}", sheet)

    assert faces
    for face in faces:
        assert re.search(r"unicode-range:\s*U\+", face)
        assert re.search(r"font-display:\s*swap", face)
