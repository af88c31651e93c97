"""A period once more: the same rules bring the same choices, other rules what is known of them."""

import random
from datetime import timedelta

import pytest
from fixtures.lending import POLICY
from sqlalchemy import select

from bibliopolis.circulation.models import Hold, HoldState, HoldTarget, Loan, Transit
from bibliopolis.circulation.permits import Terms
from bibliopolis.circulation.whatif.measures import as_it_was, as_replayed
from bibliopolis.circulation.whatif.reading import PeriodReading
from bibliopolis.circulation.whatif.replay import Replay
from bibliopolis.errors import Conflict
from bibliopolis.libraries.services import Libraries

TITLES, COPIES, READERS, STEPS = 3, 4, 9, 110


class Weeks:
    """Some weeks of a small city, made at random by the real services."""

    def __init__(self, city, seed, *rules):
        self.city, self.random = city, random.Random(seed)
        system = city.library("North")
        system.kind = "system"
        self.libraries = [city.library(pickup=True) for _ in range(3)]
        for one in self.libraries[:2]:
            one.parent_id = system.id
        for name, value in rules:
            for one in self.libraries:
                city.rule(name, value, one)
        self.records = [city.record(self.libraries[0], f"Book {n}") for n in range(TITLES)]
        self.items = [
            city.item(record, self.random.choice(self.libraries))
            for record in self.records
            for _ in range(COPIES)
        ]
        # At home where they collect: of who is forgotten nothing else is known.
        self.readers = [city.reader(self.libraries[n % 3]) for n in range(READERS)]
        city.db.flush()
        self.since = city.clock.now()
        for _step in range(STEPS):
            city.clock.advance(timedelta(minutes=self.random.randint(60, 600)))
            self.step()
        city.clock.advance(timedelta(minutes=1))
        self.until = city.clock.now()

    def step(self):
        acts = (
            *(self.place, self.place, self.place, self.pull, self.pull, self.arrive, self.arrive),
            *(self.collect, self.collect, self.bring_back, self.walk_in, self.cancel),
        )
        try:
            self.random.choice(acts)(self.city.desk())
        except Conflict:
            self.city.db.flush()  # a refusal is an answer

    def pick(self, query):
        rows = self.city.db.scalars(query).all()
        return self.random.choice(rows) if rows else None

    def place(self, desk):
        number = self.random.randrange(READERS)
        record = self.random.choice(self.records)
        reader = self.readers[number]
        desk.holds.place(record.id, reader.id, reader.home_library_id)

    def pull(self, desk):
        target = self.pick(select(HoldTarget).order_by(HoldTarget.hold_id))
        if target:
            desk.loans.check_in(target.item_id, target.library_id)

    def arrive(self, desk):
        trip = self.pick(select(Transit).where(Transit.received.is_(None)).order_by(Transit.id))
        if trip:
            desk.loans.check_in(trip.item_id, trip.to_library_id)

    def collect(self, desk):
        hold = self.pick(select(Hold).where(Hold.state == HoldState.READY).order_by(Hold.id))
        if hold:
            desk.loans.check_out(hold.item_id, hold.reader_id, hold.pickup_library_id)

    def bring_back(self, desk):
        loan = self.pick(select(Loan).where(Loan.closed.is_(None)).order_by(Loan.id))
        if loan:
            desk.loans.check_in(loan.item_id, self.random.choice(self.libraries).id)

    def walk_in(self, desk):
        item, reader = self.random.choice(self.items), self.city.reader(self.libraries[0])
        desk.loans.check_out(item.id, reader.id, item.holding_library_id)

    def cancel(self, desk):
        hold = self.pick(select(Hold).where(Hold.state == HoldState.QUEUED).order_by(Hold.id))
        if hold and self.random.random() < 0.3:
            desk.holds.cancel(hold.id)

    def read(self, since=None):
        city = self.city
        rules = city.desk().rules
        reading = PeriodReading(city.db, city.clock, Libraries(city.db, city.clock), rules, POLICY)
        return reading.read(since or self.since, self.until)


def terms(period, city, *rules):
    kept = [one for one in period.rules if not any(one.name == new.name for new in rules)]
    return Terms(type(period.book)([*kept, *rules]), period.geography(city.rules))


def replayed(period, city, *rules):
    replay = Replay(period, terms(period, city, *rules))
    assert replay.run()
    return replay


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "rules",
    [
        (),
        (("best_hold_order", "traditional"),),
        (("best_hold_order", "fifo_home"), ("go_home_days", 3), ("local_priority", "give_library")),
        (("fulfilment", "holdgroup"), ("transit_range", 2)),
    ],
)
def test_the_same_rules_bring_the_same_copies_at_the_same_time(city, seed, rules):
    weeks = Weeks(city, seed, *rules)
    period = weeks.read()

    replay = replayed(period, city)

    came = {
        one.id: (one.copy if one.captured or one.direct else None, one.ready)
        for one in period.holds
    }
    again = {one: (run.copy, run.ready) for one, run in replay.state.holds.items()}
    assert again == came
    assert len([one for one in came.values() if one[1]]) > 10
    geography = period.geography(city.rules)
    assert as_replayed(replay, geography) == as_it_was(period, geography)
