import json
import re
from pathlib import Path

import pytest

THEMES = Path(__file__).parents[3] / "themes"
TEMPLATES = sorted(THEMES.glob("*/templates/**/*.pt"))
ASSETS = THEMES / "default" / "assets"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(THEMES)))
def test_templates_name_only_files_that_are_built(path):
    build = (THEMES / "default" / "build.mjs").read_text(encoding="utf-8")

    for name in re.findall(r"asset\('([^']+)'\)", path.read_text(encoding="utf-8")):
        stem = name.removesuffix(".css") if name.endswith(".css") else name
        assert f'"{stem}"' in build, f"{name} is none of what build.mjs makes"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(THEMES)))
def test_templates_name_only_icons_of_the_sprite(path):
    icons = set(json.loads((ASSETS / "icons.json").read_text(encoding="utf-8")))

    named = set(re.findall(r"icon\('([^']+)'", path.read_text(encoding="utf-8")))
    assert named <= icons


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(THEMES)))
def test_templates_say_their_domain_and_hold_nothing_the_policy_forbids(path):
    text = path.read_text(encoding="utf-8")

    assert 'i18n:domain="bibliopolis"' in text
    # What search engines read (JSON-LD) is data: a browser runs none of it.
    scripts = r"<script(?![^>]*\b(?:src=|type=\"application/ld\+json\"))"
    assert not re.search(scripts + r"|<style|\sstyle=\"|\son[a-z]+=\"", text)


def test_style_sheets_use_logical_properties():
    physical = re.compile(r"(?:margin|padding|border)-(?:left|right)\b|[^-]\b(?:left|right)\s*:")

    for path in sorted(ASSETS.glob("*.css")):
        assert not physical.search(path.read_text(encoding="utf-8")), path.name
