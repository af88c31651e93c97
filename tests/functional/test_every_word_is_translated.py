"""A walk through the demo city in other languages: no text of the program stays in English."""

import re
from collections import Counter
from urllib.parse import urljoin, urlsplit

import pytest
from babel.messages.pofile import read_po
from fixtures.demo import signed_in
from fixtures.sites import SITE

PLACEHOLDER = re.compile(r"\$\{\w+\}")
# Shorter texts stand in titles of books and names of people, too.
SHORTEST = 12
PAGES = 30
LIKE_THIS = 2


def english_texts(language):
    """Return the longest unbroken piece of each text that the language says otherwise."""
    path = SITE / "locales" / language / "LC_MESSAGES" / "bibliopolis.po"
    with path.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    pieces = set()
    for message in catalogue:
        said = message.string if message.pluralizable else (message.string,)
        for text in message.id if message.pluralizable else (message.id,):
            piece = max(PLACEHOLDER.split(text), key=len).strip()
            if len(piece) > SHORTEST and all(said) and piece not in "\n".join(said):
                pieces.add(piece)
    return pieces


def shown(page, language):
    """Return the words of a page that claim to be in its language."""
    root = page.lxml
    for foreign in root.xpath("//body//*[@lang and @lang != $language]", language=language):
        foreign.drop_tree()
    for unseen in root.xpath("//script | //style"):
        unseen.drop_tree()
    attributes = root.xpath("//@alt | //@aria-label | //@placeholder | //@title")
    return " ".join(" ".join((*root.itertext(), *attributes)).split())


def walk(web, language):
    """Yield the pages that lead on from the front page, only a few of those that are alike."""
    waiting = [f"/{language}", f"/{language}/account", f"/{language}/staff"]
    seen, alike = set(), Counter()
    while waiting and len(seen) < PAGES:
        address = waiting.pop(0)
        kind = re.sub(r"[0-9a-f]{32}|\d+", "0", address)
        if address in seen or alike[kind] == LIKE_THIS:
            continue
        seen.add(address)
        alike[kind] += 1
        page = web.get(address, status="*", headers={"Accept": "text/html"})
        if page.status_int in (302, 303):
            waiting.insert(0, urlsplit(page.location).path)
        elif page.content_type == "text/html":
            # What search engines shall not follow are searches without end.
            links = page.lxml.xpath("//a[not(contains(@rel, 'nofollow'))]/@href")
            addresses = (urljoin(address, link).partition("#")[0] for link in links)
            waiting += [one for one in addresses if one.startswith(f"/{language}/")]
            yield address, page


@pytest.mark.parametrize(
    ("language", "who"),
    [
        *(("ru", who) for who in (None, "reader", "editor", "librarian", "admin")),
        *(("ar", who) for who in (None, "admin")),
    ],
)
def test_no_page_speaks_english_to_others(demo_site, language, who):
    texts = english_texts(language)
    web = signed_in(demo_site, who) if who else demo_site.web()
    found, pages = {}, 0

    for address, page in walk(web, language):
        words = shown(page, language)
        pages += 1
        for text in texts:
            if text in words:
                found.setdefault(text, address)

    assert found == {}
    assert pages > LIKE_THIS * 5
