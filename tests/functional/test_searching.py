"""Finding a book: by any spelling, through facets, without JavaScript, with any address."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from fixtures.lending import City
from sqlalchemy import event

from bibliopolis.catalogue.availability import Availability, NothingInUse
from bibliopolis.catalogue.models import Record

BOOKS = [
    ("Преступление и наказание", "Достоевский, Фёдор Михайлович", "ru", 1866, ["Совесть"]),
    ("Идиот", "Достоевский, Фёдор Михайлович", "ru", 1869, ["Совесть"]),
    ("Crime and Punishment", "Dostoyevsky, Fyodor", "en", 1993, ["Conscience"]),
    ("Вишнёвый сад", "Чехов, Антон Павлович", "ru", 1904, ["Театр"]),
    ("Дама с собачкой", "Чехов, Антон Павлович", "ru", 1899, []),
    ("Без года", "", "ru", None, []),
]


def book(db, library, number, title, author, language, year, subjects):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    record = Record(
        library_id=library.id,
        control_number=f"search{number}",
        title=title,
        author=author or None,
        contributors=[{"name": author, "role": "author"}] if author else [],
        year=year,
        kind="book" if number % 2 else "audiobook",
        language=language,
        languages=[language],
        isbns=["9785170906308"] if number == 0 else [],
        subjects=subjects,
        sort_key=title.casefold(),
        created=now,
        changed=now,
    )
    db.add(record)
    db.flush()
    return record


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def library(city):
    return city.library("Fontanka")


@pytest.fixture
def availability(db):
    return Availability(db=db, in_use=NothingInUse())


@pytest.fixture
def books(db, city, library, availability, index_everything):
    records = [book(db, library, number, *words) for number, words in enumerate(BOOKS)]
    for record in records[:3]:
        city.item(record, library)
    availability.recompute([record.id for record in records])
    index_everything()
    return records


def search(web, status=200, language="ru", **parameters):
    return web.get(f"/{language}/catalogue?{urlencode(parameters, doseq=True)}", status=status)


def as_json(web, **parameters):
    address = f"/ru/catalogue?{urlencode(parameters, doseq=True)}"
    return web.get(address, headers={"Accept": "application/json"}).json


def titles(page):
    return [link.get_text() for link in page.html.select(".result h2 a")]


@pytest.mark.parametrize(
    "typed",
    ["Достоевский", "Dostoevsky", "Dostoyevsky", "ljcnjtdcrbq", "Достоевскй", "достоевский фёдор"],
)
def test_an_author_is_found_however_the_name_is_typed(web, books, typed):
    page = search(web, q=typed)

    assert set(titles(page)) >= {"Преступление и наказание", "Идиот", "Crime and Punishment"}


def test_the_page_says_what_else_was_searched(web, books):
    page = search(web, q="ljcnjtdcrbq")

    assert "достоевский" in page.html.select_one(".page-head").get_text()
    assert titles(search(web, q="Преступлние"))


def test_a_result_leads_to_its_page_and_says_where_it_is(web, books):
    page = search(web, language="en", q="идиот")

    row = page.html.select_one(".result")
    assert row.select_one("h2 a")["href"] == f"/en/catalogue/{books[1].id}"
    assert row.select_one("h2 a")["lang"] == "ru"
    assert "In the city: 1" in row.get_text()


def test_an_isbn_is_found(web, books):
    assert titles(search(web, q="978-5-17-090630-8")) == ["Преступление и наказание"]


def test_facets_narrow_and_can_be_removed(web, books):
    page = search(web, q="достоевский", lang="ru", kind="book")

    assert titles(page) == ["Идиот"]
    links = page.html.select(".filters a.filter")
    assert len(links) == 2
    assert all(link["rel"] == ["nofollow"] for link in links)
    assert titles(page.click(href=links[0]["href"].split("?")[1].replace("+", r"\+"), index=0))


def test_the_facet_form_works_without_javascript(web, books):
    forms = search(web, q="достоевский", sort="title").forms
    facets = next(form for form in forms.values() if "lang" in form.fields)
    facets.set("lang", True, index=0)

    page = facets.submit()

    assert "q=%D0%B4" in page.request.url
    assert "sort=title" in page.request.url
    assert titles(page) == ["Идиот", "Преступление и наказание"]


def test_a_range_of_years_can_be_typed(web, books):
    assert set(titles(search(web, **{"from": "1890", "to": "1950"}))) == {
        "Вишнёвый сад",
        "Дама с собачкой",
    }


def test_what_can_be_borrowed_today_follows_the_copies(web, db, city, library, availability, books):
    page = search(web, avail="city")
    assert len(titles(page)) == 3

    city.item(books[3], library)
    availability.recompute([books[3].id])

    assert len(titles(search(web, avail="city"))) == 4


def test_results_can_be_sorted(web, books):
    by_title = titles(search(web, sort="title"))
    newest = titles(search(web, sort="newest"))

    assert by_title == sorted(by_title, key=str.casefold)
    assert newest[0] == "Crime and Punishment"
    assert newest[-1] == "Без года"


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "abc", "to": "-5"},
        {"from": "99999999999999999999"},
        {"from": "2000", "to": "1000"},
        {"page": "-1"},
        {"page": "0"},
        {"page": "abc"},
        {"page": "²"},
        {"page": "99999999999999999999999"},
        {"page": "999999"},
        {"sort": "nonsense"},
        {"scope": "nonsense"},
        {"kind": ["'", "\x01", "<script>"], "lib": "🙂" * 300, "more": "kind&x=<"},
        {"q": '"(*%\\', "avail": "-1"},
        {"q": "a" * 3000},
        {"lang": [str(number) for number in range(30)]},
        {"exact": "1", "q": "*"},
    ],
)
def test_no_address_is_an_error(web, books, parameters):
    page = search(web, **parameters)

    assert page.html.select_one("h1")
    assert "<script>" not in page.html.select_one("main").decode_contents()
    assert as_json(web, **parameters)["@type"] == "search"


def test_an_address_with_broken_letters_is_no_error(web, books):
    web.get("/ru/catalogue?q=%FF%FE%00&kind=%ED%A0%80", status=(200, 400))


def test_a_page_behind_the_last_says_so(web, books):
    page = search(web, page="50")

    assert titles(page) == []
    assert page.click(href="/ru/catalogue$", index=-1)
    assert "Такой страницы результатов нет" in page.text


def test_when_nothing_is_found_the_page_helps(web, books):
    page = search(web, language="en", q="гиппопотам", lang="ru")

    assert "nothing found" in page.html.select_one("h1").get_text()
    assert "What may help" in page.text
    assert "Search without the filters" in page.text


def test_everything_can_be_leafed_through(web, db, library, index_everything):
    for number in range(45):
        book(db, library, number, f"Том {number:02}", "", "ru", 2000, [])
    index_everything()

    page = search(web, q="том", sort="title")
    seen = titles(page)
    while next_page := page.html.select_one("a[rel=next]"):
        page = web.get(next_page["href"])
        seen += titles(page)

    assert seen == [f"Том {number:02}" for number in range(45)]


def test_narrowed_pages_are_not_for_other_search_engines(web, books):
    assert search(web, q="идиот").html.select_one("meta[name=robots]") is None
    assert search(web, q="идиот", lang="ru").html.select_one("meta[name=robots]")


def test_programs_get_the_same_in_batches(web, books):
    answer = as_json(web, q="достоевский", sort="oldest", b_size="2")

    assert answer["items_total"] == 3
    assert [item["title"] for item in answer["items"]] == ["Преступление и наказание", "Идиот"]
    assert answer["items"][0]["@id"] == f"http://localhost/ru/catalogue/{books[0].id}"
    assert answer["items"][0]["@type"] == "record"
    assert {"@id", "first", "last", "next"} == set(answer["batching"])
    following = web.get(answer["batching"]["next"], headers={"Accept": "application/json"}).json
    assert [item["title"] for item in following["items"]] == ["Crime and Punishment"]
    assert answer["facets"]["lang"] == [
        {"value": "ru", "title": "Русский", "count": 2, "chosen": False},
        {"value": "en", "title": "Английский", "count": 1, "chosen": False},
    ]


def test_the_number_of_queries_does_not_grow_with_the_results(
    web, db, engine, library, index_everything
):
    counted = []

    def count(connection, cursor, statement, *rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            counted.append(statement)

    def queries():
        counted.clear()
        search(web, q="том")
        return len(counted)

    book(db, library, 0, "Том", "", "ru", 2000, [])
    index_everything()
    event.listen(engine, "before_cursor_execute", count)
    try:
        queries()
        few = queries()
        for number in range(1, 20):
            book(db, library, number, f"Том {number}", "Автор", "ru", 2000, ["Тема"])
        index_everything()
        many = queries()
    finally:
        event.remove(engine, "before_cursor_execute", count)

    assert many == few <= 8


def test_a_search_engine_that_is_down_leaves_the_page_up(web, app, books):
    index = app.registry["bibliopolis.search_index"]
    index.break_down()

    page = search(web, language="en", q="идиот")

    assert "The search is being put in order" in page.text
    assert as_json(web)["available"] is False
