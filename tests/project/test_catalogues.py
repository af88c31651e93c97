"""Catalogues: nothing forgotten, nothing lost in translation."""

import re
from gettext import c2py
from io import BytesIO

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from fixtures.sites import SITE

from bibliopolis.extraction import fill_source_language

LOCALES = SITE / "locales"
CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))
# A language that has only begun may have gaps; what it says must still be right.
COMPLETE = {"en", "ru"}
PLACEHOLDER = re.compile(r"\$\{\w+\}")
KEYWORDS = {**DEFAULT_KEYWORDS, "_n": (1, 2)}


def read(path):
    with path.open("rb") as stream:
        return read_po(stream, locale=path.parent.parent.name if path.suffix == ".po" else None)


def language(path):
    return path.parent.parent.name


def messages(path):
    return [message for message in read(path) if message.id]


def forms(text):
    return tuple(text) if isinstance(text, list | tuple) else (text,)


@pytest.fixture(scope="session")
def extracted():
    """The texts that the code, the templates and the declarations hold now."""
    with (SITE / "babel.cfg").open(encoding="utf-8") as stream:
        mapping, options = parse_mapping_cfg(stream, "babel.cfg")
    found = extract_from_dir(SITE, mapping, options, KEYWORDS)
    return {forms(text) for _file, _line, text, _comments, _context in found}


def test_the_template_of_the_catalogues_is_up_to_date(extracted):
    kept = {forms(message.id) for message in messages(LOCALES / "bibliopolis.pot")}

    assert extracted - kept == set(), "make messages extracts these"
    assert kept - extracted == set(), "make messages removes these"


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_catalogue_holds_the_texts_of_the_template(path):
    kept = {forms(message.id) for message in messages(LOCALES / "bibliopolis.pot")}
    here = {forms(message.id) for message in messages(path)}

    assert here == kept, "make messages brings them"


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_a_complete_language_has_no_gaps(path):
    gaps = [
        message.id
        for message in messages(path)
        if message.fuzzy or not all(forms(message.string or ""))
    ]

    assert gaps == [] or language(path) not in COMPLETE


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_no_placeholder_is_lost_or_invented(path):
    """A plural form may leave out the number: some languages say "one book" without it."""
    wrong = []
    for message in messages(path):
        wanted = set(PLACEHOLDER.findall(" ".join(forms(message.id))))
        for form in filter(None, forms(message.string or "")):
            found = set(PLACEHOLDER.findall(form))
            optional = {"${n}"} if message.pluralizable else set()
            if found - wanted or (wanted - optional) - found:
                wrong.append((message.id, form))

    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_plurals_have_as_many_forms_as_the_language(path):
    number = read(path).num_plurals
    wrong = [
        message.id
        for message in messages(path)
        if message.pluralizable and len(forms(message.string)) != number
    ]

    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=language)
def test_nothing_in_a_catalogue_is_guessed_or_left_behind(path):
    catalogue = read(path)

    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize(
    ("tag", "forms_of"),
    [
        ("ru", {1: 0, 21: 0, 2: 1, 24: 1, 0: 2, 5: 2, 11: 2, 12: 2, 112: 2}),
        ("en", {1: 0, 0: 1, 2: 1, 21: 1}),
        ("ar", {0: 0, 1: 1, 2: 2, 3: 3, 110: 3, 100: 4, 11: 5, 99: 5}),
    ],
)
def test_a_catalogue_counts_as_its_language_does(tag, forms_of):
    catalogue = read(LOCALES / tag / "LC_MESSAGES" / "bibliopolis.po")
    form = c2py(catalogue.plural_expr)

    assert str(catalogue.locale) == tag
    assert {n: form(n) for n in forms_of} == forms_of


def test_the_language_of_the_texts_is_filled_with_them_but_for_better_words(tmp_path):
    path = tmp_path / "en" / "LC_MESSAGES" / "bibliopolis.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr ""\n"Language: en\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        'msgid "Find"\nmsgstr ""\n\n'
        'msgid "${n} copy"\nmsgid_plural "${n} copies"\nmsgstr[0] ""\nmsgstr[1] ""\n\n'
        'msgid "Lend"\nmsgstr "Check out"\n'
    )

    assert fill_source_language(path) == 2
    assert {forms(one.id): forms(one.string) for one in messages(path)} == {
        ("Find",): ("Find",),
        ("${n} copy", "${n} copies"): ("${n} copy", "${n} copies"),
        ("Lend",): ("Check out",),
    }


def test_texts_of_declarations_are_extracted_with_their_line():
    from bibliopolis.extraction import extract_declaration

    declaration = b"""\
name: dvd
title: Film
fields:
  length: {type: integer, title: Minutes}
terms:
  silent: Silent films
"""

    found = list(extract_declaration(BytesIO(declaration), (), (), {}))

    assert [(line, text) for line, _function, text, _comments in found] == [
        (2, "Film"),
        (4, "Minutes"),
        (6, "Silent films"),
    ]


def test_texts_of_templates_are_extracted(tmp_path):
    from bibliopolis.extraction import extract_chameleon

    page = tmp_path / "page.pt"
    page.write_text(
        '<p i18n:domain="bibliopolis"><b i18n:translate="">Hold <i i18n:name="n">1</i></b>'
        '<a title="Close" i18n:attributes="title">${_("Open")}</a></p>'
    )
    with page.open("rb") as stream:
        found = list(extract_chameleon(stream, (), (), {"domain": "bibliopolis"}))

    assert {text for _line, _function, text, _comments in found} == {
        "Hold ${n}",
        "Close",
        "Open",
    }
