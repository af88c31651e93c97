"""A reader's way with a hold: place it, see it, cancel it."""

import pytest
from fixtures.desk import form_to
from sqlalchemy import select

from bibliopolis.circulation.models import Hold

JSON = {"Accept": "application/json"}


def place(web, town):
    page = web.get(f"/en/catalogue/{town.record.id}")
    return form_to(page, "/account/holds").submit(status=303).follow()


def token(web):
    return {**JSON, "X-CSRF-Token": web.cookies["csrf_token"]}


def test_a_visitor_is_led_to_sign_in_and_back(web, town):
    page = web.get(f"/en/catalogue/{town.record.id}")

    link = page.html.find("a", string="Sign in and place a hold")["href"]

    form = web.get(link).forms["sign-in"]
    form["name"], form["password"] = "elena@example.org", "bibliopolis"
    assert form.submit(status=303).location.endswith(f"/en/catalogue/{town.record.id}")


def test_a_reader_places_a_hold_and_sees_it(town, sign_in, db):
    web = sign_in("elena")

    page = place(web, town)

    hold = db.scalars(select(Hold)).one()
    assert page.request.path == f"/en/account/holds/{hold.uid}"
    assert "Your hold is placed." in page.text
    assert "A copy is being fetched for you." in page.text
    assert "White Nights" in web.get("/en/account").html.select_one("#holds").text


def test_a_hold_wears_the_cover_of_its_book(town, sign_in):
    web = sign_in("elena")
    place(web, town)

    book = web.get(f"/en/catalogue/{town.record.id}").html.select_one("main .cover")
    held = web.get("/en/account").html.select_one("#holds .cover")

    assert {*held["class"]} - {"cover-s"} == {*book["class"]} - {"cover-xl"}
    assert held.select_one("use")["href"] == book.select_one("use")["href"]


def test_who_waits_sees_the_place_in_the_queue(town, sign_in):
    web = sign_in("elena")
    place(web, town)
    elena = web.get("/en/account/holds", headers=JSON).json["items"][0]
    web.reset()
    for copy in (town.near, town.far):
        copy.status = "lent_elsewhere"
    web = sign_in("mira")

    page = place(web, town)

    assert elena["position"] == 1
    assert "You are number 2 in the queue." in page.text


def test_ones_own_library_comes_first(town, sign_in):
    web = sign_in("elena")
    assert _first_choice(web, town) == town.here.code
    assert town.here.name["en"] in web.get("/en/libraries").html.select_one(".topbar").text

    form_to(web.get(f"/en/libraries/{town.there.code}"), "/choose").submit()

    assert _first_choice(web, town) == town.there.code


def _first_choice(web, town):
    page = web.get(f"/en/catalogue/{town.record.id}")
    return form_to(page, "/account/holds")["pickup"].value


def test_a_second_click_shows_the_hold_there_is(town, sign_in, db):
    web = sign_in("elena")
    page = web.get(f"/en/catalogue/{town.record.id}")
    first = form_to(page, "/account/holds").submit(status=303)

    second = form_to(page, "/account/holds").submit(status=303)

    assert second.location == first.location
    assert "You already have a hold on this title." in second.follow().text
    assert len(db.scalars(select(Hold)).all()) == 1


def test_the_record_shows_the_hold_instead_of_the_form(town, sign_in):
    web = sign_in("elena")
    place(web, town)

    page = web.get(f"/en/catalogue/{town.record.id}")

    assert page.html.find("a", string="Your hold")
    assert not [form for form in page.forms.values() if form.action.endswith("/account/holds")]


def test_the_record_says_why_it_cannot_be_held(town, sign_in, make_person):
    make_person("guest")
    page = sign_in("guest").get(f"/en/catalogue/{town.record.id}")

    assert "Only readers with a library card can place holds." in page.text


def test_how_many_wait_is_told_to_everybody(town, sign_in):
    web = sign_in("elena")
    place(web, town)
    web.reset()

    assert "1 reader is waiting." in web.get(f"/en/catalogue/{town.record.id}").text


def test_a_reader_cancels(town, sign_in, db):
    web = sign_in("elena")
    place(web, town)

    page = form_to(web.get("/en/account"), "/cancel").submit(status=303).follow()

    assert "The hold is cancelled." in page.text
    assert db.scalars(select(Hold.state)).one() == "cancelled"
    assert "You have no holds." in web.get("/en/account").text


def test_nobody_sees_or_cancels_anothers_hold(town, sign_in, make_person, db):
    web = sign_in("elena")
    place(web, town)
    hold = db.scalars(select(Hold)).one()
    address = f"/en/account/holds/{hold.uid}"
    web.reset()
    assert "/account/sign-in" in web.get(address, status=303).location
    web.get(address, headers=JSON, status=401)

    make_person("guest")
    web = sign_in("guest")

    web.get(address, status=403)
    web.get(address, headers=JSON, status=403)
    web.post(f"{address}/cancel", {"csrf_token": web.cookies["csrf_token"]}, status=403)
    assert web.get("/en/account/holds", headers=JSON).json["items"] == []


def test_a_program_places_reads_and_cancels(town, sign_in):
    web = sign_in("elena")
    body = {"record": town.record.id, "pickup": town.here.code}

    made = web.post_json("/en/account/holds", body, headers=token(web), status=201)

    hold = made.json
    assert made.location == hold["@id"]
    assert (hold["@type"], hold["review_state"], hold["position"]) == ("hold", "queued", 1)
    shown = web.get(hold["@id"], headers=JSON).json
    steps = shown["@components"]["workflow"]["transitions"]
    assert [step["@id"].rsplit("/", 1)[1] for step in steps] == [
        "suspend",
        "change_pickup",
        "set_need_by",
        "cancel",
    ]
    assert web.get("/en/account/holds", headers=JSON).json["items_total"] == 1
    closed = web.post_json(f"{hold['@id']}/cancel", {}, headers=token(web)).json
    assert closed["review_state"] == "cancelled"


def test_a_program_reads_many_holds_in_batches(town, sign_in):
    web = sign_in("elena")
    for title in ("One", "Two", "Three"):
        record = town.city.record(town.here, title)
        town.city.item(record, town.here)
        body = {"record": record.id, "pickup": town.here.code}
        web.post_json("/en/account/holds", body, headers=token(web), status=201)

    first = web.get("/en/account/holds?b_size=2", headers=JSON).json
    second = web.get(first["batching"]["next"], headers=JSON).json

    assert (first["items_total"], len(first["items"]), len(second["items"])) == (3, 2, 1)
    assert len({one["@id"] for one in first["items"] + second["items"]}) == 3
    assert "next" not in second["batching"]


def test_a_program_is_told_every_reason(town, sign_in):
    web = sign_in("elena")
    body = {"record": town.record.id, "pickup": town.here.code}
    web.post_json("/en/account/holds", body, headers=token(web), status=201)

    refusal = web.post_json(
        "/en/account/holds", {"record": town.record.id}, headers=token(web), status=409
    )

    assert refusal.json["reasons"] == [
        "You already have a hold on this title.",
        "Choose the library where you will collect it.",
    ]


@pytest.mark.parametrize("body", ["[]", "{", '"x"'])
def test_a_body_that_cannot_be_read_is_refused(town, sign_in, body):
    web = sign_in("elena")
    headers = {**token(web), "Content-Type": "application/json"}

    web.post("/en/account/holds", body, headers=headers, status=400)


def test_without_a_token_nothing_is_placed(town, sign_in, db):
    web = sign_in("elena")

    web.post_json("/en/account/holds", {"record": town.record.id}, headers=JSON, status=401)

    assert db.scalars(select(Hold)).all() == []


@pytest.mark.parametrize("record", ["", "0", "x", "99999999", "٣", "9" * 30])
def test_a_record_that_is_not_there_cannot_be_held(town, sign_in, record):
    web = sign_in("elena")
    body = {"record": record, "pickup": town.here.code}

    web.post_json("/en/account/holds", body, headers=token(web), status=404)


@pytest.mark.parametrize("language", ["ru", "en", "ar"])
def test_the_pages_speak_every_language(town, sign_in, language):
    web = sign_in("elena", language)
    page = web.get(f"/{language}/catalogue/{town.record.id}")

    page = form_to(page, "/account/holds").submit(status=303).follow()

    assert page.html.html["lang"] == language
    web.get(f"/{language}/account", status=200)


def places_of(page):
    return [one["value"] for one in page.html.select(".hold-panel input[name=pickup]")]


@pytest.fixture
def places(town):
    """Four more places: a locker of the first library, and libraries ever farther away."""
    town.here.latitude, town.here.longitude = 59.93, 30.30
    town.there.latitude, town.there.longitude = 59.93, 30.40
    far, near, shut = (town.city.library(name) for name in ("Far", "Near", "Shut"))
    far.latitude, far.longitude = 60.20, 30.30
    near.latitude, near.longitude = 59.94, 30.30
    shut.is_pickup_point = False
    return town.city.locker(town.here, cells=1), far, near, shut


def test_the_place_used_last_comes_first_then_ones_own_then_the_nearest(town, places, sign_in, db):
    locker, far, near, _shut = places
    web = sign_in("elena")
    page = web.get(f"/en/catalogue/{town.record.id}")
    codes = [town.here.code, locker.code, near.code, town.there.code, far.code]
    assert places_of(page) == codes, "a place that hands out no holds is never offered"

    form = form_to(page, "/account/holds")
    form["pickup"] = far.code
    form.submit(status=303)
    other = town.city.record(town.here, "Another")
    town.city.item(other, town.here)
    db.flush()

    page = web.get(f"/en/catalogue/{other.id}")
    assert places_of(page)[:2] == [far.code, town.here.code]
    page = page.click("nearest to my library")
    assert places_of(page) == codes
    assert page.html.select_one("#places").has_attr("open")
    assert places_of(page.click("used last"))[0] == far.code
    form_to(page, "/account/holds").submit(status=303)
