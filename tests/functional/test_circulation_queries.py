"""Pages of circulation ask no more of the database when more waits there."""

import pytest
from fixtures.lending import City, hold_workflows
from fixtures.sites import SITE


def more_holds(town, db, clock, number=12):
    """Let Elena wait for many more titles: ready, in transit and in the queue."""
    city = City(db, clock, hold_workflows(SITE))
    desk = city.desk()
    for n in range(number):
        record = city.record(town.here, f"Title {n}")
        item = city.item(record, town.there if n % 3 == 1 else town.here)
        desk.holds.place(record.id, town.elena.id, town.here.id)
        if n % 3:
            desk.loans.check_in(item.id, item.library_id)
        other = city.item(city.record(town.here, f"Lent {n}"), town.here)
        desk.loans.check_out(other.id, town.elena.id, town.here.id)


@pytest.mark.parametrize(
    ("name", "page", "most"),
    [
        ("elena", "/en/account", 20),
        ("elena", "/en/account/holds/several", 28),
        ("vera", "/en/desk/{here}", 20),
        ("vera", "/en/desk/{here}?reader={reader}", 20),
        ("vera", "/en/desk/{here}/pull", 20),
        ("vera", "/en/desk/{here}/shelf", 20),
        ("vera", "/en/desk/{here}/transits", 20),
        ("vera", "/en/desk/{here}/waiting", 20),
        ("vera", "/en/desk/{here}/rounds", 20),
    ],
)
def test_queries_do_not_grow_with_the_holds(town, sign_in, db, clock, queries, name, page, most):
    web = sign_in(name)
    address = page.format(here=town.here.code, reader=town.elena.uid)
    more_holds(town, db, clock, 3)
    web.get(address)
    few = queries(lambda: web.get(address))

    more_holds(town, db, clock)

    assert queries(lambda: web.get(address)) <= few <= most
