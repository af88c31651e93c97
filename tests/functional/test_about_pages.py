"""What pages tell machines of themselves: OpenGraph, JSON-LD, canonical addresses."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bibliopolis.publicity import as_script

HOSTILE = "</script><script>alert('x')</script><!-- \u2028 & \"quotes\""


@pytest.fixture
def section(publish):
    return publish(publish.chief.tree.root(), "section", "city", title="Город")


@pytest.fixture
def data_of(web):
    """Return the data of a page by type."""

    def data_of(address):
        scripts = web.get(address).html.find_all("script", type="application/ld+json")
        found = [json.loads(one.string) for one in scripts]
        assert all(one["@context"] == "https://schema.org" for one in found)
        return {one["@type"]: one for one in found}

    return data_of


def _property(page, name):
    found = page.html.find("meta", property=f"og:{name}")
    return found["content"] if found else None


def test_an_event_says_when_and_where_it_is(section, publish, clock, data_of):
    starts = (clock.now() + timedelta(days=1)).isoformat()
    publish(section, "event", "chess", title="Шахматы", shared={"starts": starts})

    event = data_of("/ru/city/chess")["Event"]

    assert (event["name"], event["inLanguage"]) == ("Шахматы", "ru")
    assert event["startDate"] == "2026-11-22T12:00:00+03:00"
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["url"] == "http://localhost/ru/city/chess"


def test_an_event_of_a_whole_day_has_no_hour(section, publish, clock, data_of):
    shared = {"starts": clock.now().isoformat(), "whole_day": True}
    publish(section, "event", "fair", shared=shared)

    assert data_of("/ru/city/fair")["Event"]["startDate"] == "2026-11-21"


def test_the_way_to_a_page_is_told(section, publish, data_of):
    publish(section, "page", "bridges", title="Мосты")

    crumbs = data_of("/ru/city/bridges")["BreadcrumbList"]["itemListElement"]

    assert [one["position"] for one in crumbs] == [1, 2, 3]
    assert [one.get("item") for one in crumbs] == [
        "http://localhost/ru",
        "http://localhost/ru/city",
        None,
    ]


def test_a_section_tells_what_it_lists(section, publish, data_of):
    for slug in ("a", "b"):
        publish(section, "news", slug, title=slug.upper())

    listed = data_of("/ru/city")["CollectionPage"]["mainEntity"]

    assert listed["@type"] == "ItemList"
    assert {one["name"] for one in listed["itemListElement"]} == {"A", "B"}
    assert data_of("/ru/city/a")["NewsArticle"]["headline"] == "A"


def test_the_front_page_tells_how_to_search(section, data_of):
    action = data_of("/en/")["WebSite"]["potentialAction"]

    assert action["target"]["urlTemplate"] == "http://localhost/en/catalogue?q={words}"


def test_messengers_get_a_card(section, publish, web):
    publish(section, "news", "report", title="Отчёт & <итоги>", summary="О годе.")

    page = web.get("/ru/city/report?utm_source=letter")

    assert _property(page, "title") == "Отчёт & <итоги>"
    assert _property(page, "description") == "О годе."
    assert _property(page, "type") == "article"
    assert _property(page, "url") == "http://localhost/ru/city/report"
    assert page.html.find("link", rel="canonical")["href"] == _property(page, "url")
    assert len(page.html.find_all("meta", attrs={"name": "description"})) == 1


def test_a_page_in_another_language_names_its_own_address(section, publish, web):
    publish(section, "page", "bridges", title="Мосты")

    assert _property(web.get("/ar/city/bridges"), "url") == "http://localhost/ru/city/bridges"


def test_hostile_words_do_not_leave_their_script(section, publish, web, data_of):
    publish(section, "news", "hostile", title=HOSTILE, summary=HOSTILE)

    page = web.get("/ru/city/hostile")

    assert "<script>alert" not in page
    scripts = page.html.find_all("script")
    assert [one["type"] for one in scripts if not one.get("src")] == ["application/ld+json"] * 2
    assert all(one["src"].startswith("/static/") for one in scripts if one.get("src"))
    assert data_of("/ru/city/hostile")["NewsArticle"]["name"].startswith("</script>")


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1)))
def test_data_comes_out_of_the_script_as_it_went_in(data):
    script = as_script(data)

    assert json.loads(script) == data
    assert not set("<>&\u2028\u2029") & set(script)
