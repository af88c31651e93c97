"""A library has to close: staff see what that moves, do it, and undo it; readers are told."""

import json
from datetime import date, timedelta

import pytest
from fixtures.desk import form_to
from pyramid.request import Request
from sqlalchemy import event, func, select

from bibliopolis.accounts.models import Person
from bibliopolis.circulation.emergency.closings import LOOK_AGAIN, TOPIC
from bibliopolis.circulation.emergency.jobs import carry_on
from bibliopolis.circulation.emergency.models import EmergencyClosing
from bibliopolis.circulation.models import Loan
from bibliopolis.circulation.services import Loans
from bibliopolis.demo.acting import acting
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.mail import MailMessage
from bibliopolis.notices.interfaces import Happening
from bibliopolis.notices.jobs import look, send
from bibliopolis.notices.models import Notice, Outcome
from bibliopolis.notices.services import Notices
from bibliopolis.notices.services.sending import TOPIC as NOTICES
from bibliopolis.outbox import OutboxRow

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)
WHY = "A pipe has burst."


@pytest.fixture
def lent(town, inside, db):
    """What Elena has to bring back on Monday."""
    town.here.settings = {"opening_hours": "Mo-Fr 10:00-20:00"}
    for person in db.scalars(select(Person)):
        person.language = "en"
    vera = db.scalars(select(Person).where(Person.email == "vera@example.org")).one()
    loans, found = acting(inside, vera).find_service(Loans), []
    for title in ("Nights", "Devils"):
        item = town.city.item(town.city.record(town.here, title), town.here)
        loan = loans.check_out(item.id, town.elena.id, town.here.id).loan
        loan.due = MONDAY
        found.append(loan)
    db.flush()
    return found


@pytest.fixture
def managed(town, sign_in, make_person, lent):
    make_person("maria", manager=f"library:{town.here.id}")
    return sign_in("maria")


@pytest.fixture
def work(inside, db):
    """Return a function that does what the worker would do now, and returns the letters so far.

    At night letters are written down only.
    """

    def rows(topic, handler):
        while found := [
            row
            for row in db.scalars(select(OutboxRow).where(OutboxRow.topic == topic))
            if row.not_before <= inside.clock.now()
        ]:
            for row in found:
                handler(inside, [row.key])
                db.delete(row)
            db.flush()

    def work(night=False):
        inside.find_service(Calendars).forget()
        rows(TOPIC, carry_on)
        if not night:
            look(inside)
            rows(NOTICES, send)
        return db.scalars(select(MailMessage).order_by(MailMessage.id)).all()

    return work


def page_of(town, name="/emergency"):
    return f"/en/staff/libraries/{town.here.code}{name}"


def previewed(managed, town, last=TUESDAY, **more):
    form = form_to(managed.get(page_of(town)), "/emergency-preview")
    form["first"], form["last"] = MONDAY.isoformat(), last.isoformat()
    form["reason_en"] = WHY
    for name, value in more.items():
        form[name] = value
    return form.submit()


def closed(managed, town, **more):
    return form_to(previewed(managed, town, **more), "/close").submit(status=303).follow()


def test_a_manager_sees_what_would_move_and_closes(managed, town, lent, work):
    preview = previewed(managed, town)
    assert "Nothing is closed yet" in preview.text
    assert "Nights" in preview.text
    assert "Elena" not in preview.text
    assert lent[0].due == MONDAY

    page = form_to(preview, "/close").submit(status=303).follow()
    work()

    assert "It is closed." in page.text
    assert {loan.due for loan in lent} == {WEDNESDAY}
    page = managed.get(page.request.url)
    assert "All dates are moved" in page.text
    assert "Closed in an emergency" in managed.get(page_of(town, "/history")).text


def test_the_dates_can_be_had_as_a_table(managed, town, work):
    address = page_of(town, f"/emergency-preview.csv?first={MONDAY}&last={TUESDAY}")
    before = managed.get(address)
    closing = closed(managed, town)
    work()
    after = managed.get(closing.request.path_qs.replace("/closing?", "/closing.csv?"))

    for table in (before, after):
        lines = table.text.splitlines()
        assert len(lines) == 3
        assert f"{MONDAY},{WEDNESDAY}" in lines[1]


def test_a_preview_asks_as_much_for_many_loans_as_for_few(managed, town, db):
    asked = []

    def count():
        asked.clear()
        previewed(managed, town)
        return len(asked)

    connection = db.connection()
    event.listen(connection, "before_cursor_execute", lambda *_all: asked.append(1))
    few = count()
    for n in range(8):
        item = town.city.item(town.city.record(town.here, f"Book {n}"), town.here)
        db.add(
            Loan(
                item_id=item.id,
                reader_id=town.elena.id,
                library_id=town.here.id,
                opened=town.city.clock.now(),
                due=MONDAY,
            )
        )
    db.flush()
    db.expire_all()

    assert count() <= few


@pytest.mark.parametrize(
    ("field", "value", "said", "status"),
    [
        ("last", "2026-11-22", "The last day is before the first.", 422),
        ("first", "tomorrow", "Choose a day.", 400),
        ("first", "20261123", "Choose a day.", 400),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_lost(managed, town, field, value, said, status):
    form = form_to(previewed(managed, town, reason_ru="Авария"), "/close")
    form[field].force_value(value)

    page = form.submit(status=status)

    assert said in page.text
    assert form_to(page, "/emergency-preview")["reason_ru"].value == "Авария"


def test_the_same_closing_twice_leads_to_the_first(managed, town):
    preview = previewed(managed, town)
    first = form_to(preview, "/close").submit(status=303).location

    second = form_to(preview, "/close").submit(status=303)

    assert second.location == first
    assert "said already" in second.follow().text
    refused = form_to(previewed(managed, town, last=WEDNESDAY), "/close").submit(status=409)
    assert "let that closing end later" in refused.text


def test_a_reader_gets_one_letter_and_another_when_it_is_undone(managed, town, lent, work):
    page = closed(managed, town)
    (letter,) = work()
    assert letter.recipient == "elena@example.org"
    assert letter.subject == "A library had to close"
    assert WHY in letter.body
    assert "“Nights”: please bring it back by 25 November 2026." in letter.body
    assert "“Devils”" in letter.body

    form = form_to(managed.get(page.request.url), "/change-closing")
    said = form.submit("do", value="undo", status=303).follow()
    _first, second = work()

    assert "It is open again." in said.text
    assert {loan.due for loan in lent} == {MONDAY}
    assert second.subject == "A library is open after all"
    assert "please bring it back by 23 November 2026." in second.body
    assert "Undone" in managed.get(page.request.url).text


def test_a_closing_that_is_undone_at_once_troubles_nobody(managed, town, lent, work):
    page = closed(managed, town)
    form_to(page, "/change-closing").submit("do", value="undo", status=303)

    assert work() == []
    assert {loan.due for loan in lent} == {MONDAY}


def test_it_can_last_longer_and_an_unknown_day_is_refused(managed, town, lent, work):
    page = closed(managed, town)
    work()
    form = form_to(page, "/change-closing")
    form["last"] = WEDNESDAY.isoformat()
    form.submit("do", value="last", status=303)
    work()
    assert {loan.due for loan in lent} == {date(2026, 11, 26)}

    form["last"].force_value("soon")
    assert "as a date" in form.submit("do", value="last", status=400).text


def test_letters_that_wait_for_the_morning_are_sent_though_it_lasts_longer(
    managed, town, lent, work
):
    friday, sunday, monday = date(2026, 11, 27), date(2026, 11, 29), date(2026, 11, 30)
    page = closed(managed, town, last=friday)
    work(night=True)
    form = form_to(page, "/change-closing")
    form["last"] = sunday.isoformat()
    form.submit("do", value="last", status=303)
    work(night=True)
    assert {loan.due for loan in lent} == {monday}  # which was open anyway

    (letter,) = work()

    assert "from 23 November 2026 to 29 November 2026" in letter.body
    assert letter.body.count("please bring it back by 30 November 2026") == len(lent)


def test_of_two_letters_that_wait_only_the_last_is_sent(managed, town, lent, work, db):
    page = closed(managed, town)
    work(night=True)
    form = form_to(page, "/change-closing")
    form["last"] = WEDNESDAY.isoformat()
    form.submit("do", value="last", status=303)
    work(night=True)

    (letter,) = work()

    assert letter.body.count("A pipe has burst.") == 1
    assert "please bring it back by 26 November 2026" in letter.body
    outcomes = db.scalars(select(Notice.outcome).order_by(Notice.id)).all()
    assert outcomes == [Outcome.OUTDATED, Outcome.SENT]


def test_a_letter_waits_while_dates_are_being_moved(managed, town, lent, inside, work, db):
    page = closed(managed, town)
    work(night=True)
    look(inside)  # it has left the desk already when the days change
    form = form_to(page, "/change-closing")
    form["last"] = WEDNESDAY.isoformat()
    form.submit("do", value="last", status=303)
    for row in db.scalars(select(OutboxRow).where(OutboxRow.topic == NOTICES)).all():
        send(inside, [row.key])
        db.delete(row)
    assert db.scalars(select(MailMessage)).all() == []

    work()
    inside.clock.advance(LOOK_AGAIN)
    (letter,) = work()

    assert "please bring it back by 26 November 2026" in letter.body
    outcomes = db.scalars(select(Notice.outcome).order_by(Notice.id)).all()
    assert outcomes == [Outcome.OUTDATED, Outcome.SENT]


def test_a_letter_is_noted_without_looking_at_those_of_all_other_readers(town, inside, db):
    notices = inside.find_service(Notices)
    about = ("closing", 1)
    notices.note([Happening("closing_begun", about, "1", town.elena.id, town.here.id)])
    others = [town.city.reader(town.here) for _n in range(5)]
    for other in others:
        notices.note([Happening("closing_begun", about, "1", other.id, town.here.id)])

    known = notices._known(
        [Happening("closing_begun", about, "1", town.elena.id, town.here.id)], [town.elena.id]
    )

    assert [row[0] for row in known] == [town.elena.id]
    assert db.scalar(select(func.count()).select_from(Notice)) == 1 + len(others)


def test_readers_see_it_wherever_the_library_is_named(managed, town, web):
    closed(managed, town)
    page = web.get(f"/en/libraries/{town.here.code}")

    assert WHY in page.html.select_one(".note--problem").text
    assert WHY in web.get("/en/libraries").text
    told = web.get(f"/en/libraries/{town.here.code}", headers={"Accept": "application/json"})
    (exception,) = told.json["exceptions"]
    assert (exception["urgent"], exception["first"]) == (True, MONDAY.isoformat())
    said = json.loads(page.html.find("script", type="application/ld+json").string)
    hours = {one["validFrom"]: one["closes"] for one in said["openingHoursSpecification"]}
    assert (hours[MONDAY.isoformat()], hours[WEDNESDAY.isoformat()]) == ("00:00", "20:00")


def test_the_desk_sees_it_and_librarians_see_no_names(managed, town, sign_in, work):
    page = closed(managed, town)
    work()
    managed.reset()
    desk = sign_in("vera")

    assert WHY in desk.get(f"/en/desk/{town.here.code}").html.select_one(".s-note").text
    listed = desk.get(page_of(town))
    assert WHY in listed.text
    assert not [one for one in listed.forms.values() if "preview" in one.action]
    assert "Elena" not in desk.get(page.request.path_qs).text
    desk.get(page_of(town, f"/emergency-preview?first={MONDAY}"), status=403)
    told = desk.get(page_of(town), headers={"Accept": "application/json"}).json
    assert told["items"][0]["moved_loans"] == 2


@pytest.fixture
def maria(managed, program):
    return program("maria")


def test_a_program_looks_closes_extends_and_undoes(maria, town, lent, work):
    wanted = {"first": MONDAY.isoformat(), "last": TUESDAY.isoformat(), "reason": {"en": WHY}}
    told = maria.post(page_of(town, "/@closings-preview"), wanted).json
    assert (told["loans"], told["readers"], told["items_total"]) == (2, 1, 2)
    assert told["days"] == [{"day": WEDNESDAY.isoformat(), "loans": 2}]
    assert "Elena" not in str(told)
    assert {loan.due for loan in lent} == {MONDAY}

    made = maria.post(page_of(town, "/@closings"), wanted, status=201)
    again = maria.post(page_of(town, "/@closings"), wanted, status=201)
    work()
    assert made.location == again.location == made.json["@id"]
    assert (made.json["reason"], made.json["to_move"]) == (WHY, 2)
    assert {loan.due for loan in lent} == {WEDNESDAY}
    assert maria.get(made.location).json["moved_loans"] == 2

    longer = maria.patch(made.location, {"last": WEDNESDAY.isoformat(), "paused": True}).json
    assert (longer["last"], longer["state"]) == (WEDNESDAY.isoformat(), "paused")
    maria.patch(made.location, {"paused": False})
    work()
    assert {loan.due for loan in lent} == {date(2026, 11, 26)}

    assert maria.delete(made.location).json["state"] == "undoing"
    work()
    assert {loan.due for loan in lent} == {MONDAY}


def refused(answer):
    """Return the status and the code of a refusal."""
    blocks = answer.json.get("blocks") or [{}]
    return answer.status_int, answer.json.get("code") or blocks[0].get("code")


def test_a_program_is_refused_like_a_person(maria, town, program, make_person, work, clock, web):
    closings = page_of(town, "/@closings")
    wanted = {"first": MONDAY.isoformat(), "last": TUESDAY.isoformat()}
    made = maria.post(closings, wanted).location
    overlaps = maria.post(closings, {"first": TUESDAY.isoformat()}, status=409)
    assert refused(overlaps) == (409, "closing_overlaps")
    before = maria.patch(made, {"last": "2026-11-22"}, status=422)
    assert refused(before) == (422, "closing_no_such_last_day")
    work()
    assert refused(maria.patch(made, {"paused": True}, status=409))[1] == "closing_not_at_work"
    clock.advance(timedelta(days=1))
    late = program("maria").delete(made, status=409)
    assert refused(late)[1] == "closing_not_on_its_day"
    maria = program("maria")

    elsewhere = f"/en/staff/libraries/{town.there.code}/@closings"
    maria.post(elsewhere, wanted, status=403)
    make_person("pavel", manager="")
    pavel = program("pavel")
    for call in (pavel.get, pavel.delete):
        call(f"{elsewhere}/{made.rpartition('/')[2]}", status=404)
    web.reset()
    for who, status in (("vera", 403), (None, 401)):
        other = program(who)
        other.post(closings, wanted, status=status)
        other.post(f"{closings}-preview", wanted, status=status)
        other.patch(made, {"last": WEDNESDAY.isoformat()}, status=status)
        other.delete(made, status=status)
    assert program("vera").get(made).json["state"] == "done"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "first"),
        ({"first": "soon"}, 400, "first"),
        ({"first": "20261123"}, 400, "first"),
        ({"first": "0001-01-01"}, 400, "first"),
        ({"first": 20261123}, 400, "first"),
        ({"first": None}, 400, "first"),
        ({"first": "2026-11-23", "last": ["2026-11-24"]}, 400, "last"),
        ({"first": "2026-11-23", "with_below": "no"}, 400, "with_below"),
        ({"first": "2026-11-23", "reason": "Frost"}, 400, "reason"),
        ({"first": "2026-11-23", "reason": {"en": 5}}, 400, "reason.en"),
        ({"first": "2026-11-23", "reason": {"xx": "Frost"}}, 400, "reason.xx"),
        ({"first": "2026-11-23", "colour": "red"}, 400, "colour"),
        ({"first": "2026-11-01", "last": "2026-11-23"}, 422, "first"),
        ({"first": "2199-12-31"}, 422, "first"),
        ({"first": "2026-11-24", "last": "2026-11-23"}, 422, "last"),
        ({"first": "2026-11-20"}, 422, "last"),
    ],
)
def test_what_a_program_says_amiss_is_told_by_field(maria, town, db, body, status, field):
    for address in ("/@closings-preview", "/@closings"):
        answer = maria.post(page_of(town, address), body, status=status)
        assert field in [one["field"] for one in answer.json["errors"]]
    assert db.scalars(select(EmergencyClosing)).all() == []


def test_a_change_that_makes_no_sense_changes_nothing(maria, town):
    made = maria.post(page_of(town, "/@closings"), {"first": MONDAY.isoformat()}).location
    for body in ({"last": "soon"}, {"last": 5}, {"paused": "yes"}, {"first": "2026-11-24"}):
        maria.patch(made, body, status=400)
    # All of it or nothing.
    maria.patch(made, {"last": TUESDAY.isoformat(), "paused": False}, status=409)
    for closing_id in ("0", "x", "9" * 40, "1/2"):
        maria.get(page_of(town, f"/@closings/{closing_id}"), status=404)

    assert maria.get(made).json["last"] == MONDAY.isoformat()


def test_texts_of_ten_megabytes_are_refused_and_not_sent_back(
    managed, town, program, db, monkeypatch
):
    # Else WebOb keeps them in files that are closed only when they are collected.
    monkeypatch.setattr(Request, "request_body_tempfile_limit", 2**30)
    endless = "x" * 10_000_000
    for field, said in (("last", "Choose a day."), ("reason_ru", "Write at most 200 characters.")):
        form = form_to(previewed(managed, town, reason_ru="Авария"), "/close")
        form[field].force_value(endless)
        page = form.submit(status=400)
        assert said in page.text
        assert len(page.text) < 100_000
    maria, first = program("maria"), MONDAY.isoformat()
    for body in ({"first": endless}, {"first": first, "reason": {"en": endless}}):
        answer = maria.post(page_of(town, "/@closings"), body, status=400)
        assert "10000000 characters long" in answer.text
    made = maria.post(page_of(town, "/@closings"), {"first": first}).location
    maria.patch(made, {"last": endless}, status=400)

    assert db.scalars(select(EmergencyClosing.last)).all() == [MONDAY]


def test_files_in_the_place_of_days_are_no_days(managed, town):
    page = closed(managed, town)
    change = form_to(page, "/change-closing")
    files = [("last", "a.txt", b"2026-11-25")]
    sent = {"csrf_token": change["csrf_token"].value, "closing": change["closing"].value}
    answer = managed.post(change.action, {**sent, "do": "last"}, upload_files=files, status=400)
    assert "A file was sent where a text is expected." in answer.text
    files = [(name, "a.txt", b"x") for name in ("first", "last", "with_below", "reason_en")]
    managed.post(page_of(town, "/close"), sent, upload_files=files, status=400)


def test_it_is_not_removed_like_other_days(managed, town):
    closed(managed, town)
    page = managed.get(page_of(town, "/closures"))

    assert not [one for one in page.forms.values() if one.action.endswith("/remove-closure")]


def test_others_may_not(town, sign_in, make_person, lent):
    make_person("boris", manager=f"library:{town.there.id}")
    browser = sign_in("boris")

    browser.get(page_of(town), status=403)
