"""Records made up to measure with."""

import pytest
from sqlalchemy import func, select

from bibliopolis.catalogue.availability import Availability
from bibliopolis.catalogue.generated import GeneratedRecords, generated_record
from bibliopolis.catalogue.models import Availability as Counts
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.outbox import Outbox, OutboxRow


@pytest.fixture
def generator(db, clock, in_use, libraries):
    return GeneratedRecords(db, clock, Outbox(db, clock), Availability(db, in_use))


def count(db, model):
    return db.scalar(select(func.count()).select_from(model))


def test_the_same_number_and_seed_give_the_same_record():
    codes = ["a", "b"]

    assert generated_record(7, codes, 1) == generated_record(7, codes, 1)
    assert generated_record(7, codes, 1) != generated_record(7, codes, 2)


def test_records_come_with_copies_counts_and_work_for_the_index(db, generator):
    assert generator.write(range(1, 101)) == 100

    assert count(db, Record) == 100
    assert count(db, Item) >= 100
    assert count(db, Counts) >= 100
    assert count(db, OutboxRow) == 100


def test_a_second_time_only_what_is_missing_is_written(db, generator):
    generator.write(range(1, 51))

    assert generator.write(range(1, 101)) == 50
    assert generator.write(range(1, 101)) == 0
    assert count(db, Record) == 100
