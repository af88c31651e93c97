"""Finding a library and making it one's own."""

import json
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from fixtures.desk import form_to
from fixtures.lending import City

from bibliopolis.content.services import Edit
from bibliopolis.errors import Conflict

HOURS = "openingHoursSpecification"
JSON = {"Accept": "application/json"}


@pytest.fixture
def city(db, clock):
    return City(db, clock, None)


@pytest.fixture
def library(city):
    return city.library("Fontanka")


def test_libraries_are_listed_in_the_language_of_the_page(web, library):
    assert library.name["ru"] in web.get("/ru/libraries").text
    assert library.name["en"] in web.get("/en/libraries").text
    # A language it has no name in shows the next of the chain.
    assert library.name["en"] in web.get("/ar/libraries").text


def test_a_library_has_a_page_with_the_way_to_its_books(web, library):
    page = web.get(f"/en/libraries/{library.code}")

    assert library.address["en"] in page.text
    assert page.html.find("a", string="Books of this library")["href"].endswith(
        f"/en/catalogue?lib={library.code}"
    )


def test_programs_get_the_same(web, library):
    found = web.get("/en/libraries", headers={"Accept": "application/json"}).json
    one = web.get(f"/en/libraries/{library.code}", headers={"Accept": "application/json"}).json

    assert [listed.items() <= one.items() for listed in found["items"]] == [True]
    assert (one["id"], one["title"]) == (library.code, library.name["en"])


def test_an_unknown_library_is_not_found(web):
    web.get("/en/libraries/nowhere", status=404)


def test_the_chosen_library_is_shown_on_every_page(web, library):
    page = web.get(f"/en/libraries/{library.code}")
    form = next(f for f in page.forms.values() if f.action.endswith("/choose"))

    page = form.submit(status=303).follow()

    assert f"{library.name['en']} is your library now." in page.text
    assert library.name["en"] in web.get("/en/libraries").html.select_one(".topbar").text


def test_choosing_never_leads_off_the_site(web, library):
    page = web.get(f"/en/libraries/{library.code}")
    form = next(f for f in page.forms.values() if f.action.endswith("/choose"))

    response = web.post(
        form.action, {"csrf_token": form["csrf_token"].value, "back": "//evil.example"}
    )

    assert response.location == "http://localhost/"


# The page that editors write about a library, and what is listed on it.


@pytest.fixture
def branches(publish):
    return publish(publish.chief.tree.root(), "section", "branches", title="Библиотеки о себе")


@pytest.fixture
def written(publish, branches, library):
    text = {"id": "t", "type": "text", "markup": "Здесь читают при свечах."}
    return publish(
        branches,
        "library_page",
        "fontanka",
        title="О нас",
        summary="Окна на воду.",
        blocks=[text],
        shared={"library": library.id},
    )


def test_what_editors_write_of_a_library_stands_on_its_page(web, written, library):
    page = web.get(f"/ru/libraries/{library.code}")

    assert page.html.h1.text == library.name["ru"]
    assert "Окна на воду." in page.text
    assert "Здесь читают при свечах." in page.text
    # In another language it is shown as what it is.
    article = web.get(f"/en/libraries/{library.code}").html.article
    assert (article["lang"], article["dir"]) == ("ru", "ltr")


def test_the_address_of_the_text_leads_to_the_library(web, written, library):
    response = web.get("/ru/branches/fontanka", status=303)

    assert response.location == f"http://localhost/ru/libraries/{library.code}"


def test_a_draft_about_a_library_is_not_shown(web, publish, branches, library):
    chief = publish.chief
    node = chief.tree.create(
        branches, "library_page", "secret", source_language="ru", owner_id=chief.person.id
    )
    edit = Edit(data={"title": "Тайна", "summary": "Пока тайна"}, shared={"library": library.id})
    chief.editing.save(node, "ru", edit)

    assert "Пока тайна" not in web.get(f"/ru/libraries/{library.code}").text


def test_news_and_events_of_a_library_stand_on_its_page_and_have_lists(
    web, publish, branches, library, city, clock
):
    other = city.library("Harbour")
    for number in range(30):
        place = {"library": (library if number else other).id, "day": f"2026-10-{number + 1:02}"}
        publish(branches, "news", f"news-{number}", title=f"Новость {number}", shared=place)
    starts = (clock.now() + timedelta(days=2)).isoformat()
    for name, place in (("here", library), ("there", other)):
        shared = {"starts": starts, "library": place.id}
        publish(branches, "event", name, title=f"Event {name}", shared=shared)

    page = web.get(f"/ru/libraries/{library.code}")
    news = web.get(f"/ru/libraries/{library.code}/news")
    older = web.get(f"/ru/libraries/{library.code}/news", {"news": "2"})
    events = web.get(f"/ru/libraries/{library.code}/events")

    assert [a.text for a in page.html.select(".front-news a")] == [
        "Новость 29",
        "Новость 28",
        "Новость 27",
    ]
    assert (len(news.html.select(".teaser")), len(older.html.select(".teaser"))) == (24, 5)
    assert "Новость 0" not in news.text + older.text
    for shown in (page, events):
        assert "Event here" in shown.text
        assert "Event there" not in shown.text


def test_a_library_has_one_page(publish, branches, written, library):
    with pytest.raises(Conflict) as refused:
        publish(branches, "library_page", "again", shared={"library": library.id})

    assert "О нас" in refused.value.reasons[0].interpolate()


def test_the_page_says_when_it_is_open_and_what_will_be_different(web, city):
    hours = {"opening_hours": "Mo-Su 09:00-21:00", "country": "RU"}
    library = city.library("Open", settings=hours, contacts={"phone": "+7 812 555-01-31"})
    city.closed(library, date(2026, 11, 24), {"en": "Books are counted"})

    page = web.get(f"/en/libraries/{library.code}")

    today, *_between = (row.get_text(" ", strip=True) for row in page.html.select(".hours tr"))
    assert today == "Saturday 21 November 09:00–21:00"
    assert "open until 21:00" in page.text
    assert page.html.select_one(".ahead").get_text(" ", strip=True).startswith("24 November 2026")
    assert "Books are counted" in page.html.select_one(".ahead").text
    assert page.html.select_one("a[href^='tel:']")["href"] == "tel:+78125550131"


def test_search_engines_read_the_hours(web, city):
    hours = {"opening_hours": "Mo-Fr 10:00-24:00", "country": "RU"}
    library = city.library("Open", settings=hours, latitude=59.9, longitude=30.3)

    page = web.get(f"/en/libraries/{library.code}")

    about = json.loads(page.html.find("script", type="application/ld+json").string)
    assert about["@type"] == "Library"
    assert about["geo"]["latitude"] == 59.9
    told = {one["validFrom"]: (one["opens"], one["closes"]) for one in about[HOURS]}
    assert (told["2026-11-22"], told["2026-11-23"]) == (("00:00", "00:00"), ("10:00", "23:59"))


def test_a_library_that_was_withdrawn_is_gone(web, city):
    library = city.library("Once", withdrawn=True)

    web.get(f"/en/libraries/{library.code}", status=410)


# The list: what fits, in which order.


@pytest.fixture
def places(city):
    """Three libraries on a line eastwards, and a locker of the last one."""
    always = {"opening_hours": "24/7"}
    near = city.library("Pier", latitude=59.93, longitude=30.30, settings=always)
    middle = city.library("Market", latitude=59.93, longitude=30.32, access=["step_free"])
    far = city.library("Hill", latitude=59.93, longitude=30.40)
    locker = city.locker(far, name="Station")
    locker.latitude, locker.longitude = 59.93, 30.31
    return SimpleNamespace(near=near, middle=middle, far=far, locker=locker)


def listed(web, **asked):
    page = web.get("/en/libraries", asked)
    return [link.text.split()[0] for link in page.html.select(".lib-row h2 a")]


def test_the_list_is_narrowed_by_words_kind_hours_and_access(web, places):
    assert listed(web) == ["Pier", "Market", "Hill", "Station"]
    assert listed(web, q="market") == ["Market"]
    assert listed(web, kind="pickup_point") == ["Station"]
    assert listed(web, kind="library", open="1") == ["Pier"]
    assert listed(web, step_free="1") == ["Market"]
    assert listed(web, q="nowhere") == []


def test_the_list_is_narrowed_by_system(web, places, city):
    system = city.library("North", kind="system")
    places.middle.parent_id = system.id

    assert listed(web, system=system.code) == ["Market"]
    assert listed(web, q="north") == ["Market"]


def test_the_nearest_come_first_with_how_far_they_are(web, places):
    page = web.get("/en/libraries", {"near": "59.930,30.305"})

    names = [link.text.split()[0] for link in page.html.select(".lib-row h2 a")]
    assert names == ["Pier", "Station", "Market", "Hill"]
    far = [one.text for one in page.html.select(".lib-row b.num")]
    assert far == ["300 m", "300 m", "850 m", "5.3 km"]


@pytest.mark.parametrize("near", ["here", "1", "nan,nan", "95,200", "1,2,3", "9" * 500])
def test_a_place_that_is_none_is_as_if_not_said(web, places, near):
    assert listed(web, near=near) == ["Pier", "Market", "Hill", "Station"]


def test_a_locker_is_shown_with_the_library_that_fills_it(web, places):
    row = web.get("/en/libraries", {"kind": "pickup_point"}).html.select_one(".lib-row")

    assert f"filled by: {places.far.name['en']}" in row.text
    assert row.h2.a["href"].endswith(f"/{places.far.code}#{places.locker.code}")
    assert row.form is None


def test_programs_get_the_list_in_batches_with_distances(web, places):
    asked = {"near": "59.930,30.305", "b_size": "2"}
    found = web.get("/en/libraries", asked, headers=JSON).json
    rest = web.get(found["batching"]["next"], headers=JSON).json

    assert [one["id"] for one in found["items"]] == [places.near.code, places.locker.code]
    assert [one["id"] for one in rest["items"]] == [places.middle.code, places.far.code]
    assert (found["items"][0]["open"], found["items"][0]["distance"]) == (True, 0.279)
    assert found["items"][1]["parent"] == places.far.code


# "My library" of those who are signed in.


def test_a_readers_own_library_follows_them_to_other_browsers(web, town, sign_in):
    sign_in("elena")
    page = web.get(f"/en/libraries/{town.there.code}")

    form_to(page, "/choose").submit(status=303)
    web.reset()  # another browser
    sign_in("elena")

    assert town.there.name["en"] in web.get("/en/libraries").html.select_one(".topbar").text


def test_what_somebody_else_chose_in_this_browser_is_not_the_readers(web, town, sign_in):
    web.set_cookie("my_library", town.there.code)
    sign_in("elena")

    shown = web.get("/en/libraries").html.select_one(".topbar").text

    assert town.here.name["en"] in shown
    assert town.there.name["en"] not in shown


def test_ones_library_is_shown_with_its_hours_and_events(web, publish, branches, city, clock):
    library = city.library("Mine", settings={"opening_hours": "Mo-Su 09:00-21:00"})
    starts = (clock.now() + timedelta(days=2)).isoformat()
    shared = {"starts": starts, "library": library.id}
    publish(branches, "event", "poems", title="Стихи", shared=shared)
    web.set_cookie("my_library", library.code)

    page = web.get("/ru")

    assert "открыто до 21:00" in page.html.select_one(".topbar").text
    river = page.html.select_one(".river").get_text(" ", strip=True)
    assert "открыто до 21:00" in river
    assert "Завтра: 09:00–21:00" in river
    assert "Стихи" in page.html.select_one(".coming").text
