"""A search put field by field, kept in an address, changed, and gone on with."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fixtures.lending import City
from fixtures.records import make_book
from sqlalchemy import event

from bibliopolis.catalogue.availability import Availability, NothingInUse

TOLSTOY = "Толстой, Лев Николаевич"
FORM = "/ru/catalogue/@@advanced"


@pytest.fixture
def library(db, clock):
    return City(db, clock, None).library("Fontanka")


@pytest.fixture
def books(db, clock, library, index_everything):
    def book(number, title, author, **columns):
        return make_book(
            db,
            clock,
            library=library,
            control_number=f"adv{number}",
            title=title,
            author=author,
            contributors=[{"name": author, "role": "author"}],
            sort_key=title.casefold(),
            **{"subjects": [], "isbns": [], "publisher": None, "subtitle": None, **columns},
        )

    made = [
        book(1, "Война и мир", TOLSTOY, publisher="Наука", year=1869, isbns=["9785170906308"]),
        book(2, "Анна Каренина", TOLSTOY, series=["Школьная библиотека"], year=1877),
        book(3, "Лев Толстой", "Шкловский, Виктор Борисович", subjects=["Биографии"], year=1963),
        book(4, "Мир и война", "Толстой, Алексей", languages=["en"], year=1990),
    ]
    City(db, clock, None).item(made[0], library).shelf_mark = "84(2Рос=Рус)1 Т53"
    Availability(db=db, in_use=NothingInUse()).recompute([one.id for one in made])
    index_everything()
    return made


def titles(page):
    return [link.get_text() for link in page.html.select(".result h2 a")]


def fill(web, language="ru", **values):
    form = web.get(f"/{language}/catalogue/@@advanced").forms
    form = next(one for one in form.values() if "words" in one.fields)
    for name, value in values.items():
        form[name.rstrip("_")] = value
    return form.submit("find")


def test_a_form_leads_to_an_ordinary_search_that_names_its_fields(web, books):
    answer = fill(web, author="лев толстой", from_="1860", to="1870")

    assert answer.status_code == 303
    asked = parse_qs(urlsplit(answer.location).query)
    assert asked == {
        "q": ["автор:(лев толстой)"],
        "scope": ["catalogue"],
        "from": ["1860"],
        "to": ["1870"],
    }
    page = answer.follow()
    assert titles(page) == ["Война и мир"]
    [field] = page.html.select(".page-head .filter")
    assert "Автор: лев толстой" in " ".join(field.get_text().split())


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"title": "лев толстой"}, {"Лев Толстой"}),
        ({"author": "tolstoy", "title": "война"}, {"Война и мир", "Мир и война"}),
        ({"title": '"война и мир"'}, {"Война и мир"}),
        ({"subject": "биографии"}, {"Лев Толстой"}),
        ({"publisher": "наука"}, {"Война и мир"}),
        ({"series": "школьная"}, {"Анна Каренина"}),
        ({"number": "978-5-17-090630-8"}, {"Война и мир"}),
        ({"shelf": "84(2Рос=Рус)1 Т53"}, {"Война и мир"}),
        ({"shelf": "84(2Рос*"}, {"Война и мир"}),
        ({"words": "толстой", "author": "шкловский"}, {"Лев Толстой"}),
        ({"words": "-каренина", "author": "лев"}, {"Война и мир"}),
    ],
)
def test_each_field_finds_what_it_is_called_after(web, books, fields, found):
    assert set(titles(fill(web, **fields).follow())) == found


def test_a_search_can_be_taken_back_into_the_form_and_changed(web, books):
    page = fill(web, author="лев толстой", title="война", words="мир").follow()

    form = next(
        one
        for one in page.click(href="@@advanced", index=0).forms.values()
        if "words" in one.fields
    )

    assert {name: form[name].value for name in ("words", "author", "title")} == {
        "words": "мир",
        "author": "лев толстой",
        "title": "война",
    }
    form["title"] = ""
    form["words"] = ""
    assert set(titles(form.submit("find").follow())) == {"Война и мир", "Анна Каренина"}


def test_a_field_can_be_dropped_from_the_results(web, books):
    page = web.get("/ru/catalogue?" + urlencode({"q": "author:толстой title:мир"}))
    assert set(titles(page)) == {"Война и мир", "Мир и война"}

    _author, title = page.html.select(".page-head .filter")

    assert set(titles(web.get(title["href"]))) == {"Война и мир", "Анна Каренина", "Мир и война"}
    assert title["rel"] == ["nofollow"]


def test_languages_and_kinds_are_offered_with_their_numbers(web, books):
    page = web.get(FORM)

    english = page.html.select_one("input[name=lang][value=en]").parent
    assert english.select_one(".count").get_text() == "1"
    form = next(one for one in page.forms.values() if "words" in one.fields)
    form.set(
        "lang",
        "en",
        index=[box.get("value") for box in page.html.select("input[name=lang]")].index("en"),
    )
    assert titles(form.submit("find").follow()) == ["Мир и война"]


def test_an_empty_form_says_what_to_do(web, books):
    answer = web.get(f"{FORM}?find=1&words=++", status=400)

    assert "достаточно одного поля" in answer.html.select_one("#errors").get_text()
    assert answer.html.select_one("#words")["aria-invalid"] == "true"


def test_too_many_words_are_refused_rather_than_cut(web, books):
    answer = web.get(FORM, {"find": "1", "words": "а " * 190, "title": "б" * 100}, status=400)

    assert answer.html.select_one("#in-title")["value"] == "б" * 100


def test_an_english_form_names_fields_in_english(web, books):
    answer = fill(web, language="en", author="толстой", number="9785170906308")

    assert parse_qs(urlsplit(answer.location).query)["q"] == ["author:толстой isbn:9785170906308"]
    assert titles(answer.follow()) == ["Война и мир"]


def test_library_and_availability_hold_for_the_next_search(web, books, library):
    page = web.get("/ru/catalogue", {"q": "война", "lib": library.code, "avail": "city"})
    box = page.forms[[form.action for form in page.forms.values()].index("/ru/catalogue")]
    box["q"] = "каренина"

    page = box.submit()

    assert titles(page) == []
    dropped = [one["href"] for one in page.html.select(".filters a.filter")]
    assert len(dropped) == 2
    assert titles(web.get(dropped[0])) == ["Анна Каренина"]
    assert not web.get("/ru/libraries").html.select(".search-box input[name=lib]")


def test_an_author_can_be_chosen_among_the_filters(web, books):
    page = web.get("/ru/catalogue", {"auth": TOLSTOY})

    assert set(titles(page)) == {"Война и мир", "Анна Каренина"}
    assert page.html.select_one(f"input[name=auth][value='{TOLSTOY}']").has_attr("checked")


def test_robots_get_no_form(web, books):
    web.get(FORM, headers={"User-Agent": "Examplebot/1.0"}, status=403)


def test_the_form_asks_the_database_little(web, books, db):
    web.get(FORM)
    statements = []

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", count)
    try:
        web.get(FORM)
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", count)
    assert len(statements) <= 4, statements
