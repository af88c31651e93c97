"""docs/extending.md shows a package whole; what it shows is what is tested here."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from fixtures.people import PASSWORDS
from webtest import TestApp

from bibliopolis import configure
from bibliopolis.content.services import Edit
from bibliopolis.errors import ConfigurationError, Conflict
from bibliopolis.request_class import make_app
from bibliopolis.resources.context import FieldContext
from bibliopolis.resources.json import display, type_schema
from bibliopolis.search.ram import RamIndex
from bibliopolis.startup import plain_errors

DOC = Path(__file__).resolve().parents[2] / "docs" / "extending.md"
FILES = re.compile(r"^`(board_games/[\w.]+)`\n\n```\w+\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """The package of the document, written to a folder that Python looks into."""
    for name, text in FILES.findall(DOC.read_text("utf-8")):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "board_games"
    sys.modules.pop("board_games", None)


@pytest.fixture
def start(ini, engine, clock):
    """Start a site that names the package in its settings."""

    def start():
        registered = {
            "bibliopolis.engine": engine,
            "bibliopolis.clock": clock,
            "bibliopolis.passwords": PASSWORDS,
            "bibliopolis.search_index": RamIndex(),
        }
        with plain_errors():
            settings = {**ini, "bibliopolis.packages": "board_games"}
            return make_app(configure(settings, registered))

    return start


@pytest.fixture
def app(written, start):
    return start()


@pytest.fixture
def types(app):
    return app.registry["bibliopolis.types"]


def test_the_package_is_under_thirty_lines_of_python(written):
    lines = (written / "__init__.py").read_text("utf-8").splitlines()

    assert len(lines) < 35
    assert len([line for line in lines if line.strip()]) < 30


def test_the_type_is_there_with_form_json_and_words(types):
    game = types["game"]
    context = FieldContext(types)

    assert "game" in [one.name for one in types.addable_to("section")]
    schema = type_schema(game, context)
    assert schema["required"] == ["title"]
    assert schema["properties"]["players"]["maximum"] == 20
    assert schema["properties"]["difficulty"]["enum"] == ["easy", "hard"]
    shown = display(game, {"duration": 90, "difficulty": "easy"}, ["*"], context)
    assert [one["value"] for one in shown] == ["1:30", ["Easy"]]


def test_a_game_is_put_on_the_shelf_once_all_its_pieces_are_there(app, as_role, types):
    editor = as_role("editor")
    section = editor.tree.create(
        editor.tree.root(), "section", "games", owner_id=None, source_language="en"
    )
    game = editor.tree.create(section, "game", "chess", owner_id=None, source_language="en")
    shared = {"players": 2, "missing": "a white rook"}
    editor.editing.save(game, "en", Edit(data={"title": "Chess"}, shared=shared))

    with pytest.raises(Conflict) as refusal:
        editor.editing.take(game, "en", "put_out")
    assert [reason.interpolate() for reason in refusal.value.reasons] == [
        "Pieces are missing: a white rook"
    ]

    editor.editing.save(game, "en", Edit(data={"title": "Chess"}, shared={"players": 2}))
    editor.editing.take(game, "en", "put_out")
    assert editor.editing.translation(game, "en").state == "on_shelf"
    assert editor.editing.translation(game, "en").live is not None


def test_an_editor_adds_a_game_in_the_browser_and_visitors_read_it(
    app, web, make_person, sign_in, publish
):
    publish(publish.chief.tree.root(), "section", "games", language="en", title="Games")
    make_person("anna", editor="")
    sign_in("anna")
    form = web.get("/en/games/@@add", {"type": "game"}).forms["page"]
    form["title"], form["players"], form["duration"], form["difficulty"] = "Go", "2", "90", "hard"
    form.submit("do", value="save", status=303)
    visitor = TestApp(app, extra_environ={**web.extra_environ})
    visitor.get("/en/games/go", status=404)

    steps = web.get("/en/games/go/@@preview").forms["steps"]
    steps.submit("do", value="take:put_out", status=303)

    page = visitor.get("/en/games/go")
    assert "Go" in page.html.find("h1").text
    assert "1:30" in page.text
    assert "Hard" in page.text
    answer = visitor.get("/en/games/go", headers={"Accept": "application/json"}).json
    assert (answer["@type"], answer["players"], answer["duration"]) == ("game", 2, 90)


def test_staff_see_the_package_s_workflow(app, web, make_person, sign_in):
    make_person("anna", editor="")

    page = sign_in("anna").get("/en/staff/workflows")

    assert page.html.find(id="shelf").find("svg", role="img")
    assert "all the pieces are there" in page.text


WRONG = {
    "an unknown key": ("game.yaml", "title: Board", "titel: Board", 2, "did you mean “title”?"),
    "another name": ("game.yaml", "name: game", "name: toy", 1, "must equal the file's"),
    "an unknown workflow": ("game.yaml", "workflow: shelf", "workflow: shelv", 5, "“shelf”?"),
    "an unknown field type": ("game.yaml", "type: minutes", "type: minute", 13, "“minutes”?"),
    "an unknown parent": ("game.yaml", "[section]", "[sektion]", 7, "“section”?"),
    "an unknown vocabulary": ("game.yaml", ": difficulties", ": difficulty", 14, "“difficulties”"),
    "a word YAML reads as no": ("difficulties.yaml", "hard: Hard", "no: No", 5, "in quotes"),
    "an unknown state": ("shelf.yaml", "to: on_shelf", "to: onshelf", 12, "“on_shelf”?"),
    "an unknown guard": ("shelf.yaml", "all_pieces_are_there]", "all_pieces]", 12, "guard"),
    "an unknown role": ("shelf.yaml", "move: [editor]", "move: [edditor]", 5, "“editor”?"),
    "an unknown permission": ("shelf.yaml", "share:", "shear:", 5, "did you mean “share”?"),
    "nobody may": ("shelf.yaml", "publish: [editor]}}\n\n", "publish: []}}\n\n", 14, "nobody may"),
    "a key twice": ("game.yaml", "icon: dice-5", "title: Game", 4, "written twice"),
    "a list that is none": ("game.yaml", "[blocks]", "blocks", 6, "a list is expected"),
    "broken YAML": ("game.yaml", "{type: minutes,", "{type: minutes", 13, "this is not YAML"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_declaration_stops_the_start_with_one_clear_line(written, start, wrong):
    name, old, new, line, message = WRONG[wrong]
    file = written / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(ConfigurationError) as error:
        start()

    told = str(error.value)
    assert told.startswith(f"board_games/{name}:{line}: ")
    assert message in told
    assert "\n" not in told


def test_every_directive_is_in_the_document(app):
    text = DOC.read_text("utf-8")
    ours = [
        name
        for name, (directive, _wrapped) in app.registry._directives.items()
        if directive.__module__.startswith("bibliopolis.")
    ]

    assert [name for name in ours if f"`{name}(" not in text] == []


def test_every_key_of_a_declaration_is_in_the_document(types):
    from bibliopolis.resources import loader
    from bibliopolis.workflow import loader as workflows

    text = DOC.read_text("utf-8")
    kinds = types.field_types.values()
    keys = {
        *loader.KEYS,
        *loader.FIELD_KEYS,
        *(key for kind in kinds for key in kind.options),
        *workflows.KEYS,
        *workflows.STATE_KEYS,
        *workflows.TRANSITION_KEYS,
    }

    assert [key for key in sorted(keys) if f"`{key}" not in text] == []
