"""A reader's first visit costs little: what goes over the wire, measured in the browser."""

import re
from urllib.parse import urlsplit

import pytest
from browser.test_accessibility import PAGES
from fixtures.sites import SITE
from fixtures.walking import sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def live_server(city_to_look_at):
    return city_to_look_at


PAGE = 120_000
FONTS = 160_000
NOT_COUNTED = {"image", "font"}


class Visitor:
    """Somebody whose browser keeps nothing: each page costs what the first one does."""

    def __init__(self, visitors, language="ru", who=None):
        self.page = visitors.come(language=language)
        if who is not None:
            sign_in(self.page, who, language)
        network = self.page.context.new_cdp_session(self.page)
        network.send("Network.enable")
        network.send("Network.setCacheDisabled", {"cacheDisabled": True})
        self.finished = []
        self.page.on("requestfinished", lambda request: self.finished.append(request))

    def visit(self, address, until="load"):
        """Open a page; return its bytes by kind of file and address."""
        self.finished.clear()
        self.page.goto(address, wait_until=until)
        self.page.evaluate("document.fonts.ready.then(() => true)")
        weights = {}
        for request in list(self.finished):
            sizes = request.sizes()
            weights[request.resource_type, request.url] = (
                sizes["responseBodySize"] + sizes["responseHeadersSize"]
            )
        return weights


@pytest.mark.parametrize("who", [None, "reader"])
def test_readers_pages_are_light(visitors, who):
    heavy = {}
    visitor = Visitor(visitors, who=who)
    for path in PAGES[who]:
        weights = visitor.visit(f"/ru/{path}")
        words = sum(size for (kind, _url), size in weights.items() if kind not in NOT_COUNTED)
        fonts = sum(size for (kind, _url), size in weights.items() if kind == "font")
        if words > PAGE or fonts > FONTS:
            heavy[path] = (words, fonts)

    assert heavy == {}


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_front_page_is_light_in_every_language(visitors, language):
    weights = Visitor(visitors, language).visit(f"/{language}/", until="networkidle")

    assert sum(size for (kind, _url), size in weights.items() if kind not in NOT_COUNTED) < PAGE


def test_a_page_loads_only_the_letters_it_has(visitors):
    weights = Visitor(visitors).visit("/ru/account/sign-in")
    files = [urlsplit(url).path for kind, url in weights if kind == "font"]

    assert any("cyrillic" in file for file in files)
    assert [file for file in files if "arabic" in file or "-ext-" in file] == []


def test_fonts_come_by_the_range_of_letters_and_swap_in():
    sheet = (SITE / "themes" / "default" / "assets" / "fonts.css").read_text(encoding="utf-8")
    faces = re.findall(r"@font-face\s*\{([^}]*)\}", sheet)

    assert faces
    for face in faces:
        assert re.search(r"unicode-range:\s*U\+", face)
        assert re.search(r"font-display:\s*swap", face)
