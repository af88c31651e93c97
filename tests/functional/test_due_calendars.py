"""Due dates in the calendar of a telephone: at a secret address, without titles unless wished."""

import re
from datetime import date, timedelta

import icalendar
import pytest
from fixtures.desk import child_of
from sqlalchemy import select

from bibliopolis.accounts.models import Person
from bibliopolis.circulation.due_calendar import limits
from bibliopolis.circulation.due_calendar.models import DueCalendar
from bibliopolis.circulation.models import LoanState
from bibliopolis.circulation.services import Holds, Loans
from bibliopolis.demo.acting import acting

PAGE = "/en/account/calendar"
THIRD = date(2026, 12, 3)


@pytest.fixture
def desk(town, inside, db):
    for person in db.scalars(select(Person)):
        person.language = "en"
    vera = db.scalars(select(Person).where(Person.email == "vera@example.org")).one()
    return acting(inside, vera)


@pytest.fixture
def lent(town, desk, db):
    """Two books that Elena has until the third of December, with commas and line ends in them."""
    found = []
    for title in ("Nights; white, “long”\\n", "Н" * 100):
        item = town.city.item(town.city.record(town.here, title), town.here)
        loan = desk.find_service(Loans).check_out(item.id, town.elena.id, town.here.id).loan
        loan.due = THIRD
        found.append(loan)
    db.flush()
    return found


@pytest.fixture
def elena(sign_in, lent):
    return sign_in("elena")


def address_in(page):
    return page.html.select_one(".token code").text


def switched_on(elena, titles=False):
    form = elena.get(PAGE).forms["renew-form"]
    form["titles"].checked = titles
    address = address_in(form.submit(status=200))
    return re.sub(r"^https?://[^/]+", "", address)


def entries(answer):
    """Return the entries as another program reads them."""
    calendar = icalendar.Calendar.from_ical(answer.body)
    return list(calendar.walk("VEVENT"))


def strict_lines(answer):
    """Return the unfolded lines, by the words of RFC 5545, without any package."""
    body = answer.body
    assert b"\n" not in body.replace(b"\r\n", b"")  # 3.1: lines end with CRLF
    assert max(map(len, body.split(b"\r\n"))) <= 75  # 3.1: octets without the line break
    text = body.replace(b"\r\n ", b"").decode("utf-8")
    lines = text.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert {"VERSION:2.0", "METHOD:PUBLISH"} <= set(lines)
    return lines


def test_what_is_due_on_a_day_is_one_entry_that_names_no_book(elena, town, web):
    address = switched_on(elena)
    elena.reset()

    answer = web.get(address)

    assert answer.content_type == "text/calendar"
    (entry,) = entries(answer)
    assert str(entry["SUMMARY"]) == "Library: books due"
    assert (entry.decoded("DTSTART"), entry.decoded("DTEND")) == (THIRD, THIRD + timedelta(days=1))
    assert town.here.name["en"] in str(entry["LOCATION"])
    assert "Nights" not in answer.text
    assert "Elena" not in answer.text
    lines = strict_lines(answer)
    assert "DTSTART;VALUE=DATE:20261203" in lines
    assert sum(line.startswith("UID:") for line in lines) == 1


def test_who_wishes_reads_the_titles_in_their_language(elena, town, web, db):
    db.get(Person, town.elena.person_id).language = "ru"
    address = switched_on(elena, titles=True)

    found = entries(web.get(address))

    said = {str(one["SUMMARY"]) for one in found}
    assert said == {"Вернуть: «Nights; white, “long”\\n»", f"Вернуть: «{'Н' * 100}»"}
    assert town.here.name["ru"] in str(found[0]["LOCATION"])
    strict_lines(web.get(address))


def test_titles_can_be_switched_on_later_and_entries_keep_their_names(elena, web, lent, db):
    address = switched_on(elena)
    before = [str(one["UID"]) for one in entries(web.get(address))]
    form = elena.get(PAGE).forms["titles-form"]
    form["titles"].checked = True
    form.submit(status=303).follow().mustcontain("Saved.")
    named = {str(one["UID"]) for one in entries(web.get(address))}
    lent[0].due += timedelta(days=7)
    db.flush()

    moved = entries(web.get(address))

    assert {str(one["UID"]) for one in moved} == named
    assert len(named) == 2
    assert not set(before) & named
    assert {one.decoded("DTSTART") for one in moved} == {THIRD, THIRD + timedelta(days=7)}


def test_what_is_back_or_lost_vanishes_and_what_waits_appears(elena, town, web, lent, desk, db):
    address = switched_on(elena, titles=True)
    desk.find_service(Loans).check_in(lent[0].item_id, town.here.id)
    lent[1].state = LoanState.LOST
    hold = desk.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)

    other = town.city.record(town.here, "Poor Folk")
    town.city.item(other, town.here)
    later = desk.find_service(Holds).place(other.id, town.elena.id, town.here.id, start=THIRD)

    begins, entry = entries(web.get(address))

    assert str(begins["SUMMARY"]) == "The hold begins: “Poor Folk”"
    assert begins.decoded("DTSTART") == THIRD
    desk.find_service(Holds).cancel(later.id)
    assert str(entry["SUMMARY"]) == "Last day to collect: “White Nights”"
    assert entry.decoded("DTSTART") == hold.collect_by
    desk.find_service(Holds).cancel(hold.id)
    assert entries(web.get(address)) == []


def test_the_books_of_a_child_are_there_too(elena, town, web, desk, db):
    child = child_of(town, db, town.elena)
    item = town.city.item(town.city.record(town.here, "Alice"), town.here)
    desk.find_service(Loans).check_out(item.id, child.id, town.here.id)
    address = switched_on(elena, titles=True)

    assert "Due: “Alice”" in {str(one["SUMMARY"]) for one in entries(web.get(address))}


def test_nothing_new_is_not_sent_again(elena, web, lent, db):
    address = switched_on(elena)
    tag = web.get(address).etag
    same = web.get(address, headers={"If-None-Match": f'"{tag}"'}, status=304)
    lent[0].due += timedelta(days=1)
    db.flush()

    assert same.body == b""
    assert web.get(address, headers={"If-None-Match": f'"{tag}"'}, status=200).etag != tag


def test_a_new_address_ends_the_old_one_and_only_a_hash_is_kept(elena, web, db):
    old = switched_on(elena)
    new = address_in(elena.get(PAGE).forms["renew-form"].submit())

    web.get(old, status=404)
    web.get(re.sub(r"^https?://[^/]+", "", new), status=200)
    kept = db.scalars(select(DueCalendar)).one()
    assert kept.secret_hash not in new
    assert new not in elena.get(PAGE).text


def test_it_is_switched_off(elena, web, db):
    address = switched_on(elena)

    page = elena.get(PAGE).forms["off-form"].submit(status=303).follow()

    assert "leads nowhere now" in page.text
    web.get(address, status=404)
    assert db.scalars(select(DueCalendar)).all() == []
    web.get(f"{PAGE}/guessed.ics", status=404)


def test_who_asks_without_end_is_told_to_wait(elena, web, monkeypatch, clock):
    monkeypatch.setattr(limits, "MOST", 2)
    address = switched_on(elena)
    for _n in range(2):
        web.get(address)

    refused = web.get(address, status=429)

    assert int(refused.headers["Retry-After"]) <= 3601
    clock.advance(timedelta(hours=1, minutes=1))
    web.get(address, status=200)


def test_the_account_leads_there_and_who_has_no_card_is_told(elena, make_person, sign_in):
    assert elena.get("/en/account").html.find("a", href=PAGE)
    assert "Whoever has the address sees" in elena.get(PAGE).text
    elena.reset()
    make_person("guest")
    guest = sign_in("guest")

    page = guest.get(PAGE)

    assert "Only readers with a library card" in page.text
    assert "renew-form" not in page.forms


def test_ones_data_say_that_there_is_one_and_a_closed_account_has_none(elena, db, desk, lent, town):
    switched_on(elena)
    told = elena.get("/en/account/data").forms["export"].submit().json

    assert told["circulation"]["calendar"]["titles"] is False
