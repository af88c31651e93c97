"""Lists, the front page, events, pictures and JSON, as visitors get them."""

from datetime import timedelta

import pytest
from fixtures.pictures import picture
from sqlalchemy import event
from webtest import Upload

from bibliopolis.content.services import Edit

JSON = {"Accept": "application/json"}


@pytest.fixture
def section(publish):
    return publish(publish.chief.tree.root(), "section", "city", title="Город")


@pytest.fixture
def count_queries(engine):
    def count(call):
        found = []

        def note(_connection, _cursor, statement, *_rest):
            if statement.lstrip().upper().startswith("SELECT"):
                found.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            call()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(found)

    return count


def _event(publish, section, clock, slug, days, **data):
    starts = (clock.now() + timedelta(days=days)).isoformat()
    return publish(section, "event", slug, shared={"starts": starts}, **data)


@pytest.mark.parametrize("address", ["/ru/city", "/ru/", "/ru/city/page-0/below"])
def test_queries_do_not_grow_with_the_number_of_pages(
    section, publish, web, clock, count_queries, address
):
    page = publish(section, "page", "page-0")
    publish(page, "page", "below")
    publish(section, "news", "news-0")
    _event(publish, section, clock, "event-0", 1)
    web.get(address)
    few = count_queries(lambda: web.get(address))
    for number in range(1, 8):
        publish(section, "page", f"page-{number}")
        publish(section, "news", f"news-{number}")
        _event(publish, section, clock, f"event-{number}", number)

    many = count_queries(lambda: web.get(address))

    assert many == few


@pytest.mark.parametrize("view", ["contents"])
def test_queries_of_the_editors_list_do_not_grow(
    section, publish, web, make_person, sign_in, count_queries, view
):
    make_person("rita", reviewer="", editor="")
    sign_in("rita")
    publish(section, "page", "page-0")
    address = f"/ru/city/@@{view}"
    web.get(address)
    few = count_queries(lambda: web.get(address))
    for number in range(1, 8):
        publish(section, "page", f"page-{number}")

    assert count_queries(lambda: web.get(address)) == few


def test_events_to_come_stand_in_order_and_past_ones_apart(section, publish, web, clock):
    for slug, days in (("later", 9), ("sooner", 2), ("over", -3)):
        _event(publish, section, clock, slug, days, title=slug.title())

    coming = web.get("/ru/city").text
    past = web.get("/ru/city", {"past": "1"}).text

    assert coming.index("Sooner") < coming.index("Later")
    assert "Over" not in coming
    assert "Over" in past
    assert "Sooner" not in past
    assert "Sooner" in web.get("/ru/").text


def test_news_stand_with_the_newest_day_first(section, publish, web):
    for slug, day in (("old", "2026-11-01"), ("new", "2026-11-20"), ("mid", "2026-11-10")):
        publish(section, "news", slug, title=slug.title(), shared={"day": day})

    page = web.get("/ru/city").text

    assert page.index("New<") < page.index("Mid<") < page.index("Old<")


def test_a_page_in_json_has_the_shapes_of_plone(section, publish, web):
    block = {"id": "a", "type": "text", "markup": "Text"}
    publish(section, "page", "bridges", title="Мосты", summary="О мостах", blocks=[block])

    page = web.get("/ru/city/bridges?expand=breadcrumbs", headers=JSON).json
    assert page["@id"] == "http://localhost/ru/city/bridges"
    assert (page["@type"], page["title"], page["description"]) == ("page", "Мосты", "О мостах")
    assert page["review_state"] == "published"
    assert page["blocks"]["a"] == {"@type": "text", "markup": "Text"}
    assert page["blocks_layout"] == {"items": ["a"]}
    assert page["@components"]["breadcrumbs"]["items"][0]["title"] == "Город"
    folder = web.get("/ru/city", headers=JSON).json
    assert folder["items_total"] == 1
    assert folder["items"][0]["@id"] == page["@id"]


def test_long_lists_in_json_come_in_batches(section, publish, web):
    for number in range(5):
        publish(section, "page", f"page-{number}")

    first = web.get("/ru/city", {"b_size": "2"}, headers=JSON).json

    assert len(first["items"]) == 2
    assert first["items_total"] == 5
    second = web.get(first["batching"]["next"], headers=JSON).json
    assert second["items"][0]["@id"].endswith("page-2")
    assert "prev" in second["batching"]


def test_the_root_in_json_lists_the_sections(section, web):
    answer = web.get("/ru/", headers=JSON).json

    assert [one["title"] for one in answer["items"]] == ["Город"]


def test_a_site_without_pages_greets_its_visitors(web):
    assert web.get("/ru/").status_int == 200
    assert web.get("/ru/", headers=JSON).json["items"] == []


def test_a_missing_language_is_shown_in_the_next_one_with_a_notice(section, publish, web):
    publish(section, "page", "bridges", title="Мосты")

    page = web.get("/ar/city/bridges")

    assert 'role="note"' in page
    assert '<article lang="ru" dir="ltr">' in page
    assert '<html lang="ar" dir="rtl"' in page.text


def _links(page, rel):
    return [link["href"] for link in page.html.find_all("link", rel=rel)]


def test_search_engines_are_led_to_the_languages_a_page_is_in(section, publish, web):
    publish(section, "page", "bridges", title="Мосты")

    for language in ("ru", "ar"):
        page = web.get(f"/{language}/city/bridges?page=2")

        assert _links(page, "canonical") == ["http://localhost/ru/city/bridges?page=2"]
        assert _links(page, "alternate") == ["http://localhost/ru/city/bridges?page=2"]


def test_the_other_languages_of_a_page_keep_what_was_asked_of_it(section, web):
    page = web.get("/ru/catalogue", {"q": "мост", "sort": "title"})

    offered = page.html.find("ul", class_="langs").find_all("a")
    assert [link["href"].partition("?")[2] for link in offered] == [page.request.query_string] * 3


def test_caches_tell_visitors_and_formats_apart(section, web):
    assert {"Accept", "Cookie"} <= set(web.get("/ru/city").vary)


def test_a_picture_is_public_while_a_live_page_shows_it(
    section, publish, web, make_person, sign_in
):
    make_person("anna", editor="")
    make_person("rita", reviewer="")
    sign_in("anna")
    form = web.get("/ru/city/@@add", {"type": "page"}).forms["page"]
    form["title"] = "Мосты"
    form = form.submit("do", value="add:picture:0").forms["page"]
    block = form["block"].value.partition(":")[0]
    form[f"block-{block}-upload"] = Upload("мост.png", picture())
    form = form.submit("do", value="keep").forms["page"]
    uid = form[f"block-{block}-media"].value
    assert uid
    assert web.get(f"/media/{uid}/thumb").content_type == "image/webp"
    form[f"block-{block}-alt"] = "Мост над рекой"
    form.submit("do", value="save", status=303)
    form = web.get("/ru/city/mosty/@@edit").forms["page"]
    form.submit("do", value="take:submit", status=303)

    web.reset()
    web.get(f"/media/{uid}/thumb", status=404)
    web.get(f"/media/{uid}", status=404)

    sign_in("rita")
    assert web.get(f"/media/{uid}/card").status_int == 200
    steps = web.get("/ru/city/mosty/@@preview").forms["steps"]
    steps.submit("do", value="take:publish", status=303)
    web.reset()
    shown = web.get(f"/media/{uid}/wide")
    assert shown.content_type == "image/webp"
    assert "public" in shown.headers["Cache-Control"]
    assert 'alt="Мост над рекой"' in web.get("/ru/city/mosty")
    web.get(f"/media/{uid}/unknown", status=404)


def test_a_hostile_upload_gets_a_clear_message(section, web, make_person, sign_in):
    make_person("anna", editor="")
    sign_in("anna")
    form = web.get("/en/city/@@add", {"type": "page"}).forms["page"]
    form["title"] = "Bridges"
    form = form.submit("do", value="add:picture:0").forms["page"]
    block = form["block"].value.partition(":")[0]
    form[f"block-{block}-upload"] = Upload("x.png", b"<svg onload='alert(1)'/>")

    answer = form.submit("do", value="save", status=400)

    assert "SVG cannot be used" in answer
    assert answer.forms["page"]["title"].value == "Bridges"


def test_staff_find_drafts_and_visitors_do_not(section, publish, app, db, settings):
    from types import SimpleNamespace

    from bibliopolis.content.indexing import documents
    from bibliopolis.resources.access import Principals, visible_to
    from bibliopolis.resources.types import ResourceTypes

    chief = publish.chief
    node = publish(section, "page", "bridges", title="Мосты")
    chief.editing.save(node, "ru", Edit(data={"title": "Тайна"}))
    types = app.registry["bibliopolis.types"]
    services = {ResourceTypes: types}
    request = SimpleNamespace(db=db, settings=settings, find_service=services.__getitem__)

    found = list(documents(request, [node.id]))

    assert {one.key.rpartition(":")[2]: one.title for one in found} == {
        "live": "Мосты",
        "working": "Тайна",
    }
    for who, titles in ((Principals(), ["Мосты"]), (chief.principals, ["Мосты", "Тайна"])):
        visible = visible_to(who)
        seen = [one.title for one in found if visible.admits(one.allowed, one.scopes)]
        assert seen == titles
    chief.tree.bin(node)
    assert list(documents(request, [node.id])) == []
