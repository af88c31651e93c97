"""What people change of themselves, and what the libraries may remember of their reading."""

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import select

from bibliopolis.circulation.models import Loan
from bibliopolis.readers.models import Registration

PROFILE, HISTORY = "/en/account/profile", "/en/account/history"


@pytest.fixture
def me(town, sign_in):
    """Elena's browser."""
    return sign_in("elena")


def change(me, status=303, **fields):
    form = me.get(PROFILE).forms["particulars"]
    for name, value in fields.items():
        form[name].force_value(value)
    return form.submit(status=status)


def switch(me):
    return me.get(PROFILE).forms["history"].submit()


@pytest.fixture
def read(town, db, clock):
    """Let Elena borrow and bring back so many books."""
    desk = City(db, clock, hold_workflows(SITE)).desk()

    def read(number=1):
        for n in range(number):
            item = town.city.item(town.city.record(town.here, f"Novel {n}."), town.here)
            desk.loans.check_out(item.id, town.elena.id, town.here.id)
            desk.loans.check_in(item.id, town.here.id)

    return read


def test_a_reader_moves_and_chooses_another_home(db, town, me):
    page = change(me, phone="+7 812 000-00-00", address="Canal 1\nflat 2", home=town.there.code)

    page.follow().mustcontain("Your particulars are saved.", "flat 2")
    assert town.elena.home_library_id == town.there.id


def test_what_cannot_be_used_is_said_and_stays_typed(town, me):
    page = change(me, 400, phone="call me", home="nowhere", address="x" * 501)

    page.mustcontain("telephone number", "Choose a library of the list.", "This is too long.")
    assert page.forms["particulars"]["phone"].value == "call me"
    assert town.elena.phone == ""


def test_a_name_that_a_desk_has_seen_only_a_desk_changes(db, town, me):
    name = town.elena.name
    change(me, name="Somebody Else")
    assert town.elena.name == name

    town.elena.registration = Registration.PRELIMINARY
    change(me, name="Elena Sedova")

    assert town.elena.name == "Elena Sedova"
    me.get("/en/account").mustcontain("Elena Sedova")


def test_who_is_no_reader_has_a_name_only(sign_in, town):
    me = sign_in("vera")

    change(me, name="Vera Orlova")

    page = me.get(PROFILE)
    page.mustcontain("Vera Orlova", no='id="phone"')
    change(me, 400, name=" ").mustcontain("A name is needed.")
    me.post("/en/account/reading-history", status=400)


def test_without_a_choice_nothing_is_remembered(me, read):
    read()

    me.get(HISTORY).mustcontain("your reading history is off", no="Novel")


def test_a_history_begins_when_it_is_switched_on(me, read):
    read()
    switch(me)
    me.get(HISTORY).mustcontain("from now on", no="Novel")

    read(30)

    me.get(HISTORY).mustcontain("Novel 29.", no="Novel 4.")
    me.get(f"{HISTORY}?page=2").mustcontain("Novel 4.")
    me.get("/en/account").click("What I have read")


def test_switching_it_off_asks_first_and_then_forgets(db, me, read):
    switch(me)
    read(2)

    page = switch(me)
    page.mustcontain("2 books of your reading history will be forgotten.")
    me.get(HISTORY).mustcontain("Novel 1.")
    page.forms["forget"].submit(status=303).follow().mustcontain("It is off.")

    assert db.scalars(select(Loan.reader_id)).all() == [None, None]


def to_forget(page):
    """Return the forms that each forget one book."""
    return [form for key, form in page.forms.items() if key != form.id and "loan" in form.fields]


def test_one_book_is_forgotten_by_its_own_reader_only(web, town, me, read, sign_in, make_person):
    switch(me)
    read(2)
    form = to_forget(me.get(HISTORY))[0]
    web.reset()
    town.city.reader(town.there, "Other", make_person("other"))
    token = sign_in("other").get(PROFILE).forms["history"]["csrf_token"].value
    web.post("/en/account/forget-loan", {"loan": form["loan"].value, "csrf_token": token})
    web.reset()
    forms = to_forget(sign_in("elena").get(HISTORY))
    assert len(forms) == 2

    forms[0].submit(status=303)

    assert len(to_forget(web.get(HISTORY))) == 1
