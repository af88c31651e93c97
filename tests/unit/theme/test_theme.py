import json

import pytest

from bibliopolis.assets import Manifest
from bibliopolis.errors import ConfigurationError
from bibliopolis.templates import TemplateNotFound
from bibliopolis.theme import load_themes


def declare(root, name: str, text: str) -> None:
    folder = root / name
    (folder / "templates" / "parts").mkdir(parents=True)
    (folder / "theme.yaml").write_text(text, encoding="utf-8")


def test_a_theme_overrides_files_of_the_one_it_extends(tmp_path):
    declare(tmp_path, "default", "name: default\n")
    declare(tmp_path, "city", "name: city\nextends: default\n")
    parts = '<p metal:use-macro="load: parts/sign.pt"></p>'
    (tmp_path / "default/templates/page.pt").write_text(parts)
    (tmp_path / "default/templates/parts/sign.pt").write_text("<b>default</b>")
    (tmp_path / "city/templates/parts/sign.pt").write_text("<b>city</b>")

    themes = load_themes(tmp_path)

    assert themes["default"].templates.get("page.pt").render() == "<b>default</b>"
    assert themes["city"].templates.get("page.pt").render() == "<b>city</b>"


def test_every_template_is_compiled_once(tmp_path):
    declare(tmp_path, "default", "name: default\n")
    (tmp_path / "default/templates/page.pt").write_text("<p />")
    theme = load_themes(tmp_path)["default"]

    assert theme.templates.get("page.pt") is theme.templates.get(" page.pt ")


def test_what_no_theme_has_is_named(tmp_path):
    declare(tmp_path, "default", "name: default\n")

    with pytest.raises(TemplateNotFound, match=r"nothing\.pt"):
        load_themes(tmp_path)["default"].templates.get("nothing.pt")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: other\n", r"city/theme\.yaml:1: name must be city"),
        ("name: city\ncolour: red\n", r"theme\.yaml:2: unknown key “colour”"),
        ("name: city\nextends: nothing\n", r"theme\.yaml:2: there is no theme nothing"),
        ("name: city\nextends: city\n", r"theme\.yaml:2: a theme cannot extend itself"),
        ("- city\n", r"theme\.yaml:1: "),
    ],
)
def test_a_wrong_declaration_says_where(tmp_path, text, message):
    declare(tmp_path, "city", text)

    with pytest.raises(ConfigurationError, match=message):
        load_themes(tmp_path)


def test_built_files_are_looked_up_along_the_path(tmp_path):
    for name, table in (
        ("default", {"a.css": "a.1.css", "b.css": "b.1.css"}),
        ("city", {"a.css": "a.2.css"}),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(json.dumps(table))
    manifest = Manifest((("city", tmp_path / "city"), ("default", tmp_path / "default")))

    assert manifest.path("a.css") == "city/a.2.css"
    assert manifest.path("b.css") == "default/b.1.css"
    assert manifest.path("c.css") == "default/c.css"
