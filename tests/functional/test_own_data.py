"""All my data as a file, and the end of an account: everything goes, or nothing and why."""

import json

import pytest
from fixtures.asking import QUESTION, make_topic
from fixtures.desk import child_of
from fixtures.lending import City, hold_workflows
from fixtures.people import PASSWORD
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.accounts.models import AuditEvent, ConfirmationToken, Person, SignedInSession
from bibliopolis.accounts.personal_data import PARTS
from bibliopolis.circulation.models import Hold, Loan
from bibliopolis.consultations.models import (
    Asker,
    Enquiry,
    EnquiryFile,
    EnquiryMessage,
    EnquiryState,
    MessageKind,
)
from bibliopolis.db import Base, new_uid
from bibliopolis.mail import Mailer, MailMessage
from bibliopolis.readers.models import Card, Reader

DATA = "/en/account/data"


@pytest.fixture
def me(town, sign_in):
    """Elena's browser."""
    return sign_in("elena")


@pytest.fixture
def desk(town, db, clock):
    return City(db, clock, hold_workflows(SITE)).desk()


def export(me):
    answer = me.get(DATA).forms["export"].submit()
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.cache_control.no_store
    return json.loads(answer.text)


def close(me, password=PASSWORD, status=303):
    form = me.get(DATA).forms["close"]
    form["password"] = password
    return form.submit(status=status)


def test_the_file_says_what_every_room_keeps(app, db, town, me, desk, inside):
    desk.holds.place(town.record.id, town.elena.id, town.there.id)
    inside.find_service(Mailer).send("elena@example.org", "Hello", "A letter", "en")

    kept = export(me)

    assert kept["account"]["email"] == "elena@example.org"
    assert kept["account"]["letters"][0]["body"] == "A letter"
    assert kept["account"]["sessions"]
    assert kept["reader"]["cards"][0]["number"] == town.elena.card.number
    assert kept["circulation"]["holds"][0]["title"] == town.record.title
    assert kept["circulation"]["holds"][0]["wanted_until"] is None
    assert {name for _order, name, _part in app.registry[PARTS]} >= {
        "account",
        "reader",
        "circulation",
        "questions",
    }
    assert db.scalars(select(AuditEvent.what)).all() == ["data.exported"]


def test_the_file_has_nothing_of_others_and_no_secret(db, town, me):
    text = json.dumps(export(me))

    assert "Mira" not in text
    assert "vera@example.org" not in text
    for secret in ("password_hash", "token", "$argon2"):
        assert secret not in text


def test_questions_are_ones_own_whoever_had_the_address_before(db, clock, town, me):
    topic = make_topic(db, clock, town.here)
    now = clock.now()
    facts = {"topic_id": topic.id, "language": "en", "created": now, "changed": now}
    facts["state"] = EnquiryState.ANSWERED
    names = {"email": "elena@example.org", "language": "en", "site_url": "http://localhost"}
    vera = db.scalars(select(Person).where(Person.email == "vera@example.org")).one()
    mine, theirs = (
        Enquiry(title=title, asker=Asker(person_id=who, **names), **facts)
        for title, who in (("Mine", None), ("Vera's", vera.id))
    )
    db.add_all((mine, theirs))
    db.flush()
    for enquiry, kind, text in (
        (mine, MessageKind.QUESTION, "Mine."),
        (mine, MessageKind.NOTE, "Between us."),
        (theirs, MessageKind.QUESTION, "Vera's."),
    ):
        message = EnquiryMessage(enquiry_id=enquiry.id, kind=kind, text=text, written=now)
        db.add(message)
        db.flush()
        file = {"name": f"{text}pdf", "media_type": "application/pdf", "size": 1}
        db.add(EnquiryFile(uid=new_uid(), enquiry_id=enquiry.id, message_id=message.id, **file))

    (kept,) = export(me)["questions"]["questions"]

    assert [one["text"] for one in kept["messages"]] == ["Mine."]
    assert [one["name"] for one in kept["files"]] == ["Mine.pdf"]


def test_no_link_that_lets_people_in_is_handed_out(me, inside):
    mailer = inside.find_service(Mailer)
    mailer.send("elena@example.org", "A new password", "the link", "en", confidential=True)

    (letter,) = export(me)["account"]["letters"]

    assert (letter["subject"], letter["body"]) == ("A new password", "")


def test_who_is_no_reader_has_data_too(town, sign_in):
    kept = export(sign_in("vera"))

    assert kept["account"]["roles"] == [{"role": "librarian", "scope": f"library:{town.here.id}"}]
    assert "reader" not in kept


def test_what_is_open_keeps_the_account_open(db, town, me, desk):
    desk.holds.place(town.record.id, town.elena.id, town.there.id)
    item = town.city.item(town.city.record(town.here), town.here)
    desk.loans.check_out(item.id, town.elena.id, town.here.id)
    child_of(town, db, town.elena)

    page = me.get(DATA)

    page.mustcontain("You have 1 open hold", "You have 1 book on loan", "You act for a child")
    assert "close" not in page.forms


def test_what_became_open_meanwhile_counts(db, town, me, desk):
    form = me.get(DATA).forms["close"]
    form["password"] = PASSWORD
    desk.holds.place(town.record.id, town.elena.id, town.there.id)

    form.submit(status=409).mustcontain("You have 1 open hold")

    assert town.elena.person_id is not None


def test_who_works_here_gives_their_roles_back_first(sign_in, town):
    sign_in("vera").get(DATA).mustcontain("You work here")


def test_the_password_is_asked_for(db, town, me):
    close(me, "guessed", 400).mustcontain("This is not your present password.")

    assert db.get(Person, town.elena.person_id).email == "elena@example.org"


def test_a_closed_account_leaves_nothing_of_the_person(db, town, web, me, desk, inside):
    town.elena.keeps_history = True
    town.elena.phone, town.elena.address = "+7 812 555-77-66", "Canal Street 77"
    name, number, person_id = town.elena.name, town.elena.card.number, town.elena.person_id
    item = town.city.item(town.city.record(town.here), town.here)
    desk.loans.check_out(item.id, town.elena.id, town.here.id)
    desk.loans.check_in(item.id, town.here.id)
    hold = desk.holds.place(town.record.id, town.elena.id, town.there.id)
    desk.holds.cancel(hold.id)
    inside.find_service(Mailer).send("elena@example.org", "Hello", "A letter", "en")
    me.get("/en/account/forgot-password")

    close(me).follow().mustcontain("Your account is closed")

    db.expire_all()
    for secret in (name, number, "elena@example.org", "555-77-66", "Canal Street 77"):
        assert holds_of(db, secret) == [], secret
    assert db.scalar(select(func.count()).select_from(Loan)) == 1
    assert db.scalars(select(Loan.reader_id)).all() == [None]
    assert db.scalars(select(Hold.reader_id)).all() == [None]
    for table in (SignedInSession, MailMessage, ConfirmationToken):
        mine = select(func.count()).select_from(table)
        assert db.scalar(mine) == 0
    said = db.scalars(select(AuditEvent).where(AuditEvent.what == "account.left")).one()
    assert (said.about_type, said.about_id, said.details) == ("person", person_id, {})
    me.get("/en/account", status=303)
    form = web.get("/en/account/sign-in").forms["sign-in"]
    form["name"], form["password"] = "elena@example.org", PASSWORD
    form.submit(status=400)


def holds_of(db, secret):
    """Return the tables that still hold a text."""
    db.flush()
    return [
        table.name
        for table in Base.metadata.sorted_tables
        for row in db.execute(table.select())
        if any(secret in str(value) for value in row)
    ]


def test_the_address_and_the_card_are_free_again(db, town, me, make_person):
    number = town.elena.card.number
    close(me)

    person = make_person("elena")
    again = town.city.reader(town.here, "Elena", person)

    assert db.scalars(select(Card).where(Card.number == number)).all() == []
    assert db.scalars(select(Reader.id).where(Reader.person_id == person.id)).all() == [again.id]


def test_closed_accounts_are_not_among_people(web, town, me, sign_in, make_person):
    close(me)
    make_person("root", administrator="")
    web.reset()

    sign_in("root").get("/en/staff/people").mustcontain(no="closed.invalid")


def test_questions_are_handed_out_and_forgotten(db, asking, come):
    me = come("elena")
    asking.ask(me).follow()
    enquiry = db.scalars(select(Enquiry)).one()
    (question,) = export(me)["questions"]["questions"]
    assert question["messages"][0]["text"] == QUESTION
    me.get(DATA).mustcontain("1 question of yours is being worked on")

    enquiry.state = EnquiryState.ANSWERED
    close(me)

    db.expire_all()
    assert db.scalars(select(Enquiry.state)).all() == ["answered"]
    assert holds_of(db, QUESTION) == []
