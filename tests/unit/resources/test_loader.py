"""Types are read strictly; ten ways to go wrong, and more, each give one line with its place."""

from __future__ import annotations

import pytest

from bibliopolis.errors import ConfigurationError
from bibliopolis.resources.forms import fields_in

GAME = """\
name: game
title: Board game
workflow: lending
behaviours: [blocks]
added_to: [game]
schema_org: Game
fields:
  title: {type: text, title: Title, required: true, translatable: true, max_length: 200}
  players:
    type: integer
    title: Players
    min: 1
    max: 10
    search: {facet: true, sort: true}
  ages: {type: choice, vocabulary: ages, many: true, title: Ages, default: [all]}
  box:
    type: image
    title: Box
    alt_text: required
  other: {type: reference, to: game, title: Similar}
  made: {type: date, title: Made, search: {facet: date}}
"""

LENDING = """\
name: lending
title: Lending
initial: here
states:
  here: {title: Here, permissions: {view: [everyone], check_out: [librarian]}}
  lent: {title: Lent, permissions: {view: [everyone], receive: [librarian]}}
transitions:
  lend: {title: Lend, from: [here], to: lent, permission: check_out}
  take: {title: Take back, from: [lent], to: here, permission: receive}
"""

AGES = "name: ages\ntitle: Ages\nterms:\n  all: Everybody\n  grown: Grown-ups\n"


@pytest.fixture
def site(tmp_path):
    site = tmp_path / "site"
    (site / "content_types" / "vocabularies").mkdir(parents=True)
    (site / "workflows").mkdir()
    (site / "workflows" / "lending.yaml").write_text(LENDING, "utf-8")
    (site / "content_types" / "game.yaml").write_text(GAME, "utf-8")
    (site / "content_types" / "vocabularies" / "ages.yaml").write_text(AGES, "utf-8")
    return site


def test_a_right_declaration_is_read_whole(site, kernel, types_of):
    game = types_of(kernel(site))["game"]

    assert (game.title, game.workflow.name, game.behaviours) == (
        "Board game",
        "lending",
        ("blocks",),
    )
    assert list(game.fields) == [
        "title",
        "players",
        "ages",
        "box",
        "box_alt",
        "other",
        "made",
    ]
    assert [one.name for one in fields_in(game, ("ru",))] == ["title", "box_alt"]
    assert "players" in [one.name for one in fields_in(game, ("*",))]
    assert game.fields["players"].options == {"min": 1, "max": 10}
    assert game.fields["players"].search.facet == "value"
    assert game.fields["made"].search.facet == "date"
    assert game.fields["ages"].default == ["all"]
    assert game.fields["box"].line == 16
    assert game.allowed_roles("check_out", "here") == {"librarian"}
    assert game.allowed_roles("check_out", "lent") == set()
    assert game.allowed_roles("check_out") == {"librarian"}


TYPE = "content_types/game.yaml"
FLOW = "workflows/lending.yaml"
WRONG = {
    "an unknown key": (TYPE, "title: Board", "titel: Board", 2, "did you mean “title”?"),
    "a name unlike the file's": (TYPE, "name: game", "name: toy", 1, "must equal the file's"),
    "an unknown workflow": (TYPE, "workflow: lending", "workflow: lendin", 3, "“lending”?"),
    "no life and no permissions": (TYPE, "workflow: lending\n", "", 1, "either a workflow or a"),
    "an unknown behaviour": (TYPE, "[blocks]", "[block]", 4, "did you mean “blocks”?"),
    "an unknown parent": (TYPE, "added_to: [game]", "added_to: [gam]", 5, "unknown type “gam”"),
    "a wrong schema.org": (TYPE, "schema_org: Game", "schema_org: a game", 6, "schema.org type"),
    "an unknown field type": (TYPE, "{type: text", "{type: txt", 8, "did you mean “text”?"),
    "a field without a type": (TYPE, "    type: integer\n", "", 10, "“type” is missing"),
    "an unknown field key": (TYPE, "    min: 1", "    mni: 1", 12, "did you mean “min”?"),
    "a key of another field type": (TYPE, "many: true, ", "max_length: 3, ", 15, "unknown key"),
    "a number that is none": (TYPE, "min: 1\n", "min: one\n", 12, "a whole number is expected"),
    "min above max": (TYPE, "min: 1\n", "min: 11\n", 12, "min, 11, is more than max, 10"),
    "a wrong facet": (TYPE, "{facet: true, sort: true}", "{facet: day}", 14, "a facet of"),
    "a title read as boolean": (TYPE, "title: Players", "title: no", 11, "YAML reads no as"),
    "a field named no": (TYPE, "  other:", "  no:", 20, "YAML reads no as true or false"),
    "an unknown vocabulary": (TYPE, "vocabulary: ages", "vocabulary: age", 15, "“ages”?"),
    "a default not offered": (TYPE, "default: [all]", "default: [none]", 15, "does not fit"),
    "an unknown alt text": (TYPE, "alt_text: required", "alt_text: must", 19, "unknown way"),
    "a reference to nothing": (TYPE, "to: game", "to: gmae", 20, "unknown type “gmae”"),
    "many of what is one": (TYPE, "{type: date,", "{type: date, many: true,", 21, "one value"),
    "a field twice": (TYPE, "  made:", "  other: {}\n  made:", 21, "is written twice"),
    "an improper name": (TYPE, "  made:", "  Made:", 21, "lower-case Latin letters"),
    "a required yes or no": (
        TYPE,
        "{type: date, title: Made, search: {facet: date}}",
        "{type: boolean, title: Made, required: true}",
        21,
        "cannot be required",
    ),
    "a second description": (TYPE, "  other:", "  box_alt:", 20, "already brings a field"),
    "an empty vocabulary": (
        "content_types/vocabularies/ages.yaml",
        "  all: Everybody\n  grown: Grown-ups\n",
        "  {}\n",
        4,
        "at least one term",
    ),
    "broken YAML": (TYPE, "schema_org: Game", "schema_org: [", 8, "this is not YAML"),
    "an unknown permission": (FLOW, "receive: [lib", "recieve: [lib", 6, "“receive”?"),
    "an unknown role": (FLOW, "receive: [librarian]", "receive: [libarian]", 6, "“librarian”?"),
    "an unknown guard": (
        FLOW,
        "permission: check_out}",
        "permission: check_out, guards: [is_well]}",
        8,
        "unknown guard “is_well”",
    ),
    "a dead end": (
        FLOW,
        "  take: {title: Take back, from: [lent]",
        "  take: {title: T, from: [here]",
        6,
        "no way out",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_declaration_stops_the_start_with_one_line(site, kernel, types_of, wrong):
    name, old, new, line, message = WRONG[wrong]
    file = site / name
    text = file.read_text("utf-8")
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(ConfigurationError) as error:
        types_of(kernel(site))

    shown = "/".join(name.split("/")[-2:])
    assert str(error.value).startswith(f"{shown}:{line}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_type_that_has_both_a_workflow_and_permissions_is_refused(site, kernel, types_of):
    file = site / "content_types" / "game.yaml"
    file.write_text(GAME + "permissions: {view: [everyone]}\n", "utf-8")

    with pytest.raises(ConfigurationError, match="either a workflow or a map of permissions"):
        types_of(kernel(site))


def test_the_types_of_this_site_are_in_order(app):
    types = app.registry["bibliopolis.types"]

    assert {"section", "page", "news", "event", "collection", "record", "library", "hold"} <= {
        one.name for one in types
    }
    assert types["record"].allowed_roles("view") == {"everyone"}
    assert types["record"].allowed_roles("edit") == {"librarian"}
    assert types["hold"].allowed_roles("cancel", "ready") == {"owner", "librarian"}
    assert "event" in [one.name for one in types.addable_to("section")]
