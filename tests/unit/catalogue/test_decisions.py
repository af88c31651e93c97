"""Staff take descriptions out, join records, keep and undo; the next import keeps to it."""

import pytest
from sqlalchemy import select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.decisions import UnionDecisions
from bibliopolis.catalogue.models import Availability as Counts
from bibliopolis.catalogue.models import Record, SourceRecord, SourcesApart, UnionDecision
from bibliopolis.catalogue.union_records import UnionRecords
from bibliopolis.errors import Conflict, NotFoundHere
from bibliopolis.outbox import Outbox
from bibliopolis.resources.history import History, HistoryEntry

from .conftest import description, readings
from .test_union_imports import (
    QUIET,
    ROMANISED,
    central,
    copy,
    follower,
    harbour,
    importer_of,
    joined,
    live,
    sources_of,
)

__all__ = ["central", "follower", "harbour", "importer_of", "joined"]


@pytest.fixture
def decisions(db, clock, in_use, follower):
    """Return the service; each is a request of its own."""

    def made():
        return UnionDecisions(
            db=db,
            clock=clock,
            unions=UnionRecords(db, clock, follower),
            history=History(db, clock, 7),
            outbox=Outbox(db, clock),
            in_use=in_use,
            availability=Availability(db, in_use),
        )

    return made


@pytest.fixture
def apart(db, central, harbour):
    """Two records that no rule joins, with a copy each."""
    central.take(readings(description(1, **QUIET, items=(copy("C1", home="central"),))))
    harbour.take(
        readings(description(2, **{**QUIET, "year": 1980}, items=(copy("H1", home="harbour"),)))
    )
    return live(db)


def source_id(db, number):
    return db.scalars(select(SourceRecord.id).where(SourceRecord.control_number == number)).one()


def last(db):
    return db.scalars(select(UnionDecision).order_by(UnionDecision.id.desc())).first()


def copies(db):
    counted = select(Counts.record_id, Counts.total).where(Counts.total > 0)
    return sorted(map(tuple, db.execute(counted.order_by(Counts.record_id))))


def again(central, harbour):
    """Import both files again, changed, so that every rule is asked again."""
    central.take(
        readings(
            description(1, **{**QUIET, "subjects": ("1",)}, items=(copy("C1", home="central"),))
        )
    )
    harbour.take(
        readings(
            description(2, **{**ROMANISED, "subjects": ("2",)}, items=(copy("H1", home="harbour"),))
        )
    )


def test_what_is_taken_out_becomes_a_record_with_its_copies(db, joined, decisions):
    new_id = decisions().split(joined.id, [source_id(db, "n2")])

    old, new = live(db)
    assert (old.id, new.id) == (joined.id, new_id)
    assert (sources_of(db, old), sources_of(db, new)) == (["n1"], ["n2"])
    assert (old.title, new.title) == ("Тихий Дон", "Tikhiĭ Don")
    assert copies(db) == [(old.id, 1), (new.id, 1)]


def test_the_next_import_does_not_join_it_again(db, joined, decisions, central, harbour):
    decisions().split(joined.id, [source_id(db, "n2")])

    again(central, harbour)

    assert [sources_of(db, record) for record in live(db)] == [["n1"], ["n2"]]


def test_undoing_makes_it_one_record_again_and_imports_keep_it_so(
    db, joined, decisions, central, harbour
):
    new_id = decisions().split(joined.id, [source_id(db, "n2")])

    decisions().undo(joined.id, last(db).id)

    [record] = live(db)
    assert (record.id, sources_of(db, record)) == (joined.id, ["n1", "n2"])
    assert db.get(Record, new_id).joined_to == joined.id
    assert db.scalars(select(SourcesApart)).all() == []
    again(central, harbour)
    assert len(live(db)) == 1


def test_the_last_description_stays(db, joined, decisions):
    with pytest.raises(Conflict, match="has to stay"):
        decisions().split(joined.id, [source_id(db, "n1"), source_id(db, "n2")])


def test_a_description_of_another_record_is_not_taken(db, apart, decisions):
    first, _second = apart
    with pytest.raises(Conflict, match="changed meanwhile"):
        decisions().split(first.id, [source_id(db, "n2")])


def test_a_joined_record_leads_to_the_other_and_imports_keep_to_it(
    db, apart, decisions, central, harbour
):
    first, second = apart

    decisions().join(first.id, second.id)

    [record] = live(db)
    assert (record.id, sources_of(db, record)) == (first.id, ["n1", "n2"])
    assert db.get(Record, second.id).joined_to == first.id
    assert copies(db) == [(first.id, 1), (first.id, 1)]
    changed = {**QUIET, "year": 1980, "summary": "Again."}
    harbour.take(readings(description(2, **changed, items=(copy("H1", home="harbour"),))))
    central.take(
        readings(description(1, **{**QUIET, "age": 16}, items=(copy("C1", home="central"),)))
    )
    assert [sources_of(db, record) for record in live(db)] == [["n1", "n2"]]


def test_undoing_a_join_gives_both_their_numbers_back(db, apart, decisions):
    first, second = apart
    decisions().join(first.id, second.id)

    decisions().undo(first.id, last(db).id)

    one, two = live(db)
    assert (one.id, two.id, two.joined_to) == (first.id, second.id, None)
    assert (sources_of(db, one), sources_of(db, two)) == (["n1"], ["n2"])
    assert copies(db) == [(first.id, 1), (second.id, 1)]
    assert not any(db.scalars(select(SourceRecord.pinned)))


def test_what_led_to_a_joined_record_leads_on_and_back(db, apart, decisions, importer_of):
    first, second = apart
    importer_of("central").take(readings(description(3, title="Поднятая целина", **QUIET)))
    third = live(db)[-1]
    decisions().join(second.id, third.id)

    decisions().join(first.id, second.id)
    db.expire_all()
    assert db.get(Record, third.id).joined_to == first.id

    decisions().undo(first.id, last(db).id)
    db.expire_all()
    assert db.get(Record, third.id).joined_to == second.id


def test_joining_lets_together_what_was_apart(db, joined, decisions):
    new_id = decisions().split(joined.id, [source_id(db, "n2")])

    decisions().join(joined.id, new_id)
    assert db.scalars(select(SourcesApart)).all() == []

    decisions().undo(joined.id, last(db).id)
    assert len(db.scalars(select(SourcesApart)).all()) == 1
    assert len(live(db)) == 2


def test_a_join_can_be_undone_after_its_descriptions_were_put_apart_again(db, joined, decisions):
    new_id = decisions().split(joined.id, [source_id(db, "n1")])
    decisions().join(new_id, joined.id)
    join = last(db)
    decisions().split(new_id, [source_id(db, "n1")])

    decisions().undo(new_id, join.id)

    assert len(db.scalars(select(SourcesApart)).all()) == 1
    assert sorted(sources_of(db, record) for record in live(db)) == [["n1"], ["n2"]]


def test_a_pinned_description_stays_and_can_be_released(db, joined, decisions, harbour):
    decisions().pin(joined.id, [source_id(db, "n2")])
    harbour.take(readings(description(2, **{**ROMANISED, "year": 1980})))
    assert len(live(db)) == 1

    decisions().pin(joined.id, [source_id(db, "n2")], pinned=False)
    harbour.take(readings(description(2, **{**ROMANISED, "year": 1981})))

    assert [sources_of(db, record) for record in live(db)] == [["n1"], ["n2"]]


def test_a_decision_is_undone_once_and_only_while_it_stands(db, joined, decisions, harbour):
    new_id = decisions().split(joined.id, [source_id(db, "n2")])
    split = last(db)
    decisions().undo(joined.id, split.id)
    with pytest.raises(Conflict, match="undone already"):
        decisions().undo(joined.id, split.id)

    decisions().pin(joined.id, [source_id(db, "n1")])
    pinned = last(db)
    with pytest.raises(NotFoundHere):
        decisions().undo(new_id, pinned.id)
    decisions().split(joined.id, [source_id(db, "n1")])
    with pytest.raises(Conflict, match="moved since"):
        decisions().undo(joined.id, pinned.id)


def test_nothing_is_joined_to_itself_or_to_what_is_gone(db, apart, decisions, harbour):
    first, second = apart
    with pytest.raises(Conflict, match="same record"):
        decisions().join(first.id, first.id)
    harbour.withdraw(["n2"])
    with pytest.raises(NotFoundHere):
        decisions().join(first.id, second.id)


def test_who_decided_what_is_in_the_history_of_both(db, joined, decisions):
    new_id = decisions().split(joined.id, [source_id(db, "n2")])
    decisions().undo(joined.id, last(db).id)

    told = db.execute(
        select(HistoryEntry.resource_id, HistoryEntry.action, HistoryEntry.actor_id).order_by(
            HistoryEntry.id
        )
    ).all()
    assert [tuple(row) for row in told] == [
        (joined.id, "split", 7),
        (new_id, "split", 7),
        (joined.id, "undo_split", 7),
        (new_id, "undo_split", 7),
    ]
    decision = last(db)
    assert (decision.person_id, decision.undone_by) == (7, 7)
