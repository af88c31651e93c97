"""One record of what several libraries say: who leads, what the others add."""

from bibliopolis.catalogue.union import Said, unite

ROMANISED = {
    "title": "Prestuplenie i nakazanie",
    "sort_key": "prestuplenie i nakazanie",
    "author": "Dostoevskiĭ, Fedor",
    "contributors": [{"name": "Dostoevskiĭ, Fedor"}],
    "publisher": "Nauka",
    "year": 1970,
    "kind": "book",
    "language": "ru",
    "languages": ["ru"],
    "isbns": ["9785170906308"],
    "subjects": ["Conscience"],
    "summary": "A student kills.",
}
RUSSIAN = {
    "title": "Преступление и наказание",
    "sort_key": "преступление и наказание",
    "kind": "book",
    "language": "ru",
    "languages": ["ru"],
    "subjects": ["Совесть", "conscience"],
}


def said(number, described):
    return Said(number, number * 10, f"n{number}", described)


def test_one_description_is_the_record():
    record = unite([said(1, ROMANISED)])

    assert {name: record[name] for name in ROMANISED} == ROMANISED
    assert (record["edition"], record["series"]) == (None, [])
    assert (record["library_id"], record["control_number"]) == (10, "n1")
    assert record["library_ids"] == [10]
    assert record["field_sources"] is None


def test_a_title_in_its_own_letters_leads_and_the_other_helps_to_find_it():
    record = unite([said(1, ROMANISED), said(2, RUSSIAN)])

    assert record["title"] == "Преступление и наказание"
    assert record["other_titles"] == ["Prestuplenie i nakazanie"]
    assert (record["library_id"], record["control_number"]) == (20, "n2")
    assert record["library_ids"] == [20, 10]


def test_what_one_does_not_say_another_does_and_it_is_known_who():
    record = unite([said(1, ROMANISED), said(2, RUSSIAN)])

    assert (record["publisher"], record["year"]) == ("Nauka", 1970)
    assert record["subjects"] == ["Совесть", "conscience"]
    given = record["field_sources"]
    assert given["title"] == [2]
    assert given["publisher"] == given["summary"] == given["author"] == [1]
    assert given["subjects"] == [2]
    assert given["isbns"] == [1]
    assert set(given) <= set(record)


def test_a_subtitle_is_not_taken_from_another_title():
    other = {**RUSSIAN, "title": "Преступленье и наказанье", "subtitle": "роман"}

    record = unite([said(1, {**RUSSIAN, "summary": "Июль.", "age": 16}), said(2, other)])

    assert (record["title"], record["subtitle"]) == ("Преступление и наказание", None)


def test_the_order_in_which_they_came_makes_no_difference():
    both = [said(1, ROMANISED), said(2, RUSSIAN)]

    assert unite(both) == unite(reversed(both))
