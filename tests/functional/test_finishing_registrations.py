"""Registrations from the site, finished or refused at a desk."""

from datetime import timedelta

import pytest
from fixtures.desk import child_of
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import select

from bibliopolis.circulation.models import Hold
from bibliopolis.mail import MailMessage
from bibliopolis.readers.jobs import end_unfinished
from bibliopolis.readers.models import Card, CardKind, Reader, Registration
from bibliopolis.resources.history import HistoryEntry

BORN = "1980-05-01"
LIST = "/en/staff/readers"


@pytest.fixture
def begin(town, make_person, clock):
    """Let somebody register on the site: ``begin("lena", library)``."""

    def begin(name, library, **more):
        reader = town.city.reader(
            library,
            name.title(),
            make_person(name),
            registration=Registration.PRELIMINARY,
            registered_until=clock.today() + timedelta(days=30),
            **more,
        )
        reader.cards[0].kind = CardKind.TEMPORARY
        return reader

    return begin


@pytest.fixture
def lena(begin, town):
    return begin("lena", town.here)


@pytest.fixture
def desk(sign_in, town):
    """Vera's browser; she works at the first library."""
    return sign_in("vera")


def finish(desk, reader, status=303, **otherwise):
    form = desk.get(f"{LIST}/{reader.uid}").forms["finish"]
    wanted = {"name": "Lena Sedova", "born": BORN, "card": "77 001", "document_seen": True}
    for name, value in {**wanted, **otherwise}.items():
        form[name] = value
    return form.submit(status=status)


def test_a_librarian_finds_who_waits_and_finishes_it(db, desk, lena):
    desk.get("/en/staff").mustcontain("1 registration waits")
    page = desk.get(LIST).click(lena.name)
    assert page.forms["finish"]["name"].value == lena.name

    finish(desk, lena).follow().mustcontain("The registration is finished.", "Lena Sedova")

    db.expire_all()
    assert lena.registration == Registration.FULL
    assert (lena.name, lena.born.isoformat(), lena.card.number) == ("Lena Sedova", BORN, "77001")
    assert lena.document_seen is not None
    assert lena.name not in desk.get(LIST).text
    desk.get(f"{LIST}?all=1").mustcontain("Lena Sedova")


def test_names_are_found_at_ones_own_libraries_numbers_everywhere(desk, town, begin):
    far = begin("farida", town.there)

    for text in ("", "farida"):
        assert far.name not in desk.get(LIST, {"q": text}).text
    for text in (far.card.number, "farida@example.org"):
        desk.get(LIST, {"q": text}).mustcontain(far.name)
    finish(desk, far)


def test_all_that_is_wrong_is_said_and_nothing_is_half_done(db, desk, town, lena):
    taken = town.elena.card.number
    page = finish(desk, lena, 400, name="Other", card=taken)
    page.mustcontain("This card has been given to somebody already.")
    assert page.forms["finish"]["name"].value == "Other"
    page = finish(desk, lena, 400, document_seen=False)
    page.mustcontain("Have a document shown to you first.")
    page = finish(desk, lena, 400, name=" ", born="", phone="call me")
    page.mustcontain("A name is needed.", "The day of birth is needed.", "telephone number")

    db.expire_all()
    assert lena.registration == Registration.PRELIMINARY
    assert lena.name.startswith("Lena")
    assert lena.card.kind == CardKind.TEMPORARY


def test_a_child_is_finished_with_a_grown_up(db, desk, town, begin):
    child = begin("sasha", town.here)

    page = finish(desk, child, 400, born="2019-03-01")
    page.mustcontain("No reader has this card.")
    form = page.forms["finish"]
    form["guardian"] = town.elena.card.number
    form.submit(status=303)

    desk.get(f"{LIST}/{child.uid}").mustcontain(town.elena.name)


def test_what_is_finished_is_not_finished_twice(db, desk, lena):
    form = desk.get(f"{LIST}/{lena.uid}").forms["finish"]
    finish(desk, lena)

    form["born"], form["card"], form["document_seen"] = BORN, "77002", True
    form.submit(status=409).mustcontain("Somebody has changed this reader since")

    assert db.scalars(select(Card).where(Card.number == "77002")).all() == []


def test_a_refusal_cancels_forgets_and_says_why(db, desk, clock, town, lena):
    holds = City(db, clock, hold_workflows(SITE)).desk().holds
    holds.place(town.record.id, lena.id, town.there.id)
    form = desk.get(f"{LIST}/{lena.uid}").forms["refuse"]
    form.submit(status=400).mustcontain("Choose a reason of the list.")
    form["reason"] = "differs"

    form.submit(status=303).follow().mustcontain("is refused and deleted")

    db.expire_all()
    assert db.scalars(select(Hold.state)).all() == ["cancelled"]
    gone = db.get(Reader, lena.id)
    assert (gone.name, gone.person_id, gone.registration, gone.cards) == ("", None, "closed", [])
    (letter,) = db.scalars(select(MailMessage))
    assert letter.recipient == "lena@example.org"
    assert "/ru/account/register" in letter.body
    said = db.scalar(select(HistoryEntry).where(HistoryEntry.action == "refuse_registration"))
    assert said.data == {"reason": "differs"}
    desk.get(f"{LIST}/{lena.uid}", status=404)


def test_what_no_desk_finishes_in_time_ends_by_itself(web, db, clock, town, lena, inside):
    holds = City(db, clock, hold_workflows(SITE)).desk().holds
    holds.place(town.record.id, lena.id, town.there.id)
    clock.advance(timedelta(days=30))
    end_unfinished(inside)
    assert lena.registration == Registration.PRELIMINARY, "the last day counts"
    clock.advance(timedelta(days=1))

    end_unfinished(inside)

    db.expire_all()
    assert (db.get(Reader, lena.id).name, lena.registration) == ("", Registration.CLOSED)
    assert db.scalars(select(Hold.state)).all() == ["cancelled"]
    assert [letter.recipient for letter in db.scalars(select(MailMessage))] == ["lena@example.org"]
    assert town.elena.registration == Registration.FULL


def test_a_finished_reader_is_not_refused(desk, town, lena):
    form = desk.get(f"{LIST}/{lena.uid}").forms["refuse"]
    finish(desk, lena)
    form["reason"] = "rules"

    form.submit(status=409)


def test_readers_are_for_librarians(web, sign_in, make_person, town, lena):
    make_person("edita", editor="")
    sign_in("edita").get(LIST, status=403)
    web.get(f"{LIST}/{lena.uid}", status=403)
    web.reset()
    sign_in("elena").get(LIST, status=403)


def test_the_list_pages(desk, town):
    for number in range(60):
        town.city.reader(town.here, f"R{number:02}", registration=Registration.PRELIMINARY)

    assert "R59" not in desk.get(LIST).text
    desk.get(f"{LIST}?page=2").mustcontain("R59")


def test_children_are_shown_with_those_who_act_for_them(desk, db, town):
    child = child_of(town, db, town.elena)

    desk.get(f"{LIST}/{town.elena.uid}").mustcontain(child.name)


def test_no_forged_form_makes_a_temporary_number_the_card(db, desk, lena):
    form = desk.get(f"{LIST}/{lena.uid}").forms["finish"]
    form["card"], form["document_seen"], form["born"] = "77 001", True, BORN
    form["kind"].force_value(CardKind.TEMPORARY)

    form.submit(status=400).mustcontain("Choose a kind of the list.")

    assert lena.registration == Registration.PRELIMINARY
    assert [card.kind for card in lena.cards] == [CardKind.TEMPORARY]
