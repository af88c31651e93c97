"""A reader goes on holiday, or moves: holds are paused and collected elsewhere."""

import re
from datetime import timedelta

import pytest
from fixtures.desk import child_of, form_to
from sqlalchemy import select

from bibliopolis.circulation.models import Hold

JSON = {"Accept": "application/json"}
DAYS = ("start", "until")


@pytest.fixture
def elena(town, sign_in):
    web = sign_in("elena")
    form_to(web.get(f"/en/catalogue/{town.record.id}"), "/account/holds").submit(status=303)
    return web


@pytest.fixture
def hold(elena, db):
    return db.scalars(select(Hold)).one()


def address(hold):
    return f"/en/account/holds/{hold.uid}"


def token(web):
    return {**JSON, "X-CSRF-Token": web.cookies["csrf_token"]}


def test_a_reader_pauses_a_hold_until_a_day_and_ends_the_pause(elena, hold, clock):
    form = form_to(elena.get(address(hold)), "/suspend")
    form["until"] = (clock.today() + timedelta(days=10)).isoformat()

    page = form.submit(status=303).follow()

    assert "The hold is paused; it keeps its place." in page.text
    assert "You keep place number 1 in the queue." in page.text
    assert "Paused, number 1 in the queue" in elena.get("/en/account").text
    page = form_to(page, "/thaw").submit(status=303).follow()
    assert "The pause is over." in page.text
    assert hold.suspended is None


@pytest.mark.parametrize(
    ("day", "said"),
    [("2001-01-01", "Choose a day from tomorrow on"), ("soon", "Write the day as a date")],
)
def test_a_day_that_cannot_be_meant_is_told(elena, hold, day, said):
    form = form_to(elena.get(address(hold)), "/suspend")
    form["until"].force_value(day)

    assert said in form.submit(status=303).follow().text
    assert hold.suspended is None


def test_a_reader_collects_it_elsewhere(elena, hold, town):
    form = form_to(elena.get(address(hold)), "/pickup")
    assert town.here.code not in {value for value, *_rest in form["pickup"].options}
    form["pickup"] = town.there.code

    page = form.submit(status=303).follow()

    assert "It will be collected at the other place." in page.text
    assert town.there.name["en"] in page.text


def test_a_ready_hold_offers_no_pause_and_no_other_place(elena, hold, town, sign_in):
    elena.reset()
    vera = sign_in("vera")
    scan = vera.get(f"/en/desk/{town.here.code}").forms["scan-form"]
    scan["code"] = town.near.barcode
    scan.submit(status=303)
    vera.reset()

    page = sign_in("elena").get(address(hold))

    assert [form.action for form in page.forms.values() if form.action.endswith("/suspend")] == []
    assert [form.action for form in page.forms.values() if form.action.endswith("/pickup")] == []


def test_all_holds_are_paused_for_a_holiday(elena, hold, town, clock, db):
    child = child_of(town, db, town.elena)
    other = town.city.record(town.here, "Poor Folk")
    town.city.item(other, town.here)
    body = {"record": other.id, "pickup": town.here.code, "reader": child.uid}
    elena.post_json("/en/account/holds", body, headers=token(elena), status=201)
    page = elena.get("/en/account/holds/several")
    assert not any(one.checked for one in form_to(page, "/several").fields["hold"])
    form = form_to(page.click("Choose all"), "/several")
    form["until"] = (clock.today() + timedelta(days=14)).isoformat()

    page = form.submit("do", value="suspend", status=303).follow()

    assert "2 holds are changed." in page.text
    assert all(one.suspended_until for one in db.scalars(select(Hold)))
    page = form_to(page, "/several").submit("do", value="thaw", status=303).follow()
    assert "2 holds are changed." in page.text


def test_what_cannot_be_changed_is_told_with_its_title(elena, hold, town):
    form = form_to(elena.get("/en/account/holds/several?all=1"), "/several")
    form["pickup"].force_value(town.here.code)

    page = form.submit("do", value="pickup", status=303).follow()

    assert "White Nights: It is collected there already." in page.text


def test_what_was_chosen_and_the_days_stay_when_several_are_refused(elena, town, clock):
    """Else the next click would do it to all of them."""
    other = town.city.record(town.here, "Poor Folk")
    town.city.item(other, town.here)
    body = {"record": other.id, "pickup": town.here.code}
    elena.post_json("/en/account/holds", body, headers=token(elena), status=201)
    form = form_to(elena.get("/en/account/holds/several"), "/several")
    form.set("hold", True, index=0)
    form["start"] = (clock.today() + timedelta(days=9)).isoformat()
    form["until"] = (clock.today() + timedelta(days=3)).isoformat()

    page = form.submit("do", value="suspend", status=303).follow()

    assert "The pause ends before it begins" in page.text
    again = form_to(page, "/several")
    assert [one.checked for one in again.fields["hold"]] == [True, False]
    assert [again[day].value for day in DAYS] == [form[day].value for day in DAYS]
    again.set("hold", False, index=0)
    page = again.submit("do", value="cancel", status=303).follow()
    assert [one.checked for one in form_to(page, "/several").fields["hold"]] == [False, False]


def test_a_second_click_and_an_old_page_show_how_the_hold_stands(elena, hold):
    page = elena.get(address(hold))
    form_to(page, "/cancel").submit(status=303)

    for step in ("/cancel", "/suspend", "/need-by"):
        again = form_to(page, step).submit(status=303).follow()
        assert "That is no longer possible" in again.text
        assert "It is cancelled." in again.text
    form_to(again, "/uncancel").submit(status=303)
    assert "That is no longer possible" in form_to(again, "/uncancel").submit(status=303).follow()
    assert hold.state == "queued"


def test_only_places_are_offered_that_do_and_can_be_sorted(elena, hold, town):
    """One of two holds can go nowhere else; what was chosen stays when places are sorted."""
    other = town.city.record(town.there, "Poor Folk")
    town.city.item(other, town.there)
    town.city.rule("transferable", False, town.there)
    more = [town.city.library(name) for name in ("Near", "Far", "Farther")]
    body = {"record": other.id, "pickup": town.there.code}
    elena.post_json("/en/account/holds", body, headers=token(elena), status=201)
    page = elena.get("/en/account/holds/several")
    form = form_to(page, "/several")
    offered = {code for code, *_rest in form["pickup"].options}
    assert offered == {one.code for one in (town.there, *more)}
    assert "for 1 of 2 holds" in page.text
    form.set("hold", True, index=0)

    page = form.submit("places", value="near", status=303).follow()

    assert [one.checked for one in form_to(page, "/several").fields["hold"]] == [True, False]
    assert page.html.select_one("[aria-current=true]").text == "nearest to my library"
    (line,) = [one for one in page.html.select("input[name=hold]") if not one.has_attr("checked")]
    page = elena.get(f"/en/account/holds/{line['value']}")
    assert [form for form in page.forms.values() if form.action.endswith("/pickup")] == []


def test_it_is_wanted_from_a_later_day(elena, hold, town, clock, db):
    """Chosen when it is placed, by form or program, seen everywhere, changed until it begins."""
    other = town.city.record(town.here, "Poor Folk")
    town.city.item(other, town.here)
    form = form_to(elena.get(f"/en/catalogue/{other.id}"), "/account/holds")
    form["start"] = (clock.today() + timedelta(days=3)).isoformat()
    page = form.submit(status=303).follow()
    assert "You want it from" in page.text
    assert re.search("From .*, number 1 in the queue", elena.get("/en/account").text)
    assert "will be reckoned from the day it begins" in page.text
    url = page.request.path

    form = form_to(page, "/start")
    form["start"] = (clock.today() + timedelta(days=5)).isoformat()
    page = form.submit(status=303).follow()

    assert "It is noted from when the book is wanted." in page.text
    assert elena.get(url, headers=JSON).json["start"] == form["start"].value
    step = f"{url}/@workflow/set_start"
    elena.post_json(step, {"start": "2020-01-01"}, headers=token(elena), status=400)
    elena.post_json(step, {}, headers=token(elena))
    answer = elena.get(url, headers=JSON).json
    assert (answer["start"], answer["position"]) == (None, 1)
    refused = elena.post_json(step, {}, headers=token(elena), status=409)
    assert "The hold has begun already." in refused.text


def test_a_refused_form_leads_back_to_the_book(elena, town):
    other = town.city.record(town.here, "Poor Folk")
    town.city.item(other, town.here)
    page = f"/en/catalogue/{other.id}"
    form = form_to(elena.get(page), "/account/holds")
    form["start"] = "2001-01-01"

    refused = form.submit(headers={"Referer": f"http://localhost{page}"}, status=400)

    assert refused.html.find("a", string="Back to the page of the form")["href"] == page


def test_nobody_changes_what_is_not_theirs(elena, hold, sign_in):
    elena.reset()
    web = sign_in("mira")
    web.get("/en/account/holds/several")
    sent = {"csrf_token": web.cookies["csrf_token"], "hold": hold.uid, "do": "cancel"}

    page = web.post("/en/account/holds/several", sent, status=303).follow()
    web.post(f"{address(hold)}/suspend", {"csrf_token": sent["csrf_token"]}, status=403)

    assert "Choose at least one hold." in page.text
    assert (hold.state, hold.suspended) == ("queued", None)


def test_a_program_takes_the_same_steps(elena, hold, town, clock):
    until = (clock.today() + timedelta(days=3)).isoformat()
    steps = f"{address(hold)}/@workflow"

    elena.post_json(f"{steps}/suspend", {"until": until}, headers=token(elena))
    elena.post_json(f"{steps}/change_pickup", {"pickup": town.there.code}, headers=token(elena))

    told = elena.get(address(hold), headers=JSON).json
    assert (told["suspended"], told["suspended_until"]) == (True, until)
    assert told["pickup_library"]["@id"].endswith(town.there.code)
    elena.post_json(f"{steps}/thaw", {}, headers=token(elena))
    assert hold.suspended is None
    elena.post_json(f"{steps}/suspend", {"until": "x"}, headers=token(elena), status=400)
    elena.post_json(f"{steps}/change_pickup", {"pickup": "?"}, headers=token(elena), status=409)


def scanned(web, town, barcode):
    form = web.get(f"/en/desk/{town.here.code}").forms["scan-form"]
    form["code"] = barcode
    return form.submit(status=303).follow()


def as_one(web, sign_in, name):
    web.reset()
    return sign_in(name)


def test_reader_and_desk_see_until_when_it_waits(elena, hold, town, sign_in):
    vera = as_one(elena, sign_in, "vera")
    said = scanned(vera, town, town.near.barcode)

    assert "Collect until" in said.html.select_one(".s-outcome-facts").text
    assert "28 Nov 2026" in vera.get(f"/en/desk/{town.here.code}/shelf").text
    page = as_one(vera, sign_in, "elena").get("/en/account")
    assert "until 28 November 2026." in page.html.select_one("#holds").text


def test_a_reader_asks_to_cancel_what_waits_and_keeps_it_after_all(elena, hold, town, sign_in):
    vera = as_one(elena, sign_in, "vera")
    scanned(vera, town, town.near.barcode)
    elena = as_one(vera, sign_in, "elena")

    page = form_to(elena.get("/en/account"), "/cancel").submit(status=303).follow()

    assert "A librarian will take it off the shelf; until then you can keep it." in page.text
    assert "You have asked to cancel it" in page.text
    page = form_to(elena.get("/en/account"), "/keep").submit(status=303).follow()
    assert "It waits for you at" in page.text
    form_to(page, "/cancel").submit(status=303)
    vera = as_one(elena, sign_in, "vera")
    shelf = vera.get(f"/en/desk/{town.here.code}/shelf")
    assert town.near.barcode in shelf.html.select_one("#clear").parent.text
    form_to(shelf, "/scan").submit(status=303)
    assert hold.state == "cancelled"


def test_staff_say_why_they_cancel_and_the_reader_places_it_again(elena, hold, sign_in):
    vera = as_one(elena, sign_in, "vera")
    form = form_to(vera.get(address(hold)), "/cancel")
    form["cause"] = "phone"
    form.submit(status=303)
    assert (hold.state, hold.cause) == ("cancelled", "phone")
    elena = as_one(vera, sign_in, "elena")

    page = form_to(elena.get(address(hold)), "/uncancel").submit(status=303).follow()

    assert "The hold is placed again." in page.text
    assert hold.state == "queued"


def test_a_hold_is_wanted_until_a_day(town, sign_in, db, clock):
    web = sign_in("elena")
    form = form_to(web.get(f"/en/catalogue/{town.record.id}"), "/account/holds")
    form["need_by"] = (clock.today() + timedelta(days=6)).isoformat()

    page = form.submit(status=303).follow()

    assert "27 November 2026" in page.text
    form = form_to(page, "/need-by")
    form["need_by"] = ""
    form.submit(status=303)
    assert db.scalars(select(Hold)).one().need_by is None


def test_a_program_says_until_when_and_is_told(town, sign_in, clock):
    web = sign_in("elena")
    web.get("/en/account")
    day = (clock.today() + timedelta(days=6)).isoformat()
    body = {"record": town.record.id, "pickup": town.here.code, "need_by": day}

    made = web.post_json("/en/account/holds", body, headers=token(web), status=201).json

    assert (made["need_by"], made["collect_by"], made["cause"]) == (day, None, None)
    steps = f"{made['@id']}/@workflow"
    web.post_json(f"{steps}/set_need_by", {"need_by": "2001-01-01"}, headers=token(web), status=400)
    web.post_json(f"{steps}/cancel", {"cause": "phone"}, headers=token(web))
    assert web.get(made["@id"], headers=JSON).json["cause"] == "reader"
    web.post_json(f"{steps}/uncancel", {}, headers=token(web))
    assert web.get(made["@id"], headers=JSON).json["review_state"] == "queued"


def test_staff_put_a_hold_first_and_back(elena, hold, sign_in):
    assert "Put first in the queue" not in elena.get(address(hold)).text
    vera = as_one(elena, sign_in, "vera")
    form = form_to(vera.get(address(hold)), "/put-first")
    form["comment"] = "A class begins on Monday."

    page = form.submit(status=303).follow()

    assert "The hold is first in the queue now." in page.text
    assert hold.cut_in_line
    form_to(page, "/put-back").submit(status=303)
    assert not hold.cut_in_line


def test_a_pause_for_the_holidays_keeps_its_days_when_it_is_changed(elena, hold, clock):
    start, until = (clock.today() + timedelta(days=n) for n in (5, 12))
    form = form_to(elena.get(address(hold)), "/suspend")
    form["start"], form["until"] = start.isoformat(), until.isoformat()

    page = form.submit(status=303).follow()

    assert f"from {start.day} November" in page.text
    form = form_to(page, "/suspend")
    assert (form["start"].value, form["until"].value) == (start.isoformat(), until.isoformat())
    form["until"] = (until + timedelta(days=7)).isoformat()
    form.submit(status=303)
    assert (hold.suspend_from, hold.suspended_until) == (start, until + timedelta(days=7))
    form["until"] = start.isoformat()
    page = form.submit(status=303).follow()
    assert "ends before it begins" in page.text
    assert (hold.suspend_from, hold.suspended_until) == (start, until + timedelta(days=7))
    assert "The planned pause is given up." in form_to(page, "/thaw").submit(status=303).follow()


def test_programs_pause_from_a_day_to_a_day(elena, hold, clock):
    start, until = ((clock.today() + timedelta(days=n)).isoformat() for n in (5, 12))
    step = f"{address(hold)}/@workflow/suspend"

    elena.post_json(step, {"start": start, "until": until}, headers=token(elena))

    told = elena.get(address(hold), headers={"Accept": "application/json"}).json
    assert (told["suspended"], told["suspend_from"], told["suspended_until"]) == (
        False,
        start,
        until,
    )
    wrong = elena.post_json(step, {"start": "2020-01-01"}, headers=token(elena), status=400)
    assert "from today on" in wrong.text
