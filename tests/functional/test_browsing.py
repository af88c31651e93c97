"""Going through the catalogue by letters, for those who do not know yet what they want."""

import pytest
from fixtures.lending import City
from fixtures.records import make_book
from sqlalchemy import event

PATH = "/ru/catalogue/@@browse"


@pytest.fixture
def library(db, clock):
    return City(db, clock, None).library("Fontanka")


@pytest.fixture
def shelve(db, clock, library):
    numbers = iter(range(10_000))

    def shelve(title, author, **columns):
        return make_book(
            db,
            clock,
            library=library,
            control_number=f"browse{next(numbers)}",
            title=title,
            subtitle=None,
            author=author,
            contributors=[{"name": author, "role": "author"}],
            sort_key=title.casefold(),
            **{"subjects": [], **columns},
        )

    return shelve


@pytest.fixture
def books(shelve, index_everything):
    made = [
        shelve("Война и мир", "Толстой, Лев", subjects=["Война"], classes=["84(2Рос=Рус)1"]),
        shelve("Анна Каренина", "Толстой, Лев", classes=["84(2Рос=Рус)1", "821.161.1"]),
        shelve("Мудрость", "Ёлкин, Пётр"),
        shelve("Emma", "Austen, Jane", subjects=["Любовь"]),
        shelve("Последнее", "Чехов, Антон"),
    ]
    index_everything()
    return made


def entries(page):
    return [
        (item.select_one("a").get_text(), item.select_one(".num").get_text())
        for item in page.html.select(".browse-list li")
    ]


def statements_of(db, action):
    statements = []

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", count)
    try:
        action()
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", count)
    return statements


def test_authors_are_listed_by_letters_with_what_there_is_of_them(web, books):
    page = web.get(PATH + "?by=author")

    letters = [
        [letter.get_text() for letter in script.select("a")]
        for script in page.html.select(".letters")
    ]
    assert letters == [["Е", "Т", "Ч"], ["A"]]
    assert entries(page)[0] == ("Толстой, Лев", "2 названия")

    page = page.click("Е")

    assert entries(page) == [("Ёлкин, Пётр", "1 название")]
    assert page.html.select_one(".letters [aria-current]").get_text() == "Е"
    assert page.click("Ёлкин").html.select_one(".result h2").get_text() == "Мудрость"


def test_no_letter_is_lost_where_alphabets_alternate(web, shelve, index_everything):
    for author in ("2-й съезд", "Austen, Jane", "Όμηρος", "Толстой, Лев", "שלום עליכם"):
        shelve("Книга", author)
    index_everything()

    page = web.get(PATH + "?by=author")

    letters = [letter.get_text() for letter in page.html.select(".letters a")]
    assert sorted(letters) == sorted(["2", "A", "Ο", "Т", "ש"])


def test_letters_of_the_page_come_first(web, books):
    page = web.get("/en/catalogue/@@browse?by=author")

    assert page.html.select_one(".letters a").get_text() == "A"


@pytest.mark.parametrize(
    ("by", "starts", "found"),
    [
        ("subject", "в", ["Война"]),
        ("class", "84(2", ["84(2Рос=Рус)1"]),
        ("class", "8", ["821.161.1", "84(2Рос=Рус)1"]),
        ("author", "толс", ["Толстой, Лев"]),
        ("author", "ъ", []),
    ],
)
def test_a_list_can_be_begun_anywhere(web, books, by, starts, found):
    page = web.get(PATH, {"by": by, "starts": starts})

    assert [title for title, _count in entries(page)] == found
    assert bool(found) or page.html.select_one(".note")


def test_a_number_is_what_the_link_finds(web, books):
    page = web.get(PATH, {"by": "class", "starts": "84"})

    assert entries(page) == [("84(2Рос=Рус)1", "2 названия")]
    assert len(page.click("84").html.select(".result")) == 2


def test_libraries_are_listed_by_name(web, books, library):
    [(name, titles)] = entries(web.get(PATH + "?by=library"))

    assert titles == "5 названий"
    assert library.name["ru"] == name


def test_what_came_last_is_shown_first(web, books):
    page = web.get(PATH)

    assert page.html.select_one(".result h2").get_text() == "Последнее"
    assert page.click("Все, сначала новые").html.select_one(".result h2").get_text() == "Последнее"


def test_what_is_withdrawn_is_in_no_list(web, db, books, index_everything):
    books[3].withdrawn = True
    db.flush()
    index_everything()

    assert "Austen, Jane" not in web.get(PATH + "?by=author").text
    assert entries(web.get(PATH, {"by": "author", "starts": "a"})) == []


def test_a_long_list_has_pages_and_costs_the_same(web, db, shelve, index_everything):
    shelve("Одна", "Абрамов, Фёдор")
    index_everything()
    few = statements_of(db, lambda: web.get(PATH, {"by": "author", "starts": "а"}))
    for number in range(130):
        shelve(f"Книга {number}", f"Автор {number:03}, Имя")
    index_everything()

    page = web.get(PATH, {"by": "author", "starts": "а"})

    assert len(entries(page)) == 60
    page = web.get(PATH, {"by": "author", "starts": "а", "page": "3"})
    assert [title for title, _count in entries(page)][-1] == "Автор 129, Имя"
    many = statements_of(db, lambda: web.get(PATH, {"by": "author", "starts": "а"}))
    assert len(many) <= max(len(few), 3)
    assert not entries(web.get(PATH, {"by": "author", "starts": "а", "page": "999999"}))


def test_lists_are_not_for_robots(web, books):
    robot = {"User-Agent": "Examplebot/1.0"}

    web.get(PATH + "?by=author", headers=robot, status=403)
    page = web.get(PATH + "?by=author")
    links = page.html.select(".letters a, .browse-list a")
    assert links
    assert all(link["rel"] == ["nofollow"] for link in links)


def test_a_list_nobody_knows_is_not_found(web, books):
    web.get(PATH + "?by=colour", status=404)
