"""The other ways to write a word."""

import pytest

from bibliopolis.search.analysis import fold, identifier_keys, tokenize
from bibliopolis.search.variants import in_cyrillic, other_layout, skeleton, transliterations


@pytest.mark.parametrize(
    "spellings",
    [
        "Достоевский Dostoevsky Dostoyevsky Dostoevskii Dostoyevskiy Dostojewski Dostoievski",
        "Чехов Chekhov Tchekhov Tchehov",
        "Толстой Tolstoy Tolstoi Tolstoj",
        "Цветаева Tsvetaeva Tsvetayeva Zwetajewa",
        "Солженицын Solzhenitsyn Solzhenitzyn",
        "Щедрин Shchedrin Schedrin",
        "Евтушенко Yevtushenko Evtushenko Jewtuschenko",
        "Стругацкий Strugatsky Strugatskii Strugatskij",
        "Горький Gorky Gorki Gorkii",
        "Пастернак Pasternak",
    ],
)
def test_spellings_of_a_name_have_one_skeleton(spellings):
    assert len({skeleton(fold(spelling)) for spelling in spellings.split()}) == 1


def test_different_names_have_different_skeletons():
    names = [
        "Толстой",
        "Тургенев",
        "Тютчев",
        "Чехов",
        "Чуковский",
        "Шолохов",
        "Достоевский",
        "Державин",
    ]

    assert len({skeleton(fold(name)) for name in names}) == len(names)


def test_names_are_transliterated_by_several_schemes():
    assert {"dostoevskii", "dostoevskij", "dostoevsky", "dostoyevskiy"} <= transliterations(
        "достоевский"
    )
    assert transliterations("dostoevsky") == frozenset()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ljcnjtdcrbq", "достоевский"),
        ("Ghtcnegktybt b yfrfpfybt", "Преступление и наказание"),
        ("вщыещумылн", "dostoevsky"),
        ("Достоевский crime", None),
        ("1984", None),
        ("", None),
    ],
)
def test_the_other_keyboard_layout(typed, meant):
    assert other_layout(typed) == meant


def test_russian_in_latin_letters():
    assert in_cyrillic("Prestuplenie i nakazanie") == "преступление и наказание"
    assert in_cyrillic("voyna i mir") == "война и мир"
    assert in_cyrillic("мир") is None


def test_words_are_taken_apart():
    words = [token.folded for token in tokenize("Ёлка: it’s naïve—«йод» 2-е изд. 戦争と平和")]

    assert words == ["елка", "its", "naive", "йод", "2", "е", "изд", "戦争", "争と", "と平", "平和"]


def test_isbns_have_two_forms():
    assert set(identifier_keys("978-0-306-40615-7")) == {"9780306406157", "0306406152"}
    assert set(identifier_keys("ISBN 0-306-40615-2")) == {"9780306406157", "0306406152"}
    assert identifier_keys("979-10-90636-07-1") == ("9791090636071",)
    assert identifier_keys(" 84 (2Рос) ") == ("84(2рос)",)
