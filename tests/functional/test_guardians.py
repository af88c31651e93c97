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
    (choice,) = hold_choices(web, town)
    assert (choice.get("value"), choice.has_attr("checked")) == (sasha.uid, False)
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
    assert f"For {sasha.name}" in " ".join(page.html.main.text.split())
    assert f"You will collect it at {town.here.name['en']}" in page.text

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


def test_a_program_places_and_lists_the_childs_holds(town, sasha, program, db):
    elena = program("elena")
    readers = elena.get("/en/account/@readers").json["items"]
    assert readers == [
        {"UID": town.elena.uid, "fullname": town.elena.name, "is_me": True},
        {"UID": sasha.uid, "fullname": sasha.name, "is_me": False},
    ]
    wanted = {"pickup": town.here.code, "reader": sasha.uid}

    placed = elena.post(f"/en/catalogue/{town.record.id}/@holds", wanted, status=201).json

    assert db.scalars(select(Hold)).one().reader_id == sasha.id
    assert elena.get("/en/account/holds").json["items_total"] == 0
    listed = elena.get(f"/en/account/holds?reader={sasha.uid}").json
    assert [one["UID"] for one in listed["items"]] == [placed["UID"]]
    elena.get(f"/en/account/holds/{placed['UID']}/@workflow", status=200)


def test_a_program_of_somebody_else_learns_nothing_of_the_child(town, sasha, program, db):
    mira = program("mira")
    record = f"/en/catalogue/{town.record.id}/@holds"

    for uid in (sasha.uid, "unknown"):
        mira.post(record, {"pickup": town.here.code, "reader": uid}, status=403)
        mira.get(f"/en/account/holds?reader={uid}", status=403)

    assert [one["is_me"] for one in mira.get("/en/account/@readers").json["items"]] == [True]
    assert db.scalars(select(Hold)).all() == []
