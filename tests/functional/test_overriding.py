"""At the desk staff place holds, see every reason against them with its rule, and override some."""

import pytest
from fixtures.desk import form_to, outcome
from sqlalchemy import select

from bibliopolis.circulation.models import CirculationRule, Hold, Loan
from bibliopolis.resources.history import HistoryEntry


@pytest.fixture
def rule(town, db, clock):
    def keep(name, value, library=None):
        row = CirculationRule(
            library_id=(library or town.here).id, name=name, value=value, changed=clock.now()
        )
        db.add(row)
        db.flush()

    return keep


def hold_form(web, town):
    page = web.get(f"/en/desk/{town.here.code}", {"reader": town.elena.uid})
    form = form_to(page, "/hold")
    form["title"] = town.near.barcode
    return form


def reasons(page):
    return {
        one["data-code"]: one.select_one("input[name=override]") is not None
        for one in page.html.select(".blocks li")
    }


def test_a_librarian_places_a_hold_for_a_reader(town, sign_in, db):
    page = hold_form(sign_in("vera"), town).submit(status=303).follow()

    assert "The hold is placed." in page.text
    hold = db.scalars(select(Hold)).one()
    assert (hold.reader_id, hold.pickup_library_id) == (town.elena.id, town.here.id)


def test_a_title_goes_by_the_number_of_its_record_too(town, sign_in, db):
    form = hold_form(sign_in("vera"), town)
    form["title"] = str(town.record.id)

    form.submit(status=303)

    assert db.scalars(select(Hold.record_id)).one() == town.record.id


@pytest.mark.parametrize("typed", ["B99999999", "999999", "x", "-1"])
def test_what_is_neither_is_said(town, sign_in, db, typed):
    form = hold_form(sign_in("vera"), town)
    form["title"] = typed

    page = form.submit(status=303).follow()

    assert "No copy and no record has this number." in page.text
    assert db.scalars(select(Hold)).all() == []


def test_a_limit_is_overridden_with_a_reason_and_the_history_keeps_it(town, sign_in, rule, db):
    rule("max_holds", 0)
    page = hold_form(sign_in("vera"), town).submit(status=409)
    assert reasons(page) == {"too_many_total": True}
    assert "Open holds of a reader at most: 0 (set here)" in " ".join(page.text.split()).replace(
        "<b>0</b>", "0"
    )
    form = form_to(page, "/hold")
    form["override"], form["reason"] = ["too_many_total"], "For the reading circle"

    form.submit(status=303)

    hold = db.scalars(select(Hold)).one()
    assert hold.overridden == ["too_many_total"]
    entry = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "place")).one()
    assert entry.comment == "For the reading circle"
    assert entry.data["overridden"] == ["too_many_total"]


def test_without_a_reason_it_is_asked_for(town, sign_in, rule, db):
    rule("max_holds", 0)
    form = form_to(hold_form(sign_in("vera"), town).submit(status=409), "/hold")
    form["override"] = ["too_many_total"]

    page = form.submit(status=400)

    assert "Write why" in page.html.select_one(".has-error").text
    assert db.scalars(select(Hold)).all() == []


def test_each_kind_needs_its_own_permission(town, sign_in, rule, db, make_person):
    for library in (town.here, town.there):
        rule("holdable", False, library)
        rule("holds_per_day", 0, library)
    web = sign_in("vera")
    page = hold_form(web, town).submit(status=409)
    assert reasons(page) == {"too_many_today": True, "rule_not_holdable": False}
    listed = {
        **dict(form_to(page, "/hold").submit_fields()),
        "override": "rule_not_holdable",
        "reason": "Please",
    }
    web.post(f"/en/desk/{town.here.code}/hold", listed, status=409)
    web.reset()
    make_person("maria", librarian=f"library:{town.here.id}", manager=f"library:{town.here.id}")
    form = form_to(hold_form(sign_in("maria"), town).submit(status=409), "/hold")
    form.set("override", True, 0)
    form.set("override", True, 1)
    form["reason"] = "For the exhibition"

    form.submit(status=303)

    assert set(db.scalars(select(Hold)).one().overridden) == {
        "too_many_today",
        "rule_not_holdable",
    }


def test_what_is_not_listed_still_stands(town, sign_in, rule, db):
    for library in (town.here, town.there):
        rule("holds_per_day", 0, library)
    rule("max_holds", 0)
    form = form_to(hold_form(sign_in("vera"), town).submit(status=409), "/hold")
    form.set("override", True, 0)
    form["reason"] = "One is enough"

    page = form.submit(status=409)

    assert len(reasons(page)) == 1
    assert db.scalars(select(Hold)).all() == []


def test_a_copy_is_given_to_a_hold_whose_block_was_overridden(town, sign_in, rule, db, make_person):
    town.far.status = "lost"
    rule("holdable", False)
    make_person("maria", librarian=f"library:{town.here.id}", manager=f"library:{town.here.id}")
    web = sign_in("maria")
    form = form_to(hold_form(web, town).submit(status=409), "/hold")
    form["override"], form["reason"] = ["rule_not_holdable"], "For the exhibition"
    form.submit(status=303)
    scan = form_to(web.get(f"/en/desk/{town.here.code}"), "/scan")
    scan["code"], scan["mode"] = town.near.barcode, "in"

    page = scan.submit(status=303).follow()

    assert outcome(page) == "Put it on the hold shelf"


def test_a_copy_is_lent_though_there_are_too_many(town, sign_in, rule, db):
    rule("max_loans", 0)
    web = sign_in("vera")
    scan = form_to(web.get(f"/en/desk/{town.here.code}", {"reader": town.elena.uid}), "/scan")
    scan["code"] = town.near.barcode
    refused = scan.submit(status=303).follow()
    link = refused.html.find("a", string="Every reason, and what can be overridden…")["href"]
    page = web.get(link)
    assert reasons(page) == {"too_many_loans": True}
    form = form_to(page, "/lend")
    form["override"], form["reason"] = ["too_many_loans"], "The last book of the course"

    page = form.submit(status=303).follow()

    assert outcome(page) == "Lent: give it to the reader"
    loan = db.scalars(select(Loan)).one()
    entry = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "override")).one()
    assert (entry.resource_id, entry.comment) == (loan.id, "The last book of the course")
    assert entry.data["overridden"] == ["too_many_loans"]


@pytest.mark.parametrize("wrong", [None, 5, {"too_many_total": True}, [None, 7, ["x"]]])
def test_a_program_that_lists_nonsense_overrides_nothing(town, sign_in, rule, db, wrong):
    rule("max_holds", 0)
    web = sign_in("vera")
    body = {
        "title": town.near.barcode,
        "reader": town.elena.uid,
        "pickup": town.here.code,
        "override": wrong,
        "reason": "Please",
    }
    headers = {"X-CSRF-Token": web.cookies["csrf_token"]}

    web.post_json(f"/en/desk/{town.here.code}/hold", body, headers=headers, status=409)

    assert db.scalars(select(Hold)).all() == []


def test_a_librarian_of_another_library_overrides_nothing_here(
    town, sign_in, rule, db, make_person
):
    rule("max_holds", 0)
    make_person("okhta", librarian=f"library:{town.there.id}")
    web = sign_in("okhta")
    body = {
        "csrf_token": web.cookies["csrf_token"],
        "title": town.near.barcode,
        "item": str(town.near.id),
        "reader": town.elena.uid,
        "pickup": town.here.code,
        "override": "too_many_total",
        "reason": "Please",
    }

    web.post(f"/en/desk/{town.here.code}/hold", body, status=403)
    web.post(f"/en/desk/{town.here.code}/lend", body, status=403)

    assert db.scalars(select(Hold)).all() == []
    assert db.scalars(select(Loan)).all() == []


def test_readers_override_nothing(town, sign_in, rule, db):
    rule("max_holds", 0)
    web = sign_in("elena")
    body = {
        "record": town.record.id,
        "pickup": town.here.code,
        "override": ["too_many_total"],
        "reason": "I want it",
    }
    headers = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}

    web.post_json("/en/account/holds", body, headers=headers, status=409)
    web.post(
        f"/en/desk/{town.here.code}/hold", {"csrf_token": web.cookies["csrf_token"]}, status=403
    )

    assert db.scalars(select(Hold)).all() == []
