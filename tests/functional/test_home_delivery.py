"""A book is brought home: the reader asks for it, the desk works the round off."""

import json

import pytest
from fixtures.desk import form_to
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.accounts.models import Person, RoleGrant
from bibliopolis.circulation import delivery_views
from bibliopolis.circulation.models import DeliveryMark, Hold, HoldDelivery, Loan

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
    alias = page.html.select_one("#out .s-sub bdi").text
    vera.get(f"{rounds(town)}.csv").mustcontain(ADDRESS, f",{alias},")
    page = step(page, town.near.barcode, "not_met")
    assert "It goes out with the next round again" in page.text
    page = step(page, town.near.barcode, "hand_over")
    token = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}
    (item,) = vera.get(rounds(town), headers=token).json["items"]
    assert (item["tries"], item["review_state"]) == (1, "out_for_delivery")
    assert item["alias"] == alias
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


def test_long_rounds_come_in_pages_and_batches(town, hold, desk, sign_in, monkeypatch):
    """The counts are those of all pages: a courier who prints one knows that there is more."""
    monkeypatch.setattr(delivery_views, "SIZE", 2)
    town.city.rule("delivery_most", 2, town.here)
    to_bring(town, desk, hold, town.near)
    for title in ("Poor Folk", "The Idiot", "Demons"):
        record = town.city.record(town.here, title)
        item = town.city.item(record, town.here)
        to_bring(town, desk, desk.holds.place(record.id, town.elena.id, town.here.id), item)
    desk.deliveries.hand_over(hold.id, town.here.id)
    vera = sign_in("vera")

    def shown(page):
        return [
            (section["id"], section.select_one(".s-count").text, len(section.select("tbody tr")))
            for section in page.html.select(".s-round")
        ]

    first = vera.get(rounds(town))
    assert shown(first) == [("out", "1", 1), ("now", "2", 1)]
    second = first.click(href="page=2", index=0)
    assert shown(second) == [("now", "2", 1), ("later", "1", 1)]
    assert shown(vera.get(f"{rounds(town)}?page=77")) == shown(second)

    json_headers = {"Accept": "application/json"}
    told = vera.get(f"{rounds(town)}?b_start=1&b_size=2", headers=json_headers).json
    assert [one["title"] for one in told["items"]] == ["Poor Folk", "The Idiot"]
    assert (told["items_total"], "next" in told["batching"]) == (4, True)


@pytest.fixture
def desk(town, hold, db, clock):
    """The services of a desk; it is noted there that Elena cannot come."""
    desk = City(db, clock, hold_workflows(SITE)).desk()
    desk.deliveries.mark(town.elena, clock.today(), None)
    db.flush()
    return desk


def to_bring(town, desk, hold, item):
    """Let a hold be brought, and its copy lie ready for the round."""
    desk.deliveries.deliver(hold.id, ADDRESS)
    desk.loans.check_in(item.id, town.here.id)


@pytest.fixture
def call(town, web, sign_in):
    """Return a function by which Vera's program takes a step; it returns status and reason."""
    vera = sign_in("vera")
    vera.get(rounds(town))
    headers = {"Accept": "application/json", "X-CSRF-Token": web.cookies["csrf_token"]}

    def call(name, **body):
        address = f"/en/desk/{town.here.code}/{name}"
        answer = vera.post_json(address, body, headers=headers, expect_errors=True)
        return answer.status_int, answer.json.get("detail", "")

    call.vera, call.headers = vera, headers
    return call


def test_what_no_round_sends_changes_nothing(town, hold, desk, db, call):
    to_bring(town, desk, hold, town.near)
    kept = (hold.state, hold.changed, hold.item_id)

    for odd in (None, "", 0, -1, True, 1.5, "x", "1 OR 1=1", [hold.id], {"id": 1}, 10**12):
        said = call("round-step", step="hand_over", hold=odd)
        assert said == (400, "No book of these rounds has this number."), odd
    for code in ("", "\0", "9" * 9_000, ["x"], town.far.barcode):
        assert call("round-step", step="hand_over", code=code)[0] == 400
    for step in (None, "", "HAND_OVER", "expire", ["hand_over"], "x" * 9_000):
        said = call("round-step", step=step, hold=hold.id)
        assert said == (400, "There is no such step.")
    said = call("round-step", step="hand_over", hold=2**31 - 1)
    assert said == (404, "There is no such copy or hold.")
    for step in ("hand_over", "delivered", "not_met"):
        form = {"step": step, "hold": hold.id}
        call.vera.post(f"/en/desk/{town.here.code}/round-step", form, status=400)

    db.expire_all()
    assert (hold.state, hold.changed, hold.item_id) == kept


def test_the_same_step_twice_is_refused_with_the_reason(town, hold, desk, db, call):
    to_bring(town, desk, hold, town.near)

    assert call("round-step", step="not_met", hold=hold.id)[0] == 409
    assert call("round-step", step="hand_over", hold=hold.id)[0] == 200
    assert call("round-step", step="hand_over", hold=hold.id)[0] == 409
    assert hold.state == "out_for_delivery"
    assert call("round-step", step="delivered", hold=hold.id)[0] == 200
    for step in ("delivered", "not_met", "hand_over"):
        assert call("round-step", step=step, hold=hold.id)[0] == 409
    assert db.scalar(select(func.count()).select_from(Loan)) == 1


@pytest.mark.parametrize("step", ["hand_over", "delivered", "not_met"])
def test_no_desk_does_the_round_of_another(town, db, clock, call, step):
    """Not even a librarian of both libraries, at the wrong desk: the copy would be lost to both."""
    vera = db.scalars(select(Person).where(Person.email == "vera@example.org")).one()
    vera.grants.append(RoleGrant(role="librarian", scope=f"library:{town.there.id}"))
    town.city.rule("home_delivery", "all", town.there)
    desk = City(db, clock, hold_workflows(SITE)).desk()
    hold = desk.holds.place(town.record.id, town.elena.id, town.there.id)
    desk.deliveries.deliver(hold.id, ADDRESS)
    desk.loans.check_in(town.far.id, town.there.id)
    if step == "not_met":
        desk.deliveries.hand_over(hold.id, town.there.id)
    state = hold.state

    assert call("round-step", step=step, hold=hold.id)[0] == 409
    assert call("round-step", step=step, code=town.far.barcode)[0] == 400
    form = {"hold": hold.id, "csrf_token": call.headers["X-CSRF-Token"]}
    page = call.vera.post(f"/en/desk/{town.here.code}/clear", form, status=303).follow()
    assert "does not wait on the hold shelf of this library" in page.text

    db.expire_all()
    assert (hold.state, town.far.holding_library_id) == (state, town.there.id)
    assert db.scalar(select(func.count()).select_from(HoldDelivery)) == 1


def test_what_no_page_of_a_reader_sends_is_refused_in_words(noted, hold, sign_in, web, db, town):
    address = f"/en/account/holds/{hold.uid}"

    def post(step, page=address, status=303, **form):
        form["csrf_token"] = web.cookies["csrf_token"]
        answer = web.post(f"{page}/{step}", form, status=status)
        return answer.follow().text if status == 303 else answer.text

    sign_in("mira").get("/en/account")
    for step in ("deliver", "fetch"):
        post(step, address=ADDRESS, status=403)
    web.reset()
    sign_in("elena").get(address)
    for odd in ({}, {"address": " \t "}, {"address": "x" * 501}, {"address": "x" * 9_000}):
        assert "Write the address" in post("deliver", **odd)
    assert "Write the address" in post("deliver", address=ADDRESS, note="x" * 501)
    web.post(f"{address}/deliver", {"address": ADDRESS}, status=400)
    assert "It will be brought to you" not in post("fetch")
    assert not db.scalars(select(HoldDelivery)).all()
    for _twice in range(2):
        assert "will bring it to you" in post("deliver", address=f"{ADDRESS}<script>")
    assert [one.address for one in db.scalars(select(HoldDelivery))] == [f"{ADDRESS}<script>"]
    assert f"{ADDRESS}<script>" not in web.get(address).text
    assert "You will collect it yourself" in post("fetch")
    assert "You will collect it yourself" not in post("fetch")
    web.reset()

    page, until = f"/en/staff/readers/{town.elena.uid}", db.get(DeliveryMark, town.elena.id).until
    sign_in("vera").get(page)
    for odd in ("x", "2026-13-40", "2" * 9_000):
        assert "Write the day as a date" in post("delivery", page, until=odd)
    for odd in ("1999-01-01", "2199-12-31"):
        assert "Choose a day from today on" in post("delivery", page, until=odd)
    web.post(f"{page}/delivery", {"until": ""}, status=400)
    db.expire_all()
    assert db.get(DeliveryMark, town.elena.id).until == until


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
