"""Notices of books brought home: what a reader hears from the shelf of a library to the door."""

import pytest
from fixtures.desk import child_of
from sqlalchemy import select

from bibliopolis.accounts.models import Person
from bibliopolis.circulation.notices.kinds import Kind
from bibliopolis.circulation.services import Deliveries, Holds, Loans
from bibliopolis.circulation.services.aliases import Aliases
from bibliopolis.demo.acting import acting
from bibliopolis.notices.models import Notice, NoticeAddress, NoticePreference, Outcome

pytestmark = pytest.mark.usefixtures("english")
ADDRESS = "12 Canal Street, flat 3"
ROUND = "The next round is on Wednesday 25 November"


@pytest.fixture
def rules(town):
    """The first library brings books to everybody, on Wednesdays, and tries twice."""
    town.city.rule("home_delivery", "all", town.here)
    town.city.rule("delivery_days", ["we"], town.here)
    town.city.rule("delivery_tries", 2, town.here)


@pytest.fixture
def bring(town, inside, db, rules):
    """Return a function that lets Elena ask for a book to be brought, for herself or a child."""

    def bring(reader=None):
        elena = db.get(Person, town.elena.person_id)
        hers = acting(inside, elena, reader_id=town.elena.id)
        reader = reader or town.elena
        hold = hers.find_service(Holds).place(town.record.id, reader.id, town.here.id)
        hers.find_service(Deliveries).deliver(hold.id, ADDRESS)
        return hold

    return bring


@pytest.fixture
def planned(town, bring):
    """Elena's hold, for which a copy lies ready for the next round."""
    return bring()


@pytest.fixture
def courier(town, planned, inside, db):
    """The rounds of the first library, with Vera at its desk and the copy taken in."""
    vera = db.scalars(select(Person).where(Person.email == "vera@example.org")).one()
    desk = acting(inside, vera)
    desk.find_service(Loans).check_in(town.near.id, town.here.id)
    return desk


def rounds(courier):
    return courier.find_service(Deliveries)


def outcome_of(db, kind):
    return db.scalars(select(Notice.outcome).where(Notice.kind == kind)).all()


def test_every_step_to_the_door_is_told_once(town, planned, courier, work):
    (letter,) = work()
    assert letter.subject == "Your book will be brought to you"
    assert "You need not come." in letter.body
    assert ROUND in letter.body
    assert "look for the slip" not in letter.body

    rounds(courier).hand_over(planned.id, town.here.id)
    *_before, letter = work()
    assert letter.subject == "Your book is being brought to you"
    assert town.here.name["en"] in letter.body

    rounds(courier).not_met(planned.id, town.here.id)
    *_before, letter = work()
    assert letter.subject == "We did not meet you"
    assert "will bring it with the next round" in letter.body
    assert ROUND in letter.body

    rounds(courier).hand_over(planned.id, town.here.id)
    assert len(work()) == 4  # setting out again is told again
    loan = courier.find_service(Loans).collect(planned.id, town.here.id).loan
    *_before, letter = work()
    assert letter.subject == "A book was handed over to you"
    assert f"bring it back by {loan.due.day} {loan.due:%B}" in letter.body
    assert len(work()) == 5
    assert all(ADDRESS not in one.body for one in work())


def test_after_the_last_try_it_waits_on_the_shelf_under_its_slip(
    town, planned, courier, work, inside
):
    work()
    for _try in range(2):
        rounds(courier).hand_over(planned.id, town.here.id)
        rounds(courier).not_met(planned.id, town.here.id)

    letter = work()[-1]

    assert letter.subject == "We did not meet you"
    assert f"waits for you at {town.here.name['en']} until {planned.collect_by.day} " in letter.body
    assert f"look for the slip {Aliases.from_request(None, inside).of(planned.id)}" in letter.body
    assert "The next round" not in letter.body


@pytest.mark.parametrize(
    ("kind", "step"),
    [(Kind.OUT, "not_met"), (Kind.NOT_MET, "hand_over"), (Kind.DELIVERED, "back")],
)
def test_what_is_over_before_the_letter_goes_out_is_not_told(
    town, planned, courier, work, db, kind, step
):
    rounds(courier).hand_over(planned.id, town.here.id)
    if kind == Kind.NOT_MET:
        rounds(courier).not_met(planned.id, town.here.id)
        rounds(courier).hand_over(planned.id, town.here.id)
    elif step == "not_met":
        rounds(courier).not_met(planned.id, town.here.id)
    else:
        courier.find_service(Loans).collect(planned.id, town.here.id)
        courier.find_service(Loans).check_in(town.near.id, town.here.id)

    work()

    assert set(outcome_of(db, kind)) <= {Outcome.OUTDATED}


def test_a_guardian_hears_when_the_book_of_a_child_is_brought(town, bring, db, desk, work):
    child = child_of(town, db, town.elena)
    hold = bring(child)
    desk.find_service(Loans).check_in(town.near.id, town.here.id)
    rounds(desk).hand_over(hold.id, town.here.id)

    letter = work()[-1]

    assert (letter.recipient, letter.subject) == (
        "elena@example.org",
        "Your book is being brought to you",
    )
    assert f"This is for {child.name}." in letter.body


def test_a_reader_chooses_how_to_hear_of_the_courier(
    town, planned, courier, work, db, clock, inside
):
    """A text message has one sentence in the reader's language; what is switched off is silent."""
    for file in (inside.settings.data / "sms").glob("*.txt"):
        file.unlink()
    db.get(Person, town.elena.person_id).language = "ru"
    now = clock.now()
    sms = {"channel": "sms", "address": "+78125550102", "asked": now, "confirmed": now}
    wanted = {"hold_out_for_delivery": ["sms"], "hold_delivered": []}
    db.add(NoticeAddress(reader_id=town.elena.id, **sms))
    db.add(NoticePreference(reader_id=town.elena.id, digest=False, channels=wanted))
    rounds(courier).hand_over(planned.id, town.here.id)
    assert [one.subject for one in work()] == []
    (message,) = (inside.settings.data / "sms").glob("*.txt")
    said = message.read_text(encoding="utf-8")
    assert f"Курьер везёт вам «{town.record.title}»" in said
    courier.find_service(Loans).collect(planned.id, town.here.id)

    work()

    assert outcome_of(db, Kind.DELIVERED) == [Outcome.SWITCHED_OFF]
