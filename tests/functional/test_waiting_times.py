"""How long it will take: told before a hold is placed and while it waits, and judged afterwards."""

import re

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from fixtures.waiting import seen_before
from sqlalchemy import delete, select

from bibliopolis.circulation.waiting import jobs
from bibliopolis.circulation.waiting.models import HoldWait
from bibliopolis.circulation.waiting.reckoning import Reckoning
from bibliopolis.outbox import Outbox, OutboxRow

JSON = {"Accept": "application/json"}
FORTY = [float(days) for days in range(1, 41)]


@pytest.fixture
def history(town, db, clock, inside):
    """Let forty readers have waited for one round of the copies, up to forty days."""
    seen_before(db, clock, town.here, FORTY, rounds=1, promise=(4, 30))
    inside.find_service(Reckoning).reckon(town.here.id)


@pytest.fixture
def queue(town, db, clock):
    """Both copies are lent, and one reader waits already."""
    desk = City(db, clock, hold_workflows(SITE)).desk()
    for item in (town.near, town.far):
        desk.loans.check_out(item.id, town.city.reader(town.here).id, item.library_id)
    first = town.city.reader(town.here)
    desk.holds.place(town.record.id, first.id, town.here.id)
    return desk


@pytest.fixture
def librarian(web, sign_in):
    web.reset()
    return sign_in("vera")


def text_of(page, css):
    return " ".join(page.html.select_one(css).get_text(" ").split())


def test_the_form_says_how_long_it_will_take(town, queue, history, sign_in):
    page = sign_in("elena").get(f"/en/catalogue/{town.record.id}")

    said = text_of(page, ".hold-panel")
    assert "You would be number 2." in said
    assert "Expected wait: up to 6 weeks." in said
    assert "8 of 10 readers waited; known from 40 waits." in said


def test_it_says_so_where_it_is_not_known(town, queue, sign_in, web):
    for sign in (lambda: web, lambda: sign_in("elena")):
        said = text_of(sign().get(f"/ru/catalogue/{town.record.id}"), ".hold-panel")
        assert "Сколько ждать, пока неизвестно" in said


def test_the_place_in_the_queue_is_the_same_everywhere(town, queue, history, sign_in, web):
    elena = sign_in("elena")
    permit = elena.get(
        f"/en/catalogue/{town.record.id}/permit?pickup={town.here.code}", headers=JSON
    ).json
    hold = queue.holds.place(town.record.id, town.elena.id, town.here.id)

    listed = elena.get("/en/account/holds", headers=JSON).json["items"][0]
    account = text_of(elena.get("/en/account"), "#holds")
    own = text_of(elena.get(f"/en/account/holds/{hold.uid}"), "main")
    web.reset()
    rows = sign_in("vera").get(f"/en/desk/{town.here.code}/waiting").html.select("tbody tr")

    assert (permit["position"], listed["position"]) == (2, 2)
    assert "You are number 2 in the queue." in account
    assert "You are number 2 in the queue." in own
    assert "Place in the queue 2" in own
    told = [row.select_one("[data-label='Place in the queue']").get_text() for row in rows]
    assert told == ["1", "2"]


def test_programs_are_told_days_and_what_they_rest_on(town, queue, history, sign_in):
    elena = sign_in("elena")
    permit = elena.get(
        f"/en/catalogue/{town.record.id}/permit?pickup={town.here.code}", headers=JSON
    ).json
    hold = queue.holds.place(town.record.id, town.elena.id, town.here.id)

    told = elena.get(f"/en/account/holds/{hold.uid}", headers=JSON).json["waiting_time"]

    assert permit["waiting_time"]["promised"] is None
    for one in (permit["waiting_time"], told):
        assert (one["known"], one["from_days"], one["to_days"]) == (True, 4, 37)
        assert (one["share"], one["cases"], one["reason"]) == (0.8, 40, None)
        assert one["basis"] == {"organisation": town.here.code, "item_type": "book"}
    assert told["promised"] == {"from_days": 4, "to_days": 37}


def test_a_paused_hold_has_no_time(town, queue, history, sign_in):
    elena = sign_in("elena")
    hold = queue.holds.place(town.record.id, town.elena.id, town.here.id)
    queue.changes.suspend(hold.id)

    told = elena.get(f"/en/account/holds/{hold.uid}", headers=JSON).json["waiting_time"]

    assert (told["known"], told["from_days"], told["reason"]) == (False, None, "paused")
    assert "when the pause ends" in elena.get("/en/account").text


def test_another_edition_that_comes_sooner_is_offered(town, queue, history, db, sign_in):
    other = town.city.record(town.here, "White Nights, illustrated")
    for record in (town.record, other):
        record.work_key = "dostoevsky white nights"
    item = town.city.item(other, town.here)
    elena = sign_in("elena")

    page = elena.get(f"/en/catalogue/{town.record.id}")

    panel = page.html.select_one(".hold-panel")
    assert "Another edition of this work comes sooner: White Nights, illustrated" in text_of(
        page, ".hold-panel"
    )
    assert panel.select_one("p.small a")["href"].endswith(f"/catalogue/{other.id}")
    item.status = "lost"
    db.flush()
    assert "comes sooner" not in elena.get(f"/en/catalogue/{town.record.id}").text


def test_the_queue_of_a_title_shows_who_is_expected_when(town, queue, history, librarian):
    queue.holds.place(town.record.id, town.elena.id, town.here.id)

    page = librarian.get(f"/en/catalogue/{town.record.id}/queue")

    told = [row.get_text(" ") for row in page.html.select("main tbody tr")]
    assert len(told) == 2
    assert all(one.count("Expected wait: up to 6 weeks.") == 1 for one in told)


def test_my_holds_name_the_days(town, queue, history, sign_in):
    queue.holds.place(town.record.id, town.elena.id, town.here.id)

    said = text_of(sign_in("elena").get("/ru/account"), "#holds")

    assert "Ожидание: до 6 недель." in said
    assert re.search(r"между \d+ \w+ и \d+ \w+", said)
    assert "Столько ждали 8 из 10 читателей; известно по 40 случаям." in said


def test_staff_see_what_came_of_the_promises(town, history, librarian):
    page = librarian.get(f"/en/staff/libraries/{town.here.code}/waiting-times")
    table = librarian.get(f"/en/staff/libraries/{town.here.code}/waiting-times.csv").text

    said = text_of(page, "main")
    assert "68% 27 / 40" in said
    assert "1 round of the copies" in said
    assert table.splitlines()[1] == f"{town.here.name_in('en')},Book,1,27,3,10,0"


def test_staff_see_what_to_order(town, queue, db, clock, librarian):
    for _reader in range(6):
        queue.holds.place(town.record.id, town.city.reader(town.here).id, town.here.id)
    address = f"/en/staff/libraries/{town.here.code}/hold-ratio"

    said = text_of(librarian.get(address), "table tbody tr")
    table = librarian.get(f"{address}.csv?target=2").text.splitlines()

    assert said.startswith("White Nights")
    assert said.endswith("7 1 7 3 2")
    assert table[1].endswith(",7,1,7,2,3,")
    assert "copies enough" in librarian.get(f"{address}?target=7").text
    assert librarian.get(f"{address}?target=soon&page=99").status_int == 200


@pytest.mark.parametrize("name", ["waiting-times", "hold-ratio"])
def test_nobody_sees_the_figures_of_other_libraries(town, sign_in, web, name):
    assert web.get(f"/en/staff/libraries/{town.here.code}/{name}", status="*").status_int != 200
    for who, code in (("vera", town.there.code), ("elena", town.here.code)):
        web.reset()
        browser = sign_in(who)
        for end in ("", ".csv"):
            browser.get(f"/en/staff/libraries/{code}/{name}{end}", status=403)


@pytest.mark.parametrize("name", ["waiting-times", "hold-ratio"])
def test_reports_ask_no_more_when_there_is_more(town, queue, db, clock, librarian, queries, name):
    address = f"/en/staff/libraries/{town.here.code}/{name}"
    librarian.get(address)
    few = queries(lambda: librarian.get(address))
    for n in range(8):
        record = town.city.record(town.here, f"Title {n}")
        town.city.item(record, town.here)
        for _reader in range(4):
            queue.holds.place(record.id, town.city.reader(town.here).id, town.here.id)

    assert queries(lambda: librarian.get(address)) == few


def test_the_worker_comes_to_every_organisation(town, db, clock, inside):
    seen_before(db, clock, town.here, FORTY, rounds=1)

    jobs.look_for_nights(inside)
    outbox = inside.find_service(Outbox)
    assert not outbox.not_in_it(jobs.TOPIC, [str(town.here.id), str(town.there.id)])
    jobs.reckon(inside, [str(town.here.id), str(town.there.id), "4711", "rubbish"])

    reckoning = inside.find_service(Reckoning)
    assert not {town.here.id, town.there.id} & set(reckoning.due())


def test_who_was_in_a_queue_before_waits_were_written_down_is_told_the_next_day(
    town, queue, history, db, inside, monkeypatch
):
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    for _one in range(2):
        queue.holds.place(town.record.id, town.city.reader(town.here).id, town.here.id)
    db.execute(delete(HoldWait).where(HoldWait.ended.is_(None)))
    outbox = inside.find_service(Outbox)

    key = f"{town.here.id}:0"
    jobs.reckon(inside, [str(town.here.id)])
    assert not outbox.not_in_it(jobs.BEGINNING, [key])
    for _portion in range(4):
        jobs.begin(inside, [key])
        key = max(waiting_rows(db), key=lambda one: int(one.split(":")[1]))

    begun = db.scalars(select(HoldWait).where(HoldWait.ended.is_(None)).order_by(HoldWait.id)).all()
    assert [one.position for one in begun] == [1, 2, 3]


def waiting_rows(db):
    return db.scalars(select(OutboxRow.key).where(OutboxRow.topic == jobs.BEGINNING)).all()
