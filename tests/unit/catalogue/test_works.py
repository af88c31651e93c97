"""Which editions are of one work, in whatever language and letters."""

import pytest

from bibliopolis.catalogue.record_data import Contributor, RecordData
from bibliopolis.catalogue.works import work_key

CRIME = ("Преступление и наказание", "Достоевский, Федор Михайлович")


def key(title, author=None, **more):
    people = (Contributor(author),) if author else ()
    data = RecordData(
        control_number="1", title=title, title_statement=title, contributors=people, **more
    )
    return work_key(data)


@pytest.mark.parametrize(
    ("title", "author", "more"),
    [
        (*CRIME, {}),
        ("Преступленіе и наказаніе", "Достоевскій, Ѳедоръ", {}),
        ("Prestuplenie i nakazanie", "Dostoevskiĭ, Fedor", {}),
        ("Преступление и наказание", "Достоевский, Ф. М.", {"subtitle": "роман"}),
        ("Crime and punishment", "Dostoyevsky, Fyodor", {"uniform_title": CRIME[0]}),
        ("罪与罚", "Dostoevsky, Fyodor", {"uniform_title": "Prestuplenie i nakazanie"}),
    ],
)
def test_editions_of_a_work_have_one_key(title, author, more):
    assert key(title, author, **more) == key(*CRIME)


@pytest.mark.parametrize(
    ("title", "author", "more"),
    [
        ("Преступление и наказание", "Петров, Иван", {}),
        ("Идиот", CRIME[1], {}),
        ("Преступление", CRIME[1], {}),
        (*CRIME, {"part": "Т. 2"}),
    ],
)
def test_other_works_have_other_keys(title, author, more):
    assert key(title, author, **more) != key(*CRIME)


@pytest.mark.parametrize(
    ("title", "author", "more"),
    [
        ("Slavery report", None, {}),
        ("The idiot and other tales", "Dostoyevsky, Fyodor", {"uniform_title": "Works"}),
        ("Agreement", "China", {"uniform_title": "Treaties, etc. 2008"}),
        ("Сочинения", "Пушкин, Александр", {}),
        ("…", "Пушкин, Александр", {}),
    ],
)
def test_what_only_looks_alike_has_no_key(title, author, more):
    assert key(title, author, **more) is None


def test_an_article_at_the_beginning_makes_no_other_work():
    assert key("The idiot", "Dostoyevsky, Fyodor", non_filing=4) == key("Идиот", CRIME[1])


def test_volumes_of_a_work_are_told_apart_by_their_numbers():
    assert key("Война и мир", "Толстой, Лев", part="Т. 1") == key(
        "Voĭna i mir", "Tolstoĭ, Lev", part="T. 1"
    )
    assert key("Война и мир", "Толстой, Лев", part="Т. 1") != key(
        "Война и мир", "Толстой, Лев", part="Т. 2"
    )


def test_a_key_fits_into_its_column():
    assert len(key("слово" * 100, "Автор, Иван")) == 120
