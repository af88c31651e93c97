"""Readers whom a desk has registered open an account: with a letter, the card and a password."""

import re

import pytest
from fixtures.desk import child_of
from sqlalchemy import func, select

from bibliopolis.accounts.models import Person
from bibliopolis.mail import MailMessage

CHOSEN = "a password of hers"
ADDRESS = "anna@example.net"


@pytest.fixture
def anna(town):
    """A reader with a card and without an account."""
    return town.city.reader(town.here, "Anna")


@pytest.fixture
def desk(sign_in, town):
    """Vera's browser; she works at the first library."""
    return sign_in("vera")


def invite(desk, reader, email=ADDRESS, status=303, language="en"):
    form = desk.get(f"/en/staff/readers/{reader.uid}").forms["invite"]
    form["email"], form["language"] = email, language
    return form.submit(status=status)


def letters(db):
    return db.scalars(select(MailMessage).order_by(MailMessage.id)).all()


def link(db):
    """Return the path of the link in the last letter."""
    return re.search(r"http://localhost(/\S+)", letters(db)[-1].body).group(1)


def open_account(web, address, card, password=CHOSEN, status=303):
    form = web.get(address).forms["open"]
    form["card"], form["password"] = card, password
    return form.submit(status=status)


def test_the_letter_the_card_and_a_password_open_an_account(db, web, desk, anna):
    invite(desk, anna, " Anna@Example.NET ", language="ru").follow().mustcontain(ADDRESS)
    web.reset()
    assert letters(db)[-1].recipient == ADDRESS
    assert "записала вас читателем" in letters(db)[-1].body

    page = open_account(web, link(db), anna.card.number).follow()

    page.mustcontain(anna.name, "Учётная запись открыта")
    db.expire_all()
    person = db.scalar(select(Person).where(Person.email == ADDRESS))
    assert (anna.person_id, person.language) == (person.id, "ru")
    web.get(link(db), status=303)  # opened once more, it leads on


def test_whoever_gets_the_letter_by_mistake_opens_nothing(db, web, desk, anna, town):
    invite(desk, anna)
    web.reset()

    for number in ("", "000", town.elena.card.number):
        page = open_account(web, link(db), number, status=400)
        page.mustcontain("This is not the number of the card that the desk gave.")
    open_account(web, link(db), anna.card.number, "short", status=400)

    assert db.scalar(select(func.count()).where(Person.email == ADDRESS)) == 0
    for _n in range(7):
        open_account(web, link(db), "000", status=400)
    assert "Too many" in open_account(web, link(db), anna.card.number, status=400)


def test_an_address_with_an_account_and_one_that_is_none_are_refused(db, desk, anna):
    invite(desk, anna, "elena@example.org", 400).mustcontain("an account with this address already")
    page = invite(desk, anna, "anna at home", 400)
    page.mustcontain("This is not an e-mail address.")
    assert page.forms["invite"]["email"].value == "anna at home"

    assert letters(db) == []


def test_a_mailbox_is_not_flooded(db, desk, anna):
    for _n in range(3):
        invite(desk, anna)
    invite(desk, anna, status=400).mustcontain("We have written several times.")

    assert len(letters(db)) == 3


def test_who_has_an_account_and_a_child_are_not_invited(db, desk, town):
    for reader in (town.elena, child_of(town, db, town.elena)):
        page = desk.get(f"/en/staff/readers/{reader.uid}")
        assert "invite" not in page.forms
        token = page.forms["give-card"]["csrf_token"].value
        sent = {"csrf_token": token, "email": ADDRESS}
        desk.post(f"/en/staff/readers/{reader.uid}/invite", sent, status=409)


def test_of_two_links_one_opens_the_account(db, web, desk, anna):
    invite(desk, anna)
    first = link(db)
    invite(desk, anna, "anna@example.com")
    second = link(db)
    web.reset()
    open_account(web, first, anna.card.number)
    web.reset()

    web.get(second, status=409).mustcontain("has an account already")
