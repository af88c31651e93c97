"""Whatever readers and librarians do, in whatever order, these stay true."""

from datetime import timedelta

import pytest
from fixtures.lending import City
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from bibliopolis.circulation.models import (
    BOUND_STATES,
    OPEN_STATES,
    Hold,
    HoldState,
    HoldTarget,
    Loan,
    ShelfRemoval,
    Transit,
)
from bibliopolis.circulation.services import Lists
from bibliopolis.errors import Conflict
from bibliopolis.resources.access import Principals

LIBRARIES, READERS, COPIES = 3, 4, 3
A_LIBRARY = st.integers(0, LIBRARIES - 1)
A_READER = st.integers(0, READERS - 1)
A_COPY = st.integers(0, COPIES - 1)
A_HOLD = st.integers(0, 30)


class Circulating(RuleBasedStateMachine):
    """One title in three copies, three libraries, four readers."""

    db = clock = workflows = None

    def __init__(self):
        super().__init__()
        self.savepoint = self.db.begin_nested()
        city = City(self.db, self.clock, self.workflows)
        self.desk = city.desk()
        self.libraries = [city.library() for _ in range(LIBRARIES)]
        self.record = city.record(self.libraries[0])
        self.items = [city.item(self.record, self.libraries[n % 2]) for n in range(COPIES)]
        people = [city.person() for _ in range(READERS)]
        self.readers = [city.reader(self.libraries[0], person=one) for one in people]
        self.own = [city.desk(Principals(one.person_id, one.id)).holds for one in self.readers]
        self.closed: dict[int, tuple] = {}

    def teardown(self):
        self.savepoint.rollback()
        self.db.expunge_all()

    def holds(self, *states):
        query = select(Hold).where(Hold.record_id == self.record.id).order_by(Hold.id)
        return self.db.scalars(query.where(Hold.state.in_(states)) if states else query).all()

    def attempt(self, verb, *arguments):
        # A refusal is an answer; whatever else goes wrong fails the test.
        try:
            verb(*arguments)
        except Conflict:
            self.db.flush()

    def on_hold(self, verb, number, *arguments):
        holds = self.holds()
        if holds:
            self.attempt(verb, holds[number % len(holds)].id, *arguments)

    @rule(reader=A_READER, library=A_LIBRARY)
    def place(self, reader, library):
        self.attempt(
            self.desk.holds.place,
            self.record.id,
            self.readers[reader].id,
            self.libraries[library].id,
        )

    @rule(hold=A_HOLD, item=A_COPY, library=A_LIBRARY)
    def capture(self, hold, item, library):
        self.on_hold(self.desk.holds.capture, hold, self.items[item].id, self.libraries[library].id)

    @rule(hold=A_HOLD, library=A_LIBRARY)
    def receive(self, hold, library):
        self.on_hold(self.desk.holds.receive, hold, self.libraries[library].id)

    @rule(item=A_COPY, reader=A_READER, library=A_LIBRARY)
    def check_out(self, item, reader, library):
        self.attempt(
            self.desk.loans.check_out,
            self.items[item].id,
            self.readers[reader].id,
            self.libraries[library].id,
        )

    @rule(item=A_COPY, library=A_LIBRARY)
    def check_in(self, item, library):
        self.attempt(self.desk.loans.check_in, self.items[item].id, self.libraries[library].id)

    @rule(hold=A_HOLD)
    def cancel(self, hold):
        self.on_hold(self.desk.holds.cancel, hold)

    @rule(reader=A_READER)
    def cancel_ones_own(self, reader):
        mine = [
            hold for hold in self.holds(*OPEN_STATES) if hold.reader_id == self.readers[reader].id
        ]
        for hold in mine:
            self.attempt(self.own[reader].cancel, hold.id)

    @rule(hold=A_HOLD)
    def keep(self, hold):
        self.on_hold(self.desk.changes.keep, hold)

    @rule(hold=A_HOLD)
    def uncancel(self, hold):
        self.on_hold(self.desk.changes.uncancel, hold)
        for one in self.holds(*OPEN_STATES):
            self.closed.pop(one.id, None)

    @rule(hold=A_HOLD)
    def give_up(self, hold):
        self.on_hold(self.desk.holds.give_up, hold)

    @rule(hold=A_HOLD, days=st.none() | st.integers(0, 5))
    def set_need_by(self, hold, days):
        day = None if days is None else self.clock.today() + timedelta(days=days)
        self.on_hold(self.desk.changes.set_need_by, hold, day)

    @rule(hold=A_HOLD, days=st.none() | st.integers(1, 5))
    def suspend(self, hold, days):
        until = self.clock.today() + timedelta(days=days) if days else None
        self.on_hold(self.desk.changes.suspend, hold, until)

    @rule(hold=A_HOLD)
    def thaw(self, hold):
        self.on_hold(self.desk.changes.thaw, hold)

    @rule(hold=A_HOLD, library=A_LIBRARY)
    def change_pickup(self, hold, library):
        self.on_hold(self.desk.changes.change_pickup, hold, self.libraries[library].id)

    @rule(days=st.integers(0, 9))
    def days_pass(self, days):
        self.clock.advance(timedelta(days=days))
        self.desk.dates.keep(self.desk.dates.due())
        assert self.desk.dates.due() == []

    @rule(hold=A_HOLD)
    def not_collected(self, hold):
        self.on_hold(self.desk.holds.not_collected, hold)

    @rule(hold=A_HOLD, library=A_LIBRARY)
    def found(self, hold, library):
        self.on_hold(self.desk.holds.mark_found, hold, self.libraries[library].id)

    @rule(hold=A_HOLD, library=A_LIBRARY)
    def not_found(self, hold, library):
        self.on_hold(self.desk.holds.not_found, hold, self.libraries[library].id)

    @rule(library=A_LIBRARY)
    def check_in_found(self, library):
        self.attempt(self.desk.loans.check_in_found, self.libraries[library].id)

    @invariant()
    def a_copy_is_promised_once(self):
        bound = [hold.item_id for hold in self.holds(*BOUND_STATES)]
        lent = self.db.scalars(select(Loan.item_id).where(Loan.closed.is_(None))).all()
        sought = self.db.scalars(select(HoldTarget.item_id)).all()
        promised = [*bound, *lent, *sought]
        assert len(promised) == len(set(promised))
        assert None not in promised

    @invariant()
    def closed_holds_never_change(self):
        for hold in self.holds():
            if hold.state in OPEN_STATES:
                assert hold.closed is None
                continue
            facts = (hold.state, hold.closed, hold.item_id, hold.pickup_library_id)
            assert self.closed.setdefault(hold.id, facts) == facts

    @invariant()
    def a_ready_copy_is_where_its_reader_waits(self):
        items = {item.id: item for item in self.items}
        for hold in self.holds(HoldState.READY):
            assert items[hold.item_id].holding_library_id == hold.pickup_library_id
            assert hold.collect_by is not None
            assert self.db.get(ShelfRemoval, hold.item_id) is None

    @invariant()
    def only_what_waits_has_a_last_day_or_can_be_asked_to_be_cancelled(self):
        for hold in self.holds(HoldState.QUEUED, HoldState.IN_TRANSIT):
            assert (hold.collect_by, hold.cancel_requested, hold.closed) == (None, None, None)

    @invariant()
    def a_copy_in_transit_has_one_open_journey(self):
        open_transits = self.db.scalars(select(Transit).where(Transit.received.is_(None))).all()
        for hold in self.holds(HoldState.IN_TRANSIT):
            (transit,) = [row for row in open_transits if row.item_id == hold.item_id]
            assert transit.from_library_id != transit.to_library_id
            assert transit.to_library_id == hold.pickup_library_id

    @invariant()
    def a_suspended_hold_has_no_copy(self):
        for hold in self.holds(*OPEN_STATES):
            if hold.suspended is not None:
                assert (hold.state, hold.item_id) == (HoldState.QUEUED, None)
                assert self.db.get(HoldTarget, hold.id) is None

    @invariant()
    def places_in_the_queue_are_from_one_without_a_gap(self):
        queued = self.holds(HoldState.QUEUED)
        places = Lists(self.db).positions(self.holds())
        assert sorted(places.values()) == list(range(1, len(queued) + 1))
        assert set(places) == {hold.id for hold in queued}

    @invariant()
    def nobody_waits_twice_for_one_title(self):
        readers = [hold.reader_id for hold in self.holds(*OPEN_STATES)]
        assert len(readers) == len(set(readers))
        assert None not in readers

    @invariant()
    def whoever_can_be_served_is_served(self):
        title = self.desk.titles.read(self.record.id)
        served = min(len(title.queue), len(title.free))
        assert {hold.id for hold in title.queue[:served]} == set(title.targets)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_circulation_keeps_its_promises(db, clock, workflows):
    made = type("Circulating", (Circulating,), {"db": db, "clock": clock, "workflows": workflows})

    run_state_machine_as_test(
        made,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
