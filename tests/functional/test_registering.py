"""Becoming a reader on the site: a form, a letter, a card that serves until a desk has finished."""

import re
from datetime import date, timedelta

import pytest
from fixtures.people import PASSWORD
from sqlalchemy import func, select

from bibliopolis.accounts.jobs import forget_what_is_old
from bibliopolis.accounts.models import ConfirmationToken, Person
from bibliopolis.mail import MailMessage
from bibliopolis.readers.models import Guardianship, Reader, Registration

BORN, CHILD = "1980-05-01", "2018-05-01"
CHOSEN = "a password of hers"


@pytest.fixture
def fill_in(web, town):
    """Fill the form in as Lena does, and send it."""

    def fill_in(status=303, page="register", **otherwise):
        form = web.get(f"/en/account/{page}").forms["register"]
        wanted = {
            "name": "Lena Reads",
            "born": BORN,
            "email": "Lena@Example.org ",
            "password": CHOSEN,
            "home": town.here.code,
            "rules": True,
            "privacy": True,
            **otherwise,
        }
        for name, value in wanted.items():
            if name in form.fields:
                form[name] = value
        return form.submit(status=status)

    return fill_in


def letters(db):
    return db.scalars(select(MailMessage).order_by(MailMessage.id)).all()


def link(db):
    """Return the path of the link in the last letter."""
    return re.search(r"http://localhost(/\S+)", letters(db)[-1].body).group(1)


def open_account(web, db, password=CHOSEN, status=303):
    form = web.get(link(db)).forms["confirm"]
    form["password"] = password
    return form.submit(status=status)


def readers(db):
    return db.scalar(select(func.count()).select_from(Reader))


def test_who_registers_and_confirms_has_an_account_and_a_card(web, db, town, fill_in):
    before = readers(db)
    page = fill_in().follow()
    page.mustcontain("We have written to lena@example.org")
    assert readers(db) == before

    page = open_account(web, db).follow()

    page.mustcontain("Your account is open", "lena@example.org", "Bring a document")
    reader = db.scalars(select(Reader).where(Reader.name == "Lena Reads")).one()
    assert reader.registration == Registration.PRELIMINARY
    assert reader.born == date.fromisoformat(BORN)
    assert reader.consent == "2026-1"
    assert reader.home_library_id == town.here.id


def test_the_letter_is_in_the_language_of_the_page(web, db, fill_in):
    fill_in()

    (letter,) = letters(db)

    assert (letter.language, letter.confidential) == ("en", True)
    assert "/en/account/confirm-registration/" in letter.body


def test_nobody_learns_who_has_an_account(web, db, town, fill_in):
    pages = [fill_in(email=email).follow() for email in ("new@nowhere.org", "elena@example.org")]

    said = {re.sub(r'(\S+@\S+)|value="\w{30,}"', "", page.text) for page in pages}
    assert len(said) == 1
    _to_new, to_elena = letters(db)
    assert to_elena.recipient == "elena@example.org"
    assert "confirm-registration" not in to_elena.body
    assert db.scalar(select(func.count()).select_from(Person)) == 3


@pytest.mark.parametrize(
    "name",
    [
        "You have won http://evil.example",
        "Read evil.example",
        "evil．example",
        "a/b",
        "me@evil.com",
    ],
)
def test_a_name_carries_no_address_into_a_letter_to_a_stranger(db, fill_in, name):
    fill_in(400, name=name).mustcontain("A name holds no web address")

    assert letters(db) == []


@pytest.mark.parametrize(
    "name", ["А.С.Пушкин", "Салтыков-Щедрин М. Е.", "Conan O’Brien Jr.", "رنا حداد"]
)
def test_names_as_people_write_them_are_taken(db, fill_in, name):
    fill_in(name=name)

    assert name in letters(db)[0].body


def test_a_name_is_one_line_and_no_story(db, fill_in):
    fill_in(400, name="n" * 101).mustcontain("This is too long.")

    fill_in(name="Lena\r\n\r\n\u2028Reads")

    assert "Lena Reads wants" in letters(db)[0].body


def test_a_password_that_is_too_long_is_told_so(fill_in):
    fill_in(400, password="p" * 1001).mustcontain("at most", no="at least")


def test_a_letter_leads_nowhere_but_to_the_site_itself(web, db, town, fill_in):
    web.extra_environ["HTTP_HOST"] = "evil.example"

    fill_in(409).mustcontain("bibliopolis.url")

    assert letters(db) == []


def test_what_is_wrong_is_said_of_all_fields_and_what_was_typed_stays(db, fill_in):
    page = fill_in(400, name=" ", born="", email="lena", password="short", home="", rules=False)

    page.mustcontain(
        "A name is needed.",
        "The day of birth is needed.",
        "This is not an e-mail address.",
        "at least 8 characters",
        "Choose a library of the list.",
        "Without this nobody can be registered.",
        no="short",
    )
    assert page.forms["register"]["email"].value == "lena"
    assert letters(db) == []


def test_a_child_does_not_register_alone(db, fill_in):
    fill_in(400, born=CHILD).mustcontain("a grown-up reader registers the child")

    assert letters(db) == []


def test_the_link_needs_the_password_of_whoever_registered(web, db, fill_in):
    fill_in()

    page = open_account(web, db, "guessed", 400)

    page.mustcontain("This is not the password you chose")
    assert db.scalars(select(Person).where(Person.email == "lena@example.org")).all() == []
    open_account(web, db)


def test_passwords_of_a_link_are_not_tried_for_ever(web, db, fill_in):
    fill_in()
    for _ in range(10):
        open_account(web, db, "guessed", 400)

    open_account(web, db, CHOSEN, 400).mustcontain("Too many attempts")


def test_a_link_works_once_and_of_two_letters_one(web, db, fill_in):
    fill_in()
    first = link(db)
    fill_in()
    path = link(db)
    open_account(web, db)

    for opened in (path, first):
        inside = web.get(opened, status=303)
        assert inside.location == "http://localhost/en/account"
        inside.follow().mustcontain("your account is open")
    web.reset()
    outside = web.get(path, status=303)
    assert outside.location == "http://localhost/en/account/sign-in"
    outside.follow().mustcontain("Sign in with your password")


def test_a_link_is_good_for_two_days_and_then_forgets(web, db, clock, inside, fill_in):
    fill_in()
    clock.advance(timedelta(days=2, seconds=1))

    web.get(link(db), status=409).mustcontain("too old")
    forget_what_is_old(inside)
    assert db.scalars(select(ConfirmationToken.data)).all() == [{}]


def test_what_was_typed_is_forgotten_with_the_link(web, db, fill_in):
    fill_in()
    open_account(web, db)

    db.expire_all()
    assert db.scalars(select(ConfirmationToken.data)).all() == [{}]


def test_no_mailbox_is_filled_and_no_machine_registers_a_crowd(web, db, fill_in):
    for _ in range(5):
        fill_in()
    assert len(letters(db)) == 3

    for number in range(15):
        fill_in(email=f"r{number}@example.org")

    fill_in(400, email="late@example.org").mustcontain("Too many attempts")


def test_an_address_that_got_an_account_meanwhile_is_not_taken(web, db, make_person, fill_in):
    fill_in()
    path = link(db)
    make_person("lena")

    form = web.get(path).forms["confirm"]
    form["password"] = CHOSEN

    form.submit(status=409).mustcontain("There is an account with this address already.")


@pytest.mark.parametrize("path", ["", "/", "/guessed", "/%D0%AF/%22"])
def test_a_made_up_link_says_so(web, path):
    web.get(f"/en/account/confirm-registration{path}", status=409).mustcontain("not known here")


def test_whoever_has_an_account_becomes_a_reader_without_a_letter(web, db, sign_in, fill_in):
    sign_in("vera").get("/en/account").mustcontain("no library card yet")

    fill_in(name="Vera").follow().mustcontain("this number serves as your card")

    assert letters(db) == []
    web.get("/en/account/register", status=303)
    reader = db.scalars(select(Reader).where(Reader.name == "Vera")).one()
    assert reader.registration == Registration.PRELIMINARY


def test_a_grown_up_reader_registers_a_child(web, db, town, sign_in, fill_in):
    sign_in("elena").get("/en/account").click("Register a child")

    grown_up = fill_in(page="register-child", name="Sasha", born=BORN, status=400)
    grown_up.mustcontain("without a grown-up")
    page = fill_in(page="register-child", name="Sasha", born=CHILD).follow()

    page.mustcontain("Sasha is registered", "Children")
    child = db.scalars(select(Reader).where(Reader.name == "Sasha")).one()
    assert (child.registration, child.person_id) == (Registration.PRELIMINARY, None)
    assert db.get(Guardianship, (town.elena.id, child.id)) is not None


def test_only_a_reader_whom_a_desk_has_seen_registers_children(web, db, town, sign_in):
    town.elena.registration = Registration.PRELIMINARY
    sign_in("elena").get("/en/account/register-child", status=409)

    web.reset()
    sign_in("vera").get("/en/account/register-child", status=409)


def test_until_it_is_finished_the_number_signs_in_and_little_is_lent(web, db, town, fill_in):
    fill_in()
    open_account(web, db)
    reader = db.scalars(select(Reader).where(Reader.name == "Lena Reads")).one()
    web.reset()
    form = web.get("/en/account/sign-in").forms["sign-in"]
    form["name"], form["password"] = reader.card.number, CHOSEN

    form.submit(status=303).follow().mustcontain("Lena Reads")

    assert PASSWORD not in web.get("/en/account").text
