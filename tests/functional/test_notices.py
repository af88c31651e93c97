"""Notices of holds and loans: what readers hear, once, by the ways they want, while it is true."""

from datetime import UTC, datetime, timedelta

import pytest
from fixtures.desk import child_of, form_to
from sqlalchemy import delete, event, select, update

from bibliopolis.accounts.models import Person
from bibliopolis.catalogue.interfaces import IFollowsRecords, RecordMove
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.circulation.models import CancelCause, LoanState
from bibliopolis.circulation.notices.jobs import (
    look_at_calendar,
)
from bibliopolis.circulation.notices.kinds import Kind
from bibliopolis.circulation.services import (
    HoldChanges,
    HoldDates,
    Holds,
    Loans,
    Losses,
    Renewals,
)
from bibliopolis.circulation.services.aliases import Aliases
from bibliopolis.demo.acting import acting
from bibliopolis.mail import MailMessage
from bibliopolis.notices.jobs import (
    ALL,
    OLD,
    forget_old,
    forget_things,
    look_for_old,
    send_codes,
)
from bibliopolis.notices.models import Notice, NoticeAddress, NoticePreference, Outcome
from bibliopolis.notices.services.addresses import CODES
from bibliopolis.outbox import OutboxRow
from bibliopolis.readers.models import Guardianship

MINE = "/en/account/notices"


pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def ready(town, desk):
    """Elena's hold, ready to collect at the first library."""
    hold = desk.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    return desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)


def lend(town, desk, due, reader=None, title="Nights"):
    item = town.city.item(town.city.record(town.here, title), town.here)
    reader = reader or town.elena
    loan = desk.find_service(Loans).check_out(item.id, reader.id, town.here.id).loan
    loan.due = due
    return loan


def outcomes(db):
    rows = db.execute(select(Notice.kind, Notice.outcome).order_by(Notice.id))
    return [tuple(row) for row in rows]


def prefer(db, reader, digest=False, **channels):
    db.add(NoticePreference(reader_id=reader.id, digest=digest, channels=channels))
    db.flush()


def test_a_reader_hears_once_that_a_hold_can_be_collected(town, ready, work, inside):
    (letter,) = work()

    assert letter.recipient == "elena@example.org"
    assert letter.subject == "Your hold can be collected"
    place = town.here.name["en"]
    assert f"“{town.record.title}” waits for you at {place} until " in letter.body
    assert f"/en/account/holds/{ready.uid}" in letter.body
    alias = Aliases.from_request(None, inside).of(ready.id)
    assert f"On the hold shelf look for the slip {alias}." in letter.body
    assert "/en/account/notices" in letter.body
    assert len(work()) == 1


def test_the_letter_is_in_the_language_of_its_reader(town, ready, work, db):
    db.get(Person, town.elena.person_id).language = "ru"

    (letter,) = work()

    assert letter.subject == "Ваш заказ можно забрать"
    assert town.here.name["ru"] in letter.body


def test_a_hold_that_waits_in_a_locker_is_told_with_its_place(town, ready, work):
    locker = town.city.locker(town.here)
    ready.pickup_library_id = locker.id

    (letter,) = work()

    assert f"waits for you at {locker.name['en']} until " in letter.body
    assert "look for the slip" not in letter.body  # the cell opens by a code, on the page


def test_what_is_no_longer_true_is_not_sent(town, desk, ready, work, db):
    desk.find_service(Holds).cancel(ready.id)

    letters = work()

    assert [one.subject for one in letters] == ["Your hold is cancelled"]
    assert (Kind.READY, Outcome.OUTDATED) in outcomes(db)


def test_who_cancels_a_hold_is_not_told_of_it(town, inside, db, desk, work):
    hold = desk.find_service(Holds).place(town.record.id, town.elena.id, town.there.id)
    elena = db.get(Person, town.elena.person_id)
    acting(inside, elena, reader_id=town.elena.id).find_service(Holds).cancel(hold.id)

    assert work() == []


def test_what_a_reader_wished_at_the_desk_is_not_told(town, desk, ready, work):
    desk.find_service(Holds).cancel(ready.id, cause=CancelCause.PHONE)

    assert work() == []


def test_two_holds_that_became_one_are_told_as_one(town, desk, inside, work):
    other = town.city.record(town.here, "White Nights")
    item = town.city.item(other, town.here)
    for record in (town.record, other):
        desk.find_service(Holds).place(record.id, town.elena.id, town.there.id)
    move = RecordMove(other.id, town.record.id, frozenset({item.id}), wholly=True)
    inside.find_service(IFollowsRecords, context=None).follow(move)

    (letter,) = work()

    assert letter.subject == "Two of your holds have become one"


def test_a_step_that_is_switched_off_by_the_site_can_be_switched_on(town, desk, work, db):
    prefer(db, town.elena, hold_placed=["mail"])
    desk.find_service(Holds).place(town.record.id, town.elena.id, town.there.id)

    (letter,) = work()

    assert letter.subject == "Your hold is placed"


def test_a_guardian_hears_of_what_concerns_a_child(town, desk, work, db):
    child = child_of(town, db, town.elena)
    hold = desk.find_service(Holds).place(town.record.id, child.id, town.here.id)
    desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)

    (letter,) = work()

    assert letter.recipient == "elena@example.org"
    assert f"This is for {child.name}." in letter.body


def test_who_no_longer_acts_for_a_child_hears_nothing_of_it(town, desk, work, db, clock):
    child = child_of(town, db, town.elena)
    hold = desk.find_service(Holds).place(town.record.id, child.id, town.here.id)
    desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)
    lend(town, desk, clock.today() - timedelta(days=1), child)
    assert len(work()) == 1
    again = update(Notice).where(Notice.outcome == Outcome.SENT)
    db.execute(again.values(settled=None, outcome=Outcome.WAITING, due=clock.now()))
    db.execute(delete(Guardianship).where(Guardianship.child_id == child.id))

    assert len(work()) == 1

    hers = select(Notice.kind, Notice.outcome).where(Notice.reader_id == town.elena.id)
    outdated = hers.where(Notice.outcome == Outcome.OUTDATED)
    assert {kind for kind, _outcome in db.execute(outdated)} == {Kind.READY, Kind.OVERDUE}
    assert not db.execute(hers.where(Notice.outcome == Outcome.SENT)).all()


def test_the_last_copy_is_gone_and_the_reader_hears_what_to_do(town, desk, work, db):
    desk.find_service(Holds).place(town.record.id, town.elena.id, town.there.id)
    assert work() == []
    for item in (town.near, town.far):
        item.status = ItemStatus.WITHDRAWN
    db.flush()

    (letter,) = work()

    assert letter.subject == "Your hold cannot be filled now"
    assert "ask a librarian" in letter.body
    assert len(work()) == 1


def test_a_copy_that_is_on_order_is_hope_enough(town, desk, work, db):
    desk.find_service(Holds).place(town.record.id, town.elena.id, town.there.id)
    town.near.status, town.far.status = ItemStatus.WITHDRAWN, ItemStatus.ON_ORDER
    db.flush()

    assert work() == []


def test_a_hold_that_waits_is_reminded_of_once(town, ready, work, db, clock):
    work()
    clock.advance(ready.collect_by - clock.today() - timedelta(days=3))
    assert len(work()) == 1
    clock.advance(timedelta(days=1))

    letters = work()

    assert letters[-1].subject == "Your hold still waits for you"
    assert len(work()) == 2


def test_books_due_soon_come_in_one_letter(town, desk, work, clock):
    due = clock.today() + timedelta(days=10)
    for title in ("Nights", "Poor Folk"):
        lend(town, desk, due, title=title)
    clock.advance(timedelta(days=6))
    assert work() == []
    clock.advance(timedelta(days=1))

    (letter,) = work()

    assert letter.subject == "2 notices from the libraries"
    assert "Please bring back “Nights” by 1 December 2026." in letter.body
    assert "Poor Folk" in letter.body
    clock.advance(timedelta(days=1))
    assert len(work()) == 1


def test_what_is_lent_for_less_is_not_due_soon_at_once(town, desk, work, clock):
    lend(town, desk, clock.today() + timedelta(days=2))

    assert work() == []


def test_a_renewed_book_is_not_overdue_and_is_due_soon_again(town, desk, work, clock, db):
    loan = lend(town, desk, clock.today() + timedelta(days=10))
    clock.advance(timedelta(days=8))
    assert len(work()) == 1
    loan.due += timedelta(days=14)
    db.flush()
    clock.advance(timedelta(days=5))
    assert len(work()) == 1
    clock.advance(timedelta(days=8))

    assert len(work()) == 2


def test_overdue_is_told_by_steps_and_after_a_long_silence_once(town, desk, work, clock):
    lend(town, desk, clock.today() + timedelta(days=1))
    clock.advance(timedelta(days=1))
    assert work() == []
    clock.advance(timedelta(days=1))
    assert [one.subject for one in work()] == ["A book is overdue"]
    clock.advance(timedelta(days=30))

    assert len(work()) == 2


@pytest.mark.parametrize("state", [LoanState.CLAIMED, LoanState.LOST])
def test_nobody_is_asked_to_bring_back_what_is_lost_or_said_to_be_back(
    town, desk, work, clock, db, state
):
    loan = lend(town, desk, clock.today() - timedelta(days=1))
    loan.state = state
    db.flush()

    assert work() == []


def test_the_calendar_waits_for_the_morning(town, desk, work, clock):
    lend(town, desk, clock.today() + timedelta(days=10))
    clock.instant = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)  # one at night in Moscow
    assert work() == []
    clock.instant = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)

    assert len(work()) == 1


def test_the_letter_of_the_day_has_all_that_can_wait(town, desk, work, clock, db):
    prefer(db, town.elena, digest=True)
    for title in ("Nights", "Poor Folk"):
        lend(town, desk, clock.today() + timedelta(days=3), title=title)
    hold = desk.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)
    clock.advance(timedelta(days=1))
    assert [one.subject for one in work()] == ["Your hold can be collected"]
    clock.instant = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    work()
    clock.advance(timedelta(days=1))

    letter = work()[-1]
    assert letter.subject == "2 notices from the libraries"
    assert letter.body.count("was to be back") == 2


def test_what_must_be_told_cannot_be_switched_off(town, sign_in, db):
    elena = sign_in("elena")
    form = elena.get(MINE).forms["preferences"]
    for box in form.fields["way"]:
        box.checked = False

    page = form.submit(status=400)

    page.mustcontain("The library has to tell you this: choose one way at least.")
    assert db.scalars(select(NoticePreference)).all() == []


def test_a_reader_chooses_what_to_hear(town, sign_in, db, desk, ready, work):
    form = sign_in("elena").get(MINE).forms["preferences"]
    for box in form.fields["way"]:
        box.checked = box._value in {
            "hold_ready:mail",
            "hold_cancelled:mail",
            "hold_unfilled:mail",
            "hold_no_copy:mail",
            "hold_moved:mail",
            "loan_overdue:mail",
            "loan_lost:mail",
            "closing_begun:mail",
            "closing_undone:mail",
        }
    form.submit().follow().mustcontain("Your choice is saved.")
    desk.find_service(Holds).not_collected(ready.id)

    assert [one.subject for one in work()] == []
    assert (Kind.NOT_COLLECTED, Outcome.SWITCHED_OFF) in outcomes(db)


@pytest.fixture
def give_number(inside, db):
    """Return a function that gives a number; the worker then sends the code that was asked for."""

    def give(web, number="+7 812 555-01-02", status=303):
        form = web.get(MINE).forms["give-sms"]
        form["address"] = number
        page = form.submit(status=status)
        for row in db.scalars(select(OutboxRow).where(OutboxRow.topic == CODES)).all():
            send_codes(inside, [row.key])
            db.delete(row)
        db.flush()
        return page

    return give


def messages(inside):
    return sorted(
        file.read_text(encoding="utf-8") for file in (inside.settings.data / "sms").glob("*.txt")
    )


@pytest.fixture
def no_messages(inside):
    for file in (inside.settings.data / "sms").glob("*.txt"):
        file.unlink()


def code_in(inside):
    return messages(inside)[-1].rsplit(": ", 1)[1].strip()


def test_a_number_is_used_once_it_is_confirmed(
    town, sign_in, inside, desk, db, work, clock, no_messages, give_number
):
    elena = sign_in("elena")
    give_number(elena)
    form = elena.get(MINE).forms["confirm-sms"]
    form["code"] = "wrong"
    form.submit(status=400).mustcontain("This is not the code that was sent.")
    form["code"] = code_in(inside)
    form.submit().follow().mustcontain("The address is confirmed")
    prefer(db, town.elena, hold_ready=["sms"])
    hold = desk.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)

    assert work() == []

    assert any("+78125550102\n\n“White Nights” waits for you" in one for one in messages(inside))


def test_a_number_without_its_code_gets_nothing_and_mail_goes_on(
    town, sign_in, inside, db, work, desk, no_messages, give_number
):
    give_number(sign_in("elena"))
    prefer(db, town.elena, hold_ready=["sms"])
    hold = desk.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)

    assert len(work()) == 1
    assert len(messages(inside)) == 1  # the code


def test_a_code_leaves_after_the_commit_and_once(town, sign_in, db, inside, no_messages):
    form = sign_in("elena").get(MINE).forms["give-sms"]
    form["address"] = "+7 812 555-01-02"
    form.submit(status=303)
    assert messages(inside) == []
    (key,) = db.scalars(select(OutboxRow.key).where(OutboxRow.topic == CODES)).all()
    assert "555" not in key

    send_codes(inside, [key])
    first = code_in(inside)
    send_codes(inside, [key])

    assert len(messages(inside)) == 1  # a worker that was killed writes over what it wrote
    kept = db.scalars(select(NoticeAddress)).one()
    assert first not in (kept.code_hash or "")
    kept.asked += timedelta(seconds=1)
    hashed = kept.code_hash
    send_codes(inside, [key])
    assert kept.code_hash == hashed  # it was asked for anew


def test_codes_are_neither_sent_too_often_nor_guessed(
    town, sign_in, db, clock, no_messages, give_number
):
    elena = sign_in("elena")
    give_number(elena, "812", 400).mustcontain("code of the country")
    give_number(elena)
    give_number(elena, status=409).mustcontain("Wait two minutes")
    form = elena.get(MINE).forms["confirm-sms"]
    form["code"] = "wrong"
    for _try in range(5):
        form.submit(status=400)

    form.submit(status=409).mustcontain("no longer good")
    assert db.scalars(select(NoticeAddress)).one().confirmed is None


def test_who_forgets_a_number_waits_as_long_for_another_code(
    town, sign_in, db, clock, inside, no_messages, give_number
):
    elena = sign_in("elena")
    give_number(elena)
    form_to(elena.get(MINE), "/forget-address").submit().follow().mustcontain(no="555-01-02")

    give_number(elena, status=409).mustcontain("Wait two minutes")

    clock.advance(timedelta(minutes=3))
    give_number(elena)
    assert len(messages(inside)) == 2


def test_no_telephone_rings_at_night(town, db, desk, work, clock, inside, no_messages):
    db.add(
        NoticeAddress(
            reader_id=town.elena.id,
            channel="sms",
            address="+78125550102",
            asked=clock.now(),
            confirmed=clock.now(),
        )
    )
    prefer(db, town.elena, hold_ready=["sms"])
    clock.instant = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)  # eleven in the evening in Moscow
    hold = desk.find_service(Holds).place(town.record.id, town.elena.id, town.here.id)
    desk.find_service(Holds).capture(hold.id, town.near.id, town.here.id)
    work()
    clock.advance(timedelta(hours=9))
    work()
    assert messages(inside) == []
    clock.advance(timedelta(hours=1))
    work()

    assert len(messages(inside)) == 1


def test_reader_and_desk_see_what_was_sent(town, ready, work, web, sign_in):
    work()
    elena = sign_in("elena")
    page = elena.get(f"{MINE}/sent")
    page.mustcontain("A hold can be collected", town.record.title, "Sent", "E-mail")
    assert "A hold is placed" not in page  # nobody wanted to hear of it
    elena.get("/en/account").mustcontain("A hold can be collected")
    web.reset()
    vera = sign_in("vera")

    page = vera.get(f"/en/staff/readers/{town.elena.uid}")
    page.mustcontain("A hold can be collected", town.record.title)
    page.click("All that was sent").mustcontain("A hold can be collected", "Sent")


def test_others_see_nothing_of_it(town, ready, work, web, sign_in):
    work()
    assert "A hold can be collected" not in sign_in("mira").get(f"{MINE}/sent")
    web.get(f"/en/staff/readers/{town.elena.uid}/notices", status=403)


def test_who_has_no_address_is_told_nothing_and_the_desk_sees_it(town, db, desk, work, clock):
    stranger = town.city.reader(town.here, "Nobody")
    lend(town, desk, clock.today() - timedelta(days=1), stranger)

    assert work() == []
    assert outcomes(db) == [(Kind.OVERDUE, Outcome.NO_ADDRESS)]


def test_nobody_learns_from_the_log_what_was_borrowed(town, db, desk, work, inside, clock):
    loan = lend(town, desk, clock.today() - timedelta(days=1))
    work()
    forget_things(inside)
    assert db.scalars(select(Notice.thing_id)).all() == [loan.id]
    desk.find_service(Loans).check_in(loan.item_id, town.here.id)

    forget_things(inside)

    assert db.scalars(select(Notice.thing_id)).all() == [None]
    assert all(letter.confidential for letter in db.scalars(select(MailMessage)))


def test_a_guardian_who_keeps_a_history_keeps_none_of_a_child(town, db, desk, work, inside, clock):
    town.elena.keeps_history = True
    child = child_of(town, db, town.elena)
    due = clock.today() - timedelta(days=1)
    mine, childs = lend(town, desk, due), lend(town, desk, due, child)
    work()
    for loan in (mine, childs):
        desk.find_service(Loans).check_in(loan.item_id, town.here.id)

    forget_things(inside)

    assert set(db.scalars(select(Notice.thing_id))) == {mine.id, None}


def test_the_log_forgets_names_in_time(town, ready, work, inside, db, clock):
    work()
    clock.advance(timedelta(days=181))

    look_for_old(inside)
    look_for_old(inside)

    waiting = select(OutboxRow).where(OutboxRow.topic == OLD)
    (row,) = db.scalars(waiting).all()
    db.delete(row)
    forget_old(inside, [row.key])
    assert set(db.scalars(select(Notice.reader_id))) == {None}
    # There may be more of them: the next transaction looks.
    assert [one.key for one in db.scalars(waiting)] == [ALL]


def test_ones_data_hold_the_notices_and_a_closed_account_none(town, desk, ready, work, sign_in, db):
    prefer(db, town.elena, hold_placed=[])
    work()
    elena = sign_in("elena")
    kept = elena.get("/en/account/data").forms["export"].submit().json["notices"]
    assert [one["kind"] for one in kept["sent"]] == ["hold_placed", "hold_ready"][::-1]
    desk.find_service(Holds).cancel(ready.id)
    form = elena.get("/en/account/data").forms["close"]
    form["password"] = "bibliopolis"

    form.submit(status=303)

    assert set(db.scalars(select(Notice.reader_id))) <= {None}
    assert db.scalars(select(NoticePreference)).all() == []


def test_writing_to_many_costs_as_much_as_writing_to_few(town, db, desk, clock, inside):
    def statements(number):
        for n in range(number):
            reader = town.city.reader(town.here, f"R{n}", town.city.person())
            lend(town, desk, clock.today() - timedelta(days=1), reader)
        db.flush()
        seen = []

        def count(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        event.listen(db.get_bind(), "before_cursor_execute", count)
        try:
            look_at_calendar(inside)
        finally:
            event.remove(db.get_bind(), "before_cursor_execute", count)
        return seen

    few, many = statements(2), statements(6)
    assert len(many) <= len(few), "\n".join(many)


def test_the_day_is_that_of_the_library(town, db, desk, work, clock):
    town.here.settings = {"time_zone": "Asia/Vladivostok"}
    lend(town, desk, clock.today())
    db.flush()
    clock.advance(timedelta(hours=14))  # 23:00 in UTC: nine in the morning of the next day there

    assert [one.subject for one in work()] == ["A book is overdue"]


def test_each_library_has_its_own_night(town, db, desk, work, clock, inside, no_messages):
    town.there.settings = {"time_zone": "Asia/Vladivostok"}
    town.here.settings = {"time_zone": "Europe/Moscow"}
    now = clock.now()
    db.add(
        NoticeAddress(
            reader_id=town.elena.id, channel="sms", address="+78125550102", asked=now, confirmed=now
        )
    )
    prefer(db, town.elena, hold_ready=["sms"])
    for place, copy in ((town.there, town.far), (town.here, town.near)):
        record = town.city.record(place, place.name["en"])
        copy.record_id = record.id
        db.flush()
        hold = desk.find_service(Holds).place(record.id, town.elena.id, place.id)
        hold.state, hold.item_id, hold.collect_by = "ready", copy.id, clock.today()
        desk.find_service(Holds).steps.tell(hold, "receive", "in_transit", place.id)
    clock.advance(timedelta(hours=4))  # 16:00 in Moscow, 23:00 in Vladivostok

    work()

    (message,) = messages(inside)
    assert town.here.name["en"] in message
    clock.advance(timedelta(hours=14))  # 6:00 in Moscow, 13:00 in Vladivostok
    work()
    assert any(town.there.name["en"] in one for one in messages(inside))


def test_who_wishes_hears_of_a_renewal_and_everybody_of_a_loss(town, db, desk, work, clock):
    prefer(db, town.elena, loan_renewed=["mail"])
    loan = lend(town, desk, clock.today() + timedelta(days=2))
    db.flush()
    clock.advance(timedelta(days=1))
    renewed = desk.find_service(Renewals).renew(loan.id, town.here.id)
    (letter,) = work()
    assert letter.subject == "A book is renewed"
    assert f"bring it back by {renewed.due.day} " in letter.body

    desk.find_service(Losses).lose(loan.id, town.here.id)

    *_before, letter = work()
    assert letter.subject == "A book counts as lost"
    assert "“Nights”" in letter.body


@pytest.mark.parametrize("begins_in", [0, 5])
def test_the_house_tells_that_a_pause_is_over_and_nobody_that_they_ended_it(
    town, inside, desk, work, clock, begins_in
):
    """Of what begins later no copy is looked for yet, so nobody says that it is."""
    start = clock.today() + timedelta(days=begins_in)
    holds = desk.find_service(Holds)
    hold = holds.place(town.record.id, town.elena.id, town.here.id, start=start)
    changes = desk.find_service(HoldChanges)
    changes.suspend(hold.id)
    changes.thaw(hold.id)
    assert work() == []
    changes.suspend(hold.id, clock.today() + timedelta(days=1))
    clock.advance(timedelta(days=1))
    dates = HoldDates.from_request(None, inside)

    dates.keep(dates.due())

    said = [letter.subject for letter in work()]
    assert said == ([] if begins_in else ["The pause of your hold is over"])
