"""Readers and programs are told every reason against a hold, and what would help."""

import pytest
from fixtures.desk import child_of, form_to
from sqlalchemy import select

from bibliopolis.circulation.models import CirculationRule, Hold

JSON = {"Accept": "application/json"}


def token(web):
    return {**JSON, "X-CSRF-Token": web.cookies["csrf_token"]}


def permit(town):
    return f"/en/catalogue/{town.record.id}/permit"


@pytest.fixture
def rule(town, db, clock):
    """Set a rule at the first library."""

    def keep(name, value, library=None, **scope):
        row = CirculationRule(
            library_id=(library or town.here).id,
            name=name,
            value=value,
            changed=clock.now(),
            **scope,
        )
        db.add(row)
        db.flush()

    return keep


def why(page):
    """Return the reasons a page shows and what it says would help."""
    return [
        (one.b.text, one.select_one(".block-remedy").text if one.select_one("span") else None)
        for one in page.html.select(".hold-panel .blocks li")
    ]


def test_the_record_page_says_why_not_and_what_helps(town, sign_in, rule):
    rule("max_holds", 0)
    town.record.age = 18

    page = sign_in("elena").get(f"/en/catalogue/{town.record.id}")

    assert why(page) == [("You cannot place holds.", "Ask at any library desk.")]


def test_nobody_can_hold_what_the_library_does_not_let_be_held(town, web, rule):
    rule("holdable", False)
    rule("holdable", False, town.there)

    page = web.get(f"/en/catalogue/{town.record.id}")

    assert why(page) == [("Copies of this kind cannot be held.", None)]
    assert "Sign in and place a hold" not in page.text


def test_only_places_where_a_copy_can_come_are_offered(town, sign_in, rule):
    town.far.status = "lost"
    rule("transferable", False)

    page = sign_in("elena").get(f"/en/catalogue/{town.record.id}")

    options = [one["value"] for one in page.html.select("input[name=pickup]")]
    assert options == [town.here.code]


def test_a_refusal_page_says_why_not(town, sign_in, rule):
    web = sign_in("elena")
    form = form_to(web.get(f"/en/catalogue/{town.record.id}"), "/account/holds")
    rule("holds_per_day", 0)
    rule("holds_per_day", 0, town.there)

    refused = form.submit(status=409)

    [reason] = refused.html.select(".blocks li")
    assert reason["data-code"] == "too_many_today"
    assert reason.select_one(".block-remedy").text == "You may place another tomorrow."


def test_a_program_is_told_codes_reasons_and_remedies(town, sign_in, rule, db):
    web = sign_in("elena")
    rule("max_holds", 0)
    body = {"record": town.record.id, "pickup": "nowhere"}

    refusal = web.post_json("/en/account/holds", body, headers=token(web), status=409).json

    assert refusal["blocks"] == [
        {
            "code": "too_many_total",
            "message": "You cannot place holds.",
            "remedy": "Ask at any library desk.",
        },
        {
            "code": "library_not_found",
            "message": "Choose the library where you will collect it.",
            "remedy": None,
        },
    ]
    assert refusal["reasons"] == [one["message"] for one in refusal["blocks"]]
    assert db.scalars(select(Hold)).all() == []


def test_a_program_may_ask_first(town, sign_in, rule, db):
    web = sign_in("elena")
    address, asked = permit(town), {"pickup": town.there.code}

    before = web.get(address, asked, headers=JSON).json
    rule("transferable", False)
    town.far.status = "lost"
    after = web.get(address, asked, headers=JSON).json

    assert (before["allowed"], before["blocks"]) == (True, [])
    assert after["allowed"] is False
    [block] = after["blocks"]
    assert block["code"] == "cannot_be_transferred"
    assert block["remedy"] == f"Choose another pickup point: {town.here.name['en']}."
    assert db.scalars(select(Hold)).all() == []


def test_a_program_without_a_reader_is_told_so(town, web):
    found = web.get(permit(town), {"pickup": town.here.code}, headers=JSON).json

    assert [one["code"] for one in found["blocks"]] == ["no_user"]


def test_a_program_asks_for_ones_child_and_for_nobody_elses(town, sign_in, db):
    child = child_of(town, db, town.elena)
    web = sign_in("elena")
    address, asked = permit(town), {"pickup": town.here.code, "reader": child.uid}
    town.record.age = 16

    found = web.get(address, asked, headers=JSON).json

    assert [one["code"] for one in found["blocks"]] == ["age_restricted"]
    web.reset()
    sign_in("mira").get(address, asked, headers=JSON, status="4*")


def test_a_rule_of_the_city_may_allow_several_holds_on_a_title(town, sign_in, rule, db):
    rule("holds_per_record", 2)
    rule("holds_per_record", 2, town.there)
    web = sign_in("elena")
    body = {"record": town.record.id, "pickup": town.here.code}

    for _n in range(2):
        web.post_json("/en/account/holds", body, headers=token(web), status=201)
    refusal = web.post_json("/en/account/holds", body, headers=token(web), status=409).json

    assert [one["code"] for one in refusal["blocks"]] == ["too_many_for_record"]
    assert len(db.scalars(select(Hold)).all()) == 2
