"""Refusals are counted without the reader, seen by staff, and told apart from those avoided."""

from datetime import timedelta

import pytest
from fixtures.desk import form_to
from sqlalchemy import event, select

from bibliopolis.catalogue.sought import SoughtInVain
from bibliopolis.circulation.models import Hold, Loan
from bibliopolis.circulation.refusals import counting
from bibliopolis.circulation.refusals.counting import RefusalCounts
from bibliopolis.circulation.refusals.models import Refusal, RefusedWish, WishSecret

JSON = {"Accept": "application/json"}


def counted(db):
    db.expire_all()
    rows = db.execute(
        select(Refusal.act, Refusal.code, Refusal.library_id, Refusal.times, Refusal.avoided)
    )
    return [tuple(row) for row in rows]


def try_to_hold(web, town, place=None, record=None, **more):
    sent = {"record": (record or town.record).id, "pickup": (place or town.here).code, **more}
    headers = {**JSON, "X-CSRF-Token": web.cookies["csrf_token"]}
    return web.post_json("/en/account/holds", sent, headers=headers, expect_errors=True)


@pytest.fixture
def elena(town, sign_in):
    return sign_in("elena")


@pytest.fixture
def vera(town, sign_in):
    return sign_in("vera")


@pytest.fixture
def no_holds(town):
    return town.city.rule("max_holds", 0, town.here)


def test_a_refused_hold_is_counted_once_a_day_and_nothing_of_the_reader(
    town, db, elena, no_holds, clock
):
    for _time in range(3):
        assert try_to_hold(elena, town).status_int == 409

    assert counted(db) == [("hold", "too_many_total", town.here.id, 1, 0)]
    kept = {column.name for table in (Refusal, RefusedWish) for column in table.__table__.columns}
    assert not [name for name in kept if "reader" in name or "person" in name]
    clock.advance(timedelta(days=1))
    try_to_hold(elena, town)
    assert [row[3] for row in counted(db)] == [1, 1]


def test_what_is_met_the_next_day_is_avoided_and_what_comes_later_is_not(
    town, db, elena, no_holds, clock
):
    try_to_hold(elena, town)
    db.delete(no_holds)
    db.flush()
    clock.advance(timedelta(days=1))

    assert try_to_hold(elena, town, town.there).status_int == 201

    assert counted(db) == [("hold", "too_many_total", town.here.id, 1, 1)]
    assert not db.scalars(select(RefusedWish)).all()


def test_two_days_later_nobody_knows_any_more(town, db, elena, no_holds, clock):
    try_to_hold(elena, town)
    db.delete(no_holds)
    clock.advance(timedelta(days=2))

    try_to_hold(elena, town)

    assert [row[4] for row in counted(db)] == [0]


def test_another_edition_of_the_work_meets_the_wish(town, db, elena):
    other = town.city.record(town.here)
    town.city.item(other, town.here)
    town.record.work_key = other.work_key = "dostoevski|nochi"
    town.near.status = town.far.status = "reading_room"
    db.flush()
    try_to_hold(elena, town)

    assert try_to_hold(elena, town, record=other).status_int == 201

    assert counted(db) == [("hold", "item_not_holdable", town.here.id, 1, 1)]


def test_what_one_reader_gets_does_not_meet_the_wish_of_another(
    town, db, elena, sign_in, clock, make_person
):
    town.city.rule("max_holds", 0, town.here)
    try_to_hold(elena, town)
    other = town.city.reader(town.there, "Nina", make_person("nina"))
    elena.reset()

    assert try_to_hold(sign_in("nina"), town).status_int == 201

    assert other.id != town.elena.id
    assert [row[4] for row in counted(db)] == [0]


def test_a_second_hold_on_a_title_is_no_refusal(town, db, elena):
    try_to_hold(elena, town)

    assert try_to_hold(elena, town).status_int == 409

    assert counted(db) == []


def test_what_staff_override_at_the_desk_is_a_refusal_avoided(town, db, vera):
    town.city.rule("max_holds", 0, town.here)
    form = form_to(vera.get(f"/en/desk/{town.here.code}", {"reader": town.elena.uid}), "/hold")
    form["title"] = town.near.barcode
    again = form_to(form.submit(status=409), "/hold")
    again["override"], again["reason"] = ["too_many_total"], "A teacher needs it on Monday."

    again.submit(status=303)

    assert counted(db) == [("hold", "too_many_total", town.here.id, 1, 1)]


def test_a_renewal_that_is_refused_counts_at_the_library_that_lent(town, db, elena, clock):
    loan = Loan(
        item_id=town.far.id,
        reader_id=town.elena.id,
        library_id=town.there.id,
        opened=clock.now(),
        due=clock.today(),
    )
    db.add(loan)
    db.flush()
    town.city.rule("renewals", 0, town.there)

    headers = {**JSON, "X-CSRF-Token": elena.cookies["csrf_token"]}
    elena.post_json(f"/en/account/loans/{loan.uid}/renew", {}, headers=headers, status=409)

    assert counted(db) == [("renewal", "renewal_rules", town.there.id, 1, 0)]


def test_what_cannot_be_counted_fails_no_attempt(town, db, elena, no_holds, monkeypatch):
    monkeypatch.setattr(RefusalCounts, "_key", lambda *_all: None)  # which the table refuses

    assert try_to_hold(elena, town).status_int == 409

    assert counted(db) == []


def test_who_tries_everything_fills_no_disk(town, db, elena, no_holds, monkeypatch):
    monkeypatch.setattr(counting, "MOST_A_DAY", 2)
    others = [town.city.record(town.here) for _ in range(3)]
    for other in others:
        town.city.item(other, town.here)

        try_to_hold(elena, town, record=other)

    assert len(counted(db)) == 2


def some(db, town, clock, number=1, days=0, **more):
    record = town.city.record(town.here, f"Book {number:03}")
    given = {"library_id": town.here.id, "act": "hold", "code": "no_item", "times": 1, **more}
    db.add(Refusal(day=clock.today() - timedelta(days=days), record_id=record.id, **given))
    db.flush()
    return record


def rows(page):
    return [
        [row.select_one("a.read").text, *(one.get_text(" ", strip=True) for one in row("td"))]
        for row in page.html.select("section[aria-labelledby=titles-h] tbody tr")
    ]


def sums(page):
    found = page.html.select("section[aria-labelledby=sums-h] tr")[1:]
    return [[cell.get_text(strip=True) for cell in row.select("th, td")] for row in found]


def test_staff_see_sums_and_titles_what_was_least_avoided_first(town, db, clock, vera):
    some(db, town, clock, 1, times=5, avoided=5)
    record = some(db, town, clock, 2, code="on_loan", act="loan", times=3, avoided=1)
    some(db, town, clock, 3, days=100)
    db.add(SoughtInVain(day=clock.today(), words="abc", times=4))
    db.flush()

    page = vera.get("/en/staff/refusals")

    assert [row[0] for row in rows(page)] == ["Book 002", "Book 001"]
    assert rows(page)[0][2:5] == ["on loan to another reader a loan", "3", "1"]
    assert page.html.select_one("tbody a.read")["href"] == f"/en/catalogue/{record.id}"
    assert sums(page) == [
        ["Not in the catalogue", "4", "not known", ""],
        ["No copy", "5", "5", "100%"],
        ["Copies are in use", "3", "1", "33%"],
        ["In all, without searches", "8", "6", "75%"],
    ]


def test_filters_narrow_the_list_its_csv_and_its_json(town, db, clock, vera):
    some(db, town, clock, 1)
    some(db, town, clock, 2, library_id=town.there.id)
    some(db, town, clock, 3, code="on_loan", library_id=town.there.id)
    some(db, town, clock, 4, days=60, library_id=town.there.id)
    asked = {"library": town.there.code, "kind": "no_copy", "days": "90"}

    page = vera.get("/en/staff/refusals", asked)
    table = vera.get(page.html.select_one(".s-page-acts a")["href"])
    found = vera.get("/en/staff/refusals", asked, headers=JSON).json

    assert {row[0] for row in rows(page)} == {"Book 002", "Book 004"}
    assert table.content_type == "text/csv"
    assert "Book 002" in table.text
    assert "Book 001" not in table.text
    assert {one["title"] for one in found["items"]} == {"Book 002", "Book 004"}
    assert {one["library"] for one in found["items"]} == {town.there.code}
    assert found["items_total"] == 2


def test_days_from_and_to_narrow_the_list_its_csv_and_its_json(town, db, clock, vera):
    for number, days in enumerate((1, 5, 9)):
        some(db, town, clock, number, days=days)
    first, last = (clock.today() - timedelta(days=days) for days in (6, 4))
    asked = {"days": "7", "from": first.isoformat(), "to": last.isoformat()}

    page = vera.get("/en/staff/refusals", asked)
    table = vera.get(page.html.select_one(".s-page-acts a")["href"])
    found = vera.get("/en/staff/refusals", asked, headers=JSON).json

    assert [row[0] for row in rows(page)] == ["Book 001"]
    assert [line.split(",")[0] for line in table.text.splitlines()[1:]] == ["Book 001"]
    assert [one["title"] for one in found["items"]] == ["Book 001"]
    assert (found["from"], found["to"], found["days"]) == (asked["from"], asked["to"], 3)
    open_end = vera.get("/en/staff/refusals", {"from": last.isoformat()})
    assert {row[0] for row in rows(open_end)} == {"Book 000"}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "soon"}, "from"),
        ({"to": "2026-11-01"}, "from"),
        ({"from": "2027-11-01"}, "from"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "to"),
        ({"from": "2026-11-02", "to": "x" * 5000}, "to"),
    ],
)
def test_days_that_are_none_are_marked(town, db, clock, vera, asked, field):
    some(db, town, clock, 1)
    page = vera.get("/en/staff/refusals", asked, status=400)

    assert [one["for"] for one in page.html.select(".s-filters .has-error label")] == [field]
    assert [row[0] for row in rows(page)] == ["Book 001"]
    told = vera.get("/en/staff/refusals", asked, headers=JSON, status=400).json
    assert [one["field"] for one in told["errors"]] == [field]
    vera.get("/en/staff/refusals/refusals.csv", asked, status=400)


def test_a_title_leads_to_its_holds_and_copies_at_the_library(town, db, clock, vera):
    record = some(db, town, clock, 1)
    town.city.item(record, town.here)
    hold = {"reader_id": town.elena.id, "record_id": record.id, "placed": clock.now()}
    db.add(Hold(pickup_library_id=town.here.id, changed=clock.now(), **hold))
    some(db, town, clock, 2, library_id=town.there.id)

    page = vera.get("/en/staff/refusals")
    (link,) = page.html.select("section[aria-labelledby=titles-h] .s-sub a")
    ratio = vera.get(link["href"])

    assert f"{town.here.code}/hold-ratio" in link["href"]
    (row,) = ratio.html.select("section[aria-labelledby=ratio-h] tbody tr")
    assert [one.text.strip() for one in row.select("td.num")][:2] == ["1", "1"]


def test_who_is_offered_no_hold_may_ask_for_it_all_the_same(town, db, elena, no_holds):
    """That is the attempt: looking at the page is none."""
    page = elena.get(f"/en/catalogue/{town.record.id}")
    assert counted(db) == []
    form = form_to(page, "/account/holds")
    for _time in range(2):
        refused = form.submit(status=409)

    assert "You cannot place holds." in refused.text
    assert [row[:2] + row[3:] for row in counted(db)] == [("hold", "too_many_total", 1, 0)]


def test_who_has_no_card_or_the_title_already_is_not_asked_to_attempt_it(town, web, vera):
    for browser in (vera, web):
        page = browser.get(f"/en/catalogue/{town.record.id}")
        assert "Ask for it all the same" not in page.text


def test_a_library_shows_its_own_and_what_is_below_it(town, db, clock, vera):
    system = town.city.library("North")
    system.kind, town.here.parent_id = "system", system.id
    some(db, town, clock, 1)
    some(db, town, clock, 2, library_id=town.there.id)

    page = vera.get(f"/en/staff/libraries/{town.here.code}/refusals")

    assert [row[0] for row in rows(page)] == ["Book 001"]
    whole = vera.get("/en/staff/refusals", {"library": system.code})
    assert [row[0] for row in rows(whole)] == ["Book 001"]


def test_nonsense_in_the_address_is_no_error(town, vera):
    vera.get("/en/staff/refusals?days=x&library=%2F&kind=not_found&page=99999", status=200)


def test_long_lists_page_and_ask_as_often_as_short_ones(town, db, clock, vera):
    some(db, town, clock)
    vera.get("/en/staff/refusals")
    few = statements_of(db, lambda: vera.get("/en/staff/refusals"))
    for number in range(60):
        some(db, town, clock, number + 2)

    many = statements_of(db, lambda: vera.get("/en/staff/refusals"))

    assert len(many) == len(few)
    assert len(rows(vera.get("/en/staff/refusals?page=2"))) == 11


def statements_of(db, action):
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(db.get_bind(), "before_cursor_execute", note)
    try:
        action()
    finally:
        event.remove(db.get_bind(), "before_cursor_execute", note)
    return statements


def test_readers_see_nothing_of_it(town, elena):
    for address in ("staff/refusals", f"staff/libraries/{town.here.code}/refusals"):
        elena.get(f"/en/{address}", status=403)
    elena.get("/en/staff/refusals", headers=JSON, status=403)
    elena.get("/en/staff/refusals/refusals.csv", status=403)


def test_counts_wishes_and_secrets_end(town, db, elena, no_holds, clock):
    try_to_hold(elena, town)
    clock.advance(timedelta(days=2))
    RefusalCounts(db, clock.today()).forget_old(30)

    assert not db.scalars(select(RefusedWish)).all()
    assert not db.scalars(select(WishSecret)).all()
    assert len(counted(db)) == 1
    RefusalCounts(db, clock.today() + timedelta(days=28)).forget_old(30)
    assert counted(db) == []
