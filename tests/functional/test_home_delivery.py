"""A book is brought home: the reader asks for it, the desk works the round off."""

import json

import pytest
from fixtures.desk import form_to
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.circulation.models import DeliveryMark, Hold, HoldDelivery

ADDRESS = "12 Canal Street, flat 3"


@pytest.fixture
def hold(town, db, clock):
    """Elena's hold at the first library, which brings books home to whom staff have noted."""
    town.city.rule("home_delivery", "marked", town.here)
    holds = City(db, clock, hold_workflows(SITE)).desk().holds
    return holds.place(town.record.id, town.elena.id, town.here.id)


def page_of(web, hold):
    return web.get(f"/en/account/holds/{hold.uid}")


def rounds(town):
    return f"/en/desk/{town.here.code}/rounds"


@pytest.fixture
def noted(town, hold, sign_in, web, clock):
    """Vera has noted on Elena's page that she cannot come."""
    form = form_to(sign_in("vera").get(f"/en/staff/readers/{town.elena.uid}"), "/delivery")
    form["until"] = clock.today().isoformat()
    assert "books are brought to the reader" in form.submit(status=303).follow().text
    web.reset()


@pytest.fixture
def asked(noted, hold, sign_in, web):
    """Elena has asked for it, with an address."""
    form = form_to(page_of(sign_in("elena"), hold), "/deliver")
    form["address"], form["note"] = ADDRESS, "second floor"
    page = form.submit(status=303).follow()
    assert "will bring it to you" in page.text
    assert ADDRESS in page.text
    web.reset()


def step(page, code, name):
    form = page.forms["round-form"]
    form["code"], form["step"] = code, name
    return form.submit(status=303).follow()


def test_who_is_not_entitled_is_told_why(hold, sign_in, town):
    web = sign_in("elena")
    page = page_of(web, hold)
    assert "ask a librarian to note it" in page.text
    assert "/deliver" not in [form.action for form in page.forms.values()]

    answer = web.post(
        f"/en/account/holds/{hold.uid}/deliver",
        {"address": ADDRESS, "csrf_token": web.cookies["csrf_token"]},
        status=303,
    ).follow()
    assert "ask a librarian to note it" in answer.text
    assert not hold.by_delivery


def test_it_is_chosen_when_a_hold_is_placed(noted, town, sign_in, web, db):
    """Only who is entitled, and where that is said; else nothing is placed, with the reason."""
    other = town.city.record(town.here, "Poor Folk")
    town.city.item(other, town.here)
    town.city.rule("home_delivery", "nobody", town.there)
    page = f"/en/catalogue/{other.id}"
    elena = sign_in("elena")
    form = form_to(elena.get(page), "/account/holds")
    assert [one.text for one in elena.get(page).html.select(".choice-note")].count(
        "can bring it to you"
    ) == 1
    form["address"] = ADDRESS
    assert "will bring it to you" not in form.submit(status=303).follow().text, (
        "browsers fill it in"
    )
    hold = db.scalars(select(Hold).where(Hold.record_id == other.id)).one()
    token = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}
    elena.post_json(f"/en/account/holds/{hold.uid}/cancel", {}, headers=token)
    place, wanted = f"{page}/@holds", {"pickup": town.there.code, "address": ADDRESS}
    answer = elena.post_json(place, wanted, headers=token, status=409)
    assert "brings no books home" in answer.text
    form["deliver"] = "1"

    assert ADDRESS in form.submit(status=303).follow().text

    web.reset()
    assert "can bring it to you" not in sign_in("mira").get(page).text
    token["X-CSRF-Token"] = web.cookies["csrf_token"]
    wanted["pickup"] = town.here.code
    answer = web.post_json(place, wanted, headers=token, status=409)
    assert "ask a librarian to note it" in answer.text


def test_the_whole_round(asked, hold, town, sign_in, web, db, clock):
    vera = sign_in("vera")
    vera.get(f"/en/account/holds/{hold.uid}").mustcontain(no=[ADDRESS])
    scan = vera.get(f"/en/desk/{town.here.code}").forms["scan-form"]
    scan["code"] = town.near.barcode
    scan.submit(status=303)

    page = vera.get(rounds(town))
    assert ADDRESS in page.html.select_one("#now").text
    assert page.html.find(id="scan").has_attr("autofocus")
    page = step(page, "nothing", "hand_over")
    assert "No book of these rounds has this number." in page.text
    page = step(page, town.near.barcode, "hand_over")
    assert ADDRESS in page.html.select_one("#out").text
    assert ADDRESS in vera.get(f"{rounds(town)}.csv").text
    page = step(page, town.near.barcode, "not_met")
    assert "It goes out with the next round again" in page.text
    page = step(page, town.near.barcode, "hand_over")
    token = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}
    (item,) = vera.get(rounds(town), headers=token).json["items"]
    assert (item["tries"], item["review_state"]) == (1, "out_for_delivery")
    told = vera.post_json(
        f"/en/desk/{town.here.code}/round-step",
        {"step": "delivered", "hold": hold.id},
        headers=token,
    )
    assert told.json["review_state"] == "fulfilled"

    assert db.scalar(select(func.count()).select_from(HoldDelivery)) == 0
    vera.get(rounds(town)).mustcontain("Nothing is to be brought home.", no=[ADDRESS])
    web.reset()
    assert "White Nights" in sign_in("elena").get("/en/account").html.select_one("#loans").text


def test_its_reader_collects_it_after_all(asked, hold, sign_in):
    page = page_of(sign_in("elena"), hold)

    page = form_to(page, "/fetch").submit(status=303).follow()

    assert "You will collect it yourself" in page.text
    assert ADDRESS not in page.text


def test_another_library_sees_no_address(asked, town, sign_in, make_person):
    make_person("zoya", librarian=f"library:{town.there.id}")
    web = sign_in("zoya")

    for page in ("", ".csv"):
        web.get(f"{rounds(town)}{page}", status=403)
    web.get(f"/en/desk/{town.there.code}/rounds").mustcontain(no=[ADDRESS])


def test_the_address_is_in_ones_own_data_and_goes_with_the_account(asked, hold, db, sign_in):
    web = sign_in("elena")
    told = json.loads(web.get("/en/account/data").forms["export"].submit().text)
    assert ADDRESS in json.dumps(told)

    form_to(page_of(web, hold), "/cancel").submit(status=303)
    form = web.get("/en/account/data").forms["close"]
    form["password"] = "bibliopolis"
    form.submit(status=303)

    for table in (HoldDelivery, DeliveryMark):
        assert db.scalar(select(func.count()).select_from(table)) == 0
