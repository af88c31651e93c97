"""A place has to close: what is due there moves to the next open day, and back if it is undone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bibliopolis.circulation.emergency import moving
from bibliopolis.circulation.emergency.closings import TOPIC, AlreadyClosed, Wanted
from bibliopolis.circulation.emergency.models import ClosingState, MovedDate
from bibliopolis.circulation.emergency.shifting import last_day_to_collect
from bibliopolis.circulation.in_use import TOPIC as RETARGET
from bibliopolis.circulation.models import HoldState, LoanState
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.libraries.models import HoursException
from bibliopolis.outbox import OutboxRow
from bibliopolis.resources.history import HistoryEntry

SATURDAY = date(2026, 11, 21)
"""The day on which the clock of the tests stands."""
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (SATURDAY + timedelta(days=n) for n in range(2, 7))


@pytest.fixture
def here(city):
    return city.library("Fontanka", settings={"opening_hours": "Mo-Fr 10:00-20:00"})


@pytest.fixture
def house(city):
    return city.emergency()


def lend(city, here, due, title="Idiot"):
    item = city.item(city.record(here, title), here)
    loan = city.desk().loans.check_out(item.id, city.reader(here).id, here.id).loan
    loan.due = due
    return loan


def ready(city, here, title="Nights", **more):
    record = city.record(here, title)
    item = city.item(record, here)
    desk = city.desk()
    hold = desk.holds.place(record.id, city.reader(here).id, here.id, **more)
    desk.loans.check_in(item.id, here.id)
    return hold


def close(house, library, first=MONDAY, last=TUESDAY, **more):
    return house.closings.begin(Wanted(library, first, last, **more))


def work(city, house, again=False):
    """Do what waits in the outbox, as the worker does."""
    while keys := [
        row
        for row in city.db.scalars(select(OutboxRow).where(OutboxRow.topic == TOPIC))
        if again or row.not_before <= city.clock.now()
    ]:
        for row in keys:
            house.moving.work(row.key)
            city.db.delete(row)
        city.db.flush()


def test_what_is_due_on_a_closed_day_is_due_on_the_next_open_one(city, house, here, there):
    on_monday, on_wednesday = lend(city, here, MONDAY), lend(city, here, WEDNESDAY)
    elsewhere, lost = lend(city, there, MONDAY), lend(city, here, MONDAY)
    lost.state = LoanState.LOST

    closing = close(house, here)
    work(city, house)

    dues = [loan.due for loan in (on_monday, on_wednesday, elsewhere, lost)]
    assert dues == [WEDNESDAY, WEDNESDAY, MONDAY, MONDAY]
    assert (closing.state, closing.moved_loans, closing.total) == (ClosingState.DONE, 1, 1)
    entry = city.db.scalars(select(HistoryEntry).where(HistoryEntry.action == moving.MOVED)).one()
    assert (entry.resource_type, entry.resource_id) == ("loan", on_monday.id)
    assert entry.data == {"before": MONDAY.isoformat(), "after": WEDNESDAY.isoformat()}
    assert [(one.reader_id, one.thing[1]) for one in house.told] == [
        (on_monday.reader_id, closing.id)
    ]


def test_a_reader_gets_the_lost_days_back_to_collect(city, house, here):
    hold = ready(city, here)
    assert hold.collect_by == date(2026, 12, 1)  # the seventh open day

    close(house, here)
    work(city, house)

    assert hold.collect_by == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("last", "need_by", "expected"),
    [
        (SATURDAY, None, SATURDAY),  # before anything closed
        (MONDAY, None, THURSDAY),
        (TUESDAY, None, FRIDAY),
        (WEDNESDAY, None, FRIDAY + timedelta(days=3)),
        (TUESDAY, WEDNESDAY, WEDNESDAY),
        (TUESDAY, TUESDAY, TUESDAY),
    ],
)
def test_lost_days_are_given_back_behind_the_last(last, need_by, expected):
    def was_open(day):
        return day.weekday() < 5

    def is_open(day):
        return was_open(day) and day not in (MONDAY, TUESDAY, WEDNESDAY)

    closed = (MONDAY, WEDNESDAY)
    found = last_day_to_collect(last, need_by, closed, was_open, is_open)
    # One lost day for Monday, two for Tuesday, three for Wednesday.
    assert found == expected


def test_what_is_ready_only_since_it_is_closed_is_not_given_days_twice(city, house, clock, here):
    close(house, here)
    clock.advance(timedelta(minutes=5))
    hold = ready(city, here)
    by_the_calendar = hold.collect_by
    work(city, house)

    assert hold.collect_by == by_the_calendar == date(2026, 12, 3)


def test_what_is_laid_ready_by_the_old_calendar_meanwhile_loses_no_days(
    city, house, clock, here, there
):
    clock.advance(timedelta(minutes=1))  # by then the desks have read their calendars
    by_the_old = [ready(city, here, f"Book {n}") for n in range(2)]
    assert {hold.collect_by for hold in by_the_old} == {date(2026, 12, 1)}
    clock.advance(timedelta(minutes=-1))
    closing = close(house, here)
    clock.advance(timedelta(minutes=1))
    by_the_new = ready(city, here)

    work(city, house)

    assert {hold.collect_by for hold in (*by_the_old, by_the_new)} == {date(2026, 12, 3)}
    house.closings.set_last(closing, WEDNESDAY)
    work(city, house)
    assert {hold.collect_by for hold in (*by_the_old, by_the_new)} == {date(2026, 12, 4)}


def test_a_turn_asks_as_much_for_many_dates_as_for_few(city, house, clock, here, queries):
    """Of each step, whatever became ready when."""

    def turns():
        asked, closing = {}, close(house, here)
        while closing.state != ClosingState.DONE:
            step = closing.step
            asked[step] = queries(lambda: house.moving.work(closing.uid))
        house.closings.undo(closing)
        while closing.state != ClosingState.UNDONE:
            house.moving.work(closing.uid)
        return asked

    lend(city, here, MONDAY), ready(city, here)
    turns()  # the rules are read once
    few = turns()
    for n in range(4):
        lend(city, here, MONDAY, f"Book {n}"), ready(city, here, f"Book {n}")
    assert turns() == few


def test_a_reader_with_many_dates_is_noted_by_turns_and_once_a_round(
    city, house, here, monkeypatch
):
    monkeypatch.setattr(moving, "READERS", 2)
    loans = [lend(city, here, MONDAY, f"Book {n}") for n in range(5)]
    loans[4].reader_id = loans[0].reader_id
    closing = close(house, here)
    work(city, house)

    assert closing.at == 0
    heard = {(one.reader_id, one.occasion) for one in house.told}
    assert heard == {(loan.reader_id, "1") for loan in loans}


def test_all_below_close_with_a_system_but_not_who_stays_open(city, house, here, there):
    system = city.library("System")
    system.kind = "system"
    for library in (here, there):
        library.parent_id = system.id
    there.settings = {"opening_hours": "Mo-Fr 10:00-20:00"}
    city.db.add(
        HoursException(
            library_id=there.id,
            kind="other_hours",
            first=MONDAY,
            last=TUESDAY,
            starts=city.clock.now().time(),
            ends=(city.clock.now() + timedelta(hours=2)).time(),
            reason={},
        )
    )
    closed, stays_open = lend(city, here, MONDAY), lend(city, there, MONDAY)

    close(house, system)
    work(city, house)

    assert (closed.due, stays_open.due) == (WEDNESDAY, MONDAY)


def test_the_preview_says_what_would_happen_and_writes_nothing(city, house, here):
    loan, hold = lend(city, here, MONDAY), ready(city, here)
    lend(city, here, FRIDAY)

    preview = house.closings.preview(Wanted(here, MONDAY, TUESDAY))
    effects = preview.effects()

    assert (effects.loans, effects.shelf, effects.readers, effects.ready) == (1, 1, 2, 1)
    assert effects.days == [(WEDNESDAY, 1)]
    (line,) = preview.loans(0, 10)[1]
    assert (line.before, line.after, line.item.id) == (MONDAY, WEDNESDAY, loan.item_id)
    assert [(one.before, one.after) for one in preview.lines()] == [
        (MONDAY, WEDNESDAY),
        (date(2026, 12, 1), date(2026, 12, 3)),
    ]
    assert (loan.due, hold.collect_by) == (MONDAY, date(2026, 12, 1))
    assert city.db.scalars(select(HoursException)).all() == []


def test_undoing_brings_back_what_nothing_has_changed_since(city, house, clock, here):
    untouched, renewed, returned = (lend(city, here, MONDAY, f"Book {n}") for n in range(3))
    hold, collected = ready(city, here), ready(city, here, "Devils")
    closing = close(house, here)
    work(city, house)
    clock.advance(timedelta(minutes=10))
    desk = city.desk()
    desk.loans.check_in(returned.item_id, here.id)
    desk.loans.collect(collected.id, here.id)
    renewed.changed, moved_to = clock.now(), renewed.due

    house.closings.undo(closing)
    work(city, house)

    assert closing.state == ClosingState.UNDONE
    assert (untouched.due, renewed.due) == (MONDAY, moved_to)
    assert (returned.closed is not None, collected.state) == (True, HoldState.FULFILLED)
    assert hold.collect_by == date(2026, 12, 1)
    assert closing.kept == 3
    assert city.db.scalars(select(HoursException)).all() == []
    put_back = select(HistoryEntry).where(HistoryEntry.action == moving.PUT_BACK)
    assert len(city.db.scalars(put_back).all()) == 2


def test_it_is_undone_on_its_day_only(city, house, clock, here):
    closing = close(house, here)
    clock.advance(timedelta(days=1))

    with pytest.raises(Conflict, match="on its day only"):
        house.closings.undo(closing)
    assert closing.stands


def test_the_same_said_twice_is_said_once(city, house, here):
    lend(city, here, MONDAY)
    first = close(house, here)

    with pytest.raises(AlreadyClosed) as refusal:
        close(house, here)
    with pytest.raises(Conflict, match="some of these days"):
        close(house, here, TUESDAY, FRIDAY)

    assert refusal.value.closing is first
    assert len(city.db.scalars(select(HoursException)).all()) == 1


def test_work_that_is_repeated_moves_nothing_twice(city, house, here):
    loan, hold = lend(city, here, MONDAY), ready(city, here)
    closing = close(house, here)
    work(city, house)
    work(city, house, again=True)

    house.moving.work(closing.uid)

    assert (loan.due, hold.collect_by) == (WEDNESDAY, date(2026, 12, 3))
    assert (closing.moved_loans, closing.moved_holds) == (1, 1)


def test_what_was_decided_by_the_old_calendar_meanwhile_is_found_later(city, house, here):
    closing = close(house, here)
    work(city, house)
    late = lend(city, here, TUESDAY)

    work(city, house, again=True)

    assert late.due == WEDNESDAY
    assert closing.state == ClosingState.DONE


def test_a_closing_that_lasts_longer_moves_again_and_undoing_it_leads_to_the_first_dates(
    city, house, here
):
    loan, hold = lend(city, here, MONDAY), ready(city, here)
    closing = close(house, here)
    work(city, house)

    house.closings.set_last(closing, WEDNESDAY)
    work(city, house)

    assert (loan.due, hold.collect_by) == (THURSDAY, date(2026, 12, 4))
    assert closing.moved_loans == 1
    assert [one.occasion for one in house.told] == ["1", "1", "2", "2"]
    house.closings.undo(closing)
    work(city, house)
    assert (loan.due, hold.collect_by) == (MONDAY, date(2026, 12, 1))


def test_a_closing_that_lasts_longer_before_the_letters_tells_who_moved_already(
    city, house, here, monkeypatch
):
    monkeypatch.setattr(moving, "BATCH", 1)
    loan = lend(city, here, MONDAY)
    lend(city, here, MONDAY, "Devils")
    closing = close(house, here, last=FRIDAY)
    house.moving.work(closing.uid)
    assert loan.due == FRIDAY + timedelta(days=3)

    house.closings.set_last(closing, FRIDAY + timedelta(days=2))
    work(city, house)

    assert loan.due == FRIDAY + timedelta(days=3)  # open after the longer closing, too
    assert loan.reader_id in {one.reader_id for one in house.told}


def test_what_moves_only_at_the_second_look_is_told_anew(city, house, here):
    first = lend(city, here, MONDAY)
    close(house, here)
    work(city, house)
    late = lend(city, here, TUESDAY, "Devils")
    late.reader_id = first.reader_id
    lend(city, here, WEDNESDAY, "Not moved")

    work(city, house, again=True)

    assert late.due == WEDNESDAY
    told = [(one.reader_id, one.occasion) for one in house.told]
    assert told == [(first.reader_id, "1"), (first.reader_id, "2")]


def test_two_closings_of_a_place_cannot_be_made_to_overlap(city, house, here):
    closing = close(house, here)
    close(house, here, THURSDAY, FRIDAY)

    with pytest.raises(Conflict, match="some of these days"):
        house.closings.set_last(closing, THURSDAY)

    assert closing.last == TUESDAY
    assert house.closings.set_last(closing, WEDNESDAY).last == WEDNESDAY


def test_a_closing_that_ends_earlier_leaves_the_dates_that_were_told(city, house, here):
    loan = lend(city, here, MONDAY)
    closing = close(house, here, last=FRIDAY)
    work(city, house)
    moved = loan.due

    house.closings.set_last(closing, MONDAY)
    work(city, house)

    assert loan.due == moved == FRIDAY + timedelta(days=3)
    calendars = house.closings.calendars
    assert calendars.hours(here, TUESDAY).spans


def test_the_worker_rests_and_goes_on_where_it_was(city, house, here, monkeypatch):
    monkeypatch.setattr(moving, "BATCH", 1)
    loans = [lend(city, here, MONDAY, f"Book {n}") for n in range(3)]
    closing = close(house, here)
    house.moving.work(closing.uid)
    house.closings.pause(closing)
    work(city, house)
    assert [loan.due for loan in loans] == [WEDNESDAY, MONDAY, MONDAY]

    house.closings.resume(closing)
    work(city, house)

    assert {loan.due for loan in loans} == {WEDNESDAY}
    assert len(city.db.scalars(select(MovedDate)).all()) == closing.moved_loans == 3


def test_copies_are_looked_for_elsewhere(city, house, here, there):
    record = city.record(here)
    city.item(record, here)
    city.desk().holds.place(record.id, city.reader(there).id, there.id)
    close(house, here, first=SATURDAY)

    work(city, house)

    waiting = select(OutboxRow.key).where(OutboxRow.topic == RETARGET)
    assert city.db.scalars(waiting).all() == [str(record.id)]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (SATURDAY - timedelta(days=8), MONDAY, "first"),
        (TUESDAY, MONDAY, "last"),
        (SATURDAY - timedelta(days=2), SATURDAY - timedelta(days=1), "last"),
        (MONDAY, MONDAY + timedelta(days=400), "last"),
    ],
)
def test_days_that_make_no_sense_are_refused(house, here, first, last, field):
    with pytest.raises(InvalidInput) as refusal:
        close(house, here, first, last)
    assert field in refusal.value.errors


@pytest.mark.parametrize("allowed", [True, False])
def test_the_rules_say_whether_holds_are_taken_for_a_closed_place(
    city, house, here, there, allowed
):
    city.rule("pickup_while_closed", allowed, here)
    record = city.record(there)
    city.item(record, there)
    close(house, here, first=SATURDAY)
    desk, reader = city.desk(), city.reader(there)
    title = desk.titles.read(record.id)

    against = [one.code for one in desk.holds.permits.against_hold(title, reader, here.id)]

    assert ("pickup_closed" in against) is not allowed
    assert (here in desk.holds.permits.places_for(title)) is allowed
