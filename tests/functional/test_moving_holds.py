"""Librarians move holds to another edition: one on its page, several in the queue."""

import pytest
from fixtures.desk import form_to
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import select

from bibliopolis.catalogue.models import Item

JSON = {"Accept": "application/json"}
WHY = "The other edition is lost."


@pytest.fixture
def other(town, db):
    """Another edition of the same work, at the librarian's library."""
    other = town.city.record(town.here, "White Nights. Second edition")
    town.city.item(other, town.here)
    town.record.work_key = other.work_key = "dostoevsky|white nights"
    db.flush()
    return other


@pytest.fixture
def hold(town, db, clock):
    """Elena waits; both copies are lent elsewhere."""
    for item in (town.near, town.far):
        item.status = "lent_elsewhere"
    desk = City(db, clock, hold_workflows(SITE)).desk()
    return desk.holds.place(town.record.id, town.elena.id, town.here.id)


def test_a_librarian_moves_a_hold_from_its_page(town, sign_in, other, hold):
    form = form_to(sign_in("vera").get(f"/en/account/holds/{hold.uid}"), "/move-to-title")
    form["record"], form["comment"] = f"http://localhost/en/catalogue/{other.id}", WHY

    page = form.submit(status=303).follow()

    assert "The hold is moved; its reader is told." in page.text
    assert "Second edition" in page.html.h1.text
    assert hold.record_id == other.id


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"record": "no number"}, "There is no record with this number."),
        ({"record": "999999"}, "There is no record with this number."),
        ({"record": "", "barcode": "B-none"}, "No copy of this title has this barcode."),
    ],
)
def test_what_is_no_title_is_said(town, sign_in, hold, fields, said):
    form = form_to(sign_in("vera").get(f"/en/account/holds/{hold.uid}"), "/move-to-title")
    for name, value in {**fields, "comment": WHY}.items():
        form[name] = value

    assert said in form.submit(status=303).follow().text
    assert hold.record_id == town.record.id


def test_several_are_moved_from_the_queue(town, sign_in, other, hold):
    page = sign_in("vera").get(f"/en/catalogue/{town.record.id}/queue")
    form = page.forms["move"]
    fields = {**dict(form.submit_fields()), "record": str(other.id), "comment": WHY}
    fields["hold"] = hold.uid

    page = page.test_app.post(form.action, fields, status=303).follow()

    assert "1 hold is moved." in page.text
    assert hold.record_id == other.id


def test_of_those_that_left_the_queue_and_of_too_many_it_is_told(town, sign_in, other, hold):
    page = sign_in("vera").get(f"/en/catalogue/{town.record.id}/queue")
    form = page.forms["move"]
    fields = {**dict(form.submit_fields()), "record": str(other.id), "comment": WHY}
    many = {**fields, "hold": [f"{number:032x}" for number in range(51)]}
    page.test_app.post(form.action, many, status=422).mustcontain("Move 50 holds at once at most.")
    hold.record_id = other.id

    page = page.test_app.post(form.action, {**fields, "hold": hold.uid}, status=400)

    assert "Some of the holds you chose have left this queue meanwhile." in page.text


@pytest.mark.parametrize(
    ("sent", "said", "status"),
    [
        ({"record": "999999"}, "There is no record with this number.", 422),
        ({"record": "{other}"}, "It is no edition of the same work", 422),
        ({"record": "{other}", "other_work": "1"}, "1 hold stays: It is for the reading room", 409),
        ({"record": "{other}", "comment": ""}, "Choose at least one hold, and write why.", 400),
        ({"record": "{other}", "barcode": "B-none"}, "No copy of this title has this", 422),
    ],
)
def test_a_refused_move_gives_back_what_was_ticked_and_typed(
    town, sign_in, db, other, hold, sent, said, status
):
    other.work_key = "another work"
    db.scalar(select(Item).where(Item.record_id == other.id)).status = "reading_room"
    db.flush()
    page = sign_in("vera").get(f"/en/catalogue/{town.record.id}/queue")
    fields = {"csrf_token": page.forms["move"]["csrf_token"].value, "comment": WHY}
    fields |= {name: value.format(other=other.id) for name, value in sent.items()}

    page = page.test_app.post(
        page.forms["move"].action, {**fields, "hold": hold.uid}, status=status
    )

    assert said in page.html.select_one("#errors").text
    form = page.forms["move"]
    assert (form["record"].value, form["comment"].value) == (fields["record"], fields["comment"])
    assert page.html.find("input", {"name": "hold", "value": hold.uid}).has_attr("checked")
    assert hold.record_id == town.record.id


def test_a_program_moves_a_hold(town, sign_in, other, hold):
    web = sign_in("vera")
    web.get("/en/account")
    headers = {**JSON, "X-CSRF-Token": web.cookies["csrf_token"]}
    address = f"/en/account/holds/{hold.uid}/@workflow/move_to_title"

    refused = web.post_json(
        address, {"record": town.record.id, "comment": WHY}, headers=headers, status=422
    )
    web.post_json(address, {"record": other.id, "comment": WHY}, headers=headers)

    assert refused.json["code"] == "move_the_same"
    assert hold.record_id == other.id
