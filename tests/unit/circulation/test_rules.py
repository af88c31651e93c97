"""Which rule counts for a reader and a copy: the file's and those that staff set."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import event

from bibliopolis.circulation.models import CirculationRule
from bibliopolis.circulation.services import CirculationRules


@pytest.fixture
def system(city):
    """A network with a system above the library of the tests."""
    network = city.library("City")
    network.kind = "network"
    north = city.library("North", parent_id=network.id)
    north.kind = "system"
    return north


@pytest.fixture
def set_rule(db, clock):
    def keep(library, name, value, category="", item_type=""):
        row = CirculationRule(
            library_id=library.id,
            name=name,
            category=category,
            item_type=item_type,
            value=value,
            changed=clock.now(),
        )
        db.add(row)
        db.flush()
        return row

    return keep


def test_a_rule_of_the_system_counts_in_its_libraries(city, desk, system, here, there, set_rule):
    here.parent_id = system.id
    row = set_rule(system, "loan_days", 10)

    decided = desk.rules.decide("loan_days", here)

    assert (decided.value, decided.rule.id, decided.inherited) == (10, row.id, True)
    assert decided.rule.scope.organisation == system.code
    assert desk.rules.decide("loan_days", there).value == 21


def test_the_age_of_a_reader_makes_the_category(city, desk, here, clock, set_rule):
    set_rule(here, "max_holds", 3, category="child")
    child = city.reader(here, born=clock.today().replace(year=clock.today().year - 8))

    assert desk.rules.decide("max_holds", here, child).value == 3
    assert desk.rules.decide("max_holds", here, city.reader(here)).value == 50


def test_a_copy_without_a_type_is_of_the_kind_of_its_record(city, desk, here, record, set_rule):
    set_rule(here, "loan_days", 5, item_type="film")
    set_rule(here, "loan_days", 2, item_type="game")
    record.kind = "film"
    film, game = city.item(record, here), city.item(record, here)
    game.item_type = "game"

    assert desk.rules.decide("loan_days", here, None, film, record).value == 5
    assert desk.rules.decide("loan_days", here, None, game, record).value == 2


def test_an_unlimited_rule_is_kept_as_such(desk, here, db, set_rule):
    set_rule(here, "max_holds", None)
    db.expire_all()

    decided = desk.rules.decide("max_holds", here)

    assert (decided.value, decided.rule.by_staff) == (None, True)


def test_many_answers_take_one_query(city, desk, here, engine, set_rule):
    for n in range(5):
        set_rule(here, "loan_days", n + 1, item_type=("book", "film", "map", "score", "game")[n])
    libraries = [here, *(city.library() for _n in range(5))]
    said = []
    desk.rules.resolve("loan_days", here)

    def listen(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        for library in libraries:
            desk.rules.resolve("loan_days", library, "child", "film")
            desk.rules.resolve("max_holds", library, "child")
    finally:
        event.remove(engine, "before_cursor_execute", listen)

    assert said == []


def test_nobody_waits_for_another_who_reads_the_rules(desk):
    meet = Barrier(2)

    class Meeting(CirculationRules):
        def set_by_staff(self, names=None):
            meet.wait(timeout=10)
            return ()

    known = vars(desk.rules)
    both = [Meeting(**{k: v for k, v in known.items() if k != "book"}) for _n in range(2)]
    with ThreadPoolExecutor(2) as threads:
        books = list(threads.map(lambda rules: rules.book, both))

    assert len(books) == 2
