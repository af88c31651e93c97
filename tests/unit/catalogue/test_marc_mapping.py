"""What of a MARC record the catalogue keeps."""

import io

import pytest
from fixtures.marc_files import field, iso2709, koha_item, marc_record

from bibliopolis.catalogue.marc import Wanted, read_stream
from bibliopolis.catalogue.record_data import ItemStatus, Kind


def described(*extra, tag="952", without=(), **options):
    record = marc_record(1, extra=extra, **options)
    record.remove_fields(*without)
    record.fields.extend(extra if set(without) & {one.tag for one in extra} else ())
    [reading] = read_stream(io.BytesIO(record.as_marc()), "file.mrc", Wanted(tag))
    assert reading.reason is None
    return reading.data


def test_title_and_subtitle_lose_the_punctuation_between_them():
    data = described()

    assert (data.title, data.subtitle) == ("Преступление и наказание 1", "роман")
    assert data.title_statement == "Преступление и наказание 1 : роман /"
    assert data.full_title == "Преступление и наказание 1: роман"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Тихий Дон /", "Тихий Дон"),
        ("Что делать? :", "Что делать?"),
        ("Tumult.", "Tumult"),
        ("Россия в XIX в.", "Россия в XIX в."),
        ("И другие...", "И другие..."),
        ("a\x00b", "a b"),
    ],
)
def test_titles_keep_what_belongs_to_them(written, title):
    data = described(field("245", "00", ("a", written)), without=["245"])

    assert data.title == title


def test_the_part_of_a_work_is_told_apart():
    data = described(
        field("245", "10", ("a", "Тихий Дон."), ("n", "Кн. 2."), ("p", "Война /")), without=["245"]
    )

    assert (data.title, data.part, data.full_title) == (
        "Тихий Дон",
        "Кн. 2. Война",
        "Тихий Дон. Кн. 2. Война",
    )


def test_people_come_with_their_roles():
    data = described(
        field("700", "1 ", ("a", "Garnett, Constance,"), ("d", "1861-1946,"), ("e", "translator.")),
        field("700", "1 ", ("a", "Глазунов, Илья"), ("4", "ill")),
        field("710", "2 ", ("a", "Пушкинский Дом.")),
    )

    assert [(one.name, one.role, one.dates) for one in data.contributors] == [
        ("Достоевский, Федор Михайлович", "author", "1821-1881"),
        ("Garnett, Constance", "translator", "1861-1946"),
        ("Глазунов, Илья", "illustrator", ""),
        ("Пушкинский Дом", "contributor", ""),
    ]


def test_the_original_script_is_found_beside_the_transliteration():
    data = described(
        field("100", "1 ", ("6", "880-01"), ("a", "Rubina, Dina.")),
        field("245", "10", ("6", "880-02"), ("a", "Sindrom Petrushki :"), ("b", "roman /")),
        field("880", "1 ", ("6", "100-01/(N"), ("a", "Рубина, Дина.")),
        field("880", "10", ("6", "245-02/(N"), ("a", "Синдром Петрушки :"), ("b", "роман /")),
        field("880", " 0", ("6", "246-00/(N"), ("a", "Кукольник.")),
        without=["100", "245"],
    )

    assert data.contributors[0].original == "Рубина, Дина"
    assert data.alternative_titles == ("Синдром Петрушки : роман", "Кукольник")


@pytest.mark.parametrize(
    ("leader", "kind"),
    [
        ("am", Kind.BOOK),
        ("as", Kind.SERIAL),
        ("aa", Kind.ARTICLE),
        ("cm", Kind.SCORE),
        ("jm", Kind.SOUND),
        ("im", Kind.AUDIOBOOK),
        ("gm", Kind.FILM),
        ("em", Kind.MAP),
    ],
)
def test_the_leader_tells_the_kind(leader, kind):
    record = marc_record(1)
    data = record.as_marc()

    [reading] = read_stream(io.BytesIO(data[:6] + leader.encode() + data[8:]), "f")

    assert reading.data.kind is kind


def test_numbers_are_kept_only_if_they_are_right():
    data = described(
        field("020", "  ", ("a", "0-85170-577-4 (pbk.)")),
        field("020", "  ", ("a", "9780851705774")),
        field("020", "  ", ("a", "0851705775")),
        field("022", "  ", ("a", "0028-0836")),
        field("022", "  ", ("a", "0028-0837")),
    )

    assert data.isbns == ("9780851705774",)
    assert data.issns == ("0028-0836",)


def test_languages_are_tags():
    data = described(field("041", "1 ", ("a", "engfre"), ("h", "rus")), language="rus")

    assert data.languages == ("ru", "en", "fr")


def test_place_and_publisher_of_the_newer_field_win():
    data = described(
        field("264", " 1", ("a", "[Санкт-Петербург] :"), ("b", "Азбука,"), ("c", "2019."))
    )

    assert (data.place, data.publisher, data.year) == ("Санкт-Петербург", "Азбука", 1970)


def test_a_year_that_is_not_whole_is_taken_as_printed():
    data = described(year="197u")

    assert data.year is None


def test_subjects_have_their_subdivisions_behind_a_dash():
    assert described().subjects == ("Совесть — В литературе",)


def test_the_age_is_read_where_it_is_written():
    assert described(field("521", "  ", ("a", "Для детей 6+"))).age == 6
    assert described().age is None


def test_a_record_without_number_gets_the_same_one_every_time():
    first = described(control_number=False)
    second = described(field("650", " 0", ("a", "Ещё тема")), control_number=False)

    assert first.control_number.startswith("content-")
    assert first.control_number == second.control_number


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ({}, ItemStatus.LENDABLE),
        ({"lost": "0"}, ItemStatus.LENDABLE),
        ({"lost": "2"}, ItemStatus.LOST),
        ({"withdrawn": "1", "lost": "1"}, ItemStatus.WITHDRAWN),
        ({"not_for_loan": "1"}, ItemStatus.READING_ROOM),
        ({"not_for_loan": "-1"}, ItemStatus.ON_ORDER),
        ({"damaged": "1"}, ItemStatus.DAMAGED),
    ],
)
def test_copies_as_koha_writes_them(flags, status):
    data = described(items=[koha_item("300001", home="CPL", **flags)])

    [item] = data.items
    assert (item.barcode, item.home, item.shelf_mark) == ("300001", "CPL", "84Р1 Д70")
    assert item.status is status


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ([("l", "STACKS")], ItemStatus.LENDABLE),
        ([("l", "STACKS"), ("k", "CHECKEDOUT")], ItemStatus.LENT_ELSEWHERE),
        ([("l", "WITHDRAWN")], ItemStatus.WITHDRAWN),
        ([("l", "SC-IVY"), ("t", "RAREBOOK")], ItemStatus.READING_ROOM),
    ],
)
def test_copies_as_sirsi_writes_them(more, status):
    sirsi = field("999", "  ", ("a", "PG3326"), ("i", "X1"), ("m", "ALDERMAN"), *more)

    [item] = described(sirsi, tag="999").items

    assert (item.barcode, item.home, item.location) == ("X1", "ALDERMAN", more[0][1])
    assert item.status is status


@pytest.mark.parametrize(
    ("leader", "said"),
    [
        ("00000nx  a2200000 i 4500", "this is a record of holdings, not of a title"),
        ("00000nz  a2200000 i 4500", "this is a record of an authority file, not of a title"),
        ("00000nam a2200000 i 4500", "the record has no title (field 245)"),
    ],
)
def test_a_record_without_a_title_says_what_it_is(leader, said):
    record = marc_record(1)
    record.remove_fields("245")
    record.leader = leader

    [reading] = read_stream(io.BytesIO(record.as_marc()), "file.mrc")

    assert (reading.data, reading.reason) == (None, said)


def test_copies_without_a_barcode_keep_their_numbers():
    items = [koha_item("", home="CPL"), koha_item("", home="CPL"), koha_item("", home="IVY")]

    first, second = described(items=items).items, described(items=items[::-1]).items

    assert len({item.barcode for item in first}) == 3
    assert {item.barcode for item in first} == {item.barcode for item in second}


def test_the_uva_copies_are_all_read(samples):
    with (samples / "marc/solrmarc/uva_001_2000.mrc").open("rb") as stream:
        items = [item for r in read_stream(stream, "uva", Wanted("999")) for item in r.data.items]

    assert len(items) == 2903


def test_a_whole_file_of_records_reads_in_order():
    data = iso2709(marc_record(number) for number in range(5))

    numbers = [reading.data.control_number for reading in read_stream(io.BytesIO(data), "f")]

    assert numbers == [f"test-{number}" for number in range(5)]


def test_what_is_in_it_is_kept_in_its_parts():
    data = described(
        field("505", "0 ", ("a", "The idiot -- The double")),
        field("505", "20", ("g", "Vol. 2."), ("t", "Demons /"), ("r", "tr. by C. Garnett")),
    )

    assert data.contents == "The idiot -- The double -- Vol. 2. Demons / tr. by C. Garnett"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ((("a", "Prestuplenie i nakazanie."), ("l", "English")), "Prestuplenie i nakazanie"),
        ((("a", "Karamazovy."), ("p", "Inkvizitor.")), "Karamazovy. Inkvizitor"),
        (
            (("a", "Trios,"), ("m", "piano, strings,"), ("n", "op. 8")),
            "Trios, piano, strings, op. 8",
        ),
        ((("a", "Novels."), ("k", "Selections")), ""),
    ],
)
def test_the_title_of_the_work_is_the_same_in_every_language(written, title):
    data = described(field("240", "10", *written))

    assert data.uniform_title == title
