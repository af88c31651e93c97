"""A record that was joined to another: its addresses lead to the other, for good."""

import pytest
from fixtures.records import make_book

from bibliopolis.libraries.models import Library


@pytest.fixture
def kept(db, clock):
    return make_book(db, clock, title="Преступление и наказание")


@pytest.fixture
def gone(db, clock, kept):
    return make_book(
        db,
        clock,
        library=db.get(Library, kept.library_id),
        control_number="gone",
        withdrawn=True,
        joined_to=kept.id,
    )


@pytest.mark.parametrize(
    "below", ["", "?copies=all", "/@@cite", "/@@export?format=ris", "/@@editions?b_start=0"]
)
def test_every_address_of_a_joined_record_leads_to_the_other(web, kept, gone, below):
    answer = web.get(f"/en/catalogue/{gone.id}{below}", status=301)

    assert answer.location == f"http://localhost/en/catalogue/{kept.id}{below}"
    answer.follow(status=200)


def test_programs_are_led_on_as_well(web, kept, gone):
    answer = web.get(f"/en/catalogue/{gone.id}", headers={"Accept": "application/json"}, status=301)

    assert answer.location == f"http://localhost/en/catalogue/{kept.id}"
