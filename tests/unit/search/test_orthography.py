"""Russian before 1918, and Russian in the letters of foreign libraries."""

import pytest
from fixtures.search_documents import keys, query, record

from bibliopolis.search.analysis import plain_word
from bibliopolis.search.transliterated import russian_of


@pytest.mark.parametrize(
    ("written", "now"),
    [
        ("міръ", "мир"),
        ("бѣлыя", "белые"),
        ("ѳеодоръ", "феодор"),
        ("россійскаго", "российского"),
        ("большаго", "большого"),
        ("настоящаго", "настоящего"),
        ("послѣдняго", "последнего"),
        ("безсмертіе", "бессмертие"),
        ("безконечный", "бесконечный"),
        ("разсказъ", "рассказ"),
        ("изслѣдованіе", "исследование"),
        ("съ", "с"),
        # As they are, then and now.
        ("живаго", "живаго"),
        ("чикаго", "чикаго"),
        ("безумный", "безумный"),
        ("объезд", "объезд"),
        ("разум", "разум"),
    ],
)
def test_old_spelling_is_read_as_that_of_today(written, now):
    assert plain_word(written) == now


OLD = record(1, "Преступленіе и наказаніе", names=("Достоевскій, Ѳ. М.",))
NEW = record(2, "История государства Российского")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("преступление", "record:1"),
        ("преступления и наказания", "record:1"),
        ("достоевский", "record:1"),
        ("исторія государства россійскаго", "record:2"),
        ('"Исторія Государства"', "record:2"),
    ],
)
def test_books_are_found_in_either_spelling(index, typed, found):
    index.update([OLD, NEW])

    assert keys(index.search(query(typed))) == [found]


def test_the_modern_word_is_named_where_the_old_was_typed(index):
    index.update([NEW, record(3, "История")])

    assert "история" in index.search(query("исторія")).also_searched


def test_the_complete_title_comes_first_in_either_spelling(index):
    index.update([record(1, "Война и миръ: отзывы"), record(2, "Война и мир в романе о мире")])

    assert keys(index.search(query("война и мир")))[0] == "record:1"


@pytest.mark.parametrize(
    ("transliterated", "russian"),
    [
        ("Oruzheĭnai︠a︡ palata", "оружейная палата"),
        ("Russkai͡a nat͡sionalʹnai͡a arkhitektura", "русская национальная архитектура"),
        ("Ėkonomika gorodov", "экономика городов"),
        ("Materīaly dli︠a︡ biblīografīi", "материалы для библиографии"),
        ("Ŝedrin i čitatelʹ", "щедрин и читатель"),
        ("Sovetskaia demokratiia", "советская демократия"),
        ("Советская demokratii︠a︡", None),
    ],
)
def test_a_transliteration_can_be_undone(transliterated, russian):
    assert russian_of(transliterated) == russian


@pytest.mark.parametrize(
    "typed",
    [
        "Русская национальная архитектура",
        "национальной архитектуры",
        "терехов архитектура",
        "russkaia natsionalnaia arkhitektura",
        "russkaya natsionalnaya arkhitektura",
        "Russkai︠a︡ nat︠s︡ionalʹnai︠a︡ arkhitektura",
        "архитект*",
    ],
)
def test_a_transliterated_title_is_found_in_its_own_letters_too(index, typed):
    title = "Russkai︠a︡ nat︠s︡ionalʹnai︠a︡ arkhitektura"
    index.update(
        [
            record(1, title, language="ru", names=("Terekhov, V. S.",)),
            record(2, "History of architecture", language="en"),
        ]
    )

    assert keys(index.search(query(typed))) == ["record:1"]
