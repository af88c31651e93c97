"""A record to take along: from its page, from its JSON, in every format."""

from urllib.parse import parse_qs

import pytest
from fixtures.hostile import HOSTILE, make
from fixtures.records import make_book
from hypothesis import given

from bibliopolis.catalogue.exports import FORMATS
from bibliopolis.catalogue.exports.coins import context_object
from bibliopolis.catalogue.exports.facts import Facts

JSON = {"Accept": "application/json"}


@pytest.fixture
def book(db, clock):
    return make_book(db, clock)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("language", ["ru", "en", "ar"])
def test_the_page_offers_every_format_as_a_file(web, book, name, language):
    page = web.get(f"/{language}/catalogue/{book.id}")

    [link] = page.html.find_all("a", href=lambda href: href and href.endswith(f"?format={name}"))
    answer = web.get(link["href"])

    assert link["rel"] == ["nofollow"]
    assert answer.content_type == FORMATS[name].media_type
    named = f'attachment; filename="record-{book.id}.{FORMATS[name].ending}"'
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert f"http://localhost/{language}/catalogue/{book.id}" in answer.body.decode()


def test_programs_are_told_of_every_format(web, book):
    exports = web.get(f"/en/catalogue/{book.id}", headers=JSON).json["exports"]

    assert [one["format"] for one in exports] == list(FORMATS)
    for one in exports:
        assert web.get(one["@id"]).content_type == one["media_type"]


def test_a_file_is_not_sent_twice(web, book):
    first = web.get(f"/en/catalogue/{book.id}/@@export?format=ris")

    headers = {"If-None-Match": first.headers["ETag"]}
    web.get(f"/en/catalogue/{book.id}/@@export?format=ris", headers=headers, status=304)


@pytest.mark.parametrize("query", ["", "?format=", "?format=word", "?format=../x"])
def test_an_unknown_format_is_told_which_there_are(web, book, query):
    page = web.get(f"/en/catalogue/{book.id}/@@export{query}", status=400)

    assert "marcxml, ris, bibtex" in page.text


def test_a_record_that_was_taken_away_is_gone_in_every_format(web, db, book):
    book.withdrawn = True
    db.flush()

    for name in FORMATS:
        web.get(f"/en/catalogue/{book.id}/@@export?format={name}", status=410)


def test_a_record_too_long_for_iso_2709_says_what_to_take_instead(web, db, book):
    book.summary = "ы" * 5000
    db.flush()

    page = web.get(f"/en/catalogue/{book.id}/@@export?format=marc", status=409)

    assert "Take it as MARCXML" in page.text


def test_browsers_that_collect_references_find_one_in_the_page(web, book):
    page = web.get(f"/ru/catalogue/{book.id}")

    said = parse_qs(page.html.select_one("span.Z3988")["title"])
    assert said["ctx_ver"] == ["Z39.88-2004"]
    assert said["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:book"]
    assert said["rft.btitle"] == ["Преступление и наказание: роман"]
    assert said["rft.aulast"] == ["Достоевский"]
    assert said["rft_id"] == [f"http://localhost/ru/catalogue/{book.id}", "urn:ISBN:9780851705774"]


@pytest.mark.parametrize(
    ("kind", "format_", "name"),
    [
        ("book", "book", "rft.btitle"),
        ("serial", "journal", "rft.jtitle"),
        ("article", "journal", "rft.atitle"),
        ("film", "dc", "rft.title"),
    ],
)
def test_every_kind_speaks_to_them_in_its_own_words(kind, format_, name):
    said = parse_qs(context_object(Facts.of(make(kind=kind, title="Title"), "http://localhost")))

    assert said["rft_val_fmt"] == [f"info:ofi/fmt:kev:mtx:{format_}"]
    assert said[name] == ["Title"]


@given(HOSTILE)
def test_no_record_says_more_to_them_than_it_should(record):
    facts = Facts.of(record, "http://localhost/ru/catalogue/12")

    said = parse_qs(context_object(facts))

    assert said["ctx_ver"] == ["Z39.88-2004"]
    assert len(said["rft_val_fmt"]) == 1
    assert facts.full_title in {value for values in said.values() for value in values}
