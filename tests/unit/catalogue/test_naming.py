"""Names as people say them."""

import pytest

from bibliopolis.catalogue.naming import author_on_cover, name_of, short, spoken


@pytest.mark.parametrize(
    ("filed", "said", "on_cover"),
    [
        ("Достоевский, Федор Михайлович", "Федор Михайлович Достоевский", "Ф. М. Достоевский"),
        ("Dostoevsky, Fyodor", "Fyodor Dostoevsky", "F. Dostoevsky"),
        ("Толстой, Лев Николаевич, граф", "Лев Николаевич Толстой, граф", "Л. Н. Толстой"),
        ("King, Martin Luther, Jr", "Martin Luther King, Jr", "M. L. King"),
        ("Rowling, J. K.", "J. K. Rowling", "J. K. Rowling"),
        ("Humboldt, Alexander von", "Alexander von Humboldt", "A. Humboldt"),
        ("Гомер", "Гомер", "Гомер"),
        ("الخيام، عمر", "عمر الخيام", "عمر الخيام"),
        ("", "", ""),
    ],
)
def test_a_filed_name_is_turned_round(filed, said, on_cover):
    assert (spoken(filed), short(filed)) == (said, on_cover)


def test_a_body_keeps_its_name():
    body = {"name": "Institute of History, Moscow", "direct": True}

    assert name_of(body) == "Institute of History, Moscow"
    assert author_on_cover(body["name"], [body]) == "Institute of History, Moscow"


def test_a_name_in_its_own_script_is_preferred():
    assert name_of({"name": "Rubina, Dina", "original": "Рубина, Дина"}) == "Дина Рубина"
