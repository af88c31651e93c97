"""Which copy is looked for, for whom."""

from types import SimpleNamespace

from bibliopolis.circulation.services.targeting import assign


def hold(number, pickup=1):
    return SimpleNamespace(id=number, pickup_library_id=pickup)


def item(number, at=1):
    return SimpleNamespace(id=number, holding_library_id=at)


def way(copy, wish):
    return 0 if copy.holding_library_id == wish.pickup_library_id else 4


def test_the_head_of_the_queue_gets_the_copies_there_are():
    chosen = assign([hold(1), hold(2), hold(3)], [item(10), item(11)], {}, way)

    assert chosen == {1: 10, 2: 11}


def test_a_copy_at_the_pickup_library_is_chosen_first():
    chosen = assign([hold(1, pickup=2)], [item(10, at=1), item(11, at=2)], {}, way)

    assert chosen == {1: 11}


def test_a_copy_stays_for_whom_it_is_near_though_another_is_first():
    chosen = assign(
        [hold(1, pickup=3), hold(2, pickup=1)], [item(10, at=1), item(11, at=2)], {}, way
    )

    assert chosen == {1: 11, 2: 10}


def test_nobody_is_sent_for_another_copy_without_need():
    chosen = assign([hold(1, pickup=2)], [item(10, at=1), item(11, at=2)], {1: 10}, way)

    assert chosen == {1: 10}


def test_who_cuts_in_line_takes_the_copy_of_the_last():
    chosen = assign([hold(9), hold(1)], [item(10)], {1: 10}, way)

    assert chosen == {9: 10}


def test_a_copy_that_cannot_be_had_any_more_is_replaced():
    chosen = assign([hold(1)], [item(11)], {1: 10}, way)

    assert chosen == {1: 11}


def test_a_copy_beside_a_locker_is_the_nearest_for_those_who_collect_from_it():
    locker, its_library = 77, 2

    chosen = assign(
        [hold(1, pickup=locker)],
        [item(10, at=1), item(11, at=its_library)],
        {},
        way=lambda copy, _hold: 0 if copy.holding_library_id == its_library else 4,
    )

    assert chosen == {1: 11}


def test_what_was_looked_for_in_vain_is_not_chosen_at_once_again():
    copies = [item(10, at=1), item(11, at=2)]

    assert assign([hold(1)], copies, {}, way, {1: 10}) == {1: 11}
    assert assign([hold(1)], copies[:1], {}, way, {1: 10}) == {1: 10}


def test_the_shortest_way_goes_first():
    steps = {1: 4, 2: 2, 3: 4}
    copies = [item(10, at=1), item(11, at=2), item(12, at=3)]

    def far(copy, _hold):
        return steps[copy.holding_library_id]

    assert assign([hold(1, pickup=9)], copies, {}, far) == {1: 11}


def test_what_others_have_is_left_to_them_though_not_every_copy_fits(city, desk, record, here, db):
    city.rule("transit_range", 4, here)
    first, second = city.item(record, here), city.item(record, here)
    paused = desk.holds.place(record.id, city.reader(here).id, here.id)
    desk.changes.suspend(paused.id)
    other = desk.holds.place(record.id, city.reader(here).id, here.id)
    assert desk.titles.read(record.id).targets[other.id].item_id == first.id
    desk.holds.mark_found(other.id, here.id)

    desk.changes.thaw(paused.id)

    title = desk.titles.read(record.id)
    assert {hold: row.item_id for hold, row in title.targets.items()} == {
        paused.id: second.id,
        other.id: first.id,
    }
    assert title.targets[other.id].found is not None
