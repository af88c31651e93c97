"""development.ini is where operators read about settings: it names all, and no others."""

from configparser import ConfigParser
from dataclasses import fields

import pytest
from fixtures.sites import SITE

from bibliopolis.settings import PREFIX, Settings

TEXT = (SITE / "development.ini").read_text(encoding="utf-8")
# An .ini file speaks of its own folder, the default of the current one; and it serves the demo,
# which has pages in more languages than a site needs to.
DIFFERENT = {"site", "data", "page_languages", "welcome_page"}


def settings_of(name):
    parser = ConfigParser(defaults={"here": "."}, delimiters=("=",))
    parser.read(SITE / name, encoding="utf-8")
    return {
        key.removeprefix(PREFIX): value
        for key, value in parser["app:main"].items()
        if key.startswith(PREFIX)
    }


def test_development_ini_lists_every_setting_with_its_default():
    defaults = {item.name: item.metadata["default"] for item in fields(Settings)}
    listed = settings_of("development.ini")

    assert set(listed) == set(defaults)
    assert {name: listed[name] for name in defaults if name not in DIFFERENT} == {
        name: default for name, default in defaults.items() if name not in DIFFERENT
    }


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.name)
def test_every_setting_is_explained(item):
    lines = TEXT.splitlines()
    position = next(i for i, line in enumerate(lines) if line.startswith(PREFIX + item.name))

    assert lines[position - 1].startswith("# ")
    assert item.metadata["doc"]


def test_production_ini_names_no_unknown_setting():
    assert set(settings_of("production.ini")) <= {item.name for item in fields(Settings)}
