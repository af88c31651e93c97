"""Readers who come and go at the same moment, on both databases: each once, nothing half."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from fixtures.desk import form_to
from fixtures.lending import City
from fixtures.people import PASSWORD, PASSWORDS
from sqlalchemy import func, select

from bibliopolis.accounts.confirmations import Confirmations
from bibliopolis.accounts.models import Person, RoleGrant
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.circulation.models import Hold
from bibliopolis.readers.models import Card, Reader, Registration

MANY = 4


@pytest.fixture
def city(committing_site, clock):
    """A library with a book, Elena who reads, and as many registrations as browsers."""
    site = committing_site
    site.app.registry["bibliopolis.passwords"] = PASSWORDS
    with site.transaction() as request:
        city = City(request.db, request.clock, None)
        library = city.library()
        record = city.record(library)
        city.item(record, library)
        people = [city.person(name) for name in ("elena", "vera")]
        for person, name in zip(people, ("elena", "vera"), strict=True):
            person.email = f"{name}@example.org"
            person.password_hash = PASSWORDS.hash(PASSWORD)
        city.reader(library, person=people[0])
        people[1].grants = [RoleGrant(role="librarian", scope="")]
        waiting = [
            city.reader(
                library,
                registration=Registration.PRELIMINARY,
                registered_until=clock.today() + timedelta(days=9),
            ).uid
            for _n in range(MANY)
        ]
        confirmations = request.find_service(Confirmations)
        kept = {
            "name": "Lena",
            "born": "1980-05-01",
            "home": library.id,
            "password": PASSWORDS.hash(PASSWORD),
            "rules": "1",
            "language": "en",
        }
        links = [confirmations.issue("registration", "lena@example.org", kept) for _n in range(2)]
        found = {"record": record.id, "code": library.code, "waiting": waiting, "links": links}
    yield found
    site.app.registry["bibliopolis.passwords"] = Passwords()


def signed_in(site, name):
    web = site.web()
    form = web.get("/en/account/sign-in").forms["sign-in"]
    form["name"], form["password"] = f"{name}@example.org", PASSWORD
    form.submit(status=303)
    return web


def answers_at_once(forms):
    with ThreadPoolExecutor(len(forms)) as threads:
        return list(threads.map(lambda form: form.submit(status="*"), forms))


def at_once(forms):
    return [answer.status_int for answer in answers_at_once(forms)]


def count(site, what):
    with site.transaction() as request:
        return request.db.scalar(select(func.count()).select_from(what))


def test_the_links_of_one_address_open_one_account(committing_site, city, caplog):
    forms = []
    for link in city["links"] * 2:
        web = committing_site.web()
        form = web.get(f"/en/account/confirm-registration/{link}").forms["confirm"]
        form["password"] = PASSWORD
        forms.append(form)

    answers = answers_at_once(forms)

    # One opens the account and is signed in; the others are led to where one signs in.
    led = sorted(urlsplit(answer.location).path for answer in answers)
    assert led == ["/en/account", *["/en/account/sign-in"] * 3]
    assert "unexpected" not in caplog.text  # who got in another's way was tried again
    lena = select(Person.id).where(Person.email == "lena@example.org")
    assert count(committing_site, lena.subquery()) == 1
    assert count(committing_site, select(Reader).where(Reader.person_id.in_(lena)).subquery()) == 1


def test_of_desks_that_give_one_card_one_does(committing_site, city):
    desk = signed_in(committing_site, "vera")
    forms = [desk.get(f"/en/staff/readers/{uid}").forms["finish"] for uid in city["waiting"]]
    for form in forms:
        form["born"], form["card"], form["document_seen"] = "1980-05-01", "77001", True

    answers = at_once(forms)

    assert sorted(answers) == [303, 400, 400, 400]
    assert count(committing_site, select(Card).where(Card.number == "77001").subquery()) == 1
    full = select(Reader).where(Reader.uid.in_(city["waiting"]), Reader.registration == "full")
    assert count(committing_site, full.subquery()) == 1


def test_who_goes_leaves_no_hold_behind(committing_site, city):
    web = signed_in(committing_site, "elena")
    hold = form_to(web.get(f"/en/catalogue/{city['record']}"), "/account/holds")
    hold["pickup"] = city["code"]
    close = web.get("/en/account/data").forms["close"]
    close["password"] = PASSWORD

    at_once([hold, close])

    with committing_site.transaction() as request:
        gone = request.db.scalar(select(Person.disabled).where(Person.name != "Vera").limit(1))
        holds = request.db.scalars(select(Hold.state)).all()
    assert (gone, holds) in [(True, []), (False, ["queued"])]
