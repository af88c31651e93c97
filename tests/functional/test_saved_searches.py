"""Saved searches: kept by their owner, and a letter when something new has come."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from fixtures.lending import City
from fixtures.people import PASSWORD
from fixtures.records import make_book
from sqlalchemy import event, select

from bibliopolis.accounts.models import Person
from bibliopolis.db import new_uid
from bibliopolis.mail import MailMessage, compose
from bibliopolis.outbox import OutboxRow
from bibliopolis.participation.jobs import TOPIC, find_due, write_alerts
from bibliopolis.participation.models import Frequency, SavedSearch
from bibliopolis.participation.services import saved_searches

MINE = "/en/account/searches"
MONDAY = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Seven in the morning in Moscow."""


@pytest.fixture
def library(db, clock):
    return City(db, clock, None).library("Fontanka")


@pytest.fixture
def brings(db, clock, library, index_everything):
    """Return a function that brings books into the catalogue and lets the index know them."""

    def bring(*titles, **more):
        made = [
            make_book(
                db,
                clock,
                library=library,
                control_number=new_uid(),
                title=title,
                subtitle=None,
                uid=new_uid(),
                **more,
            )
            for title in titles
        ]
        clock.advance(timedelta(hours=1))
        index_everything()
        return made

    return bring


@pytest.fixture
def reader(make_person, sign_in, brings):
    """Elena's browser; one book is there before she comes."""
    make_person("elena").language = "en"
    brings("Идиот")
    return sign_in("elena")


@pytest.fixture
def work(inside, db):
    """Return a function that does what the worker does, and returns the letters so far."""

    def work():
        find_due(inside)
        rows = db.scalars(select(OutboxRow).where(OutboxRow.topic == TOPIC)).all()
        write_alerts(inside, [row.key for row in rows])
        for row in rows:
            db.delete(row)
        db.flush()
        return db.scalars(select(MailMessage).order_by(MailMessage.id)).all()

    return work


def save(web, frequency="daily", name=None, **asked):
    page = web.get(f"{MINE}/save?{urlencode(asked, doseq=True)}")
    form = page.forms["save"]
    form["frequency"] = frequency
    if name is not None:
        form["name"] = name
    return form.submit()


def found(**asked):
    return f"/en/catalogue?{urlencode(asked)}"


def the_search(db):
    return db.scalars(select(SavedSearch)).one()


def stop_address(letter):
    return re.fullmatch(r"<http://localhost(/.+)>", letter.headers["List-Unsubscribe"])[1]


def test_the_search_page_has_a_button_that_keeps_the_whole_search(reader, db):
    page = reader.get(found(q="достоевский", kind="book", sort="title", page=1) + "&from=1900")
    form = page.click("Save this search").forms["save"]
    assert form["name"].value == "достоевский, Books, 1900–"
    form["name"] = "Dostoevsky in print"

    listed = form.submit().follow()

    listed.mustcontain("The search is saved.", "On Mondays, if there is something new")
    run = listed.html.find("a", string="Dostoevsky in print")["href"]
    assert run == found(q="достоевский", kind="book", **{"from": 1900}, sort="title")
    reader.get(run).mustcontain("Идиот")
    feed = listed.html.find("a", type="application/atom+xml")["href"]
    assert reader.get(feed).content_type == "application/atom+xml"
    reader.get("/en/account").mustcontain("Dostoevsky in print")


def test_pages_of_the_site_are_no_search_of_the_catalogue(web):
    assert "Save this search" not in web.get("/en/catalogue?q=news&scope=site")


def test_who_is_not_signed_in_comes_back_with_the_search(web, make_person, brings):
    make_person("elena")
    brings("Идиот")
    page = web.get(found(q="достоевский", kind="book")).click("Save this search").follow()
    form = page.forms["sign-in"]
    form["name"], form["password"] = "elena@example.org", PASSWORD

    page = form.submit().follow()

    assert page.forms["save"]["name"].value == "достоевский, Books"


def test_the_same_search_is_not_saved_twice(reader, db):
    save(reader, name="Once", subj=["Совесть", "Вина"], q="идиот")

    other = urlencode({"q": "идиот", "page": 3})
    assert "save" in reader.get(f"{MINE}/save?{other}").forms  # without the subjects
    again = urlencode({"subj": ["Вина", "Совесть"], "q": "идиот", "page": 2}, doseq=True)
    reader.get(f"{MINE}/save?{again}").follow().mustcontain(
        "You have saved this search already, as “Once”."
    )


def test_a_second_click_shows_what_the_first_one_saved(reader, db):
    form = reader.get(f"{MINE}/save?q=idiot").forms["save"]
    form.submit(status=303)

    form.submit().follow().mustcontain("You have saved this search already")
    assert the_search(db).name == "idiot"


def test_there_is_a_limit_that_says_what_to_do(reader, monkeypatch):
    monkeypatch.setattr(saved_searches, "MOST", 2)
    late = reader.get(f"{MINE}/save?q=3").forms["save"]
    for words in ("1", "2"):
        save(reader, q=words)

    late.submit(status=409).mustcontain("You have saved 2 searches", "delete one")
    assert reader.get(MINE).text.count("/delete") == 2


@pytest.mark.parametrize(
    ("name", "frequency", "said"),
    [
        ("", "daily", "A name is needed."),
        ("  ", "daily", "A name is needed."),
        ("x" * 101, "daily", "This is too long."),
        ("Good", "hourly", "Choose how often we may write."),
    ],
)
def test_a_bad_form_is_told_what_is_wrong(reader, db, name, frequency, said):
    form = reader.get(f"{MINE}/save?q=idiot").forms["save"]
    form["name"] = name
    form["frequency"].force_value(frequency)

    form.submit(status=400).mustcontain(said)
    assert db.scalars(select(SavedSearch)).all() == []


def test_a_search_is_renamed_and_deleted(reader, db):
    save(reader, q="идиот")
    page = reader.get(MINE).click("Change")
    page.forms["change"]["name"] = "The Idiot"
    page.forms["change"]["frequency"] = "never"
    listed = page.forms["change"].submit().follow()
    listed.mustcontain("The Idiot", "No letters")

    listed.click("Change").forms["delete"].submit().follow().mustcontain("“The Idiot” is deleted.")
    assert db.scalars(select(SavedSearch)).all() == []


def test_nobody_opens_the_searches_of_others(reader, db, make_person, web, sign_in):
    save(reader, q="идиот")
    uid = the_search(db).uid
    make_person("mira")
    web.reset()
    sign_in("mira")

    web.get(f"{MINE}/{uid}", status=403)
    web.get(f"{MINE}/unknown", status=404)
    web.get(MINE).mustcontain("You have saved no search yet.")


def test_a_letter_tells_what_is_new_once(reader, db, clock, brings, work):
    save(reader, name="Dostoevsky", q="достоевский")
    brings("Бесы", "Игрок")
    brings("Каштанка", author="Чехов, Антон Павлович", contributors=[])
    assert work() == []  # it is not morning yet
    clock.instant = MONDAY

    (letter,) = work()

    assert (letter.recipient, letter.language) == ("elena@example.org", "en")
    assert letter.subject == "New in the catalogue: Dostoevsky"
    assert letter.body.index("Игрок") < letter.body.index("Бесы")
    assert "2 new titles" in letter.body
    assert "Идиот" not in letter.body
    assert "Каштанка" not in letter.body
    assert "sort=added" in letter.body
    assert len(work()) == 1
    clock.advance(timedelta(days=1))
    assert len(work()) == 1


def test_the_letter_is_in_the_language_of_its_reader(reader, db, clock, brings, work):
    save(reader, name="Достоевский", q="достоевский")
    db.scalars(select(Person)).one().language = "ru"
    brings("Бесы")
    clock.instant = MONDAY

    (letter,) = work()

    assert letter.subject == "Новое в каталоге: Достоевский"
    assert "1 новое издание" in letter.body


def test_many_days_without_a_worker_end_in_one_letter(reader, clock, brings, work):
    save(reader, q="достоевский")
    for title in ("Бесы", "Игрок", "Подросток"):
        clock.advance(timedelta(days=3))
        brings(title)

    (letter,) = work()

    assert "3 new titles" in letter.body
    assert len(work()) == 1


def test_a_weekly_letter_comes_on_mondays(reader, db, clock, brings, work):
    save(reader, "weekly", q="достоевский")
    brings("Бесы")
    clock.instant = MONDAY - timedelta(minutes=1)
    assert work() == []
    clock.instant = MONDAY
    assert len(work()) == 1
    brings("Игрок")
    clock.instant = MONDAY + timedelta(days=6)
    assert len(work()) == 1
    clock.instant = MONDAY + timedelta(days=7)
    assert len(work()) == 2


def test_without_letters_nothing_is_written_and_nothing_is_told_later(
    reader, db, clock, brings, work
):
    save(reader, "never", q="достоевский")
    brings("Бесы")
    clock.instant = MONDAY
    assert work() == []
    page = reader.get(f"{MINE}/{the_search(db).uid}")
    page.forms["change"]["frequency"] = "daily"
    page.forms["change"].submit()
    brings("Игрок")
    clock.advance(timedelta(days=1))

    (letter,) = work()

    assert "Игрок" in letter.body
    assert "Бесы" not in letter.body


def test_what_was_withdrawn_meanwhile_is_not_told(reader, db, clock, brings, work):
    save(reader, q="достоевский")
    (book,) = brings("Бесы")
    book.withdrawn = True
    db.flush()
    clock.instant = MONDAY

    assert work() == []


def test_a_letter_has_ten_titles_and_the_way_to_the_rest(reader, clock, brings, work):
    save(reader, q="достоевский", kind="book")
    brings(*(f"Книга {n}" for n in range(12)))
    clock.instant = MONDAY

    (letter,) = work()

    assert letter.body.count("/en/catalogue/") == 10
    rest = re.search(r"http://localhost(/en/catalogue\?\S+)", letter.body)[1]
    reader.get(rest).mustcontain("Книга 11", "Книга 0")


def test_records_the_index_has_not_seen_yet_are_told_when_it_has(
    reader, db, clock, library, index_everything, work
):
    save(reader, q="достоевский")
    db.add(
        OutboxRow(
            topic="index", key="record:1", priority=10, created=clock.now(), not_before=clock.now()
        )
    )
    make_book(db, clock, library, control_number="late", title="Бесы", uid=new_uid())
    clock.instant = MONDAY
    assert work() == []
    for row in db.scalars(select(OutboxRow)):
        db.delete(row)
    index_everything()
    clock.advance(timedelta(days=1))

    assert "Бесы" in work()[0].body


def test_opening_the_link_of_a_letter_stops_nothing_but_sending_the_form_does(
    reader, web, db, clock, brings, work
):
    save(reader, name="Dostoevsky", q="достоевский")
    brings("Бесы")
    clock.instant = MONDAY
    address = stop_address(work()[0])
    web.reset()  # whoever reads the mail need not be signed in

    page = web.get(address)
    assert the_search(db).frequency == Frequency.DAILY
    page.forms["stop"].submit().mustcontain("No more letters", "Dostoevsky")

    assert the_search(db).frequency == Frequency.NEVER
    brings("Игрок")
    clock.advance(timedelta(days=1))
    assert len(work()) == 1


def test_mail_programs_stop_letters_with_one_click(reader, web, db, clock, brings, work):
    save(reader, q="достоевский")
    brings("Бесы")
    clock.instant = MONDAY
    (letter,) = work()
    web.reset()
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    for _click in range(2):
        web.post(stop_address(letter), {"List-Unsubscribe": "One-Click"}, status=200)
    assert the_search(db).frequency == Frequency.NEVER
    db.delete(the_search(db))
    db.flush()
    web.post(stop_address(letter), status=200).mustcontain("saved no more")


def test_the_address_that_stops_stays_whole_in_the_letter(reader, clock, brings, work):
    save(reader, q="достоевский")
    brings("Бесы")
    clock.instant = MONDAY
    (letter,) = work()

    lines = compose(letter, "library@example.org").as_bytes().decode().splitlines()

    assert f"List-Unsubscribe: {letter.headers['List-Unsubscribe']}" in lines


@pytest.mark.parametrize("change", [lambda token: token[:-1] + "A", lambda token: "x" + token])
def test_a_link_that_was_guessed_stops_nothing(reader, web, db, clock, brings, work, change):
    save(reader, q="достоевский")
    brings("Бесы")
    clock.instant = MONDAY
    before, _slash, token = stop_address(work()[0]).rpartition("/")

    web.post(f"{before}/{change(token)}", status=404)
    web.get(f"{before}/", status=404)
    assert the_search(db).frequency == Frequency.DAILY


def test_ones_data_hold_the_searches_and_a_closed_account_none(reader, db):
    save(reader, name="Dostoevsky", q="достоевский")
    kept = reader.get("/en/account/data").forms["export"].submit().json["saved_searches"]
    assert kept["searches"][0]["name"] == "Dostoevsky"

    form = reader.get("/en/account/data").forms["close"]
    form["password"] = PASSWORD
    form.submit(status=303)
    assert db.scalars(select(SavedSearch)).all() == []


def test_a_list_costs_the_same_however_long_it_is(reader, db):
    def statements():
        seen = []

        def count(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        event.listen(db.get_bind(), "before_cursor_execute", count)
        try:
            reader.get(MINE)
        finally:
            event.remove(db.get_bind(), "before_cursor_execute", count)
        return len(seen)

    save(reader, q="1", lib="fontanka")
    few = statements()
    for words in range(2, 9):
        save(reader, q=str(words), kind="book", lib="fontanka")
    assert statements() == few
