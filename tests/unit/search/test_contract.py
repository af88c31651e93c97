"""What every search backend promises."""

import unicodedata
from dataclasses import replace

import pytest
from fixtures.search_documents import (
    ALL,
    ANYBODY,
    CRIME,
    EVERYONE,
    LiveFacet,
    keys,
    person,
    query,
    record,
)
from zope.interface.verify import verifyObject

from bibliopolis.search.documents import Listing, LiveChanges, LiveState, Sort
from bibliopolis.search.interfaces import ISearchIndex

FACETS = ("kind", "language", "library", "subject", "year")
AVAILABILITY = LiveFacet("availability")
BY_LIBRARY = LiveFacet("availability", anywhere="city")


def test_it_is_a_search_index(index):
    assert verifyObject(ISearchIndex, index)


def test_without_words_everything_is_found(filled):
    results = filled.search(query())

    assert results.total == len(ALL) == filled.doc_count()
    assert set(keys(results)) == {document.key for document in ALL}


def test_a_hit_says_what_it_is(filled):
    (hit,) = filled.search(query("вечер")).hits

    assert (hit.key, hit.resource, hit.type, hit.language) == (
        "content:4",
        ("content", 4),
        "event",
        "ru",
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("преступления", {"record:1", "record:7"}),
        ("Наказаний", {"record:1", "record:7"}),
        ("crimes", {"record:2"}),
        ("елка", {"record:3"}),
        ("ЁЛКИ", {"record:3"}),
        (unicodedata.normalize("NFD", "Ёлка"), {"record:3"}),
        ("книги и читатели", {"record:3"}),
        ("القرآن", {"record:5"}),
        ("القران الكريم", {"record:5"}),
        ("قرآن", {"record:5"}),
        ("ﺍﻟﻘﺮﺁﻥ", {"record:5"}),
        ("争", {"record:6"}),
        ("和", {"record:6"}),
        ("平和", {"record:6"}),
        ("戦争と平和", {"record:6"}),
        ("Фёдор Достоевский", {"record:1", "record:2"}),
        ("достоевский -punishment", {"record:1", "record:4", "record:7"}),
        ('"преступление и наказание"', {"record:1"}),
        ('"вечер достоевского"', {"content:4"}),
        ('достоевский -"преступление и наказание"', {"record:2", "content:4", "record:7"}),
        ("праздн*", {"record:3"}),
        ("преступление празд*", set()),
    ],
)
def test_words_are_found_in_all_their_forms(filled, typed, found):
    results = filled.search(query(typed))

    if results.all_words:
        assert {key.replace("record:4", "content:4") for key in found} == set(keys(results))
    else:
        assert not found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("автор:достоевский", {"record:1", "record:2"}),
        ("author:Dostoevsky", {"record:1", "record:2"}),
        ("AUTHOR:(Достоевский Фёдор)", {"record:1", "record:2"}),
        ("مؤلف:достоевский", {"record:1", "record:2"}),
        ("author:ljcnjtdcrbq", {"record:1", "record:2"}),
        ("author:достоевскй", {"record:1", "record:2"}),
        ("author:досто*", {"record:1"}),
        ("author:dostoye*", {"record:1", "record:2"}),
        ('author:"Михайлович Достоевский"', set()),
        ('author:"Достоевский Фёдор"', {"record:1"}),
        ("author:анциферов преступление", {"record:7"}),
        ("преступление -author:анциферов", {"record:1"}),
        ("title:достоевского", {"content:4", "record:7"}),
        ("название:преступ*", {"record:1"}),
        ("title:prestuplenie", {"record:1"}),
        ("title:(петербург преступление)", set()),
        ("title:город", set()),
        ("тема:совесть", {"record:1"}),
        ("subject:преступление", set()),
        ("издательство:художественная", {"record:1"}),
        ('publisher:"художественная литература"', {"record:1"}),
        ("author:достоевский publisher:наука", set()),
        ("серия:(классики современники)", {"record:1"}),
        ("isbn:9785170906308", {"record:1"}),
        ("number:978-5-17-090630-8", {"record:1"}),
        ("isbn:5170906307", {"record:1"}),
        ('шифр:"84(2Рос=Рус)1 Д70"', {"record:1"}),
        ("шифр:84(2Рос=Рус)1", {"record:1"}),
        ("shelf:84(2Рос*", {"record:1"}),
        ("shelf:9785170906308", set()),
        ("петербург:достоевского", {"record:7"}),
    ],
)
def test_words_are_looked_for_in_the_field_that_is_named(filled, typed, found):
    assert set(keys(filled.search(query(typed)))) == found


def test_a_field_is_named_when_another_spelling_was_searched(filled):
    assert filled.search(query("автор:ljcnjtdcrbq")).also_searched == ("автор:достоевский",)


def test_words_of_a_field_are_taken_as_written_where_that_is_asked_for(filled):
    assert not filled.search(query("title:преступления", exact=True)).total
    assert keys(filled.search(query("title:преступление", exact=True))) == ["record:1"]


def test_what_came_last_comes_first(filled):
    found = keys(filled.search(query(sort=Sort.ADDED)))

    assert found == [f"record:{n}" for n in (7, 6, 5)] + ["content:4"] + [
        f"record:{n}" for n in (3, 2, 1)
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "Достоевский",
        "достоевский",
        "Dostoevsky",
        "Dostoyevsky",
        "Dostojewski",
        "Dostoïevski",
        "ljcnjtdcrbq",
        "Достоевскй",
        "Дастаевский",
        "Dostoevksy",
    ],
)
def test_a_name_is_found_however_it_is_typed(filled, typed):
    results = filled.search(query(typed))

    assert {"record:1", "record:2"} <= set(keys(results))


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("ghtcnegktybt", "преступление"),
        ("сrbме", None),
        ("Преступлние", "преступление"),
        ("prestuplenie", "преступление"),
        ("сшен", "city"),
    ],
)
def test_it_says_what_was_searched_instead(filled, typed, instead):
    filled.update([record(8, "City Atlas")])

    results = filled.search(query(typed))

    if instead is None:
        assert results.total == 0
        assert results.also_searched == ()
    else:
        assert results.also_searched == (instead,)
        assert results.total > 0


def test_other_spellings_that_were_searched_are_named(filled):
    assert filled.search(query("Достоевский")).also_searched == ("dostoyevsky",)
    assert filled.search(query("Dostoyevsky")).also_searched == ("достоевский",)


def test_a_clearly_more_frequent_spelling_is_offered(filled):
    filled.update([record(20 + n, f"Роман {n}", names=("Чехов, Антон",)) for n in range(8)])
    filled.update([record(40, "Роман", names=("Чехав, Антон",))])

    results = filled.search(query("чехва"))

    assert results.total > 0
    assert set(results.also_searched) & {"чехов", "чехав"}


def test_only_the_exact_word_is_found_if_asked(filled):
    assert keys(filled.search(query("достоевского", exact=True, sort=Sort.TITLE))) == [
        "content:4",
        "record:7",
    ]
    assert filled.search(query("елка", exact=True)).total == 0


def test_if_nothing_has_all_words_most_words_are_enough(filled):
    results = filled.search(query("преступление наказание бегемот"))

    assert not results.all_words
    assert keys(results)[0] == "record:1"


@pytest.mark.parametrize(
    "typed",
    [
        "978-5-17-090630-8",
        "9785170906308",
        "5170906307",
        "5-17-090630-7",
        "ISBN 978-5-17-090630-8",
        "84(2Рос=Рус)1 Д70",
        "84(2рос=рус)1д70",
    ],
)
def test_identifiers_are_found_in_all_their_forms(filled, typed):
    assert keys(filled.search(query(typed))) == ["record:1"]


@pytest.mark.parametrize("typed", ["C++", "c++", "С++", "язык c++", '"язык c++"'])
def test_programming_languages_are_words(index, typed):
    index.update([record(1, "Язык C++"), record(2, "Язык C#"), record(3, "C. Valerius: язык")])

    assert keys(index.search(query(typed))) == ["record:1"]


def test_one_letter_is_not_read_as_another(index):
    index.update([record(1, "Ц: повесть")])

    assert index.search(query("C++")).total == 0


@pytest.mark.parametrize("typed", ["821.161.1", "PN1998.A3", "PN1998.A3 G72", "pn1998.a3g72"])
def test_a_class_is_found_when_it_is_typed_whole(index, typed):
    index.update(
        [
            record(1, "Кино", facets={"class": ("821.161.1", "PN1998.A3 G72")}),
            record(2, "Глава 821"),
        ]
    )

    assert keys(index.search(query(typed))) == ["record:1"]


def test_a_title_comes_before_what_is_classed_so(index):
    index.update([record(1, "Кино", facets={"class": ("1984",)}), record(2, "1984")])

    assert keys(index.search(query("1984"))) == ["record:2", "record:1"]


def test_part_of_a_number_is_not_taken_for_the_number(index):
    index.update([record(1, "Том 37"), record(2, "Том 602720")])

    assert index.search(query("37/К88-602720")).total == 0


def test_the_thirteen_figures_of_an_old_isbn_are_found(filled):
    assert keys(filled.search(query("978-0-306-40615-7"))) == ["record:2"]


def test_the_title_typed_comes_first(index):
    index.update(
        [
            record(1, "Идиот и другие: идиот, идиот", text="идиот " * 50),
            record(2, "О романе «Идиот»", subjects=("Идиот",), names=("Идиот",)),
            record(3, "Идиот : роман в четырёх частях", names=("Достоевский, Фёдор",)),
        ]
    )

    assert keys(index.search(query("идиот")))[0] == "record:3"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Müller", {1, 2}),
        ("Muller", {1}),
        ("Mueller", {1, 2}),
        ("goedel", {3}),
        ("abd al-rahman", {4}),
        ("ʻAbd al-Raḥmān", {4}),
        ("ＪＡＶＡ", {5}),
        ("١٩٨٤", {6}),
    ],
)
def test_accents_and_other_coats_of_letters_make_no_difference(index, typed, found):
    index.update(
        [
            record(1, "Gedichte", names=("Müller, Wilhelm",)),
            record(2, "Poems", names=("Mueller, Lisel",)),
            record(3, "Gödel"),
            record(4, "History", names=("ʻAbd al-Raḥmān",)),
            record(5, "Java"),
            record(6, "1984"),
        ]
    )

    assert {int(key.partition(":")[2]) for key in keys(index.search(query(typed)))} == found


def test_a_year_beside_other_words_is_that_of_the_edition(index):
    index.update(
        [
            record(1, "Война и мир", facets={"year": ("1978",)}),
            record(2, "Война и мир", facets={"year": ("2001",)}),
            record(3, "1978"),
        ]
    )

    assert keys(index.search(query("война и мир 2001"))) == ["record:2"]
    assert keys(index.search(query("1978"))) == ["record:3"]


def test_a_journal_comes_before_its_issues(index):
    issues = [record(n, f"Дороги. 2002, № {n}", facets={"year": ("2002",)}) for n in range(1, 12)]
    journal = record(20, "Дороги: ежемесячный иллюстрированный журнал для всех, кто в пути")
    index.update([*issues, journal])

    assert keys(index.search(query("дороги")))[0] == "record:20"


def test_words_in_the_order_typed_come_before_the_same_words_apart(index):
    index.update(
        [
            record(1, "История рода Ивановых в России"),
            record(2, "Краткая история России для школы"),
            record(3, "Россия: история"),
        ]
    )

    assert keys(index.search(query("история россии")))[0] == "record:2"


def test_titles_and_names_weigh_more_than_text(index):
    index.update(
        [
            record(1, "Другая книга", text="Море было тихим. " + "слово " * 30),
            record(2, "Книга про море"),
        ]
    )

    assert keys(index.search(query("море"))) == ["record:2", "record:1"]


def test_results_can_be_sorted(filled):
    by_title = keys(filled.search(query("достоевский", sort=Sort.TITLE)))
    newest = keys(filled.search(query("достоевский", sort=Sort.NEWEST)))
    oldest = keys(filled.search(query("достоевский", sort=Sort.OLDEST)))

    assert by_title == ["record:2", "content:4", "record:7", "record:1"]
    assert newest == ["record:2", "record:7", "record:1", "content:4"]
    assert oldest == ["record:1", "record:7", "record:2", "content:4"]


def test_a_stored_sort_key_decides(index):
    index.update(
        [
            record(1, "The Zoo", sort={"title": "zoo"}),
            record(2, "A Year", sort={"title": "year"}),
        ]
    )

    assert keys(index.search(query(sort=Sort.TITLE))) == ["record:2", "record:1"]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_together_are_the_whole(index, sort):
    index.update([record(n, f"Книга {n % 3}") for n in range(30)])
    index.update([record(n, f"Книга {n % 3}") for n in range(20, 50)])

    pages = [
        key
        for offset in range(0, 60, 7)
        for key in keys(index.search(query("книга", sort=sort, offset=offset, limit=7)))
    ]

    assert sorted(pages) == sorted(f"record:{n}" for n in range(50))


def test_a_page_that_does_not_exist_is_empty(filled):
    for offset in (100, 9_999, 10**9):
        results = filled.search(query(offset=offset))
        assert (results.total, results.hits) == (len(ALL), ())


def test_strange_offsets_and_limits_are_put_right(filled):
    assert len(filled.search(query(offset=-5, limit=3)).hits) == 3
    assert filled.search(query(limit=-1)).hits == ()
    assert len(filled.search(query(limit=10**9)).hits) == len(ALL)


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        '"""" - " - -- *',
        "*",
        "***",
        "-*",
        "-",
        "a*",
        "*а",
        "((([[[{{{",
        "title:",
        "kind:book AND (",
        "\x00\x01\x1f",
        "\ud800",
        "%s%n${x}",
        "' or 1=1 --",
        "🙂🙂",
        "a" * 100_000,
        "слово " * 10_000,
        '"слово ' * 1_000,
        "-слово " * 1_000,
        "१२३ หนังสือ ספר",
        "\u202e\u200b",
    ],
)
def test_nothing_that_is_typed_is_an_error(filled, text):
    results = filled.search(query(text, facets=FACETS))

    assert results.available


def test_unknown_facets_and_values_find_nothing_and_break_nothing(filled):
    results = filled.search(
        query(filters={"nonsense": ("x",), "kind": ("\x1f", "'")}, facets=("nonsense", "kind"))
    )

    assert results.total == 0
    assert results.facets["nonsense"] == (("x", 0),)


def test_a_kind_of_resource_can_be_chosen_without_saying_so_in_the_documents(filled):
    results = filled.search(query(filters={"resource": ("content",)}, facets=("resource",)))

    assert keys(results) == ["content:4"]
    assert results.facets["resource"] == (("record", 6), ("content", 1))


def test_values_of_one_facet_widen_and_facets_narrow(filled):
    both = filled.search(query(filters={"kind": ("audio", "event")}))
    narrowed = filled.search(query(filters={"kind": ("audio", "event"), "language": ("rus",)}))

    assert set(keys(both)) == {"record:3", "content:4"}
    assert keys(narrowed) == ["record:3"]


def test_a_facet_is_not_narrowed_by_its_own_selection(filled):
    results = filled.search(
        query(filters={"kind": ("audio",), "language": ("rus",)}, facets=("kind", "language"))
    )

    assert results.facets["kind"] == (("book", 2), ("audio", 1))
    assert results.facets["language"] == (("rus", 1),)


def test_a_chosen_value_is_listed_even_if_nothing_has_it(filled):
    results = filled.search(query("ёлка", filters={"subject": ("Море",)}, facets=("subject",)))

    assert dict(results.facets["subject"]) == {"Совесть": 1, "Море": 0}


def test_only_the_most_frequent_values_are_listed(filled):
    results = filled.search(query(facets=("kind",), facet_limit=1))

    assert results.facets["kind"] == (("book", 5),)


def test_years_are_listed_by_year_and_a_missing_year_is_no_value(filled):
    results = filled.search(query(facets=("year",)))

    assert results.facets["year"] == (
        ("1866", 1),
        ("1923", 1),
        ("1993", 1),
        ("2006", 1),
        ("2011", 1),
    )


@pytest.mark.parametrize(
    ("years", "found"),
    [
        ({"year_from": 1990}, {"record:2", "record:3", "record:6"}),
        ({"year_to": 1923}, {"record:1", "record:7"}),
        ({"year_from": 1900, "year_to": 2000}, {"record:2", "record:7"}),
        ({"year_from": 2000, "year_to": 1900}, set()),
        ({"year_from": -(10**12), "year_to": 10**12}, {f"record:{n}" for n in (1, 2, 3, 6, 7)}),
    ],
)
def test_a_range_of_years_can_be_chosen(filled, years, found):
    results = filled.search(query(facets=("year", "kind"), **years))

    assert set(keys(results)) == found
    assert len(results.facets["year"]) == 5
    assert sum(count for _kind, count in results.facets["kind"]) == len(found)


def test_what_is_replaced_or_removed_is_not_found_any_more(filled):
    filled.update([record(1, "Совсем другое")], removed=["record:2", "record:999"])

    assert filled.search(query("наказание")).total == 1
    assert filled.search(query("crime", exact=True)).total == 0
    assert keys(filled.search(query("совсем другое"))) == ["record:1"]
    assert filled.doc_count() == len(ALL) - 1
    assert filled.search(query(facets=("language",))).facets["language"] == (
        ("rus", 2),
        ("ara", 1),
    )


def test_all_documents_of_a_resource_are_replaced_together(index):
    pages = [
        record(1, f"Страница {which}", name="content", type="page") for which in ("раз", "два")
    ]
    live = [
        type(pages[0])(**{**vars(page), "key": f"content:1:{n}"}) for n, page in enumerate(pages)
    ]
    index.update(live)

    index.update([record(1, "Страница три", name="content", type="page")])

    assert keys(index.search(query("страница"))) == ["content:1"]


def test_an_update_of_nothing_does_nothing(filled):
    filled.update([])

    assert filled.doc_count() == len(ALL)


def test_of_several_translations_the_reader_is_shown_their_own(index):
    def page(language, title, preferred, which="live", **values):
        made = record(5, title, name="content", language=language, **values)
        facets = {"preferred_in": preferred, "language": (language,)}
        return replace(made, key=f"content:5:{language}:{which}", facets=facets)

    index.update(
        [
            page("ru", "Вечер Чехова / Chekhov", ("ru",)),
            page("en", "An evening with Chekhov", ("en", "ar")),
            page("en", "Chekhov, draft", (), "working"),
            record(6, "Чехов"),
        ]
    )

    def found(text, reading):
        results = index.search(query(text, reading=reading, facets=("language",)))
        assert results.total == len(results.hits)
        return set(keys(results))

    assert found("chekhov", "ru") == {"content:5:ru:live", "content:5:en:working", "record:6"}
    assert found("chekhov", "ar") == {"content:5:en:live", "content:5:en:working", "record:6"}
    assert found("evening", "ru") == {"content:5:en:live"}
    assert len(found("chekhov", "")) == 4


def test_only_what_may_be_seen_is_found_and_counted(index):
    index.update(
        [
            record(1, "Объявление", facets={"kind": ("page",)}),
            record(
                2,
                "Объявление",
                facets={"kind": ("page",)},
                allowed=frozenset({"editor", "owner:7"}),
                scopes=frozenset({"node:5", "node:6", "lang:ru"}),
            ),
            record(
                3,
                "Объявление",
                facets={"kind": ("page",)},
                allowed=frozenset({"librarian"}),
                scopes=frozenset({"library:17"}),
            ),
            record(4, "Объявление", facets={"kind": ("page",)}, allowed=frozenset()),
        ]
    )

    def seen(visibility):
        results = index.search(query("объявление", visibility=visibility, facets=("kind",)))
        assert results.facets["kind"] == (("page", results.total),)
        return {hit.resource[1] for hit in results.hits}

    assert seen(person()) == {1}
    assert seen(person(7)) == {1, 2}
    assert seen(person(8)) == {1}
    assert seen(person(8, editor="")) == {1, 2}
    assert seen(person(8, editor="node:5+lang:ru")) == {1, 2}
    assert seen(person(8, editor="node:5+lang:ar")) == {1}
    assert seen(person(8, librarian="library:17")) == {1, 3}
    assert seen(person(8, librarian="library:18")) == {1}


def test_suggestions_do_not_tell_what_is_hidden(index):
    index.update([record(1, "Увольнение", allowed=frozenset({"editor"}))])

    results = index.search(query("увольненее"))

    assert (results.total, results.also_searched, results.did_you_mean) == (0, (), None)


def test_a_live_facet_changes_without_the_documents(filled):
    filled.apply_live(AVAILABILITY, LiveChanges(5, {1: ("now", "17"), 2: ("now",), 99: ("now",)}))

    def counts(**values):
        results = filled.search(query(facets=("availability",), **values))
        return dict(results.facets["availability"]), set(keys(results))

    assert filled.live_sequence("availability") == 5
    assert counts()[0] == {"now": 2, "17": 1}
    assert counts(filters={"availability": ("17",)}) == ({"now": 2, "17": 1}, {"record:1"})

    filled.apply_live(AVAILABILITY, LiveChanges(6, {1: (), 3: ("17",)}))

    assert counts()[0] == {"now": 1, "17": 1}
    assert counts(filters={"availability": ("17",)})[1] == {"record:3"}

    filled.update([record(2, "Без года")])
    assert counts()[0] == {"now": 1, "17": 1}

    filled.load_live(AVAILABILITY, LiveState(0, {"now": [7]}))
    assert counts()[0] == {"now": 1}


def availability_of(index, **given):
    """Return the counts of the live facet, and what is found."""
    results = index.search(query(facets=("availability",), **given))
    return dict(results.facets["availability"]), set(keys(results))


def test_one_value_stands_for_any_other(filled):
    filled.load_live(BY_LIBRARY, LiveState(3, {"north": [1, 2], "south": [2, 3]}))

    assert availability_of(filled)[0] == {"city": 3, "north": 2, "south": 2}

    filled.apply_live(BY_LIBRARY, LiveChanges(4, {1: (), 5: ("south",)}))

    assert availability_of(filled)[0] == {"city": 3, "south": 3, "north": 1}
    assert availability_of(filled, filters={"availability": ("city",)})[1] == {
        "record:2",
        "record:3",
        "record:5",
    }


def test_a_hidden_value_counts_nowhere_until_it_is_shown_again(filled):
    filled.load_live(BY_LIBRARY, LiveState(3, {"north": [1, 2], "south": [2, 3]}))

    filled.apply_live(BY_LIBRARY, LiveChanges(4, {}, frozenset({"north"})))

    assert availability_of(filled)[0] == {"city": 2, "south": 2}
    assert availability_of(filled, filters={"availability": ("north",)})[1] == set()

    # What changes meanwhile is known when it is shown again.
    filled.apply_live(BY_LIBRARY, LiveChanges(5, {5: ("north",)}, frozenset({"north"})))
    assert availability_of(filled)[0] == {"city": 2, "south": 2}
    filled.apply_live(BY_LIBRARY, LiveChanges(6, {}))

    assert availability_of(filled)[0] == {"city": 4, "north": 3, "south": 2}


def test_what_is_hidden_from_the_beginning_is_not_counted(filled):
    filled.load_live(BY_LIBRARY, LiveState(3, {"north": [1, 2]}, frozenset({"north"})))

    assert availability_of(filled)[0] == {}


def test_changes_that_come_after_later_ones_are_left_out(filled):
    filled.load_live(BY_LIBRARY, LiveState(3, {"north": [1]}))
    filled.apply_live(BY_LIBRARY, LiveChanges(5, {1: (), 2: ("north",)}))

    filled.apply_live(BY_LIBRARY, LiveChanges(4, {1: ("north",), 2: ()}))

    assert filled.live_sequence("availability") == 5
    assert availability_of(filled, filters={"availability": ("north",)})[1] == {"record:2"}


def test_of_a_facet_only_the_values_that_are_asked_for_are_counted(filled):
    filled.apply_live(
        AVAILABILITY, LiveChanges(5, {1: ("now", "17"), 2: ("now", "18"), 3: ("19",)})
    )

    def counted(**given):
        asked = query(facets=("availability",), only={"availability": ("now", "20")}, **given)
        return dict(filled.search(asked).facets["availability"])

    assert counted() == {"now": 2}
    assert counted(filters={"availability": ("19",)}) == {"now": 2, "19": 1}


def test_a_live_facet_is_not_known_before_it_was_told(filled):
    assert filled.live_sequence("availability") == -1


def test_a_live_facet_belongs_to_its_own_kind_of_resource(filled):
    filled.apply_live(AVAILABILITY, LiveChanges(1, {4: ("now",)}))

    assert filled.search(query(facets=("availability",))).facets["availability"] == ()


def test_a_rebuild_replaces_everything_at_once(filled):
    with filled.rebuild() as building:
        building.add([CRIME])
        assert filled.search(query()).total == len(ALL)
        building.finish(lambda keys: [])

    assert keys(filled.search(query())) == ["record:1"]
    assert filled.health().ok


def test_a_rebuild_that_breaks_off_changes_nothing(filled):
    class Interrupted(Exception):
        pass

    def interrupted():
        with filled.rebuild() as building:
            building.add([CRIME])
            raise Interrupted

    with pytest.raises(Interrupted):
        interrupted()

    assert filled.search(query()).total == len(ALL)


def test_names_with_apostrophes_and_hyphens_are_words(index):
    index.update([record(1, "Oʻzbek xalq ertaklari", names=("Saint-Exupéry, Antoine de",))])

    for typed in ("o'zbek", "oʻzbek", "Ozbek", "saint exupery", "Saint-Exupery", "exupéry"):
        assert index.search(query(typed)).total == 1, typed


def test_everyone_is_a_role_like_any_other(index):
    index.update([record(1, "Закрыто", allowed=frozenset({"signed_in"}))])

    assert index.search(query()).total == 0
    assert index.search(query(visibility=person(1))).total == 1
    assert frozenset({"everyone"}) == EVERYONE


def test_books_by_an_author_come_before_books_about_them(index):
    index.update(
        [
            record(1, "Достоевский", names=("Сараскина, Людмила",)),
            record(2, "Проблемы поэтики Достоевского", names=("Бахтин, Михаил Михайлович",)),
            record(3, "Братья Карамазовы", names=("Достоевский, Фёдор Михайлович",)),
            record(4, "Записки из подполья", names=("Достоевский, Фёдор Михайлович",)),
        ]
    )

    found = keys(index.search(query("достоевский")))

    assert found.index("record:3") < found.index("record:2")
    assert found.index("record:4") < found.index("record:2")


def listed(index, facet="author", visibility=ANYBODY, **values):
    return index.list_values(Listing(visibility=visibility, facet=facet, **values))


FOR_EDITORS = {"allowed": frozenset({"editor"}), "scopes": frozenset({"site"})}


def by(identity, *authors, **values):
    return record(identity, f"Книга {identity}", facets={"author": authors}, **values)


@pytest.fixture
def written(index):
    index.update([by(1, "Толстой, Лев"), by(2, "Чехов, Антон", "Толстой, Лев"), by(3, "Ёлкин, А.")])
    index.update([by(4, "Austen, Jane"), by(5, "Толстая, Татьяна", **FOR_EDITORS)])
    index.update([by(3, "Ежов, А."), by(6, "2-й съезд")])
    return index


def test_values_are_listed_by_the_alphabet_with_their_numbers(written):
    found = listed(written)

    assert found.values == (
        ("2-й съезд", 1),
        ("Austen, Jane", 1),
        ("Ежов, А.", 1),
        ("Толстой, Лев", 2),
        ("Чехов, Антон", 1),
    )
    assert found.initials == (("2", 1), ("a", 1), ("е", 1), ("т", 1), ("ч", 1))


def test_a_beginning_is_looked_for_however_it_is_written(written):
    assert listed(written, starts="ТОЛСТОЙ, Л").values == (("Толстой, Лев", 2),)
    assert listed(written, starts="Ё").values == (("Ежов, А.", 1),)
    assert listed(written, starts="щ").total == 0
    assert listed(written, facet="nothing").values == ()


def test_values_are_listed_page_by_page(written):
    found = listed(written, offset=1, limit=2)

    assert found.total == 5
    assert [value for value, _count in found.values] == ["Austen, Jane", "Ежов, А."]
    assert listed(written, offset=99).values == ()


def test_values_of_what_somebody_may_not_see_are_not_listed(written):
    editor = person(1, editor="site")

    assert "Толстая, Татьяна" not in dict(listed(written).values)
    assert dict(listed(written, visibility=editor, starts="толст").values) == {
        "Толстая, Татьяна": 1,
        "Толстой, Лев": 2,
    }


def test_what_is_ones_own_is_listed_for_its_owner_only(written):
    written.update([by(8, "Шварц, Евгений", allowed=frozenset({"owner:5"}))])

    def of(somebody):
        return dict(listed(written, resource="record", visibility=somebody, starts="ш").values)

    assert of(person(4)) == {}
    assert of(person(5)) == {"Шварц, Евгений": 1}
    assert of(person(6)) == {}


def test_only_values_of_one_type_of_resource_are_listed_if_asked(written):
    written.update([by(7, "Толстой, Лев", "Щукин, Б.", name="content")])

    found = listed(written, resource="record", starts="т")

    assert found.values == (("Толстой, Лев", 2),)
    assert "щ" not in dict(found.initials)
    assert dict(listed(written, resource="content").values) == {"Толстой, Лев": 1, "Щукин, Б.": 1}
    assert dict(listed(written).values)["Толстой, Лев"] == 3
    assert listed(written, resource="nothing").values == ()


def test_words_are_taken_as_typed_where_that_is_asked_for(filled):
    assert filled.search(query("ljcnjtdcrbq")).total
    assert not filled.search(query("ljcnjtdcrbq", literal=True)).total
