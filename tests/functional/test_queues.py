"""Librarians see the queue of a title and give it another order, on the page and by program."""

from datetime import timedelta

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE

JSON = {"Accept": "application/json"}
WHY = "A class begins on Monday."


@pytest.fixture
def holds(town, db, clock):
    """Four readers wait; both copies are lent."""
    city = City(db, clock, hold_workflows(SITE))
    desk = city.desk()
    for item in (town.near, town.far):
        item.status = "lent_elsewhere"
    found = []
    for name in ("Anna", "Boris", "Vera", "Gleb"):
        found.append(
            desk.holds.place(town.record.id, city.reader(town.here, name).id, town.here.id)
        )
        clock.advance(timedelta(minutes=1))
    return found


def queue(town):
    return f"/en/catalogue/{town.record.id}/queue"


def told(page):
    return [one["name"].partition("-")[2] for one in page.html.select("input[type=number]")]


def token(web):
    return {**JSON, "X-CSRF-Token": web.cookies["csrf_token"]}


def test_only_librarians_of_libraries_that_have_it_see_the_queue(town, sign_in, holds, web):
    web.get(queue(town), status=303)
    sign_in("elena").get(queue(town), status=403)


def test_a_librarian_changes_a_number_and_the_others_keep_their_order(town, sign_in, holds):
    web = sign_in("vera")
    page = web.get(queue(town))
    uids = [hold.uid for hold in holds]
    assert told(page) == uids
    form = page.forms["queue"]
    form[f"place-{uids[3]}"], form["comment"] = "1", WHY

    page = form.submit(status=303).follow()

    assert "1 hold is moved." in page.text
    assert told(page) == [uids[3], *uids[:3]]


def test_a_page_that_is_old_moves_nobody_and_the_second_one_stays_open(
    town, sign_in, holds, monkeypatch
):
    monkeypatch.setattr("bibliopolis.circulation.queue_views.SIZE", 3)
    web, uids = sign_in("vera"), [hold.uid for hold in holds]
    old = web.get(queue(town)).forms["queue"]
    form = web.get(f"{queue(town)}?page=2").forms["queue"]
    form[f"place-{uids[3]}"], form["comment"] = "1", WHY
    assert told(form.submit(status=303).follow()) == [uids[2]]
    old[f"place-{uids[2]}"], old["comment"] = "1", WHY

    page = old.submit(status=409)

    assert "The queue has changed since" in page.html.select_one(".error-summary").text
    assert told(page) == [uids[3], *uids[:2]]
    assert page.html.select_one(f"#place-{uids[3]}")["value"] == "1"
    assert told(web.get(f"{queue(town)}?page=9")) == [uids[2]]


@pytest.mark.parametrize(
    ("places", "why", "said"),
    [
        ({0: "3", 1: "3"}, WHY, "Two holds cannot stand at one place"),
        ({0: "9"}, WHY, "Choose places from 1 to 4."),
        ({0: "x"}, WHY, "Choose places from 1 to 4."),
        ({0: "2"}, " ", "Write why"),
    ],
)
def test_what_is_no_order_is_said_and_what_was_typed_stays(town, sign_in, holds, places, why, said):
    form = sign_in("vera").get(queue(town)).forms["queue"]
    for number, place in places.items():
        form[f"place-{holds[number].uid}"].force_value(place)
    form["comment"] = why

    page = form.submit(status=422)

    assert said in page.html.select_one(".error-summary").text
    field = page.html.select_one(f"#place-{holds[0].uid}")
    assert field["value"] == places[0]
    assert told(page) == [hold.uid for hold in holds]


def test_the_page_of_a_hold_leads_to_the_queue_and_moves_it(town, sign_in, holds):
    web = sign_in("vera")
    page = web.get(f"/en/account/holds/{holds[3].uid}")
    assert page.html.select_one(f"a[href='{queue(town)}']")
    form = next(one for one in page.forms.values() if one.action.endswith("/move-in-queue"))
    form["position"], form["comment"] = "2", WHY

    form.submit(status=303)

    assert told(web.get(queue(town)))[1] == holds[3].uid


def test_a_program_gives_the_whole_queue_an_order(town, sign_in, holds):
    web = sign_in("vera")
    address = f"/en/catalogue/{town.record.id}/@queue"
    web.get(queue(town))
    items = web.get(address, headers=JSON).json["items"]
    wanted = [{"UID": one["UID"], "position": 5 - one["position"]} for one in items]

    answer = web.put_json(address, {"items": wanted, "comment": WHY}, headers=token(web))

    assert [one["UID"] for one in answer.json["items"]] == [one["UID"] for one in items][::-1]
    refused = web.put_json(
        address, {"items": wanted[1:], "comment": WHY}, headers=token(web), status=422
    )
    assert refused.json["code"] == "queue_not_whole"
    assert "every request of the title" in refused.json["detail"]
