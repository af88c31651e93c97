"""Which descriptions are of one edition, and what keeps editions apart."""

import pytest

from bibliopolis.catalogue.editions import Edition
from bibliopolis.catalogue.matching import Against, Because, compare, keys_of

CRIME = {
    "title": "Преступление и наказание",
    "subtitle": "роман",
    "author": "Достоевский, Федор Михайлович",
    "contributors": [{"name": "Достоевский, Федор Михайлович", "role": "author"}],
    "publisher": "Художественная литература",
    "place": "Москва",
    "year": 1970,
    "extent": "527 с. ; 21 см",
    "kind": "book",
    "languages": ["ru"],
}
ISBN = {"isbns": ["9785170906308"]}


def compared(*, one=CRIME, **other):
    return compare(Edition.of(one), Edition.of({**one, **other}))


def share_a_key(one, other):
    return bool(keys_of(Edition.of(one)) & keys_of(Edition.of(other)))


def without(described, *names):
    return {name: value for name, value in described.items() if name not in names}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"title": "Преступление и наказание :", "subtitle": ""},
        {"title": "Преступление и наказание : роман", "subtitle": ""},
        {"publisher": "Худож. лит."},
        {"publisher": "Изд-во «Художественная литература»"},
        {"publisher": "", "extent": "528 с."},
        {"extent": ""},
        {
            "title": "Prestuplenie i nakazanie",
            "subtitle": "roman",
            "contributors": [{"name": "Dostoevskiĭ, Fedor Mikhaĭlovich"}],
            "publisher": "Khudozhestvennaia literatura",
            "extent": "527 p. ; 21 cm",
        },
        {
            "title": "Prestuplenye i nakazanye",
            "subtitle": "",
            "contributors": [{"name": "Dostoyevsky, Fyodor"}],
            "publisher": "",
        },
    ],
)
def test_the_same_edition_as_another_library_writes_it(other):
    other = {**CRIME, **other}

    assert compared(**other).because is Because.TITLE
    assert share_a_key(CRIME, other)


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Преступление и наказание. Роман в шести частях с эпилогом"},
        {"year": None, "extent": "", "publisher": "", "contributors": []},
        {"title": "Prestuplenie i nakazanie", "contributors": [], "languages": []},
    ],
)
def test_a_number_that_both_have_needs_less_beside(other):
    one = {**CRIME, **ISBN}

    assert compared(one=one, **other).because is Because.ISBN
    assert share_a_key(one, {**one, **other})


@pytest.mark.parametrize(
    ("other", "against"),
    [
        ({"kind": "audiobook"}, Against.KIND),
        ({"kind": "ebook"}, Against.KIND),
        ({"languages": ["en"]}, Against.LANGUAGE),
        ({"part": "Т. 2"}, Against.VOLUME),
        ({"title": "Преступление и наказание. Т. 1"}, Against.VOLUME),
        ({"extent": "2 т."}, Against.SET),
        ({"extent": "1 microfilm reel"}, Against.CARRIER),
        ({"edition": "Крупный шрифт"}, Against.CARRIER),
        ({"year": 1973}, Against.YEAR),
        ({"contributors": [{"name": "Толстой, Лев Николаевич"}]}, Against.PEOPLE),
        ({"extent": "672 с."}, Against.PAGES),
    ],
)
def test_one_thing_that_differs_is_enough_even_with_the_same_isbn(other, against):
    assert compared(one={**CRIME, **ISBN}, **other).against is against


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"part": "Т. 1"}, {"part": "Т. 2"}),
        ({"part": "Том первый"}, {"part": "Том второй"}),
        ({"part": "Кн. I"}, {"part": "Кн. II"}),
        ({"part": "Ч. 3, Воскресение"}, {"part": "Ч. 4, Воскресение"}),
        ({"part": "Volume 3"}, {"part": "v. 4"}),
        ({"edition": "2-е изд."}, {"edition": "3-е изд., испр."}),
        ({"edition": "Second edition"}, {"edition": "3rd ed."}),
        ({"subtitle": "учебник для 5 класса"}, {"subtitle": "учебник для 6 класса"}),
        ({"isbns": ["9785170906308"]}, {"isbns": ["9785699123452"]}),
        ({"subtitle": "учебник"}, {"subtitle": "хрестоматия"}),
        ({"publisher": "Наука"}, {"publisher": "Правда"}),
        ({"extent": "300 с."}, {"extent": "527 с."}),
    ],
)
def test_volumes_reprints_and_neighbours_stay_apart(one, other):
    assert compared(one={**CRIME, **one}, **other).because is None


@pytest.mark.parametrize(("one", "other"), [("Т. 1", "Vol. 1"), ("Часть вторая", "Pt. II")])
def test_a_volume_is_the_same_however_it_is_counted(one, other):
    assert compared(one={**CRIME, "part": one}, part=other).because is Because.TITLE


def test_a_title_of_one_word_without_a_maker_needs_publisher_and_pages():
    physics = {**without(CRIME, "contributors", "author", "subtitle"), "title": "Физика"}

    assert compared(one=physics).because is Because.TITLE
    assert compared(one=physics, extent="").because is None
    assert compared(one=physics, publisher="").because is None


def test_a_title_that_an_author_has_many_books_of_needs_publisher_and_pages():
    stories = {**without(CRIME, "subtitle"), "title": "Рассказы"}

    assert compared(one=stories).because is Because.TITLE
    assert compared(one=stories, extent="").because is None
    assert compared(one={**stories, "title": "Идиот"}, extent="").because is Because.TITLE


def test_without_a_year_a_title_shows_nothing():
    assert compared(one=without(CRIME, "year")).because is None


def test_a_journal_is_one_whatever_year_a_library_begins_with():
    journal = {
        "title": "Вопросы литературы",
        "kind": "serial",
        "issns": ["0042-8795"],
        "languages": ["ru"],
        "year": 1957,
    }

    assert compared(one=journal, year=1960).because is Because.ISSN
    assert share_a_key(journal, {**journal, "year": 1960})
    assert compared(one=journal, part="1960, № 2").against is Against.VOLUME


def test_issues_of_a_journal_stay_apart():
    issue = {"title": "Огонек", "kind": "serial", "issns": ["0131-0097"], "languages": ["ru"]}

    assert compared(one={**issue, "part": "№ 3", "year": 1998}, part="№ 4").because is None
    assert compared(one={**issue, "part": "№ 3", "year": 1998}, year=1999).because is None
    assert compared(one={**issue, "part": "№ 3", "year": 1998}).because is Because.ISSN


def test_old_books_are_not_joined_by_title():
    assert compared(one={**CRIME, "year": 1815}).because is None


def test_a_title_in_a_script_that_is_not_heard_leaves_it_to_the_number():
    hebrew = {**CRIME, **ISBN, "title": "החטא ועונשו", "languages": ["he"], "contributors": []}

    assert compared(one=hebrew, title="ha-Ḥeṭ ṿe-ʻonsho", subtitle="").because is Because.ISBN
