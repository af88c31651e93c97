"""What every page template must say, and must not."""

import re

import pytest
from bs4 import BeautifulSoup
from fixtures.sites import SITE

EXPRESSION = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}")
WORD = re.compile(r"[^\W\d_]{2}")
SPOKEN = ("alt", "aria-label", "placeholder", "title")
# The same in every language.
NAMES = {"CSV", "ISBN", "ISSN", "OpenStreetMap", "SVG", ".yaml"}
TEMPLATES = sorted((SITE / "themes").glob("*/templates/**/*.pt"))


def named(path):
    return str(path.relative_to(SITE / "themes"))


@pytest.fixture(params=TEMPLATES, ids=named)
def text(request):
    return re.sub(r"<!--.*?-->", "", request.param.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_root_element_names_the_domain(text):
    """Without it, the texts below are silently neither extracted nor translated."""
    root = re.search(r"""<[a-z](?:[^>"']|"[^"]*"|'[^']*')*>""", text)

    assert 'i18n:domain="bibliopolis"' in root[0]


def test_every_text_is_marked_for_translation(text):
    page = BeautifulSoup(text, "html.parser")
    texts = [
        found
        for found in page.find_all(string=WORD)
        if type(found).__name__ == "NavigableString"
        and not any("i18n:translate" in parent.attrs for parent in found.parents)
    ]
    attributes = [
        element[name]
        for element in page.find_all(True)
        for name in SPOKEN
        if name in element.attrs
        and name not in re.split(r"[;\s]+", element.get("i18n:attributes", ""))
    ]

    said = {EXPRESSION.sub("", found).strip() for found in (*texts, *attributes)}

    assert {one for one in said if WORD.search(one)} <= NAMES


def test_nothing_needs_an_exception_from_the_content_security_policy(text):
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)", text)


def test_every_form_that_changes_something_carries_the_token(text):
    for form in re.findall(r"<form\b[^>]*>.*?</form>", text, re.DOTALL | re.IGNORECASE):
        start = form[: form.index(">")]
        # Language and colours are kept in cookies, for visitors without a session too.
        if re.search(r'method="post"', start, re.IGNORECASE) and "view_settings" not in start:
            assert "csrf_token" in form
