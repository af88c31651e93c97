"""Loans on the site and at the desk: renewing, what was not returned, what is lost."""

import csv
import io
from datetime import timedelta

import pytest
from fixtures.desk import child_of, form_to
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import Loan, LoanState, Transit, TransitState

HEADERS = {"Accept": "application/json"}


@pytest.fixture
def desk(town, db, clock):
    return City(db, clock, hold_workflows(SITE)).desk()


@pytest.fixture
def loan(town, desk, clock):
    """Elena has had a copy for a week."""
    loan = desk.loans.check_out(town.near.id, town.elena.id, town.here.id).loan
    clock.advance(timedelta(days=7))
    return loan


def lend(town, desk, reader, title="Poor Folk"):
    record = town.city.record(town.here, title)
    item = town.city.item(record, town.here)
    return record, desk.loans.check_out(item.id, reader.id, town.here.id).loan


def here(town, *more):
    return "/".join((f"/en/desk/{town.here.code}", *more))


def test_a_reader_renews_a_book(town, loan, sign_in, clock):
    page = sign_in("elena").get("/en/account")

    page = form_to(page, f"/loans/{loan.uid}/renew").submit(status=303).follow()

    day = clock.today() + timedelta(days=21)
    assert loan.due == day
    assert f"Renewed: return it by {day.day} {day:%B}" in page.text
    line = " ".join(page.html.find(id=f"loan-{loan.uid}").text.split())
    assert "Renewed once." in line
    assert "Renewed today" in line


def test_a_reader_reads_why_a_book_is_not_renewed(town, desk, loan, sign_in, db):
    town.far.status = ItemStatus.DAMAGED
    mira = town.city.reader(town.here)
    desk.holds.place(town.record.id, mira.id, town.here.id)
    db.flush()

    page = sign_in("elena").get("/en/account")

    assert "Other readers are waiting for this book." in page.html.select_one("#loans").text
    assert not [form for form in page.forms.values() if form.action.endswith("/renew")]


def test_all_is_renewed_and_each_of_the_others_says_why_not(town, desk, loan, sign_in, db, clock):
    record, wanted = lend(town, desk, town.elena)
    clock.advance(timedelta(days=1))
    desk.holds.place(record.id, town.city.reader(town.here).id, town.here.id)
    page = sign_in("elena").get("/en/account")

    page = form_to(page, "/loans/renew-all").submit(status=303).follow()

    assert "1 of 2 books is renewed. Each of the others says below why not." in page.text
    assert (loan.renewals, wanted.renewals) == (1, 0)
    assert "Other readers are waiting" in page.html.find(id=f"loan-{wanted.uid}").text
    assert "Other readers are waiting" not in page.html.find(id=f"loan-{loan.uid}").text


def test_a_guardian_renews_what_a_child_has(town, desk, sign_in, db, clock):
    child = child_of(town, db, town.elena)
    _record, theirs = lend(town, desk, child)
    _record, own = lend(town, desk, town.elena)
    clock.advance(timedelta(days=2))
    page = sign_in("elena").get("/en/account")

    form_to(page, "/loans/renew-all").submit(status=303)

    assert (theirs.renewals, own.renewals) == (1, 1)


def test_nobody_sees_or_renews_what_another_has(town, loan, sign_in, web):
    address = f"/en/account/loans/{loan.uid}"
    web.get(address, headers=HEADERS, status=401)
    mira = sign_in("mira")

    mira.get(address, headers=HEADERS, status=403)
    mira.post(f"{address}/renew", status=(400, 403))
    assert mira.get("/en/account/loans", headers=HEADERS).json["items"] == []
    assert loan.renewals == 0


def test_programs_see_loans_and_what_a_renewal_brings(town, loan, sign_in, clock):
    web = sign_in("elena")

    (told,) = web.get("/en/account/loans", headers=HEADERS).json["items"]

    assert (told["title"], told["barcode"], told["due"]) == (
        "White Nights",
        town.near.barcode,
        loan.due.isoformat(),
    )
    until = clock.today() + timedelta(days=21)
    assert told["renewal"] == {"possible": True, "due": until.isoformat(), "reasons": []}
    assert web.get(told["@id"], headers=HEADERS).json == told


def test_a_librarian_renews_for_the_reader_at_the_desk(town, loan, sign_in):
    page = sign_in("vera").get(here(town), {"reader": town.elena.uid})
    form = form_to(page, "/loan-step")

    page = form.submit("step", index=0, status=303).follow()

    assert loan.renewals == 1
    assert "Renewed: to be back by" in page.text
    assert page.html.select_one(".s-reader h2").text == town.elena.name


def test_a_librarian_renews_all_that_a_reader_has(town, desk, loan, sign_in, clock):
    _record, second = lend(town, desk, town.elena)
    clock.advance(timedelta(days=1))
    page = sign_in("vera").get(here(town), {"reader": town.elena.uid})

    page = form_to(page, "/renew-all").submit(status=303).follow()

    assert (loan.renewals, second.renewals) == (1, 1)
    assert "2 books are renewed." in page.text


@pytest.fixture
def late(town, loan, clock):
    """Elena's book is three days late."""
    clock.advance(loan.due - clock.today() + timedelta(days=3))
    return loan


def test_the_desk_sees_what_is_overdue(town, late, sign_in):
    page = sign_in("vera").get(here(town)).click("Not returned")

    row = page.html.select_one("tbody tr").text
    assert "White Nights" in row
    assert town.elena.name in row
    assert "overdue by 3 days" in row
    assert page.click(town.elena.name).html.select_one(".s-reader h2").text == town.elena.name


def test_what_is_overdue_is_seen_where_it_was_lent_only(town, late, sign_in, make_person):
    make_person("okhta", librarian=f"library:{town.there.id}")
    web = sign_in("okhta")

    assert "White Nights" not in web.get(f"/en/desk/{town.there.code}/not-returned").text
    web.get(here(town, "not-returned"), status=403)
    web.get(here(town, "not-returned.csv"), status=403)


def test_another_desk_is_not_asked_whether_a_book_is_lost(town, loan, sign_in, make_person):
    make_person("okhta", librarian=f"library:{town.there.id}")
    web = sign_in("okhta")
    desk = f"/en/desk/{town.there.code}"

    page = web.get(desk, {"reader": town.elena.uid})
    assert page.html.find("button", value="claim")
    assert page.html.find("button", value="mark_lost") is None
    sent = {
        "csrf_token": web.cookies["csrf_token"],
        "loan": loan.uid,
        "step": "mark_lost",
    }
    web.post(f"{desk}/loan-step", sent, status=403)
    assert loan.state == LoanState.ON_LOAN

    web.reset()
    page = sign_in("vera").get(here(town), {"reader": town.elena.uid})
    assert page.html.find("button", value="mark_lost")


def test_what_is_overdue_goes_into_a_spreadsheet(town, late, sign_in):
    answer = sign_in("vera").get(here(town, "not-returned.csv"), {"show": "overdue"})

    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Title", "Barcode", "Shelf mark"]
    assert rows[1][0] == "White Nights"
    assert rows[1][3:5] == [town.elena.name, town.elena.card.number]


def test_programs_of_the_desk_see_the_same_without_names(town, late, sign_in):
    answer = sign_in("vera").get(here(town, "not-returned"), headers=HEADERS)

    (told,) = answer.json["items"]
    assert (told["overdue"], told["reader"]) == (True, town.elena.uid)
    assert town.elena.name not in answer.text


def test_what_a_reader_says_to_have_returned_is_searched_for_and_found(town, late, sign_in):
    web = sign_in("vera")
    page = web.get(here(town), {"reader": town.elena.uid})
    page = page.forms[_index(page, "loan-step")].submit("step", value="claim", status=303).follow()
    assert late.state == LoanState.CLAIMED
    assert "White Nights" not in web.get(here(town, "not-returned")).text

    page = web.get(here(town, "not-returned"), {"show": "claimed"})
    assert town.near.shelf_mark in page.text
    form_to(page, "/scan").submit(status=303)

    assert (late.state, late.reader_id) == (LoanState.RETURNED, None)


def test_what_is_lost_is_settled_with_a_word_on_how(town, late, sign_in, db):
    web = sign_in("vera")
    page = web.get(here(town, "not-returned"))
    form = page.forms[_index(page, "loan-step")]
    page = form.submit("step", value="mark_lost", status=303).follow()
    assert late.state == LoanState.LOST
    assert "Nothing is overdue." in page.text

    page = web.get(here(town, "not-returned"), {"show": "lost"})
    form = page.forms[_index(page, "loan-step")]
    form["comment"] = ""
    page = form.submit("step", value="settle", status=303).follow()
    assert "Say why: this step needs a comment." in page.text
    assert late.state == LoanState.LOST
    form = page.forms[_index(page, "loan-step")]
    form["comment"] = "Replaced by the same book"
    form.submit("step", value="settle", status=303)

    assert (late.state, late.reader_id) == (LoanState.SETTLED, None)
    assert db.get(Loan, late.id).closed is not None


def test_the_reader_reads_that_a_book_counts_as_lost(town, desk, loan, sign_in):
    desk.losses.lose(loan.id, town.here.id)

    line = sign_in("elena").get("/en/account").html.find(id=f"loan-{loan.uid}")

    assert "It counts as lost." in line.text


def test_a_copy_that_never_arrived_is_given_up_on_the_list_of_the_way(
    town, desk, sign_in, db, clock
):
    desk.loans.check_in(town.near.id, town.there.id)
    page = sign_in("vera").get(here(town, "transits"))

    page = form_to(page, "/lost-on-the-way").submit(status=303).follow()

    assert db.query(Transit).one().state == TransitState.LOST
    assert town.near.status == ItemStatus.LOST
    assert "Nothing is on its way here." in page.text


def test_readers_take_no_steps_of_the_desk(town, loan, sign_in):
    web = sign_in("elena")
    address = f"/en/account/loans/{loan.uid}/@workflow"

    told = web.get(address, headers=HEADERS).json

    assert [one["@id"].rpartition("/")[2] for one in told["transitions"]] == ["renew"]
    web.post(here(town, "loan-step"), {"loan": loan.uid, "step": "mark_lost"}, status=(400, 403))
    assert loan.state == LoanState.ON_LOAN


def _index(page, end):
    return next(name for name, form in page.forms.items() if form.action.endswith(end))
