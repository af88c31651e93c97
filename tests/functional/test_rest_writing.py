"""Programs write pages: add, change, move, publish, go back; nobody's work is overwritten."""

import base64

import pytest
from fixtures.pictures import picture

from bibliopolis.content.models import Content


@pytest.fixture
def section(publish):
    return publish(publish.chief.tree.root(), "section", "city", title="Город")


@pytest.fixture
def rita(make_person, program):
    make_person("rita", editor="", reviewer="")
    return program("rita")


@pytest.fixture
def page(section, publish):
    return publish(section, "page", "bridges", title="Мосты", summary="О мостах")


def messages(answer):
    return {one["field"]: one["message"] for one in answer.json["errors"]}


def test_a_page_is_added_read_back_and_is_nobody_elses_business(section, rita, program):
    sent = {
        "@type": "page",
        "title": "Набережные",
        "blocks": {"b1": {"@type": "text", "markup": "Гранит."}},
        "blocks_layout": {"items": ["b1"]},
    }

    made = rita.post("/ru/city", sent, status=201)

    assert made.location == made.json["@id"] == "http://localhost/ru/city/naberezhnye"
    assert made.json["review_state"] == "draft"
    read = rita.get(made.location).json
    assert read["title"] == "Набережные"
    assert read["blocks"] == sent["blocks"]
    program().get(made.location, status=404)


def test_everything_wrong_is_told_at_once_in_the_language_asked_for(section, rita, db):
    sent = {
        "@type": "event",
        "title": 5,
        "starts": "soon",
        "whole_day": "yes",
        "colour": "red",
        "blocks": {"b1": {"@type": "text", "markup": 1}, "b2": {"@type": "film"}},
        "blocks_layout": {"items": ["b1", "b2"]},
    }
    before = db.query(Content).count()

    answer = rita.post("/ru/city", sent, status=400, Accept_Language="en")

    assert messages(answer) == {
        "title": "This must be text.",
        "starts": "Write a day and a time as 2026-05-31T18:30.",
        "whole_day": "This must be true or false.",
        "colour": "There is no such field.",
        "blocks.b1.markup": "This must be text.",
        "blocks.b2.@type": "There is no such type.",
    }
    assert db.query(Content).count() == before


def test_only_what_was_sent_changes_and_visitors_see_it_when_it_is_published(page, rita, program):
    rita.patch("/ru/city/bridges", {"title": "Мосты Невы"}, status=204)

    public = program().get("/ru/city/bridges").json
    assert public["title"] == "Мосты"
    working = rita.get("/ru/city/bridges?version=working").json
    assert (working["title"], working["description"]) == ("Мосты Невы", "О мостах")
    taken = rita.post("/ru/city/bridges/@workflow/publish").json
    assert taken["review_state"] == "published"
    assert program().get("/ru/city/bridges").json["title"] == "Мосты Невы"


def test_of_two_programs_the_second_learns_that_it_has_seen_an_older_page(page, rita):
    seen = rita.get("/ru/city/bridges?version=working").headers["ETag"]
    rita.patch("/ru/city/bridges", {"title": "First"}, If_Match=seen, status=204)

    answer = rita.patch("/ru/city/bridges", {"title": "Second"}, If_Match=seen, status=412)

    assert answer.content_type == "application/problem+json"
    assert rita.get("/ru/city/bridges?version=working").json["title"] == "First"


def test_steps_and_removal_are_for_the_page_that_was_read(page, rita):
    seen = rita.get("/ru/city/bridges?version=working").headers["ETag"]
    changed = rita.patch("/ru/city/bridges", {"title": "New"}, status=204).headers["ETag"]

    rita.post("/ru/city/bridges/@workflow/publish", If_Match=seen, status=412)
    rita.delete("/ru/city/bridges", If_Match=seen, status=412)
    rita.post("/ru/city/bridges/@workflow/publish", If_Match=changed, status=200)


def test_what_a_program_has_is_not_sent_again_but_a_change_is(page, rita, program):
    first = program().get("/ru/city/bridges")

    program().get("/ru/city/bridges", If_None_Match=first.headers["ETag"], status=304)
    rita.patch("/ru/city/bridges", {"title": "Новые мосты"}, status=204)
    rita.post("/ru/city/bridges/@workflow/publish")
    program().get("/ru/city/bridges", If_None_Match=first.headers["ETag"], status=200)


def test_an_answer_prefers_to_be_the_page_where_the_program_does(page, rita):
    answer = rita.patch("/ru/city/bridges", {"title": "T"}, Prefer="return=representation")

    assert answer.json["title"] == "T"
    assert answer.json["review_state"] == "draft"


def test_a_translation_is_begun_at_the_address_of_its_language(page, make_person, program):
    make_person("tariq", translator="lang:ar")
    tariq = program("tariq")

    tariq.patch("/ar/city/bridges", {"title": "جسور"}, status=204)
    tariq.patch("/ru/city/bridges", {"title": "x"}, status=403)

    languages = tariq.get("/ar/city/bridges/@translations").json["items"]
    assert {one["language"] for one in languages} == {"ar", "ru"}


def test_a_step_that_cannot_be_taken_is_refused_with_every_reason(section, rita):
    rita.post("/ru/city", {"@type": "event", "id": "walk", "title": "Walk"}, status=201)

    known = rita.get("/ru/city/walk/@workflow", Accept_Language="en").json
    refused = {one["@id"].rpartition("/")[2]: one["reasons"] for one in known["refused"]}
    answer = rita.post("/ru/city/walk/@workflow/publish", status=409, Accept_Language="en")

    assert refused["publish"] == ["“Starts” is not filled in."]
    assert answer.json["reasons"] == ["“Starts” is not filled in."]
    assert rita.get("/ru/city/walk/@workflow").json["state"]["id"] == "draft"


def test_a_comment_goes_into_the_history(page, rita):
    rita.patch("/ru/city/bridges", {"title": "T"}, status=204)
    rita.post("/ru/city/bridges/@workflow/submit")

    rita.post("/ru/city/bridges/@workflow/reject", status=409)
    rita.post("/ru/city/bridges/@workflow/reject", {"comment": "Which bridges?"})

    history = rita.get("/ru/city/bridges/@workflow").json["history"]
    assert (history[0]["action"], history[0]["comments"]) == ("reject", "Which bridges?")


def test_an_old_revision_is_read_and_becomes_the_newest_again(page, rita):
    rita.patch("/ru/city/bridges", {"title": "T", "changeNote": "Shorter"}, status=204)

    history = rita.get("/ru/city/bridges/@history?b_size=1").json
    assert (history["items_total"], history["items"][0]["comments"]) == (2, "Shorter")
    assert "next" in history["batching"]
    assert rita.get("/ru/city/bridges/@history/1").json["title"] == "Мосты"
    rita.patch("/ru/city/bridges/@history", {"version": 1}, status=204)
    assert rita.get("/ru/city/bridges?version=working").json["title"] == "Мосты"
    rita.patch("/ru/city/bridges/@history", {"version": 99}, status=404)


def test_a_page_moves_with_what_lies_below_it(page, section, publish, rita):
    publish(publish.chief.tree.root(), "section", "walks", title="Прогулки")
    source = "http://localhost/ru/city/bridges"

    moved = rita.post("/ru/walks/@move", {"source": source}).json

    assert moved == [{"source": source, "target": "http://localhost/ru/walks/bridges"}]
    rita.get("/ru/walks/bridges", status=200)
    rita.post("/ru/walks/@move", {"source": "/ru/nowhere"}, status=400)


def test_a_page_gets_another_address_and_leaves_the_navigation(page, rita):
    place = {"id": "spans", "exclude_from_nav": True}
    rita.patch("/ru/city/bridges", place, status=204)

    assert rita.get("/ru/city/spans").json["exclude_from_nav"] is True


def test_who_cannot_publish_removes_nothing_published(page, program, make_person):
    make_person("anna", editor="")

    program("anna").delete("/ru/city/bridges", status=403)

    program().get("/ru/city/bridges", status=200)


def test_a_removed_page_is_gone(page, rita, program):
    rita.delete("/ru/city/bridges", status=204)

    program().get("/ru/city/bridges", status=410)


def test_a_picture_comes_in_base64_and_is_looked_at_like_any_upload(section, rita):
    data = base64.b64encode(picture()).decode()
    file = {"data": data, "encoding": "base64", "filename": "neva.png"}
    sent = {
        "@type": "news",
        "title": "Лёд",
        "picture": {**file, "content-type": "image/png"},
        "blocks": {"p": {"@type": "picture", "upload": file, "alt": "Река"}},
        "blocks_layout": {"items": ["p"]},
    }

    made = rita.post("/ru/city", sent, status=201).json

    assert made["picture"]["scales"]["thumb"]["download"].startswith("/media/")
    assert made["blocks"]["p"]["media"] == made["picture"]["uid"]
    sent["picture"] = {**file, "data": base64.b64encode(b"<svg/>").decode()}
    assert "picture" in messages(rita.post("/ru/city", sent, status=400))


def test_a_list_of_books_names_what_can_be_listed(section, rita):
    block = {"@type": "resources", "heading": "Read", "items": [{"ref": "film:1"}]}
    sent = {
        "@type": "collection",
        "title": "Leto",
        "blocks": {"r": block},
        "blocks_layout": {"items": ["r"]},
    }

    answer = rita.post("/ru/city", sent, status=400)

    assert list(messages(answer)) == ["blocks.r.items.0.ref"]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", "{}", 415),
        ("application/x-www-form-urlencoded", "title=x", 415),
        ("application/json", "{", 400),
        ("application/json", "[]", 400),
        ("application/json", '{"title": NaN}', 400),
        ("application/json", '{"title": ' + "[" * 50 + "]" * 50 + "}", 400),
        ("application/json", '{"blocks": {"a": []}, "blocks_layout": {"items": ["a"]}}', 400),
        ("application/json", '{"blocks": {}}', 400),
        ("application/json", '{"\\ud800": "\\u0000"}', 400),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(page, rita, web, kind, body, status):
    headers = {"Authorization": f"Bearer {rita.token}", "Content-Type": kind}

    answer = web.patch("/ru/city/bridges", body, headers=headers, status=status)

    assert answer.content_type == "application/problem+json"


def test_a_method_a_page_does_not_have_is_answered_with_those_it_has(page, rita):
    answer = rita.ask("PUT", "/ru/city/bridges", {}, status=405)

    assert answer.headers["Allow"] == "DELETE, GET, HEAD, PATCH, POST"


def test_visitors_write_nothing(page, program, make_person):
    make_person("eva")
    for name, status in ((None, 401), ("eva", 403)):
        visitor = program(name)
        visitor.post("/ru/city", {"@type": "page", "title": "x"}, status=status)
        visitor.patch("/ru/city/bridges", {"title": "x"}, status=status)
        visitor.delete("/ru/city/bridges", status=status)
        visitor.get("/ru/city/bridges/@workflow", status=status)
        visitor.get("/ru/city/bridges/@history", status=status)
        visitor.get("/ru/city/bridges?version=working", status=status)


def test_components_are_told_when_they_are_asked_for(page, rita, program):
    plain = program().get("/ru/city/bridges").json["@components"]
    assert plain["breadcrumbs"] == {"@id": "http://localhost/ru/city/bridges/@breadcrumbs"}

    asked = rita.get("/ru/city?expand=breadcrumbs,navigation,types,actions,workflow").json
    told = asked["@components"]
    assert [one["title"] for one in told["breadcrumbs"]["items"]] == ["Город"]
    assert "news" in {one["id"] for one in told["types"]}
    assert "edit" in {one["id"] for one in told["actions"]["object"]}
    assert told["workflow"]["state"]["id"] == "published"
    for name in ("breadcrumbs", "navigation", "actions", "translations"):
        assert program().get(f"/ru/city/@{name}").json["@id"].endswith(f"/@{name}")


def test_those_who_write_see_the_drafts_in_a_section(section, rita, program):
    rita.post("/ru/city", {"@type": "page", "title": "Черновик"}, status=201)

    assert program().get("/ru/city").json["items_total"] == 0
    (draft,) = rita.get("/ru/city?version=working").json["items"]
    assert (draft["title"], draft["review_state"]) == ("Черновик", "draft")
