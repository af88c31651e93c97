"""What is done with words that find nothing as they were typed."""

import pytest
from fixtures.search_documents import keys, query, record

BOOKS = [
    record(1, "Блюдце к чашке XVIII в."),
    record(2, "Война и мир", names=("Толстой, Лев Николаевич",)),
    record(3, "Высшая математика"),
    record(4, "Портрет художника", names=("Джойс, Джеймс",)),
    record(5, "Порт и город"),
    record(6, "Спорт и здоровье"),
]


@pytest.fixture
def shelf(index):
    index.update(BOOKS[:3])
    index.update(BOOKS[3:])
    return index


@pytest.mark.parametrize(
    ("typed", "searched", "found"),
    [
        # The Roman figures are as they were meant, and so is the comma, which is a letter.
        (",k.lwt xfirt xviii", "блюдце чашке xviii", "record:1"),
        ("djqyf b vbh", "война и мир", "record:2"),
        ("толстой djqyf b vbh", "толстой война и мир", "record:2"),
        ("tlstoy война", "толстой война", "record:2"),
        # «порт», «спорт» and «портрет» are all known: it is the other word that tells.
        ("здоровье спрот", "здоровье спорт", "record:6"),
        ("город пойт", "город порт", "record:5"),
    ],
)
def test_each_word_is_read_as_it_was_meant(shelf, typed, searched, found):
    results = shelf.search(query(typed))

    assert keys(results) == [found]
    assert results.also_searched == (searched,)


def test_a_word_that_nothing_has_does_not_hide_what_has_the_others(shelf):
    results = shelf.search(query("высочайшей математика"))

    assert keys(results) == ["record:3"]
    assert not results.all_words


def test_of_two_words_that_never_meet_either_is_found(shelf):
    results = shelf.search(query("математика здоровье"))

    assert set(keys(results)) == {"record:3", "record:6"}
    assert not results.all_words


def test_a_slip_that_makes_another_known_word_is_asked_about(shelf):
    results = shelf.search(query("здоровье порт"))

    assert set(keys(results)) == {"record:5", "record:6"}
    assert results.did_you_mean == "здоровье спорт"


def test_one_word_with_a_slip_is_asked_about_though_a_record_has_that_slip(shelf):
    shelf.update([record(20 + n, f"Достоевский, том {n}") for n in range(6)])
    shelf.update([record(30, "Достоевскмй: каталог выставки")])

    results = shelf.search(query("достоевскмй"))

    assert keys(results) == ["record:30"]
    assert results.did_you_mean == "достоевский"


def test_both_readings_of_a_transliterated_name_are_named(index):
    index.update([record(1, "Песни", names=("Высоцкий, Владимир",)), record(2, "Советский поэт")])

    assert index.search(query("vysotskij")).also_searched == ("высоцкий",)
    assert "советский" in index.search(query("sovetskij")).also_searched


NAMED = [
    record(1, "Война и мир", names=("Толстой, Л. Н.",)),
    record(2, "Хождение по мукам", names=("Толстой, А. Н.",)),
    record(3, "Чайка", names=("Чехов, Антон Павлович",)),
]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Л. Н. Толстой", "record:1"),
        ("толстой а.н.", "record:2"),
        ("Лев Толстой", "record:1"),
        ("Толстой Алексей Николаевич", "record:2"),
        ("А. П. Чехов", "record:3"),
    ],
)
def test_names_are_found_by_initials_and_in_full(index, typed, first):
    index.update(NAMED)

    assert keys(index.search(query(typed)))[0] == first


def test_the_page_says_that_a_name_was_shortened(index):
    index.update(NAMED)

    results = index.search(query("Лев Толстой"))

    assert results.all_words
    assert results.also_searched == ("толстой л",)


def test_initials_alone_do_not_find_everybody(index):
    index.update(NAMED)

    assert index.search(query("Л. Н. Гумилёв")).total == 0


@pytest.mark.parametrize(
    ("typed", "searched", "found"),
    [
        ("data base design", "database design", "record:1"),
        ("языкпрограммирования", "язык программирования", "record:2"),
        ("самоучитель языкпрограммирования", "самоучитель язык программирования", "record:2"),
    ],
)
def test_words_are_joined_and_parted(index, typed, searched, found):
    index.update(
        [
            record(1, "Database design"),
            record(2, "Язык программирования: самоучитель"),
            record(3, "Язык и стиль"),
        ]
    )

    results = index.search(query(typed))

    assert keys(results) == [found]
    assert results.also_searched == (searched,)
