"""What stands in a library that is closed for long is not offered as available: search and rows."""

from datetime import timedelta

import pytest
from fixtures.desk import form_to
from fixtures.lending import City

from bibliopolis.catalogue.availability import Availability, NothingInUse
from bibliopolis.catalogue.closed import look_at_the_day

JSON = {"Accept": "application/json"}
TODAY = "2026-11-21"


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def here(city):
    return city.library("Fontanka", settings={"opening_hours": "Mo-Su 10:00-20:00"})


@pytest.fixture
def there(city):
    return city.library("Okhta")


@pytest.fixture
def books(db, city, here, there, index_everything):
    """A book that only one library has, and one that both have."""
    only_here, in_both = city.record(here, "Вишнёвый сад"), city.record(here, "Чайка")
    for record, library in ((only_here, here), (in_both, here), (in_both, there)):
        city.item(record, library)
    Availability(db, NothingInUse()).recompute([only_here.id, in_both.id])
    index_everything()
    return only_here, in_both


@pytest.fixture
def managed(sign_in, make_person, here):
    """The browser of somebody who manages the first library."""
    make_person("maria", manager=f"library:{here.id}")
    return sign_in("maria")


def close(managed, library, last):
    form = form_to(
        managed.get(f"/en/staff/libraries/{library.code}/closures"),
        "/closures",
    )
    form["first"], form["last"] = TODAY, last
    return form.submit(status=303).follow()


def titles(web, **chosen):
    page = web.get("/en/catalogue", {"scope": "catalogue", **chosen})
    return sorted(link.get_text() for link in page.html.select(".result h2 a"))


def row_of(web, title):
    page = web.get("/en/catalogue", {"q": title})
    return " ".join(page.html.select_one(".result").get_text(" ", strip=True).split())


def copies(web, record):
    return web.get(f"/en/catalogue/{record.id}", headers=JSON).json["copies_available"]


def test_a_long_closure_takes_its_copies_out_of_what_can_be_borrowed(web, managed, books, here):
    only_here, in_both = books
    assert titles(web, avail="city") == ["Вишнёвый сад", "Чайка"]
    assert titles(web, avail=here.code) == ["Вишнёвый сад", "Чайка"]

    page = close(managed, here, "2026-12-31")

    assert titles(web, avail="city") == ["Чайка"]
    assert titles(web, avail=here.code) == []
    assert "Only in a library that is closed now" in row_of(web, "Вишнёвый сад")
    assert "In the city: 1" in row_of(web, "Чайка")
    assert (copies(web, only_here), copies(web, in_both)) == (0, 1)

    form_to(page, "/remove-closure").submit(status=303)

    assert titles(web, avail="city") == ["Вишнёвый сад", "Чайка"]
    assert "In the city: 2" in row_of(web, "Чайка")
    assert (copies(web, only_here), copies(web, in_both)) == (1, 2)


def test_a_closure_of_a_few_days_takes_nothing_away(web, managed, books, here):
    close(managed, here, "2026-11-22")

    assert titles(web, avail="city") == ["Вишнёвый сад", "Чайка"]
    assert "In the city: 1" in row_of(web, "Вишнёвый сад")
    assert copies(web, books[0]) == 1


def test_a_library_says_for_how_many_days_it_may_be_closed(web, managed, books, here):
    close(managed, here, "2026-11-22")
    page = managed.get(f"/en/staff/libraries/{here.code}")
    form = next(one for one in page.forms.values() if "version" in one.fields)
    form["set_days_closed"] = "1"
    form.submit(status=303)

    assert titles(web, avail="city") == ["Чайка"]


def test_the_days_that_pass_open_it_again(web, managed, books, here, clock, inside):
    close(managed, here, "2026-11-30")
    assert titles(web, avail="city") == ["Чайка"]

    clock.advance(timedelta(days=7))
    look_at_the_day(inside)

    assert titles(web, avail="city") == ["Вишнёвый сад", "Чайка"]


def test_programs_are_told_the_same(web, managed, books, here):
    close(managed, here, "2026-12-31")

    found = web.get("/en/catalogue", {"q": "Вишнёвый сад"}, headers=JSON).json["items"]

    assert [one["copies_available"] for one in found] == [0]
