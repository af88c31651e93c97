"""Addresses are plain letters, whatever the title is written in."""

import pytest

from bibliopolis.content.slugs import is_slug, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Вечер поэзии: город над рекой", "vecher-poezii-gorod-nad-rekoy"),
        ("Ёлка & café", "yolka-cafe"),
        ("نادي الكتاب", "event"),
        ("   ", "event"),
    ],
)
def test_a_title_gives_a_slug(title, slug):
    assert slug_of(title, "event") == slug


def test_a_long_title_is_cut_between_words():
    slug = slug_of("слово " * 40, "page")

    assert len(slug) <= 60
    assert slug.endswith("slovo")


@pytest.mark.parametrize("text", ["", "-a", "a--b", "Ab", "a/b", "@@edit", "é", "a" * 101])
def test_what_is_no_slug(text):
    assert not is_slug(text)
