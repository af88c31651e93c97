"""What search engines are told: where nothing is for them, and every page that is."""

from datetime import timedelta

import pytest
from lxml import etree

from bibliopolis.catalogue.models import Record
from bibliopolis.content.services import Edit
from bibliopolis.interchange.crawlers import sources
from bibliopolis.libraries.services import Libraries

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def _said(answer, path):
    return [str(one) for one in etree.fromstring(answer.body).xpath(path, namespaces=NAMES)]


@pytest.fixture
def listed(web):
    """Return every address of every sitemap, as a robot would find them."""

    def listed():
        index = _said(web.get("/sitemap.xml"), "//s:loc/text()")
        return [one for each in index for one in _said(web.get(each), "//s:loc/text()")]

    return listed


@pytest.fixture
def make_record(db, clock):
    library = Libraries(db, clock).add("central", {"en": "Central"})

    def make(number, **fields):
        record = Record(
            library_id=library.id,
            control_number=str(number),
            title=f"Book {number}",
            kind="book",
            sort_key="",
            created=clock.now(),
            changed=clock.now(),
            **fields,
        )
        db.add(record)
        db.flush()
        return record

    return make


def test_robots_learn_where_the_sitemaps_are_and_what_to_leave_alone(web):
    lines = web.get("/robots.txt").text.splitlines()

    assert lines[0] == "User-agent: *"
    assert "Sitemap: http://localhost/sitemap.xml" in lines
    for rule in ("/ru/account/", "/en/staff$", "/*?avail=", "/*&lang=", "/*/@"):
        assert f"Disallow: {rule}" in lines


def test_the_sitemaps_list_what_everybody_may_see(publish, listed, web):
    section = publish(publish.chief.tree.root(), "section", "city", title="Город")
    page = publish(section, "page", "bridges", title="Мосты")
    hidden = publish(section, "page", "hidden", title="Тайна")
    publish.chief.editing.take(hidden, "ru", "retract")

    found = listed()

    assert {f"http://localhost/{tag}/" for tag in ("ru", "en", "ar")} <= set(found)
    assert [one for one in found if "/city" in one] == [
        "http://localhost/ru/city",
        "http://localhost/ru/city/bridges",
    ]
    publish.chief.tree.bin(page)
    assert "http://localhost/ru/city/bridges" not in listed()


def test_an_address_names_the_same_page_in_other_languages(publish, web):
    section = publish(publish.chief.tree.root(), "section", "city", title="Город")
    publish.chief.editing.save(section, "en", Edit(data={"title": "City"}))
    publish.chief.editing.take(section, "en", "publish")

    sitemap = web.get("/sitemap-content-1.xml")

    there = "//s:url[s:loc='http://localhost/ru/city']"
    assert _said(sitemap, f"{there}/x:link/@href") == [
        "http://localhost/ru/city",
        "http://localhost/en/city",
    ]
    assert _said(sitemap, f"{there}/x:link/@hreflang") == ["ru", "en"]
    assert _said(sitemap, f"{there}/s:lastmod/text()") == ["2026-11-21T09:00:00+00:00"]


def test_records_and_libraries_are_listed(make_record, listed, web):
    record, gone = make_record(1), make_record(2, withdrawn=True)

    found = listed()

    assert f"http://localhost/ru/catalogue/{record.id}" in found
    assert f"http://localhost/ru/catalogue/{gone.id}" not in found
    assert "http://localhost/ar/libraries/central" in found
    for address in found:
        web.get(address)


def test_a_large_catalogue_has_many_sitemaps_of_bounded_length(
    make_record, clock, web, monkeypatch, listed
):
    monkeypatch.setattr(sources, "IDS", 2)
    first = [make_record(number) for number in range(5)]
    clock.advance(timedelta(days=1))

    index = _said(web.get("/sitemap.xml"), "//s:loc/text()")

    records = [one for one in index if "sitemap-records-" in one]
    assert len(records) >= 3
    for one in records:
        assert len(_said(web.get(one), "//s:loc/text()")) <= 3 * (2 + 1)
    assert {f"http://localhost/en/catalogue/{one.id}" for one in first} <= set(listed())


@pytest.mark.parametrize("name", ["records-0", "records-99999", "people-1", "content-7"])
def test_there_are_no_other_sitemaps(web, name):
    web.get(f"/sitemap-{name}.xml", status=404)


def test_a_sitemap_is_not_sent_twice(web):
    answer = web.get("/sitemap.xml")

    web.get("/sitemap.xml", headers={"If-None-Match": answer.headers["ETag"]}, status=304)
