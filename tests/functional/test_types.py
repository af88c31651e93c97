"""Clients learn the types of the site and the schema of each, in their language."""

import pytest

JSON = {"Accept": "application/json"}


@pytest.fixture
def editor(make_person, sign_in):
    make_person("anna", editor="lang:ru")
    return sign_in("anna")


def test_an_editor_s_client_lists_the_types(editor):
    types = {one["id"]: one for one in editor.get("/en/@types", headers=JSON).json}

    assert types["event"]["title"] == "Event poster"
    assert types["event"]["addable"]
    assert not types["record"]["addable"]
    assert types["event"]["@id"].endswith("/en/@types/event")


def test_a_type_answers_with_its_schema(editor):
    answer = editor.get("/en/@types/event", headers=JSON)

    assert answer.content_type == "application/schema+json"
    assert answer.json["required"] == ["title", "starts"]
    assert answer.json["properties"]["picture_alt"]["title"] == "Poster: what it shows"
    assert answer.json["properties"]["library"]["factory"] == "reference"


def test_a_type_that_is_not_there_is_not_found(editor):
    editor.get("/en/@types/nothing", headers=JSON, status=404)


def test_visitors_need_no_schemas(web):
    web.get("/en/@types", headers=JSON, status=(401, 403))
