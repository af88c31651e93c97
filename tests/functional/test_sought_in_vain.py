"""Nothing found: what to do next, and what staff learn of it without learning of anybody."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fixtures.asking import make_topic
from fixtures.lending import City
from fixtures.records import make_book
from sqlalchemy import event, select

from bibliopolis.catalogue.availability import Availability, NothingInUse
from bibliopolis.catalogue.sought import SeekingInVain, SoughtInVain, countable


@pytest.fixture
def library(db, clock):
    return City(db, clock, None).library("Fontanka")


@pytest.fixture
def book(db, clock, library, index_everything):
    book = make_book(db, clock, library=library)
    Availability(db=db, in_use=NothingInUse()).recompute([book.id])
    index_everything()
    return book


@pytest.fixture
def topic(db, clock, library):
    return make_topic(db, clock, library)


@pytest.fixture
def librarian(sign_in, make_person, library):
    make_person("olga", librarian=f"library:{library.id}")
    return sign_in("olga")


def search(web, words, language="ru", **more):
    headers = more.pop("headers", None)
    return web.get(f"/{language}/catalogue?{urlencode({'q': words, **more})}", headers=headers)


def counted(db):
    return {
        row.words: row.times for row in db.execute(select(SoughtInVain.words, SoughtInVain.times))
    }


def test_words_that_find_nothing_lead_to_a_librarian_who_sees_them(web, book, topic):
    page = search(web, "зюзюкин")

    answer = page.click("Спросить библиотекаря", href="about=")

    form = answer.click(topic.title_in("ru"), href=topic.code)
    assert "зюзюкин" in form.html.select_one("textarea[name=text]").get_text()


def test_something_can_be_suggested_to_be_bought(web, db, book, topic):
    assert "Предложить" not in search(web, "зюзюкин").html.select_one(".ways-out").get_text()
    topic.code = "purchase"
    db.flush()

    page = search(web, "зюзюкин").click("Предложить")

    assert "зюзюкин" in page.html.select_one("textarea[name=text]").get_text()
    topic.is_open = False
    db.flush()
    assert "Предложить" not in search(web, "зюзюкин").text


def test_a_closed_topic_is_not_opened_by_an_address(web, db, topic):
    topic.is_open = False
    db.flush()

    assert not web.get(f"/ru/ask/{topic.code}?about=abc").html.select("#ask")


def test_filters_that_leave_nothing_say_what_there_is_without_them(web, book):
    page = search(web, "преступление", kind="map")

    link = page.html.select_one(".note a")
    assert link.parent.get_text().endswith(": 1")
    assert web.get(link["href"]).html.select(".result")


def test_fields_that_find_nothing_can_be_left_out(web, book):
    page = search(web, "title:достоевский")

    anywhere = page.html.select_one(".note").find("a", string="Искать те же слова где угодно")
    assert parse_qs(urlsplit(anywhere["href"]).query)["q"] == ["достоевский"]


def test_what_is_not_found_is_counted_by_day_and_nothing_of_the_person(web, db, book, clock):
    search(web, "Зюзюкин!")
    search(web, "зюзюкин!", language="en")
    search(web, "преступление")

    assert counted(db) == {"зюзюкин!": 2}
    assert set(SoughtInVain.__table__.columns.keys()) == {"day", "words", "times"}
    assert db.scalars(select(SoughtInVain.day)).all() == [clock.today()]


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "map"},
        {"page": "2"},
        {"exact": "1"},
        {"scope": "events"},
    ],
)
def test_only_words_that_the_catalogue_lacks_are_counted(web, db, book, more):
    search(web, "зюзюкин", **more)

    assert counted(db) == {}


def test_robots_are_not_counted(web, db, book):
    search(web, "зюзюкин", headers={"User-Agent": "Examplebot/1.0"})

    assert counted(db) == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Мастер  и Маргарита ", "мастер и маргарита"),
        ('"Ёлки"', "елки"),
        ("978-0-85170-577-4", "9780851705774"),
        ("ISSN 0028-0836", "00280836"),
        ("кто такой ivan@example.org", None),
        ("+7 921 123-45-67", None),
        ("12345678", None),
        ("паспорт 4008 123456", None),
        ("https://example.org/x", None),
        ("слово " * 11, None),
        ("я" * 101, None),
        ("   ", None),
    ],
)
def test_what_may_tell_of_a_person_is_not_counted(typed, kept):
    assert countable(typed) == kept


def test_one_day_keeps_so_many_searches_and_no_more(db, clock, monkeypatch):
    monkeypatch.setattr("bibliopolis.catalogue.sought.MOST_A_DAY", 2)
    seeking = SeekingInVain(db, clock)

    for words in ("один", "два", "три", "два"):
        seeking.count(words)

    assert counted(db) == {"один": 1, "два": 2}


def test_staff_see_what_is_sought_in_vain_the_commonest_first(db, clock, librarian):
    today = clock.today()
    for number in range(60):
        db.add(SoughtInVain(day=today, words=f"слово {number:02}", times=1))
    db.add(SoughtInVain(day=today - timedelta(days=3), words="слово 59", times=4))
    db.add(SoughtInVain(day=today - timedelta(days=60), words="давно", times=9))
    db.flush()

    page = librarian.get("/ru/staff/sought")

    rows = page.html.select("tbody tr")
    assert len(rows) == 50
    assert rows[0].select_one("th").get_text() == "слово 59"
    assert rows[0].select_one(".num").get_text() == "5"
    assert "давно" not in page.text
    assert "слово 58" in librarian.get("/ru/staff/sought?page=2").text
    assert "давно" in librarian.get("/ru/staff/sought?days=90").text


def test_readers_do_not_see_it(sign_in, make_person):
    make_person("anna")

    sign_in("anna").get("/ru/staff/sought", status=403)


def test_the_list_asks_twice_however_long_it_is(db, clock, librarian):
    librarian.get("/ru/staff/sought")
    few = statements_of(db, lambda: librarian.get("/ru/staff/sought"))
    for number in range(120):
        db.add(SoughtInVain(day=clock.today(), words=f"слово {number}", times=1))
    db.flush()

    assert len(statements_of(db, lambda: librarian.get("/ru/staff/sought"))) == len(few)


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


def test_old_counts_are_forgotten(db, clock):
    for days in (0, 364, 365, 400):
        db.add(SoughtInVain(day=clock.today() - timedelta(days=days), words="x", times=1))
    db.flush()

    SeekingInVain(db, clock).forget_old(365)

    left = db.scalars(select(SoughtInVain.day)).all()
    assert sorted(left) == [clock.today() - timedelta(days=364), clock.today()]
    assert isinstance(left[0], date)
