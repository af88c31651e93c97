"""A search as a feed: what is new of what it finds, for everybody, by RFC 4287."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from fixtures.lending import City
from fixtures.records import make_book
from lxml import etree
from sqlalchemy import event

from bibliopolis.db import new_uid

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def library(db, clock):
    return City(db, clock, None).library("Fontanka")


@pytest.fixture
def books(db, clock, library, index_everything):
    made = []
    for number, (title, kind) in enumerate(
        [("Идиот", "book"), ("Бесы", "audiobook"), ("Игрок", "book")]
    ):
        clock.advance(timedelta(hours=1))
        made.append(
            make_book(
                db,
                clock,
                library=library,
                control_number=f"feed{number}",
                title=title,
                subtitle=None,
                kind=kind,
                uid=new_uid(),
            )
        )
    index_everything()
    return made


def feed(web, language="ru", status=200, **asked):
    address = f"/{language}/catalogue/@@feed?{urlencode(asked, doseq=True)}"
    answer = web.get(address, status=status)
    return etree.fromstring(answer.body) if status == 200 else answer


def said(element, path):
    return [str(one) for one in element.xpath(path, namespaces=ATOM)]


def titles(element):
    return said(element, "a:entry/a:title/text()")


def test_what_came_last_comes_first(web, books):
    found = feed(web, q="достоевский")

    assert titles(found) == ["Игрок", "Бесы", "Идиот"]
    assert said(found, "a:title/text()") == ["Новое в каталоге: достоевский"]
    assert said(found, "a:entry/a:id/text()")[0] == f"urn:uuid:{_dashed(books[2].uid)}"
    assert said(found, "a:entry/a:link/@href")[0].endswith(f"/ru/catalogue/{books[2].id}")
    assert said(found, "a:link[@rel='alternate']/@href")[0].endswith("sort=added")


def _dashed(uid):
    return "-".join((uid[:8], uid[8:12], uid[12:16], uid[16:20], uid[20:]))


def test_fields_and_filters_hold(web, books):
    assert titles(feed(web, q="title:бесы")) == ["Бесы"]
    assert titles(feed(web, kind="book")) == ["Игрок", "Идиот"]
    assert said(feed(web, kind="book"), "a:title/text()") == ["Новое в каталоге: Книги"]
    assert titles(feed(web, q="достоевский", avail="city", page="7")) == ["Игрок", "Бесы", "Идиот"]


def test_the_page_of_a_search_offers_its_feed(web, books):
    page = web.get("/ru/catalogue?" + urlencode({"q": "достоевский", "kind": "book", "page": 1}))

    head = page.html.select_one("link[type='application/atom+xml']")
    body = page.html.select_one("main a[href*='@@feed']")
    assert head["href"] == body["href"]
    assert titles(etree.fromstring(web.get(body["href"]).body)) == ["Игрок", "Идиот"]


def test_what_is_withdrawn_is_in_no_feed(web, db, books, index_everything):
    books[2].withdrawn = True
    db.flush()

    assert titles(feed(web)) == ["Бесы", "Идиот"]
    index_everything()
    assert titles(feed(web)) == ["Бесы", "Идиот"]


def test_it_may_be_kept_and_asked_again_cheaply(web, books):
    address = "/ru/catalogue/@@feed?kind=book"
    first = web.get(address)

    assert "public" in first.headers["Cache-Control"]
    web.get(address, headers={"If-None-Match": first.headers["ETag"]}, status=304)


def test_too_many_filters_are_refused(web, books):
    feed(web, status=400, subj=[f"тема {number}" for number in range(31)])


def test_a_feed_costs_few_statements_however_much_it_carries(web, db, books):
    feed(web)
    statements = []

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", count)
    try:
        feed(web)
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", count)
    assert len(statements) <= 3, statements
