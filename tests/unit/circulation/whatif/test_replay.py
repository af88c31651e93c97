"""A period once more: the same rules bring the same choices, other rules what is known of them."""

import json
import random
from datetime import timedelta
from itertools import count

import pytest
from fixtures.lending import POLICY
from fixtures.lending import RULES as POLICY_FILE
from sqlalchemy import select

from bibliopolis.circulation.models import Hold, HoldState, HoldTarget, Loan, Transit
from bibliopolis.circulation.permits import Terms
from bibliopolis.circulation.rules import Rule, RuleBook
from bibliopolis.circulation.whatif.facts import (
    PastCopy,
    PastHold,
    PastReader,
    PastTitle,
    Period,
    Place,
    as_json,
    from_json,
)
from bibliopolis.circulation.whatif.measures import as_it_was, as_replayed
from bibliopolis.circulation.whatif.reading import PeriodReading
from bibliopolis.circulation.whatif.replay import Replay
from bibliopolis.circulation.whatif.state import State
from bibliopolis.errors import Conflict
from bibliopolis.libraries.services import Libraries

DAY = 24 * 3600
LOCAL = ("local_priority", "give_library")
TITLES, COPIES, READERS, STEPS = 3, 4, 9, 80


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
            city.clock.advance(timedelta(minutes=self.random.randint(20, 200)))
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
        sought = select(HoldTarget.hold_id)
        waiting = (Hold.state == HoldState.QUEUED, Hold.id.not_in(sought))
        hold = self.pick(select(Hold).where(*waiting).order_by(Hold.id))
        if hold:
            desk.holds.cancel(hold.id)

    def read(self, since=None):
        city = self.city
        rules = city.desk().rules
        reading = PeriodReading(city.db, city.clock, Libraries(city.db, city.clock), rules, POLICY)
        return reading.read(since or self.since, self.until)


def replayed(period, city):
    replay = Replay(period, Terms(period.book, period.geography(city.rules)))
    assert replay.run()
    return replay


@pytest.mark.parametrize(
    ("seed", "rules"),
    [
        (0, ()),
        (1, (("best_hold_order", "traditional"),)),
        (
            2,
            (
                ("best_hold_order", "fifo_home"),
                ("go_home_days", 3),
                ("local_priority", "give_library"),
            ),
        ),
        (3, (("fulfilment", "holdgroup"), ("transit_range", 2))),
    ],
)
def test_the_same_rules_bring_the_same_copies_at_the_same_time(city, seed, rules):
    weeks = Weeks(city, seed, *rules)
    period = weeks.read()

    replay = replayed(period, city)

    came = {one.id: (one.copy, one.ready) for one in period.holds}
    assert {one: (run.copy, run.ready) for one, run in replay.state.holds.items()} == came
    assert len([one for one in came.values() if one[1]]) > 5
    geography = period.geography(city.rules)
    assert as_replayed(replay, geography) == as_it_was(period, geography)
    assert from_json(json.loads(json.dumps(as_json(period)))) == period


def test_what_begins_later_waits_from_then_on_unless_it_ended_before(city):
    """To the limit of holds a day it counts on the day when it was asked for."""
    weeks = Weeks(city, 0)
    desk, library, today = city.desk(), weeks.libraries[0], city.clock.today()
    ended, kept = (
        desk.holds.place(
            *(weeks.records[0].id, city.reader(library).id, library.id),
            start=today + timedelta(days=3),
        )
        for _twice in range(2)
    )
    desk.holds.cancel(ended.id)
    city.clock.advance(timedelta(days=5))
    weeks.until = city.clock.now()

    known = {one.id: one for one in weeks.read().holds}

    assert ended.id not in known
    assert known[kept.id].placed == kept.placed.timestamp()
    assert known[kept.id].day == today.toordinal()


@pytest.fixture(scope="module")
def places():
    """Two libraries of a system."""
    return (
        Place(1, "north", 1, None, enabled=False),
        Place(2, "fontanka", 2, 1, enabled=True),
        Place(3, "okhta", 3, 1, enabled=True),
    )


@pytest.fixture(scope="module")
def month(places):
    """Thirty readers of both libraries wait for six titles with a copy in each library."""
    since, chance = 1_790_000_000, random.Random(7)
    holds = []
    for number in range(1, 121):
        placed, reader = since + chance.randrange(20 * DAY), chance.randrange(1, 31)
        title, place = chance.randrange(1, 7), 2 + reader % 2
        holds.append(PastHold(number, title, reader, place, placed, placed // DAY))
    return Period(
        since,
        since + 30 * DAY,
        places=places,
        readers=tuple(PastReader(n, "adult", 2 + n % 2, 30) for n in range(1, 31)),
        titles=tuple(PastTitle(n, "book") for n in range(1, 7)),
        copies=tuple(
            PastCopy(n, 1 + n % 6, 2 + n // 6, "book", "lendable", "", since - DAY, 2 + n // 6)
            for n in range(12)
        ),
        holds=tuple(holds),
        rules=(
            Rule("holds_allowed", None),
            Rule("holds_per_record", 1),
        ),
    )


def figures(month, *rules):
    replay = Replay(month, Terms(RuleBook([*month.rules, *rules]), month.geography(POLICY_FILE)))
    assert replay.run()
    return replay, as_replayed(replay, month.geography(POLICY_FILE))


def test_copies_that_only_serve_their_own_library_do_not_travel(month):
    free, before = figures(month)
    bound, after = figures(month, Rule("fulfilment", "homebranch"))

    home = {copy.id: copy.home for copy in month.copies}
    served = [run for run in bound.state.holds.values() if run.ready]
    assert before["sent"]["holds"] > 0
    assert after["sent"]["holds"] == 0
    assert served
    assert all(
        home[run.copy] == free.holds[one].pickup
        for one, run in bound.state.holds.items()
        if run.ready
    )


def test_a_limit_refuses_and_says_why(month):
    _replay, before = figures(month)
    _replay, after = figures(month, Rule("max_holds", 1))

    assert "too_many_total" not in before["refusals"]
    assert after["refusals"]["too_many_total"] > 10
    assert after["all"]["refused"] == sum(after["refusals"].values())


def test_what_stops_between_any_two_events_goes_on_as_if_it_had_not(month):
    terms = Terms(month.book, month.geography(POLICY_FILE))
    _replay, at_once = figures(month)

    state, done = None, False
    while not done:
        steps = count()
        replay = Replay(month, terms, state)
        done = replay.run(lambda steps=steps: next(steps) >= 40)
        state = State.from_json(json.loads(json.dumps(replay.state.as_json())))

    assert as_replayed(replay, month.geography(POLICY_FILE)) == at_once
