"""One declaration gives the form, the check of JSON, the schema and the search text."""

from __future__ import annotations

import json

import colander
import pytest

from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.contributions import contribution_of
from bibliopolis.resources.forms import (
    error_paths,
    missing_fields,
    read_data,
    schema_of,
    split,
    undescribed_pictures,
)
from bibliopolis.resources.json import display, represent, translated, type_schema


@pytest.fixture
def types(kernel, types_of):
    return types_of(kernel())


@pytest.fixture
def context(types):
    return FieldContext(types, "ru")


@pytest.fixture
def page(types):
    return types["page"]


def test_a_form_has_the_fields_of_its_parts_in_declared_order(page, context):
    assert [node.name for node in schema_of(page, ["ru"], context)] == [
        "title",
        "summary",
        "picture_alt",
        "tags",
    ]
    assert [node.name for node in schema_of(page, ["*"], context)] == ["picture"]
    assert [node.name for node in schema_of(page, ["ru", "*"], context)] == list(page.fields)


def test_what_a_form_gives_is_what_is_stored(page, context):
    schema = schema_of(page, ["ru"], context)

    stored = schema.deserialize({"title": " Часы ", "summary": "", "tags": "a\nb"})

    assert stored == {"title": "Часы", "tags": ["a", "b"]}
    assert schema.deserialize(schema.serialize(stored)) == stored


def test_the_parts_of_a_form_are_put_back_in_their_places(page):
    data = {"title": "Часы", "picture": {"uid": "u0"}, "picture_alt": "Дом", "other": 1}

    assert split(page, data, "ru") == (
        {"title": "Часы", "picture_alt": "Дом"},
        {"picture": {"uid": "u0"}},
    )


def test_everything_wrong_is_told_at_once_by_path(page, context):
    with pytest.raises(InvalidInput) as refusal:
        read_data(page, ["ru"], {"title": "  ", "tags": [1], "colour": "red"}, context)

    assert refusal.value.errors == {
        "title": "This must be filled in.",
        "tags.0": "This must be text.",
        "colour": "There is no such field.",
    }


def test_a_list_is_no_object(page, context):
    with pytest.raises(InvalidInput):
        read_data(page, ["ru"], ["title"], context)


def test_a_change_leaves_the_rest_and_null_takes_away(page, context):
    stored = {"title": "Hours", "summary": "When we are open."}

    assert read_data(page, ["ru"], {"title": "Times", "summary": None}, context, stored) == {
        "title": "Times"
    }
    assert stored["title"] == "Hours"


def test_what_is_required_cannot_be_taken_away(page, context):
    with pytest.raises(InvalidInput) as refusal:
        read_data(page, ["ru"], {"title": None}, context, {"title": "Hours"})

    assert set(refusal.value.errors) == {"title"}


def test_a_field_of_another_part_is_not_known_here(page, context):
    with pytest.raises(InvalidInput) as refusal:
        read_data(page, ["*"], {"title": "Hours"}, context)

    assert set(refusal.value.errors) == {"title"}


def test_error_paths_reach_into_lists(page):
    schema = colander.SchemaNode(colander.Mapping())
    schema.add(
        colander.SchemaNode(
            colander.Sequence(), colander.SchemaNode(colander.Integer()), name="numbers"
        )
    )

    with pytest.raises(colander.Invalid) as refusal:
        schema.deserialize({"numbers": ["1", "x"]})

    assert list(error_paths(refusal.value)) == ["numbers.1"]


def test_what_is_missing_is_named(types):
    event = types["event"]

    assert [one.name for one in missing_fields(event, {}, ["ru", "*"])] == ["title", "starts"]
    assert [one.name for one in missing_fields(event, {"title": "A"}, ["ru"])] == []
    assert missing_fields(types["page"], {"title": ""}, ["ru"])[0].name == "title"


def test_a_picture_needs_its_description_in_each_language(types):
    event = types["event"]
    shared = {"picture": {"uid": "u0"}}

    assert [one.name for one in undescribed_pictures(event, {}, shared)] == ["picture"]
    assert undescribed_pictures(event, {"picture_alt": "A bridge"}, shared) == ()
    assert undescribed_pictures(event, {}, {}) == ()


def test_a_type_describes_itself_as_json_schema(types, context):
    schema = type_schema(types["event"], context)

    assert schema["required"] == ["title", "starts"]
    assert schema["properties"]["starts"]["format"] == "date-time"
    assert schema["properties"]["audience"]["items"]["enum"][0] == "children"
    assert schema["fieldsets"][0]["fields"] == list(schema["properties"])
    assert json.loads(json.dumps(schema)) == schema


def test_messages_are_translated_before_they_become_json(context):
    loud = FieldContext(context.types, translate=lambda message: str(message).upper())

    assert translated({"a": [_("yes"), "no", 1]}, loud) == {"a": ["YES", "no", 1]}


def test_every_field_has_a_place_in_the_json_form(page, context):
    assert represent(page, {"title": "Часы"}, ["ru"], context) == {
        "title": "Часы",
        "summary": None,
        "picture_alt": None,
        "tags": None,
    }


def test_the_default_view_shows_what_is_filled_in(page, context):
    shown = display(page, {"title": "Часы", "tags": ["a"]}, ["ru"], context)

    assert [(one["name"], one["kind"], one["value"]) for one in shown] == [
        ("title", "text", "Часы"),
        ("tags", "tags", ["a"]),
    ]


def test_the_fields_that_are_searched_make_the_search_text(types, page):
    total = contribution_of(types, page, {"title": "Часы", "tags": ["a", "b"]}, ["ru", "*"])

    assert total.text(lightest=3) == "Часы"
    assert total.text(heaviest=2) == "a\nb"
    assert total.facets == {"tags": ("a", "b")}
