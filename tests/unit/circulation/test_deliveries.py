"""Books brought home: who gets them, the courier's way, and what is forgotten."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bibliopolis.circulation.models import DeliveryMark, HoldDelivery, HoldState, ShelfRemoval
from bibliopolis.circulation.outcomes import OutcomeKind
from bibliopolis.errors import Conflict, InvalidInput, NotAllowed
from bibliopolis.resources.access import Principals

ADDRESS = "12 Canal Street, flat 3"


@pytest.fixture
def reader(city, here):
    return city.reader(here, person=city.person(), category="at_home")


@pytest.fixture
def copy(city, record, here):
    return city.item(record, here)


@pytest.fixture
def hold(city, copy, reader, record, here):
    city.rule("home_delivery", "all", here, category="at_home")
    return city.desk().holds.place(record.id, reader.id, here.id)


@pytest.fixture
def desk(city, hold):
    return city.desk()


@pytest.fixture
def own(city, reader, hold):
    return city.desk(Principals(reader.person_id, reader.id))


@pytest.fixture
def out(desk, own, hold, copy, here):
    own.deliveries.deliver(hold.id, ADDRESS, "second floor")
    desk.loans.check_in(copy.id, here.id)
    return desk.deliveries.hand_over(hold.id, here.id)


def addresses(db):
    return db.scalars(select(HoldDelivery.address)).all()


def reasons(refusal):
    return " ".join(str(reason) for reason in refusal.value.reasons)


def test_a_copy_is_brought_and_the_loan_begins_on_that_day(db, desk, clock, out, copy, here):
    assert (out.state, out.collect_by) == (HoldState.OUT_FOR_DELIVERY, None)
    clock.advance(timedelta(days=1))

    outcome = desk.loans.collect(out.id, here.id)

    assert (outcome.kind, out.state) == (OutcomeKind.LENT, HoldState.FULFILLED)
    assert outcome.loan.due == clock.today() + timedelta(days=45)
    assert addresses(db) == []


def test_until_it_is_brought_it_never_expires(desk, own, hold, copy, here, clock):
    own.deliveries.deliver(hold.id, ADDRESS)
    desk.loans.check_in(copy.id, here.id)
    clock.advance(timedelta(days=60))

    assert (hold.state, hold.collect_by) == (HoldState.READY, None)
    assert desk.dates.due() == []


def test_who_is_met_neither_time_collects_it(db, city, desk, out, here):
    city.rule("delivery_tries", 2, here)
    desk = city.desk()
    desk.deliveries.not_met(out.id, here.id)
    assert (out.state, out.by_delivery, out.collect_by) == (HoldState.READY, True, None)
    assert db.scalars(select(HoldDelivery.tries)).one() == 1

    desk.deliveries.hand_over(out.id, here.id)
    desk.deliveries.not_met(out.id, here.id)

    assert (out.state, out.by_delivery) == (HoldState.READY, False)
    assert out.collect_by is not None
    assert addresses(db) == []


def test_scanning_what_the_courier_brings_back_counts_as_a_try(db, desk, out, copy, here):
    outcome = desk.loans.check_in(copy.id, here.id)

    assert (outcome.kind, out.state) == (OutcomeKind.SHELF, HoldState.READY)
    assert db.scalars(select(HoldDelivery.tries)).one() == 1


@pytest.mark.parametrize(
    ("rule", "category", "marked", "allowed"),
    [
        ("nobody", "at_home", True, "no books home"),
        ("marked", "at_home", False, "ask a librarian"),
        ("marked", None, True, None),
        ("all", None, False, None),
    ],
)
def test_who_gets_books_home(city, db, record, here, clock, rule, category, marked, allowed):
    city.item(record, here)
    reader = city.reader(here, category=category)
    city.rule("home_delivery", rule, here)
    desk = city.desk()
    hold = desk.holds.place(record.id, reader.id, here.id)
    if marked:
        desk.deliveries.mark(reader, clock.today(), None)
        db.flush()

    if allowed is None:
        desk.deliveries.deliver(hold.id, ADDRESS)
        assert hold.by_delivery
        return
    with pytest.raises(Conflict) as refusal:
        desk.deliveries.deliver(hold.id, ADDRESS)
    assert allowed in reasons(refusal)
    assert addresses(db) == []


def test_a_note_counts_until_its_day(city, db, record, here, clock):
    city.item(record, here)
    reader = city.reader(here)
    city.rule("home_delivery", "marked", here)
    desk = city.desk()
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.deliveries.mark(reader, clock.today() + timedelta(days=1), None)
    db.flush()
    clock.advance(timedelta(days=2))

    assert desk.deliveries.against(hold)
    with pytest.raises(InvalidInput):
        desk.deliveries.mark(reader, clock.today() - timedelta(days=1), None)
    desk.deliveries.mark(reader, None, None)
    db.flush()
    assert db.scalar(select(func.count()).select_from(DeliveryMark)) == 0


def test_nothing_is_brought_from_a_locker(city, record, here):
    city.item(record, here)
    locker = city.locker(here)
    city.rule("home_delivery", "all", here)
    desk = city.desk()
    hold = desk.holds.place(record.id, city.reader(here).id, locker.id)

    with pytest.raises(Conflict) as refusal:
        desk.deliveries.deliver(hold.id, ADDRESS)
    assert "From a locker" in reasons(refusal)


def test_a_hold_that_is_brought_goes_to_no_library_that_brings_nothing(
    city, reader, hold, there, db
):
    city.rule("home_delivery", "nobody", there)
    city.rule("home_delivery", "nobody", there, category="at_home")
    own = city.desk(Principals(reader.person_id, reader.id))
    own.deliveries.deliver(hold.id, ADDRESS)

    with pytest.raises(Conflict, match="cannot be changed") as refusal:
        own.changes.change_pickup(hold.id, there.id)
    assert "brings no books home" in reasons(refusal)

    own.deliveries.fetch(hold.id)
    own.changes.change_pickup(hold.id, there.id)
    assert (hold.pickup_library_id, addresses(db)) == (there.id, [])


def test_what_waits_on_the_shelf_may_be_brought_and_fetched_after_all(desk, own, hold, copy, here):
    desk.loans.check_in(copy.id, here.id)
    day = hold.collect_by

    own.deliveries.deliver(hold.id, ADDRESS)
    assert hold.collect_by is None
    own.deliveries.fetch(hold.id)
    assert hold.collect_by == day


def test_what_the_courier_has_its_reader_asks_to_cancel(db, city, out, own, copy, here):
    city.rule("waiting_hold_cancellation", True, here)
    own.holds.cancel(out.id)
    assert (out.state, out.cancel_requested is not None) == (HoldState.OUT_FOR_DELIVERY, True)

    outcome = city.desk().loans.check_in(copy.id, here.id)

    assert (outcome.kind, out.state) == (OutcomeKind.PUT_BACK, HoldState.CANCELLED)
    assert addresses(db) == []


def test_staff_cancel_at_once_and_the_copy_is_to_be_taken_in(db, desk, out, copy, here):
    desk.holds.cancel(out.id)

    assert out.state == HoldState.CANCELLED
    assert db.get(ShelfRemoval, copy.id) is not None
    assert desk.loans.check_in(copy.id, here.id).kind == OutcomeKind.PUT_BACK
    assert addresses(db) == []


def test_what_its_reader_cancels_is_not_sent_out(city, own, hold, copy, here):
    city.rule("waiting_hold_cancellation", True, here)
    own.deliveries.deliver(hold.id, ADDRESS)
    desk = city.desk()
    desk.loans.check_in(copy.id, here.id)
    own.holds.cancel(hold.id)

    with pytest.raises(Conflict) as refusal:
        desk.deliveries.hand_over(hold.id, here.id)
    assert "asked to cancel" in reasons(refusal)


@pytest.mark.parametrize("step", ["hand_over", "not_met"])
def test_only_the_library_that_brings_it_does(desk, own, hold, copy, here, there, step):
    own.deliveries.deliver(hold.id, ADDRESS)
    desk.loans.check_in(copy.id, here.id)
    if step == "not_met":
        desk.deliveries.hand_over(hold.id, here.id)

    with pytest.raises(Conflict, match="Another library"):
        getattr(desk.deliveries, step)(hold.id, there.id)


def test_readers_give_nothing_to_the_courier(own, desk, hold, copy, here):
    own.deliveries.deliver(hold.id, ADDRESS)
    desk.loans.check_in(copy.id, here.id)

    with pytest.raises(NotAllowed):
        own.deliveries.hand_over(hold.id, here.id)


@pytest.mark.parametrize("address", ["", "   ", "x" * 501])
def test_an_address_is_needed(db, own, hold, address):
    with pytest.raises(InvalidInput):
        own.deliveries.deliver(hold.id, address)
    assert addresses(db) == []


def test_the_next_round_is_on_a_day_of_the_rule_on_which_the_library_is_open(city, here, clock):
    today = clock.today()
    days = ("mo", "tu", "we", "th", "fr", "sa", "su")
    tomorrow = today + timedelta(days=1)
    city.rule("delivery_days", [days[tomorrow.weekday()]], here)
    assert city.desk().deliveries.next_round(here) == tomorrow

    city.closed(here, tomorrow)
    assert city.desk().deliveries.next_round(here) == tomorrow + timedelta(days=7)
