"""A grown-up acts for a child: places their holds, sees what they wait for and what they have."""

from datetime import timedelta

import pytest
from fixtures.desk import child_of, form_to
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import select

from bibliopolis.circulation.models import Hold
from bibliopolis.readers.models import Registration


@pytest.fixture
def sasha(town, db):
    return child_of(town, db, town.elena)


def hold_form(web, town):
    return form_to(web.get(f"/en/catalogue/{town.record.id}"), "/account/holds")


def test_a_hold_for_a_child_is_the_childs(town, sasha, sign_in, db):
    web = sign_in("elena")
    form = hold_form(web, town)
    form["reader"] = sasha.uid

    page = form.submit(status=303).follow()

    hold = db.scalars(select(Hold)).one()
    assert hold.reader_id == sasha.id
    assert "Your hold is placed." in page.text
    assert sasha.name in web.get("/en/account").html.select_one("#holds").text


def test_the_child_may_still_have_what_the_grown_up_waits_for(town, sasha, sign_in, db):
    web = sign_in("elena")
    form = hold_form(web, town)
    form["reader"] = town.elena.uid
    form.submit(status=303)

    form = hold_form(web, town)
    assert [choice.get("value") for choice in hold_choices(web, town)] == [sasha.uid]
    form["reader"] = sasha.uid
    form.submit(status=303)

    assert set(db.scalars(select(Hold.reader_id))) == {town.elena.id, sasha.id}


def hold_choices(web, town):
    return web.get(f"/en/catalogue/{town.record.id}").html.select("input[name=reader]")


def test_a_grown_up_cancels_the_childs_hold(town, sasha, sign_in, db):
    web = sign_in("elena")
    form = hold_form(web, town)
    form["reader"] = sasha.uid
    page = form.submit(status=303).follow()

    form_to(page, "/cancel").submit(status=303)

    assert db.scalars(select(Hold)).one().state == "cancelled"


def test_nobody_acts_for_other_peoples_children(town, sasha, sign_in, db):
    web = sign_in("mira")
    form = hold_form(web, town)
    token = form["csrf_token"].value
    fields = {"record": town.record.id, "pickup": town.here.code, "reader": sasha.uid}

    web.post("/en/account/holds", {**fields, "csrf_token": token}, status=403)

    assert db.scalars(select(Hold)).all() == []
    assert hold_choices(web, town) == []


def test_when_the_child_has_grown_up_nobody_looks_on(town, sasha, sign_in, db, clock):
    web = sign_in("elena")
    form = hold_form(web, town)
    form["reader"] = sasha.uid
    address = form.submit(status=303).location
    db.expire_all()
    sasha.born = clock.today() - timedelta(days=15 * 366)

    assert sasha.name not in web.get("/en/account").text
    web.get(address, status=403)


def test_what_the_child_has_stands_among_the_grown_ups_loans(town, sasha, sign_in, db, clock):
    desk = City(db, clock, hold_workflows(SITE)).desk()
    desk.loans.check_out(town.near.id, sasha.id, town.here.id)

    loans = sign_in("elena").get("/en/account").html.select_one("#loans").text

    assert "White Nights" in loans
    assert sasha.name in loans


def test_nobody_acts_for_a_child_that_has_left(town, sasha, sign_in, db):
    web = sign_in("elena")
    token = hold_form(web, town)["csrf_token"].value
    sasha.registration = Registration.CLOSED
    fields = {"record": town.record.id, "pickup": town.here.code, "reader": sasha.uid}

    web.post("/en/account/holds", {**fields, "csrf_token": token}, status=403)

    assert db.scalars(select(Hold)).all() == []
