"""A few letters are enough: the box says what there is that begins so."""

from urllib.parse import urlencode

import pytest
from fixtures.lending import City
from fixtures.records import make_book
from sqlalchemy import event

TOLSTOY = "Толстой, Лев Николаевич"
BOOKS = [
    ("Война и мир", TOLSTOY, ["Война — В литературе"]),
    ("Война и мир", TOLSTOY, []),
    ("Анна Каренина", TOLSTOY, []),
    ("Хаджи-Мурат", TOLSTOY, ["Кавказ"]),
    ("War and Peace", "Tolstoy, Leo", ["War stories"]),
    ("Ёлка", "Фёдоров, Ян", []),
]


@pytest.fixture
def books(db, clock, index_everything):
    library = City(db, clock, None).library("Fontanka")
    made = [
        make_book(
            db,
            clock,
            library=library,
            control_number=f"suggest{number}",
            title=title,
            subtitle=None,
            author=author,
            contributors=[{"name": author, "role": "author"}],
            sort_key=title.casefold(),
            subjects=subjects,
        )
        for number, (title, author, subjects) in enumerate(BOOKS)
    ]
    index_everything()
    return made


def ask(web, typed, language="ru", **more):
    address = f"/{language}/catalogue/@@suggest?{urlencode({'q': typed})}"
    return web.get(address, headers={"Accept": "application/json"}, **more)


def suggested(web, typed):
    return [(one["kind"], one["title"]) for one in ask(web, typed).json["items"]]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("толс", ("author", TOLSTOY)),
        ("Лев Тол", ("author", TOLSTOY)),
        ("njkcn", ("author", TOLSTOY)),
        ("tols", ("author", TOLSTOY)),
        ("фед", ("author", "Фёдоров, Ян")),
        ("кавк", ("subject", "Кавказ")),
        ("хадж", ("title", "Хаджи-Мурат")),
        ("война и мир", ("title", "Война и мир")),
        ("war and pea", ("title", "War and Peace")),
        ("tkr", ("title", "Ёлка")),
    ],
)
def test_what_begins_so_is_suggested(web, books, typed, first):
    assert suggested(web, typed)[0] == first


def test_a_title_is_suggested_once_however_many_editions(web, books):
    assert suggested(web, "война").count(("title", "Война и мир")) == 1


def test_a_suggestion_leads_to_what_it_says(web, books):
    [author] = [one for one in ask(web, "толстой").json["items"] if one["kind"] == "author"]

    page = web.get(author["@id"])

    assert author["note"] == "4"
    assert author["kind_title"] == "Автор"
    assert page.html.select_one("h1").get_text() == "Каталог: 4 названия"


@pytest.mark.parametrize("typed", ["", "то", "  ", '"толст', "author:толст", "ъъъъ", "((((", "*"])
def test_nothing_is_suggested_where_nothing_can_be(web, books, typed):
    assert suggested(web, typed) == []


def test_what_libraries_have_withdrawn_is_not_suggested(web, db, books, index_everything):
    books[3].withdrawn = True
    db.flush()
    index_everything()

    assert suggested(web, "хадж") == []
    assert suggested(web, "кавк") == []


def test_robots_get_no_suggestions(web, books):
    robot = {"User-Agent": "Examplebot/1.0"}

    web.get("/ru/catalogue/@@suggest?q=abc", headers=robot, status=403)


def test_an_answer_is_kept_by_this_browser_only(web, books):
    assert ask(web, "толстой").headers["Cache-Control"] == "private, max-age=300"


def test_suggestions_cost_the_database_one_statement(web, books, db):
    ask(web, "война")
    statements = []

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", count)
    try:
        ask(web, "война")
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", count)
    assert len(statements) <= 1, statements


def test_every_search_box_knows_where_to_ask(web, books):
    for address in ("/ru/", "/ru/libraries", "/en/catalogue"):
        field = web.get(address).html.select_one(".search-box input[name=q]")
        assert field["data-suggest"] == f"{address[:3]}/catalogue/@@suggest"
        assert field["type"] == "search"
