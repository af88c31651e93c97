"""A record that was joined to another: its addresses lead to the other, for good."""

import pytest
from fixtures.records import make_book
from pyramid.httpexceptions import HTTPMovedPermanently
from pyramid.request import Request

from bibliopolis.catalogue.resources import Catalogue
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


def test_no_joined_record_leads_to_another_site(web, db, kept, gone):
    address = f"http://localhost//evil.example%2f..%2f../en/catalogue/{gone.id}"
    request = Request.blank(address)
    request.db = db

    assert web.get(address, status=301).location == f"http://localhost/en/catalogue/{kept.id}"
    with pytest.raises(HTTPMovedPermanently) as led:
        Catalogue(None, request)[str(gone.id)]
    assert led.value.location == f"/evil.example/../../en/catalogue/{kept.id}"
