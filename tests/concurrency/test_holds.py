"""Many readers and librarians at once: nobody fails and no copy is promised twice."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE
from sqlalchemy import func, select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.interfaces import IItemsInUse
from bibliopolis.catalogue.models import Availability as Row
from bibliopolis.catalogue.models import Record
from bibliopolis.circulation.in_use import ItemsInUse
from bibliopolis.circulation.models import (
    BOUND_STATES,
    OPEN_STATES,
    Hold,
    HoldState,
    HoldTarget,
    Loan,
    LockerCell,
)
from bibliopolis.circulation.services import AlreadyHeld, OpenHolds
from bibliopolis.db import make_engine, make_session
from bibliopolis.errors import Blocked, Conflict, Unprocessable
from bibliopolis.libraries.models import Library
from bibliopolis.outbox import Outbox
from bibliopolis.readers.models import Reader, Registration
from bibliopolis.readers.services import Leaving
from bibliopolis.readers.services.leaving import Refusal
from bibliopolis.resources.history import History, HistoryEntry
from bibliopolis.transactions import BeginAnew
from bibliopolis.worker import Worker

THREADS, COPIES = 32, 5


@pytest.fixture
def act(database_url, clock):
    """Run something in a transaction of its own that commits."""
    engine = make_engine(database_url, pool_size=THREADS)
    workflows = hold_workflows(SITE)

    def act(work):
        with make_session(engine, writes=True) as session, session.begin():
            outbox = Outbox(session, clock)
            availability = Availability(session, ItemsInUse(session, outbox))
            return work(City(session, clock, workflows, availability))

    yield act
    engine.dispose()


@pytest.fixture
def title(act):
    """A title with five copies in two libraries, and as many readers as threads."""

    def build(city):
        libraries = [city.library(), city.library()]
        record = city.record(libraries[0])
        items = [city.item(record, libraries[n % 2]).id for n in range(COPIES)]
        readers = [city.reader(libraries[0]).id for _ in range(THREADS)]
        return record.id, items, readers, [library.id for library in libraries]

    return act(build)


def at_once(work, arguments):
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(work, arguments))


def place_all(act, title):
    record, _items, readers, libraries = title

    def place(number):
        return act(
            lambda city: (
                city.desk()
                .holds.place(record, readers[number], libraries[number % len(libraries)])
                .id
            )
        )

    return at_once(place, range(THREADS))


def test_everybody_gets_a_place_and_five_copies_are_looked_for(act, title):
    holds = place_all(act, title)

    queue, targets = act(
        lambda city: (
            [hold.id for hold in city.desk().titles.read(title[0]).queue],
            city.db.execute(select(HoldTarget.hold_id, HoldTarget.item_id)).all(),
        )
    )
    assert sorted(queue) == sorted(holds)
    assert {target.hold_id for target in targets} == set(queue[:COPIES])
    assert {target.item_id for target in targets} == set(title[1])


def test_availability_is_right_after_all_of_them(act, title):
    place_all(act, title)

    def counted(city):
        kept = select(Row).where(Row.record_id == title[0]).order_by(Row.library_id)
        return [(one.total, one.available) for one in city.db.scalars(kept)]

    assert act(counted) == [(3, 0), (2, 0)]


def test_one_reader_who_clicks_many_times_has_one_hold(act, title):
    record, _items, readers, libraries = title

    def place(_number):
        def work(city):
            try:
                return city.desk().holds.place(record, readers[0], libraries[0]).id
            except AlreadyHeld as refusal:
                return refusal.hold.id

        return act(work)

    assert len(set(at_once(place, range(THREADS)))) == 1


def test_a_registration_is_refused_while_its_reader_places_holds(act):
    """Titles are locked before readers on both sides: nobody waits for ever, nothing is left."""

    def build(city):
        library = city.library()
        records = [city.record(library) for _ in range(6)]
        for record in records:
            city.item(record, library)
        reader = city.reader(library, registration=Registration.PRELIMINARY)
        return [record.id for record in records], reader.id, library.id

    records, reader_id, library_id = act(build)

    def refuse(city):
        holds = city.desk().holds
        letters = SimpleNamespace(registration_refused=lambda person, reason: None)
        history = History(city.db, city.clock, None)
        leaving = Leaving(city.db, city.clock, history, letters, OpenHolds(city.db, holds))
        leaving.refuse(city.db.get(Reader, reader_id), Refusal.RULES)

    def work(record_id):
        if record_id is not None:
            with suppress(Blocked):
                act(lambda city: city.desk().holds.place(record_id, reader_id, library_id).id)
            return
        is_over = False
        while not is_over:
            # As the site does.
            with suppress(BeginAnew):
                act(refuse)
                is_over = True

    at_once(work, [*records[:3], None, *records[3:]])

    def left(city):
        is_open = Hold.state.in_(OPEN_STATES)
        return (
            city.db.get(Reader, reader_id).registration,
            city.db.scalars(select(Hold.id).where(Hold.reader_id == reader_id, is_open)).all(),
        )

    assert act(left) == (Registration.CLOSED, [])


@pytest.mark.parametrize("rule", ["max_holds", "max_holds_here"])
def test_one_reader_at_many_titles_has_no_more_holds_than_the_limit(act, rule):
    def build(city):
        library = city.library()
        city.rule(rule, 2, library)
        records = [city.record(library) for _ in range(8)]
        for record in records:
            city.item(record, library)
        return [record.id for record in records], city.reader(library).id, library.id

    records, reader, library = act(build)

    def place(record):
        def work(city):
            try:
                city.desk().holds.place(record, reader, library)
            except Blocked:
                return False
            return True

        return act(work)

    assert at_once(place, records).count(True) == 2


def test_one_reader_moves_no_more_holds_to_a_place_than_it_takes(act):
    def build(city):
        here, there = city.library(), city.library()
        city.rule("max_holds_here", 1, there)
        reader, desk, holds = city.reader(here), city.desk(), []
        for _ in range(8):
            record = city.record(here)
            city.item(record, here)
            holds.append(desk.holds.place(record.id, reader.id, here.id).id)
        return holds, there.id

    holds, there = act(build)

    def move(hold):
        def work(city):
            try:
                city.desk().changes.change_pickup(hold, there)
            except Blocked:
                return False
            return True

        return act(work)

    assert at_once(move, holds).count(True) == 1


def test_no_copy_is_promised_twice_while_all_act_at_once(act, title):
    _record, items, _readers, libraries = title
    holds = place_all(act, title)

    def work(number):
        if number % 2:
            item = items[number % COPIES]
            act(lambda city: city.desk().loans.check_in(item, libraries[number % 3 % 2]).kind)
        else:
            act(lambda city: city.desk().holds.cancel(holds[number]).id)

    at_once(work, range(THREADS))

    bound, states = act(
        lambda city: (
            city.db.scalars(select(Hold.item_id).where(Hold.state.in_(BOUND_STATES))).all(),
            dict(city.db.execute(select(Hold.state, func.count()).group_by(Hold.state)).all()),
        )
    )
    assert len(bound) == len(set(bound))
    assert states[HoldState.CANCELLED] == THREADS // 2


def test_the_history_tells_the_order_librarians_gave_while_copies_came_in(act):
    def build(city):
        library = city.library()
        record, desk = city.record(library), city.desk()
        items = [city.item(record, library).id for _ in range(2)]
        holds = [
            desk.holds.place(record.id, city.reader(library).id, library.id).id for _ in range(6)
        ]
        return library.id, items, holds

    library, items, holds = act(build)

    def work(number):
        def try_it(city):
            desk = city.desk()
            try:
                if number % 4 == 3:
                    desk.loans.check_in(items[number // 4], library)
                else:
                    desk.queues.move(holds[number % 6], 1 + number % 3, "Exams")
            except (Conflict, Unprocessable):
                return  # whoever came first has a copy, or the queue is shorter

        act(try_it)

    at_once(work, range(8))

    steps, waiting = act(
        lambda city: (
            city.db.execute(
                select(HistoryEntry.resource_id, HistoryEntry.action, HistoryEntry.data)
                .where(HistoryEntry.resource_type == "hold", HistoryEntry.action != "place")
                .order_by(HistoryEntry.id)
            ).all(),
            city.db.scalars(
                select(Hold.id)
                .where(Hold.state == HoldState.QUEUED)
                .order_by(Hold.cut_in_line.desc(), Hold.placed, Hold.id)
            ).all(),
        )
    )
    order = list(holds)
    for hold, action, data in steps:
        if action == "move_in_queue":
            assert order.index(hold) == data["place_before"] - 1
            order.remove(hold)
            order.insert(data["place_after"] - 1, hold)
        else:
            order.remove(hold)
    assert order == waiting
    assert len(order) == 4


def test_a_copy_is_lent_to_one_of_many(act, title):
    _record, items, readers, libraries = title

    def lend(number):
        def work(city):
            try:
                city.desk().loans.check_out(items[0], readers[number], libraries[0])
            except Conflict:
                return False
            return True

        return act(work)

    lent = at_once(lend, range(THREADS))

    assert lent.count(True) == 1
    assert act(lambda city: city.db.scalar(select(func.count()).select_from(Loan))) == 1


def test_a_copy_that_came_by_an_import_is_looked_for(committing_site):
    workflows = hold_workflows(SITE)
    with committing_site.transaction() as request:
        city = City(request.db, request.clock, workflows)
        library = city.library()
        record = city.record(library)
        lent, waiting = city.reader(library), city.reader(library)
        desk = city.desk()
        desk.loans.check_out(city.item(record, library).id, lent.id, library.id)
        hold_id = desk.holds.place(record.id, waiting.id, library.id).id
        record_id, library_id = record.id, library.id

    with committing_site.transaction() as request:
        city = City(request.db, request.clock, workflows)
        record = request.db.get(Record, record_id)
        item_id = city.item(record, request.db.get(Library, library_id)).id
        request.find_service(IItemsInUse).copies_changed([record_id])
    Worker(committing_site.app.registry).drain()

    with committing_site.transaction() as request:
        targets = request.db.execute(select(HoldTarget.hold_id, HoldTarget.item_id)).all()
    assert targets == [(hold_id, item_id)]


def test_two_copies_at_once_for_the_last_cell(act):
    """Both come to the desk of a locker with one cell: one lies in it, the other is kept back."""

    def build(city):
        library = city.library()
        locker = city.locker(library, cells=1)
        items = []
        for _ in range(2):
            record = city.record(library)
            items.append(city.item(record, library).id)
            city.desk().holds.place(record.id, city.reader(library).id, locker.id)
        return library.id, items

    library_id, items = act(build)

    outcomes = at_once(
        lambda item: act(lambda city: str(city.desk().loans.check_in(item, library_id).kind)), items
    )

    assert sorted(outcomes) == ["keep", "shelf"]
    cells = act(lambda city: city.db.execute(select(LockerCell.number, LockerCell.item_id)).all())
    assert [number for number, _item in cells] == [1]


def test_a_copy_that_comes_after_the_last_day_was_seen_is_kept(act, title, clock, caplog):
    """The worker has seen that nobody waits any more; then a desk scans a copy after all."""
    record, items, readers, (here, there) = title
    wished = clock.today()
    captured, other = act(
        lambda city: [city.desk().holds.place(record, one, here, wished).id for one in readers[:2]]
    )
    clock.advance(timedelta(days=2))
    with make_session(act(lambda city: city.db.get_bind()), writes=False) as worker:
        dates = City(worker, clock, hold_workflows(SITE)).desk().dates
        due = dates.due()
        worker.commit()
        assert due == [captured, other]
        act(lambda city: city.desk().loans.check_in(items[1], there))
        dates.keep(due)
        worker.commit()

    states = act(lambda city: dict(city.db.execute(select(Hold.id, Hold.state)).all()))
    assert states == {captured: HoldState.IN_TRANSIT, other: HoldState.UNFILLED}
    assert caplog.messages == []
