"""Good robots read every page and follow no facet; what they need not is not made for them."""

import re
from urllib.parse import urlencode

import pytest
from fixtures.records import make_book
from sqlalchemy import event

from bibliopolis.catalogue.search_limits import MOST_FILTERS
from bibliopolis.libraries.models import Library
from bibliopolis.search.services import Search

ROBOTS = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
    "Scrapy/2.11 (+https://scrapy.org)",
    "Baiduspider+(+http://www.baidu.com/search/spider.htm)",
]
PEOPLE = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/130.0 Mobile Safari/537.36",
    "curl/8.10",
    "Zotero/7.0",
    "",
    "bottle",
]
FOR_PEOPLE = ["@@cite", "@@export?format=ris", "@@qr", "@@editions", "@@similar"]
SEARCH = "/en/catalogue?" + urlencode({"q": "Преступление"})
ROBOT = {"User-Agent": ROBOTS[0]}


@pytest.fixture
def book(db, clock, index_everything):
    book = make_book(db, clock, work_key="dostoevski|prestuplenie nakazanie")
    make_book(
        db,
        clock,
        control_number="other",
        library=book_library(db, book),
        work_key=book.work_key,
        title="Идиот",
    )
    index_everything()
    return book


def book_library(db, book):
    return db.get(Library, book.library_id)


@pytest.fixture
def searches(monkeypatch):
    """The searches that are made."""
    made = []
    find = Search.find

    def found(self, query):
        made.append(query)
        return find(self, query)

    monkeypatch.setattr(Search, "find", found)
    return made


@pytest.mark.parametrize("agent", ROBOTS)
@pytest.mark.parametrize("view", FOR_PEOPLE)
def test_what_is_made_for_people_is_refused_to_robots(web, book, agent, view):
    page = web.get(f"/en/catalogue/{book.id}/{view}", headers={"User-Agent": agent}, status=403)

    assert "/sitemap.xml" in page.text


@pytest.mark.parametrize("agent", PEOPLE)
def test_nobody_else_is_taken_for_a_robot(web, book, agent):
    for view in FOR_PEOPLE:
        web.get(f"/en/catalogue/{book.id}/{view}", headers={"User-Agent": agent})
    web.get("/en/catalogue?lang=ru&kind=book&page=2", headers={"User-Agent": agent})


def test_a_robot_reads_the_record_and_nothing_is_searched_for_it(web, book, searches):
    page = web.get(f"/en/catalogue/{book.id}", headers=ROBOT)

    assert page.html.find("h1").text == book.title
    assert "application/ld+json" in page.text
    assert not page.html.select("#siblings-title, #editions-title, #hold")
    assert searches == []


def test_a_robot_costs_fewer_queries_than_a_person(web, db, engine, book):
    said = []

    def listen(*arguments):
        said.append(arguments[2])

    def queries(**options):
        db.expire_all()
        said.clear()
        web.get(f"/en/catalogue/{book.id}", **options)
        return len(said)

    web.get(f"/en/catalogue/{book.id}")
    event.listen(engine, "before_cursor_execute", listen)
    person, robot = queries(), queries(headers=ROBOT)
    event.remove(engine, "before_cursor_execute", listen)

    assert robot < person


def test_no_facet_is_counted_for_a_robot(web, book, searches):
    page = web.get(SEARCH, headers=ROBOT)

    assert [query.facets for query in searches if query.limit] == [()]
    assert page.html.select(".results")
    assert not page.html.select("form.facets")


@pytest.mark.parametrize("query", ["lang=ru", "q=x&subj=y", "page=2", "sort=title", "b_start=20"])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_no_combination_is_searched_for_a_robot(web, book, searches, query, accept):
    web.get(f"/en/catalogue?{query}", headers={**ROBOT, "Accept": accept}, status=403)

    assert searches == []


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_nobody_combines_filters_without_end(web, book, searches, accept):
    most = "&".join(f"{('subj', 'lib')[n % 2]}=v{n}" for n in range(MOST_FILTERS))
    web.get(f"/en/catalogue?{most}", headers={"Accept": accept})
    searches.clear()

    page = web.get(f"/en/catalogue?{most}&lang=ru", headers={"Accept": accept}, status=400)

    assert "Up to 30 filters can be combined in one search" in page.text
    assert searches == []


def test_too_many_filters_are_refused_in_the_language_of_the_page(web):
    many = "&".join(f"subj=v{n}" for n in range(MOST_FILTERS + 1))

    page = web.get(f"/ru/catalogue?{many}", status=400)

    assert "не больше 30 фильтров" in page.text


def test_every_link_that_asks_the_catalogue_is_not_to_be_followed(web, book):
    # The one way in is the section itself, which leads to the whole catalogue.
    followed = set()
    for path in ("/en", "/en/catalogue", f"{SEARCH}&lang=ru", f"/en/catalogue/{book.id}"):
        for link in web.get(path).html.select("main a[href]"):
            asks = re.search(r"/catalogue(/\d+)?\?|^\?|/@@", link["href"])
            if asks and "nofollow" not in link.get("rel", []):
                followed.add(link["href"])

    assert followed <= {"/en/catalogue?scope=catalogue"}


def test_robots_are_told_to_ask_the_catalogue_for_nothing(web):
    lines = web.get("/robots.txt").text.splitlines()

    for rule in ("/ru/catalogue?", "/en/catalogue/*?", "/*/@", "/*?near=", "/*&more="):
        assert f"Disallow: {rule}" in lines
