"""References in the styles of the world: what they say, and that no title can break out of them."""

import pytest
from fixtures.hostile import HOSTILE, make
from hypothesis import given, settings
from lxml import html

from bibliopolis.catalogue.citation_styles import GOST, STYLES, cite
from bibliopolis.catalogue.exports.facts import Facts

URL = "https://libraries.example/ru/catalogue/12"
STYLE = {style.key: style for style in STYLES}
CRIME = {
    "title": "Преступление и наказание",
    "languages": ["ru"],
    "contributors": [
        {"name": "Достоевский, Федор Михайлович", "role": "author"},
        {"name": "Иванов, Иван", "role": "editor"},
    ],
    "publisher": "Наука",
    "place": "Ленинград",
    "year": 1970,
    "edition": "2-е изд., испр.",
    "extent": "808 с. : ил.",
}
IN_ENGLISH = {
    "title": "Crime and punishment",
    "subtitle": "a novel",
    "languages": ["en"],
    "contributors": [
        {"name": "Dostoyevsky, Fyodor", "role": "author"},
        {"name": "Pevear, Richard", "role": "translator"},
        {"name": "Volokhonsky, Larissa", "role": "translator"},
    ],
    "publisher": "Knopf",
    "place": "New York",
    "year": 1993,
    "extent": "xiv, 551 p. ;",
}


def plain(record, key):
    return html.fromstring(f"<p>{cite(Facts.of(record, URL), STYLE[key])}</p>").text_content()


@pytest.mark.parametrize(
    ("fields", "key", "said"),
    [
        (
            CRIME,
            "gost",
            "Достоевский Ф. М. Преступление и наказание. 2-е изд. / под ред. Иванов И. "
            "Л.: Наука, 1970. 808 с.",
        ),
        (
            IN_ENGLISH,
            "gost",
            "Dostoyevsky F. Crime and punishment: a novel / trans. Pevear R., Volokhonsky L. "
            "New York: Knopf, 1993. 551 p.",
        ),
        (
            IN_ENGLISH,
            "apa",
            "Dostoyevsky, F. (1993). Crime and punishment: a novel (R. Pevear & L. Volokhonsky, "
            f"trans.). Knopf. {URL}",
        ),
        (
            IN_ENGLISH,
            "mla",
            "Dostoyevsky, Fyodor. Crime and Punishment: A Novel. Translated by Richard Pevear "
            f"and Larissa Volokhonsky, Knopf, 1993, {URL}.",
        ),
        (
            IN_ENGLISH,
            "chicago",
            "Dostoyevsky, Fyodor. Crime and Punishment: A Novel. Translated by Richard Pevear "
            f"and Larissa Volokhonsky. Knopf, 1993. {URL}.",
        ),
        (
            IN_ENGLISH,
            "chicago-author-date",
            "Dostoyevsky, Fyodor. 1993. Crime and Punishment: A Novel. Translated by Richard "
            f"Pevear and Larissa Volokhonsky. Knopf. {URL}.",
        ),
        (
            {"title": "الجريمة والعقاب", "languages": ["ar"], "year": 1999}
            | {"contributors": [{"name": "دوستويفسكي، فيودور", "role": "author"}]},
            "apa",
            f"دوستويفسكي, فيودور. (1999). الجريمة والعقاب. {URL}",
        ),
        (
            {"title": "罪与罚", "languages": ["zh"], "year": 2003}
            | {"contributors": [{"name": "陀思妥耶夫斯基", "role": "author"}]},
            "chicago",
            f"陀思妥耶夫斯基. 罪与罚. 2003. {URL}.",
        ),
    ],
)
def test_a_reference_reads_as_its_style_wants(fields, key, said):
    assert plain(make(**fields), key) == said


@pytest.mark.parametrize("key", STYLE)
@pytest.mark.parametrize("people", [[], [{"name": "Иванов, Иван", "role": "editor"}]])
def test_nothing_stands_twice_where_nobody_wrote_it(key, people):
    said = plain(make(**{**CRIME, "contributors": people}), key)

    assert said.count("Преступление и наказание") == 1
    assert said.count("Иванов") == len(people)


@pytest.mark.parametrize("kind", ["serial", "film", "map", "score", "sound", "article", "other"])
@pytest.mark.parametrize("key", STYLE)
def test_every_kind_has_a_reference(kind, key):
    people = [{"name": "Тарковский, Андрей", "role": role} for role in ("director", "composer")]

    said = plain(make(kind=kind, title="Зеркало", contributors=people, languages=["ru"]), key)

    assert said.count("Зеркало") == 1
    assert "Тарковский" in said


@pytest.mark.parametrize("key", STYLE)
def test_a_title_is_no_markup(key):
    title = "<script>alert(1)</script> & <i>more</i> &lt; \ue000b\ue001"
    said = cite(Facts.of(make(title=title, languages=["ru"]), URL), STYLE[key])

    assert "<script" not in said
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;i&gt;more" in said
    assert "<b" not in said


@given(HOSTILE)
@settings(max_examples=40)
def test_no_record_breaks_a_reference(record):
    facts = Facts.of(record, URL)
    for style in STYLES:
        tree = html.fromstring(f"<p>{cite(facts, style)}</p>")
        assert {one.tag for one in tree.iter()} <= {"p", "i", "b", "sup", "sub"}
        assert letters(facts.title) in letters(tree.text_content())


def letters(text):
    return "".join(letter for letter in text.casefold() if letter.isalnum() and letter < "\ue000")


def test_gost_is_the_first_that_is_offered():
    assert STYLES[0] is GOST
