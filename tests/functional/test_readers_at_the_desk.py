"""Somebody stands at a desk: registered there, with another card, another address, a new term."""

from datetime import date, timedelta

import pytest
from fixtures.desk import child_of, form_to
from sqlalchemy import func, select

from bibliopolis.accounts.models import AuditEvent, Person
from bibliopolis.readers.models import BlockReason, Card, Guardianship, Reader, Registration
from bibliopolis.resources.history import HistoryEntry

LIST = "/en/staff/readers"
ANNA = {"name": "Anna Zimina", "born": "1990-05-01", "phone": "+7 812 000-00-00", "card": "77 001"}


@pytest.fixture
def desk(sign_in, town):
    """Vera's browser; she works at the first library."""
    return sign_in("vera")


def write_down(desk, town, status=303, **otherwise):
    form = desk.get(LIST).click("Register a reader").forms["register"]
    wanted = {**ANNA, "home": town.here.code, "document_seen": True}
    for name, value in {**wanted, **otherwise}.items():
        form[name] = value
    return form.submit(status=status)


def page_of(desk, reader):
    return desk.get(f"{LIST}/{reader.uid}")


def block(desk, reader, reason="lost", status=303):
    form = form_to(page_of(desk, reader), "/block-card")
    form["reason"] = reason
    return form.submit(status=status)


def give(desk, reader, number, status=303):
    form = page_of(desk, reader).forms["give-card"]
    form["card"] = number
    return form.submit(status=status)


def test_who_comes_with_a_document_goes_with_a_card(db, desk, town, clock):
    page = write_down(desk, town).follow()

    page.mustcontain("The reader is registered.", "Anna Zimina", "7700 1")
    anna = db.scalar(select(Reader).where(Reader.name == "Anna Zimina"))
    assert (anna.registration, anna.born) == (Registration.FULL, date(1990, 5, 1))
    assert anna.home_library_id == town.here.id
    assert anna.document_seen == clock.now()
    scanned = desk.get(f"/en/desk/{town.here.code}").forms["scan-form"]
    scanned["code"] = "77001"
    scanned.submit().follow().mustcontain("Anna Zimina")


def test_all_that_is_wrong_is_said_and_nobody_is_half_registered(db, desk, town):
    before = db.scalar(select(func.count(Reader.id)))

    page = write_down(desk, town, 400, card=town.elena.card.number)
    page.mustcontain("This card has been given to somebody already.")
    assert page.forms["register"]["name"].value == ANNA["name"]
    write_down(desk, town, 400, document_seen=False).mustcontain("Have a document shown to you")
    write_down(desk, town, 400, name=" ", born="").mustcontain("A name is needed.", "day of birth")
    write_down(desk, town, 400, born="2019-03-01").mustcontain("No reader has this card.")

    assert db.scalar(select(func.count(Reader.id))) == before


def test_nobody_is_registered_a_second_time_unawares(db, desk, town):
    write_down(desk, town)

    page = write_down(desk, town, 400, name="ANNA  zimina", card="77 002")
    page.mustcontain("is known already")
    page.click("Anna Zimina", href=LIST)
    form = page.forms["register"]
    form["somebody_else"], form["card"] = True, town.elena.card.number
    form = form.submit(status=400).forms["register"]
    form["card"] = "77 002"  # and is not asked again
    form.submit(status=303)

    assert db.scalar(select(func.count(Reader.id)).where(Reader.sort_key == "anna zimina")) == 2


def test_a_child_is_registered_with_a_grown_up(desk, town):
    page = write_down(desk, town, born="2019-03-01", guardian=town.elena.card.number).follow()

    page.mustcontain(town.elena.name, "Child")


def test_a_lost_card_opens_nobody_and_another_one_is_given(db, desk, town):
    lost = town.elena.card

    block(desk, town.elena, "", 400).mustcontain("Choose a reason of the list.")
    block(desk, town.elena).follow().mustcontain("The card counts no more", "Lost")
    give(desk, town.elena, "88 001").follow().mustcontain("The card is given.", "8800 1")

    db.expire_all()
    assert (lost.block_reason, town.elena.card.number) == (BlockReason.LOST, "88001")
    scanned = desk.get(f"/en/desk/{town.here.code}").forms["scan-form"]
    scanned["code"] = lost.number
    assert town.elena.name not in scanned.submit().follow()


def test_another_card_replaces_the_one_before_and_is_nobody_elses(db, desk, town):
    mira = db.scalar(select(Reader).where(Reader.name.startswith("Mira")))
    give(desk, town.elena, mira.card.number, 400).mustcontain("given to somebody already")
    old = town.elena.card

    give(desk, town.elena, "88 001").follow().mustcontain("Replaced by another card")
    give(desk, town.elena, "88 001")

    db.expire_all()
    assert old.block_reason == BlockReason.REPLACED
    assert len(db.scalars(select(Card).where(Card.number == "88001")).all()) == 1


def test_a_card_is_blocked_on_the_page_of_its_own_reader_only(db, desk, town):
    mira = db.scalar(select(Reader).where(Reader.name.startswith("Mira")))
    form = form_to(page_of(desk, town.elena), "/block-card")
    form["of"], form["reason"] = str(mira.card.id), "lost"

    form.submit(status=404)

    assert mira.card.blocked is None


def test_an_address_and_a_name_change_at_the_desk(db, desk, town):
    form = page_of(desk, town.elena).click("Change particulars").forms["change"]
    form["name"], form["address"], form["phone"] = (
        "Elena Sedova",
        "Nevsky 1\nflat 2",
        "+78120000000",
    )
    form["category"] = "at_home"
    page = form.submit(status=303).follow()

    page.mustcontain("Elena Sedova", "Nevsky 1", "Served at home")
    said = db.scalar(select(HistoryEntry).where(HistoryEntry.action == "change"))
    assert "Nevsky" not in str(said.data)
    assert db.get(Person, town.elena.person_id).name == "Elena Sedova"


def test_of_two_librarians_the_second_is_told_and_nothing_is_lost(db, desk, town):
    first, second = (
        page_of(desk, town.elena).click("Change particulars").forms["change"] for _desk in range(2)
    )
    first["phone"] = "+78120000000"
    first.submit(status=303)
    second["address"], second["phone"] = "Nevsky 1", "+78121111111"

    page = second.submit(status=409)

    page.mustcontain("Somebody has changed this reader since you opened the form")
    told = page.html.select_one("#meanwhile-h").find_parent("section").get_text(" ", strip=True)
    assert "Telephone now: +78120000000 typed by you: +78121111111" in told
    form = page.forms["change"]
    assert (form["address"].value, form["phone"].value) == ("Nevsky 1", "+78121111111")
    db.refresh(town.elena)
    assert (town.elena.phone, town.elena.address) == ("+78120000000", "")
    form.submit(status=303)
    assert (town.elena.phone, town.elena.address) == ("+78121111111", "Nevsky 1")


def test_a_card_that_another_desk_has_just_given_is_not_replaced_unseen(db, desk, town):
    form = page_of(desk, town.elena).forms["give-card"]
    give(desk, town.elena, "77001")
    form["card"] = "77002"

    page = form.submit(status=409)

    assert page.forms["give-card"]["card"].value == "77002"
    db.refresh(town.elena)
    assert town.elena.card.number == "77001"


def test_a_change_that_cannot_be_kept_is_given_back(db, desk, town):
    name = town.elena.name
    form = page_of(desk, town.elena).click("Change particulars").forms["change"]
    form["name"], form["phone"] = "Elena Sedova", "call me"

    page = form.submit(status=400)

    assert page.forms["change"]["name"].value == "Elena Sedova"
    page.mustcontain("telephone number")
    db.expire_all()
    assert town.elena.name == name


def test_who_turns_out_to_be_a_child_needs_a_grown_up(db, desk, town):
    mira = db.scalar(select(Reader).where(Reader.name.startswith("Mira")))
    form = page_of(desk, mira).click("Change particulars").forms["change"]
    form["born"] = "2019-03-01"

    page = form.submit(status=400)
    page.mustcontain("No reader has this card.")
    page.forms["change"]["guardian"] = town.elena.card.number
    page.forms["change"].submit(status=303).follow().mustcontain(town.elena.name)


def test_a_registration_that_has_run_out_is_renewed(db, desk, town, clock):
    town.elena.registered_until = clock.today() - timedelta(days=1)

    page = page_of(desk, town.elena)
    page.mustcontain("Run out")
    page.forms["renew"].submit(status=303).follow().mustcontain("The registration holds until")

    db.expire_all()
    assert town.elena.registered_until > clock.today() + timedelta(days=300)


def test_a_childs_guardians_change_but_somebody_stays(db, desk, town):
    child = child_of(town, db, town.elena)
    mira = db.scalar(select(Reader).where(Reader.name.startswith("Mira")))
    form_to(page_of(desk, child), "/dismiss-guardian").submit(status=400).mustcontain(
        "appoint another one first"
    )

    form = page_of(desk, child).forms["appoint"]
    form["guardian"] = mira.card.number
    form.submit(status=303).follow().mustcontain("The guardian is appointed.")
    form_to(page_of(desk, child), "/dismiss-guardian").submit(status=303)

    assert db.scalars(select(Guardianship.guardian_id)).all() == [mira.id]


def test_the_audit_log_says_who_did_what_at_a_desk(db, desk, town):
    block(desk, town.elena)
    give(desk, town.elena, "88 001")
    form = page_of(desk, town.elena).click("Change particulars").forms["change"]
    form["address"] = "Nevsky 1"
    form.submit(status=303)

    kept = db.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(one.what, one.details) for one in kept] == [
        ("reader.block_card", {"card_kind": "library", "card_blocked": "lost"}),
        ("reader.give_card", {"card_kind": "library"}),
        ("reader.change", {"reader_parts": ["address"]}),
    ]
    assert {(one.about_type, one.about_id) for one in kept} == {("reader", town.elena.id)}


def test_what_readers_change_themselves_is_not_in_the_audit_log(db, town, sign_in):
    form = sign_in("elena").get("/en/account/profile").forms["particulars"]
    form["address"] = "Nevsky 1"
    form.submit(status=303)

    assert town.elena.address == "Nevsky 1"
    assert db.scalars(select(AuditEvent)).all() == []


@pytest.mark.parametrize("who", ["elena", "ed"])
def test_readers_and_editors_reach_none_of_it(sign_in, town, make_person, who):
    make_person("ed", editor="")
    browser = sign_in(who)

    for path in (f"{LIST}/register", f"{LIST}/{town.elena.uid}/change"):
        browser.get(path, status=403)
