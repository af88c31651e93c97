"""A reader, a program, a librarian and a terminal ask for one certain copy."""

import re
from datetime import timedelta

import pytest
from fixtures.desk import form_to
from sqlalchemy import select

from bibliopolis.circulation.models import CirculationRule, Hold

JSON = {"Accept": "application/json"}


@pytest.fixture
def rule(town, db, clock):
    """Set a rule at both libraries."""

    def keep(name, value):
        for library in (town.here, town.there):
            found = {"library_id": library.id, "name": name, "value": value}
            db.add(CirculationRule(**found, changed=clock.now()))
        db.flush()

    return keep


def page_of(web, town, query=""):
    return web.get(f"/en/catalogue/{town.record.id}{query}")


def choices(page):
    return {one["href"] for one in page.html.select("#copies a[href*='copy=']")}


def token(web):
    return {**JSON, "X-CSRF-Token": web.cookies["csrf_token"]}


def test_beside_a_copy_a_reader_finds_the_way_to_hold_just_this_one(town, sign_in, db):
    web = sign_in("elena")
    page = page_of(web, town)
    assert choices(page) == {
        f"/en/catalogue/{town.record.id}?copy={item.id}#hold" for item in (town.near, town.far)
    }

    chosen = page_of(web, town, f"?copy={town.far.id}")
    assert town.there.name["en"] in chosen.html.select_one(".hold-panel .note").text
    placed = form_to(chosen, "/account/holds").submit(status=303).follow()

    hold = db.scalars(select(Hold)).one()
    assert (hold.wanted_item_id, hold.item_id) == (town.far.id, None)
    assert town.far.shelf_mark in placed.html.select_one("dl.facts").text
    account = web.get("/en/account").html.select_one("#holds").text
    assert f"This copy only: {town.there.name['en']} · {town.far.shelf_mark}" in account


def test_nobody_is_led_to_a_choice_they_do_not_have(town, web, sign_in, rule):
    assert choices(page_of(web, town)) == set()
    rule("item_level_holds", "forbidden")

    page = page_of(sign_in("elena"), town)

    assert choices(page) == set()
    assert form_to(page, "/account/holds")


def test_of_a_single_copy_none_need_be_chosen(town, sign_in):
    town.far.status = "withdrawn"

    assert choices(page_of(sign_in("elena"), town)) == set()


def test_where_a_copy_must_be_chosen_the_page_says_so_and_how(town, sign_in, rule):
    rule("item_level_holds", "forced")
    web = sign_in("elena")

    page = page_of(web, town)

    assert "You must choose which copy you want." in page.html.select_one(".hold-panel").text
    assert len(choices(page)) == 2
    chosen = page_of(web, town, f"?copy={town.near.id}")
    assert form_to(chosen, "/account/holds").submit(status=303)


def test_a_copy_of_another_title_is_not_chosen(town, sign_in):
    other = town.city.item(town.city.record(town.here), town.here)

    page = page_of(sign_in("elena"), town, f"?copy={other.id}")

    assert page.html.select_one(".hold-panel input[name=item]") is None


def test_only_places_where_this_copy_can_come_are_offered(town, sign_in, rule):
    rule("transferable", False)

    page = page_of(sign_in("elena"), town, f"?copy={town.far.id}")

    assert [one["value"] for one in page.html.select("input[name=pickup]")] == [town.there.code]


def test_a_reader_lets_any_copy_do(town, sign_in, db):
    web = sign_in("elena")
    chosen = page_of(web, town, f"?copy={town.far.id}")
    page = form_to(chosen, "/account/holds").submit(status=303).follow()

    page = form_to(page, "/any-copy").submit(status=303).follow()

    assert "Any copy will do now" in page.text
    assert db.scalars(select(Hold)).one().wanted_item_id is None
    assert not page.html.select("form[action$='/any-copy']")


def test_a_program_asks_for_one_copy_and_is_told_which_it_waits_for(town, sign_in):
    web = sign_in("elena")
    record = f"/en/catalogue/{town.record.id}"
    web.get(record)
    copies = {one["id"] for one in web.get(record, headers=JSON).json["items"]}
    asked = {"pickup": town.here.code, "item": town.far.id}
    permit = web.get(f"{record}/permit?pickup={town.here.code}&item={town.far.id}", headers=JSON)

    placed = web.post_json(f"{record}/@holds", asked, headers=token(web), status=201).json

    assert copies == {town.near.id, town.far.id}
    assert permit.json["allowed"]
    assert placed["item"] == {
        "id": town.far.id,
        "title": f"{town.there.name['en']} · {town.far.shelf_mark}",
    }
    assert web.get("/en/account/holds", headers=JSON).json["items"][0]["item"] == placed["item"]


@pytest.mark.parametrize("item", ["0", "x", "999999", "-1"])
def test_a_copy_that_is_none_is_refused_and_said_so(town, sign_in, db, item):
    web = sign_in("elena")
    record = f"/en/catalogue/{town.record.id}"
    page = web.get(record)
    permit = web.get(f"{record}/permit?pickup={town.here.code}&item={item}", headers=JSON).json
    form = form_to(page, "/account/holds")
    fields = {**dict(form.submit_fields()), "item": item}

    web.post("/en/account/holds", fields, status=409)

    assert [one["code"] for one in permit["blocks"]] == ["no_item"]
    assert db.scalars(select(Hold)).all() == []


def test_a_librarian_holds_the_very_copy_for_a_reader(town, sign_in, db, clock):
    """From a later day on, as the reader asks."""
    web = sign_in("vera")
    desk = f"/en/desk/{town.here.code}?reader={town.elena.uid}"
    form = form_to(web.get(desk), "/hold")
    form["title"], form["very_copy"], form["start"] = town.far.barcode, True, "2020-01-01"
    assert "Choose a first day from today on" in form.submit(status=303).follow().text
    later = form["start"] = (clock.today() + timedelta(days=9)).isoformat()

    page = form.submit(status=303).follow()

    hold = db.scalars(select(Hold)).one()
    assert (hold.wanted_item_id, hold.starts.isoformat()) == (town.far.id, later)
    shown = page.html.select_one(".s-reader").text
    assert town.far.shelf_mark in shown
    assert re.search("From .* on", shown)
    assert re.search("From .* on", web.get(f"/en/catalogue/{town.record.id}/queue").text)


def test_the_desk_asks_which_of_the_copies_with_one_barcode_is_meant(town, sign_in, db):
    town.far.barcode = town.near.barcode
    db.flush()
    web = sign_in("vera")
    form = form_to(web.get(f"/en/desk/{town.here.code}?reader={town.elena.uid}"), "/hold")
    form["title"], form["very_copy"] = town.near.barcode, True

    page = form.submit(status=303).follow()

    assert "Several copies have this number: which is it?" in page.text
    assert db.scalars(select(Hold)).all() == []
    asked = [one for one in page.forms.values() if one.fields.get("item")]
    next(one for one in asked if one["item"].value == str(town.far.id)).submit(status=303)
    assert db.scalars(select(Hold)).one().wanted_item_id == town.far.id


def test_a_number_of_a_record_is_no_very_copy(town, sign_in, db):
    web = sign_in("vera")
    form = form_to(web.get(f"/en/desk/{town.here.code}?reader={town.elena.uid}"), "/hold")
    form["title"], form["very_copy"] = str(town.record.id), True

    page = form.submit(status=303).follow()

    assert "To hold one certain copy, scan its barcode." in page.text
    assert db.scalars(select(Hold)).all() == []
