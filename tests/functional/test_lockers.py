"""A book in a locker: its reader sees the cell and the code, and the desk hears of the door."""

import logging

import pytest
from fixtures.desk import outcome
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.circulation.desk_views import WRONG_CODES_AN_HOUR
from bibliopolis.circulation.models import Loan, LockerCell


@pytest.fixture
def locker(town):
    return town.city.locker(town.here, cells=4)


@pytest.fixture
def ready(town, locker, web, sign_in, db, clock):
    """Elena's hold, in the first cell of the locker; the browser is then empty."""
    holds = City(db, clock, hold_workflows(SITE)).desk().holds
    hold = holds.place(town.record.id, town.elena.id, locker.id)
    form = sign_in("vera").get(f"/en/desk/{town.here.code}").forms["scan-form"]
    form["code"] = town.near.barcode
    page = form.submit(status=303).follow()
    assert outcome(page) == f"Put it into cell 1: {locker.name_in('en')}"
    web.reset()
    return hold


def code_of(page):
    return page.html.select_one(".opening bdi").text


def test_its_reader_sees_the_cell_and_the_code(ready, sign_in, locker):
    page = sign_in("elena").get(f"/en/account/holds/{ready.uid}")

    assert f"cell 1 of {locker.name_in('en')}" in page.text
    assert len(code_of(page).replace(" ", "")) == 8
    assert page.headers["Cache-Control"] == "private, no-store"


def test_nobody_else_sees_the_code(ready, sign_in, town):
    vera = sign_in("vera")

    assert vera.get(f"/en/account/holds/{ready.uid}").html.select_one(".opening") is None
    told = vera.get(f"/en/account/holds/{ready.uid}", headers={"Accept": "application/json"})
    assert told.json["opening"] is None


def test_the_code_at_the_locker_lends_the_book_and_is_in_no_log(ready, sign_in, web, town, caplog):
    caplog.set_level(logging.DEBUG)
    elena = sign_in("elena")
    code = code_of(elena.get(f"/en/account/holds/{ready.uid}"))
    web.reset()
    form = sign_in("vera").get(f"/en/desk/{town.here.code}").forms["scan-form"]
    form["code"] = code

    page = form.submit(status=303).follow()

    assert outcome(page) == "Lent: give it to the reader"
    assert ready.state == "fulfilled"
    assert code not in caplog.text
    assert code.replace(" ", "") not in caplog.text


def test_what_no_list_of_lockers_sends_changes_nothing(
    ready, town, locker, sign_in, web, db, make_person
):
    """Wrong ids, other desks, no token, twice the same: said in words, and the cell stays taken."""
    make_person("okhta", librarian=f"library:{town.there.id}")
    code = code_of(sign_in("elena").get(f"/en/account/holds/{ready.uid}"))
    web.reset()

    def post(desk, step, **form):
        web.get(f"/en/desk/{desk.code}")
        form["csrf_token"] = web.cookies["csrf_token"]
        page = web.post(f"/en/desk/{desk.code}/{step}", form, expect_errors=True)
        return page.follow().text if page.status_int == 303 else page.text

    sign_in("okhta")
    for step in ("collected", "clear"):
        assert "does not wait on the hold shelf" in post(town.there, step, hold=ready.id)
        web.post(f"/en/desk/{town.here.code}/{step}", {"hold": ready.id}, expect_errors=True)
    assert "No card and no copy" in post(town.there, "scan", code=code)
    assert "No card and no copy" in post(town.there, "scan", code=code * 1_000)
    web.reset()
    vera = sign_in("vera")
    for step in ("collected", "clear"):
        for odd in ("", "x", "0", "-1", str(2**31 - 1), "9" * 9_000):
            assert "does not wait on the hold shelf" in post(town.here, step, hold=odd)
        vera.post(f"/en/desk/{town.here.code}/{step}", {"hold": ready.id}, status=400)
    db.expire_all()
    assert ready.state == "ready"
    assert db.scalars(select(LockerCell.item_id)).all() == [town.near.id]

    assert "Lent to the reader" in post(town.here, "collected", hold=ready.id)
    assert "does not wait on the hold shelf" in post(town.here, "collected", hold=ready.id)
    assert "does not wait on the hold shelf" in post(town.here, "clear", hold=ready.id)
    assert "No card and no copy" in post(town.here, "scan", code=code)
    assert db.scalar(select(func.count()).select_from(Loan)) == 1
    assert not db.scalars(select(LockerCell.item_id)).all()


def test_a_book_that_may_not_be_lent_is_named_with_the_reason(ready, sign_in, web, town, db, clock):
    """It is out of its cell already: without its name nobody knows what to do with it."""
    code = code_of(sign_in("elena").get(f"/en/account/holds/{ready.uid}"))
    web.reset()
    card = town.elena.cards[0]
    card.blocked, card.block_reason = clock.now(), "misused"
    db.flush()
    form = sign_in("vera").get(f"/en/desk/{town.here.code}").forms["scan-form"]
    form["code"] = code

    page = form.submit(status=303).follow()

    assert outcome(page).startswith("Not done: ")
    assert town.near.barcode in page.text
    assert ready.state == "ready"


def test_who_guesses_codes_has_to_wait_even_with_the_right_one(ready, sign_in, web, town):
    code = code_of(sign_in("elena").get(f"/en/account/holds/{ready.uid}"))
    web.reset()
    vera = sign_in("vera")
    form = vera.get(f"/en/desk/{town.here.code}").forms["scan-form"]
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"
    for _guess in range(WRONG_CODES_AN_HOUR):
        form["code"] = wrong
        assert "has the number" in outcome(form.submit(status=303).follow())

    form["code"] = code
    page = form.submit(status=303).follow()

    assert "Too many attempts. Try again in" in page.text
    assert ready.state == "ready"
    form["code"] = town.far.barcode
    assert outcome(form.submit(status=303).follow()) == f"Send it to {town.there.name_in('en')}"
    headers = {"Accept": "application/json", "X-CSRF-Token": vera.cookies["csrf_token"]}
    answer = vera.post_json(
        f"/en/desk/{town.here.code}/scan", {"code": code}, headers=headers, status=429
    )
    assert int(answer.headers["Retry-After"]) > 0
