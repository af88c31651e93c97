"""Fields of the query language, as texts: taken apart, put together, changed."""

import pytest

from bibliopolis.search.plans import parse
from bibliopolis.search.within import (
    Clause,
    Within,
    change_values,
    clause_for,
    clauses,
    has_fields,
    joined,
)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("война мир", [Clause("война мир")]),
        ("автор:толстой", [Clause("толстой", Within.AUTHOR, "автор")]),
        (
            "война author:(лев толстой) мир",
            [Clause("война"), Clause("лев толстой", Within.AUTHOR, "author"), Clause("мир")],
        ),
        ('-title:"война и мир"', [Clause('"война и мир"', Within.TITLE, "title", True)]),
        ("title:(не закрыто", [Clause("не закрыто", Within.TITLE, "title")]),
        ('"в кавычках author:никто"', [Clause('"в кавычках author:никто"')]),
        ("https://example.org", [Clause("https://example.org")]),
        ("author:", [Clause("author:")]),
        ("author:()", [Clause("author:()")]),
        ("", []),
    ],
)
def test_what_is_typed_is_taken_apart(typed, said):
    assert clauses(typed) == said
    assert has_fields(typed) == any(clause.within for clause in said)


@pytest.mark.parametrize(
    "typed",
    ["автор:толстой", "война author:(лев толстой) мир", '-title:"война и мир"', "a shelf:84(2)1"],
)
def test_clauses_put_together_are_the_same_text(typed):
    assert joined(clauses(typed)) == typed


@pytest.mark.parametrize(
    ("within", "value", "text"),
    [
        (Within.AUTHOR, "Толстой", "автор:Толстой"),
        (Within.AUTHOR, " лев  толстой ", "автор:(лев толстой)"),
        (Within.TITLE, '"война и мир"', 'название:"война и мир"'),
        (Within.TITLE, 'роман "война и мир"', 'название:(роман "война и мир")'),
        (Within.TITLE, "скобки (1) и )", "название:(скобки 1 и)"),
        (Within.TITLE, 'одна " кавычка', "название:(одна кавычка)"),
        (Within.SHELF, "84(2Рос=Рус)1 Д70", 'шифр:"84(2Рос=Рус)1 Д70"'),
        (Within.SHELF, "К7*", "шифр:К7*"),
        (Within.NUMBER, "978-5-17-090630-8", "isbn:978-5-17-090630-8"),
    ],
)
def test_a_field_of_a_form_becomes_a_clause_that_reads_the_same(within, value, text):
    clause = clause_for(within, value, "ru")

    if within is Within.NUMBER:
        text = text.replace("isbn", "номер")
    assert clause.text == text
    assert clauses(text) == [clause]


@pytest.mark.parametrize("value", ["", "  ", '"', "()", "-", '""'])
def test_nothing_in_a_field_is_no_clause(value):
    assert clause_for(Within.TITLE, value, "ru") is None


def test_changed_words_keep_their_fields_and_numbers_stay():
    changed = change_values("author:(a b) c isbn:12", lambda words: words.upper())

    assert changed == "author:(A B) C isbn:12"
    assert change_values("author:a isbn:12", lambda words: None) is None


def test_a_hostile_text_is_taken_apart_quickly():
    for text in ("author:(" * 50, '"author:' * 50, "a:" * 200, "title:" + "(" * 390, ":" * 400):
        parse(text)
