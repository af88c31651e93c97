"""The whole way of a hold through the site, each request with its own commit."""

import pytest
from fixtures.desk import form_to, outcome
from fixtures.lending import City
from fixtures.people import PASSWORD, PASSWORDS
from sqlalchemy import select

from bibliopolis.accounts.models import Person, RoleGrant
from bibliopolis.circulation.models import Hold, Loan


@pytest.fixture
def town(committing_site):
    """A library with a copy, Elena who reads and Vera who works there."""
    committing_site.app.registry["bibliopolis.passwords"] = PASSWORDS
    with committing_site.transaction() as request:
        city = City(request.db, request.clock, None)
        library = city.library()
        record = city.record(library)
        item = city.item(record, library)
        people = {}
        for name, roles in (("elena", {}), ("vera", {"librarian": f"library:{library.id}"})):
            person = city.person(name)
            person.email = f"{name}@example.org"
            person.password_hash = PASSWORDS.hash(PASSWORD)
            person.grants = [RoleGrant(role=role, scope=at) for role, at in roles.items()]
            people[name] = person
        reader = city.reader(library, person=people["elena"])
        return {
            "desk": f"/en/desk/{library.code}",
            "record": f"/en/catalogue/{record.id}",
            "barcode": item.barcode,
            "card": reader.card.number,
        }


def signed_in(site, name):
    web = site.web()
    form = web.get("/en/account/sign-in").forms["sign-in"]
    form["name"], form["password"] = f"{name}@example.org", PASSWORD
    form.submit(status=303)
    return web


def state(site, what=Hold.state):
    with site.transaction() as request:
        return request.db.scalars(select(what)).one()


def scan(page, code):
    form = page.forms["scan-form"]
    form["code"] = code
    return form.submit(status=303).follow()


def test_a_hold_goes_its_way_and_every_step_is_kept(committing_site, town):
    reader = signed_in(committing_site, "elena")
    form_to(reader.get(town["record"]), "/account/holds").submit(status=303)
    assert state(committing_site) == "queued"

    staff = signed_in(committing_site, "vera")
    form_to(staff.get(f"{town['desk']}/pull"), "/found").submit(status=303)
    page = form_to(staff.get(f"{town['desk']}/pull"), "/check-in-found").submit(status=303).follow()
    assert outcome(page) == "Put it on the hold shelf"
    assert state(committing_site) == "ready"

    page = scan(scan(page, town["card"]), town["barcode"])
    assert outcome(page) == "Lent: give it to the reader"
    assert state(committing_site) == "fulfilled"

    page = scan(staff.get(town["desk"]), town["barcode"])
    assert outcome(page).startswith("Put it back")
    assert state(committing_site, Loan.reader_id) is None


def test_what_was_refused_leaves_nothing(committing_site, town):
    staff = signed_in(committing_site, "vera")
    page = staff.get(town["desk"])
    form = page.forms["scan-form"]
    form["mode"] = "out"

    page = scan(page, town["barcode"])

    assert outcome(page) == "Not done: Scan the reader's card first."
    with committing_site.transaction() as request:
        assert request.db.scalars(select(Loan)).all() == []
        assert len(request.db.scalars(select(Person)).all()) == 2
