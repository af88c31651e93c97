"""The facts that decisions are made of are those of the database, in the same few queries."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from bibliopolis.circulation.models import CirculationRule
from bibliopolis.errors import Blocked
from bibliopolis.readers.models import BlockReason


@pytest.fixture
def rule(db, clock, here):
    def keep(name, value, item_type="", category=""):
        db.add(
            CirculationRule(
                library_id=here.id,
                name=name,
                value=value,
                item_type=item_type,
                category=category,
                changed=clock.now(),
            )
        )
        db.flush()

    return keep


def codes(desk, record, reader, pickup):
    title = desk.titles.read(record.id)
    return [one.code for one in desk.holds.permits.against_hold(title, reader, pickup.id)]


def wait_for(city, desk, reader, here, number=1, kind="book"):
    for n in range(number):
        record = city.record(here, f"Waited for {n}")
        record.kind = kind
        city.item(record, here)
        desk.holds.place(record.id, reader.id, here.id)


def test_open_holds_of_all_titles_are_counted(city, desk, record, here, rule):
    rule("max_holds", 2)
    city.item(record, here)
    reader = city.reader(here)
    wait_for(city, desk, reader, here, 2)

    assert codes(desk, record, reader, here) == ["too_many_total"]
    assert codes(desk, record, city.reader(here), here) == []


def test_holds_of_today_are_counted_though_they_were_cancelled(
    city, desk, record, here, rule, clock
):
    rule("holds_per_day", 1)
    city.item(record, here)
    reader = city.reader(here)
    desk.holds.cancel(desk.holds.place(record.id, reader.id, here.id).id)

    today = codes(desk, record, reader, here)
    clock.advance(timedelta(days=1))

    assert today == ["too_many_today"]
    assert codes(desk, record, reader, here) == []


def test_holds_of_an_item_type_are_counted_by_the_kind_of_their_record(
    city, desk, record, here, rule
):
    rule("holds_allowed", 1, item_type="film")
    record.kind = "film"
    city.item(record, here)
    reader = city.reader(here)
    wait_for(city, desk, reader, here, 1, "book")
    before = codes(desk, record, reader, here)
    wait_for(city, desk, reader, here, 1, "film")

    assert before == []
    assert codes(desk, record, reader, here) == ["too_many_for_category"]


def test_overdue_loans_stop_holds_and_loans(city, desk, record, here, rule, clock):
    rule("max_overdue", 0)
    copy, reader = city.item(record, here), city.reader(here)
    late = city.item(city.record(here, "Late"), here)
    desk.loans.check_out(late.id, reader.id, here.id)
    clock.advance(timedelta(days=60))

    assert codes(desk, record, reader, here) == ["standing_penalty:overdue"]
    with pytest.raises(Blocked) as refusal:
        desk.loans.check_out(copy.id, reader.id, here.id)
    assert [one.code for one in refusal.value.blocks] == ["standing_penalty:overdue"]


@pytest.mark.parametrize("step", ["lose", "claim"])
def test_what_is_lost_or_said_to_be_returned_is_not_overdue(
    city, desk, record, here, rule, clock, step
):
    rule("max_overdue", 0)
    city.item(record, here)
    reader, late = city.reader(here), city.item(city.record(here, "Late"), here)
    loan = desk.loans.check_out(late.id, reader.id, here.id).loan
    clock.advance(timedelta(days=60))
    assert codes(desk, record, reader, here) == ["standing_penalty:overdue"]

    getattr(desk.losses, step)(loan.id, here.id)

    assert codes(desk, record, reader, here) == []


def test_a_reader_with_as_many_loans_as_there_may_be_gets_no_more(city, desk, record, here, rule):
    rule("max_loans", 1)
    copy, reader = city.item(record, here), city.reader(here)
    other = city.item(city.record(here, "Another"), here)
    desk.loans.check_out(other.id, reader.id, here.id)

    with pytest.raises(Blocked) as refusal:
        desk.loans.check_out(copy.id, reader.id, here.id)

    assert [one.code for one in refusal.value.blocks] == ["too_many_loans"]


def test_no_copy_is_looked_for_on_behalf_of_who_gets_none(city, desk, db, record, here, clock):
    copy, barred = city.item(record, here), city.reader(here)
    stopped = desk.holds.place(record.id, barred.id, here.id)
    for card in barred.cards:
        card.blocked, card.block_reason = clock.now(), BlockReason.MISUSED
    db.flush()

    desk.loans.check_in(copy.id, here.id)
    assert stopped.id not in desk.titles.read(record.id).targets

    behind = desk.holds.place(record.id, city.reader(here).id, here.id)
    assert set(desk.titles.read(record.id).targets) == {behind.id}


def test_a_new_copy_is_as_old_as_its_row(city, desk, record, here, there, rule, clock):
    rule("age_protection_days", 30)
    city.item(record, here)
    reader = city.reader(here)

    new = codes(desk, record, reader, there)
    clock.advance(timedelta(days=30))

    assert new == ["age_protect_prox"]
    assert codes(desk, record, reader, there) == []


def test_a_copy_on_loan_is_off_its_shelf(city, desk, record, here, rule):
    rule("on_shelf_holds", "if_all_out")
    copy, reader = city.item(record, here), city.reader(here)
    on_shelf = codes(desk, record, reader, here)
    desk.loans.check_out(copy.id, city.reader(here).id, here.id)

    assert on_shelf == ["on_shelf"]
    assert codes(desk, record, reader, here) == []
    glance = desk.titles.glance(record, reader.id)
    assert desk.holds.permits.early(glance, [reader], needs_reader=True).against(reader.id) == ()


def test_the_queries_do_not_grow_with_copies_readers_and_holds(
    city, desk, record, here, there, engine
):
    readers = [city.reader(here) for _n in range(2)]
    city.item(record, here)

    def asked():
        said = []

        def listen(_connection, _cursor, statement, *_rest):
            said.append(statement)

        event.listen(engine, "before_cursor_execute", listen)
        title = desk.titles.read(record.id)
        desk.holds.permits.early(title, readers, needs_reader=True)
        desk.holds.permits.against_hold(title, readers[0], here.id)
        event.remove(engine, "before_cursor_execute", listen)
        return len(said)

    few = asked()
    readers += [city.reader(there) for _n in range(5)]
    for _n in range(5):
        city.item(record, there)
    wait_for(city, desk, readers[0], here, 5)

    assert asked() <= few
