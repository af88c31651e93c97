"""Staff give the queue of a title another order; as FOLIO's reorder of request queues."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert, select

from bibliopolis.circulation.models import Hold, HoldState, HoldTarget
from bibliopolis.circulation.services import Lists
from bibliopolis.errors import Blocked, Conflict, NotAllowed, Unprocessable
from bibliopolis.resources.access import Grant, Principals, Role
from bibliopolis.resources.history import HistoryEntry

WHY = "A class begins on Monday."


@pytest.fixture
def item(city, record, here):
    return city.item(record, here)


@pytest.fixture
def holds(city, desk, clock, record, here, item):
    """Anna's copy waits for her; Boris, Vera and Gleb wait, in this order."""
    found = []
    for name in ("Anna", "Boris", "Vera", "Gleb"):
        found.append(desk.holds.place(record.id, city.reader(here, name).id, here.id))
        clock.advance(timedelta(hours=1))
    desk.loans.check_in(item.id, here.id)
    return found


def order(desk, record):
    _total, _fulfilled, places = desk.queues.page(record.id, 0, 50)
    return [one.hold.id for one in places]


def listed(holds, numbers):
    """Return the list of all requests in which the holds have these positions."""
    return [(hold.uid, number) for hold, number in zip(holds, numbers, strict=False)]


@pytest.mark.parametrize(
    ("numbers", "after", "moves"),
    [
        ([1, 2, 3, 4], [0, 1, 2, 3], 0),  # F: should be able to keep the order
        ([1, 3, 2, 4], [0, 2, 1, 3], 1),  # F: reorder two requests
        ([1, 4, 3, 2], [0, 3, 2, 1], 2),  # F: reorder the whole queue
        ([1, 3, 4, 2], [0, 3, 1, 2], 1),
    ],
)
def test_the_queue_takes_the_order_of_the_list(desk, record, holds, numbers, after, moves):
    moved = desk.queues.arrange(record.id, listed(holds, numbers), WHY)

    assert order(desk, record) == [holds[n].id for n in after]
    assert len(moved) == moves
    queued = [holds[n].id for n in after[1:]]
    assert Lists(desk.holds.db).positions(holds) == {one: n for n, one in enumerate(queued, 1)}


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([1, 2, 3], "queue_not_whole"),  # F: every request must be in the list
        ([1, 2, 3, 3], "queue_positions"),  # F: two requests with the same position
        ([1, 2, 3, 5], "queue_positions"),  # F: positions with gaps
        ([0, 1, 2, 3], "queue_positions"),
        ([2, 1, 3, 4], "queue_fulfilment"),  # F: displace a request being fulfilled
        ([4, 1, 2, 3], "queue_fulfilment"),
    ],
)
def test_what_is_no_order_is_refused_by_its_code(desk, record, holds, numbers, code):
    before = order(desk, record)

    with pytest.raises(Unprocessable) as refusal:
        desk.queues.arrange(record.id, listed(holds, numbers), WHY)

    assert refusal.value.code == code
    assert order(desk, record) == before


def test_a_request_of_another_title_is_none_of_this_queue(city, desk, record, here, holds):
    other = city.record(here)
    city.item(other, here)
    strange = desk.holds.place(other.id, city.reader(here).id, here.id)

    with pytest.raises(Unprocessable) as refusal:
        desk.queues.arrange(record.id, listed([*holds[:3], strange], [1, 2, 3, 4]), WHY)

    assert refusal.value.code == "queue_not_whole"


@pytest.mark.parametrize(
    ("place", "after"),
    [(1, [0, 3, 1, 2]), (2, [0, 1, 3, 2]), (3, [0, 1, 2, 3])],
)
def test_one_hold_is_moved_and_the_others_keep_their_order(desk, record, holds, place, after):
    desk.queues.move(holds[3].id, place, WHY)

    assert order(desk, record) == [holds[n].id for n in after]


@pytest.mark.parametrize("place", [0, 4, -1, None])
def test_there_is_no_such_place(desk, record, holds, place):
    with pytest.raises(Unprocessable) as refusal:
        desk.queues.move(holds[3].id, place, WHY)

    assert refusal.value.code == "queue_outside"


def test_two_cannot_stand_at_one_place(desk, record, holds):
    with pytest.raises(Unprocessable) as refusal:
        desk.queues.place(record.id, {holds[2].id: 1, holds[3].id: 1}, WHY)

    assert refusal.value.code == "queue_positions"


def test_a_place_somebody_else_gave_meanwhile_is_kept(city, desk, record, here, holds):
    """On the page Boris was to go to 3 and Vera to 2; there Vera stands already."""
    fifth = desk.holds.place(record.id, city.reader(here, "Dina").id, here.id)
    boris, vera, gleb = holds[1:]

    moved = desk.queues.place(record.id, {boris.id: 3, vera.id: 2}, WHY)

    assert order(desk, record)[1:] == [gleb.id, vera.id, boris.id, fifth.id]
    assert set(moved) == {boris.id, gleb.id}


@pytest.mark.parametrize("why", ["", "  ", None])
def test_without_a_reason_nothing_is_moved(desk, record, holds, why):
    with pytest.raises(Unprocessable) as refusal:
        desk.queues.move(holds[3].id, 1, why)

    assert refusal.value.code == "queue_reason"


def test_the_history_knows_who_where_why_and_from_where_to_where(
    city, db, desk, record, here, holds
):
    vera = city.person("vera")
    grants = frozenset({Grant(Role.LIBRARIAN, frozenset({f"library:{here.id}"}))})
    city.desk(Principals(vera.id, grants=grants)).queues.move(holds[3].id, 1, WHY, here.id)

    entry = db.scalars(select(HistoryEntry).where(HistoryEntry.action == "move_in_queue")).one()
    assert (entry.resource_id, entry.actor_id, entry.comment) == (holds[3].id, vera.id, WHY)
    assert entry.data == {"library_id": here.id, "place_before": 3, "place_after": 1}


def test_a_librarian_of_elsewhere_moves_nobody(city, desk, there, holds):
    grants = frozenset({Grant(Role.LIBRARIAN, frozenset({f"library:{there.id}"}))})
    elsewhere = city.desk(Principals(city.person("lev").id, grants=grants))

    with pytest.raises(NotAllowed):
        elsewhere.queues.move(holds[3].id, 1, WHY)


def test_a_copy_in_somebodys_hands_is_not_taken_from_its_reader(
    city, desk, db, record, here, holds
):
    city.item(record, here)
    desk.holds.settle(desk.titles.lock_head(record.id))
    target = db.get(HoldTarget, holds[1].id)
    desk.holds.mark_found(holds[1].id, target.library_id)

    with pytest.raises(Unprocessable) as refusal:
        desk.queues.move(holds[3].id, 1, WHY)
    assert refusal.value.code == "queue_fulfilment"
    with pytest.raises(Unprocessable):
        desk.queues.move(holds[1].id, 2, WHY)
    assert desk.queues.move(holds[3].id, 2, WHY)


def test_what_waits_on_the_shelf_is_moved_no_more(desk, holds):
    with pytest.raises(Conflict):
        desk.queues.move(holds[0].id, 2, WHY)


def test_when_a_reader_asked_for_it_is_still_known(clock, desk, holds):
    asked = holds[3].placed

    desk.queues.move(holds[3].id, 1, WHY)
    desk.queues.move(holds[3].id, 2, WHY)

    assert (holds[3].asked, holds[3].requested) == (asked, asked)
    assert holds[1].requested is None


def test_who_was_moved_before_midnight_has_still_asked_today(city, clock, desk, record, here):
    city.rule("holds_per_day", 1, here)
    other, reader = city.record(here), city.reader(here)
    for one in (record, other):
        city.item(one, here)
    desk.holds.place(record.id, city.reader(here).id, here.id)
    clock.advance(timedelta(days=1))
    hold = desk.holds.place(record.id, reader.id, here.id)
    desk.queues.move(hold.id, 1, WHY)
    desk.holds.cancel(hold.id)

    with pytest.raises(Blocked) as refusal:
        desk.holds.place(other.id, reader.id, here.id)

    assert [one.code for one in refusal.value.blocks] == ["too_many_today"]


def test_moving_goes_together_with_putting_first(desk, record, holds):
    desk.changes.put_first(holds[3].id, WHY)
    desk.queues.move(holds[2].id, 1, WHY)
    assert order(desk, record) == [holds[n].id for n in (0, 2, 3, 1)]
    assert holds[2].cut_in_line

    desk.changes.put_back(holds[2].id)

    assert order(desk, record)[1] == holds[3].id
    desk.queues.move(holds[3].id, 3, WHY)
    assert not holds[3].cut_in_line
    assert order(desk, record)[3] == holds[3].id


def test_who_comes_later_stands_behind_who_was_moved_last(city, desk, clock, record, here, holds):
    desk.queues.move(holds[1].id, 3, WHY)
    last = desk.holds.place(record.id, city.reader(here).id, here.id)

    assert order(desk, record)[-2:] == [holds[1].id, last.id]


@pytest.fixture
def two_thousand(city, db, clock, record, here, item):
    """Return the ids of two thousand holds in the order in which they wait."""
    reader = city.reader(here)
    rows = [
        {
            "state": HoldState.QUEUED,
            "reader_id": reader.id,
            "record_id": record.id,
            "pickup_library_id": here.id,
            "cut_in_line": False,
            "placed": clock.now() - timedelta(seconds=2000 - n),
            "changed": clock.now(),
        }
        for n in range(2000)
    ]
    db.execute(insert(Hold), rows)
    return db.scalars(select(Hold.id).order_by(Hold.id)).all()


@pytest.fixture
def said(engine):
    """Collect the statements that the database is asked."""
    said = []

    def listen(*more):
        said.append(more[2])

    event.listen(engine, "before_cursor_execute", listen)
    yield said
    event.remove(engine, "before_cursor_execute", listen)


def test_of_two_thousand_one_is_moved_by_few_statements(db, desk, two_thousand, said):
    last = db.get(Hold, two_thousand[-1])

    desk.queues.move(last.id, 1000, WHY)

    assert len(said) < 60
    assert Lists(db).positions([last]) == {last.id: 1000}


def test_two_thousand_are_turned_round_by_few_statements(db, desk, record, two_thousand, said):
    uids = dict(db.execute(select(Hold.id, Hold.uid)).all())
    turned = [(uids[one], place) for place, one in enumerate(reversed(two_thousand), 1)]

    moved = desk.queues.arrange(record.id, turned, WHY)

    assert len(said) < 90
    assert len(moved) == 1999
    ends = [db.get(Hold, two_thousand[n]) for n in (0, 1, -1)]
    places = Lists(db).positions(ends)
    assert [places[one.id] for one in ends] == [2000, 1999, 1]
    told = db.scalars(select(HistoryEntry).where(HistoryEntry.resource_id == ends[-1].id)).one()
    assert told.data == {"place_before": 2000, "place_after": 1}
