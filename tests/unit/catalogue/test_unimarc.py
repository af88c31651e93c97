"""What of a UNIMARC or RUSMARC record the catalogue keeps."""

import io

import pytest
from fixtures.iso_bytes import iso_bytes, rusmarc
from fixtures.marc_files import marc_record

from bibliopolis.catalogue.import_run import plain_text
from bibliopolis.catalogue.marc import Dialect, Wanted, read_records, read_stream
from bibliopolis.catalogue.record_data import ItemStatus, Kind


def read(data, wanted=None):
    return list(read_stream(io.BytesIO(data), "file.iso", wanted or Wanted()))


def described(*fields, wanted=None, **options):
    [reading] = read(rusmarc(*fields, **options), wanted)
    assert reading.reason is None
    return reading.data


def the_set(title, volume):
    """Return field 461 with the fields of the set inside of it."""
    return ("461", " 0", ("1", "001RU\\NLR\\bibl\\9"), ("1", "2001 "), ("a", title), ("v", volume))


def test_the_national_librarys_file_gives_eighty_one_readable_records(samples):
    readings = list(read_records(samples / "marc/irbis-rusmarc/test1.iso"))

    assert [reading.reason for reading in readings] == [None] * 81
    assert {str(reading.form) for reading in readings} == {
        "UNIMARC/RUSMARC, ISO 2709, Windows-1251"
    }
    texts = " ".join(reading.data.full_title for reading in readings)
    assert "Почему погиб социализм" in texts
    assert all(letter.isprintable() and letter != "\ufffd" for letter in texts)
    assert {r.data.title for r in readings if r.data.title.startswith("Вып")} == set()


def test_title_statement_and_names_are_those_of_the_page():
    data = described(
        (
            "200",
            "1 ",
            ("a", "Мускулы мира"),
            ("e", "Избр. речи"),
            ("f", "У. Черчилль"),
            ("g", "Пер."),
        ),
        ("210", "  ", ("a", "М."), ("c", "ЭКСМО"), ("d", "2002")),
        ("215", "  ", ("a", "523 с."), ("c", "ил."), ("d", "17")),
        ("225", "1 ", ("a", "Антология мудрости"), ("v", "Вып. 2")),
        (
            "700",
            " 1",
            ("a", "Черчилль"),
            ("b", "У."),
            ("g", "Уинстон"),
            ("f", "1874-1965"),
            ("4", "070"),
        ),
        ("702", " 1", ("a", "Чухно"), ("b", "В."), ("4", "730")),
        ("712", "02", ("a", "Академия наук"), ("b", "Библиотека"), ("4", "570")),
    )

    assert (data.title, data.subtitle, data.responsibility) == (
        "Мускулы мира",
        "Избр. речи",
        "У. Черчилль ; Пер.",
    )
    assert data.title_statement == "Мускулы мира : Избр. речи"
    assert [(one.name, one.role, one.dates) for one in data.contributors] == [
        ("Черчилль, Уинстон", "author", "1874-1965"),
        ("Чухно, В.", "translator", ""),
        ("Академия наук. Библиотека", "contributor", ""),
    ]
    assert (data.place, data.publisher, data.year) == ("М.", "ЭКСМО", 2003)
    assert (data.extent, data.series) == ("523 с. : ил. ; 17 см", ("Антология мудрости ; Вып. 2",))
    assert (data.languages, data.kind) == (("ru",), Kind.BOOK)


@pytest.mark.parametrize(
    ("own", "title", "part"),
    [
        ("Ч. 1", "Тихий Дон", "Ч. 1"),
        ("Вып. 13.", "Тихий Дон", "Вып. 13"),
        ("Т. II", "Тихий Дон", "Т. II"),
        ("Часть первая", "Тихий Дон", "Часть первая"),
        ("[Кн.] 2", "Тихий Дон", "[Кн.] 2"),
        ("№ 5", "Тихий Дон", "№ 5"),
        ("3", "Тихий Дон", "3"),
        ("Vol. 3", "Тихий Дон", "Vol. 3"),
        ("Bd. 1", "Тихий Дон", "Bd. 1"),
    ],
)
def test_a_volume_takes_its_title_from_the_set(own, title, part):
    data = described(the_set("Тихий Дон", "Ч. 1"), title=own)

    assert (data.title, data.part) == (title, part)


@pytest.mark.parametrize("own", ["Война и мир", "Книга отзывов", "1984 год", "Лист клёна", "Чайка"])
def test_a_volume_with_a_title_of_its_own_keeps_it_and_names_the_set(own):
    data = described(the_set("Собрание сочинений", "Т. 4"), title=own)

    assert (data.title, data.series) == (own, ("Собрание сочинений ; Т. 4",))


def test_a_title_marked_as_not_significant_stands_behind_that_of_the_set():
    data = described(the_set("Отчёт", "1994"), ("200", "0 ", ("a", "... в 1994 году")))

    assert (data.title, data.part) == ("Отчёт", "... в 1994 году")


def test_a_volume_that_names_nobody_has_the_people_of_its_set():
    field = (*the_set("Тихий Дон", "Т. 1"), ("f", "М. Шолохов"), ("1", "700 1"), ("a", "Шолохов"))
    data = described((*field, ("b", "М."), ("4", "070")), title="Т. 1")

    assert [one.name for one in data.contributors] == ["Шолохов, М."]
    assert data.responsibility == "М. Шолохов"


def test_links_written_in_the_french_way_are_read_as_well():
    data = described(("461", " 0", ("t", "À la recherche"), ("v", "1"), ("a", "Proust")), title="1")

    assert (data.title, [one.name for one in data.contributors]) == ("À la recherche", ["Proust"])


def test_what_is_inside_and_what_it_is_called_elsewhere_finds_it():
    data = described(
        ("200", "1 ", ("a", "Камо грядеши"), ("a", "Бартек"), ("d", "Quo vadis")),
        ("451", " 0", ("1", "2001 "), ("a", "Куда идешь")),
        ("464", " 0", ("1", "2001 "), ("a", "Предисловие"), ("1", "700 1"), ("a", "Некто")),
        ("517", "1 ", ("a", "Кво вадис")),
    )

    assert data.alternative_titles == (
        "Quo vadis",
        "Бартек",
        "Кво вадис",
        "Куда идешь",
        "Предисловие",
    )


def test_what_is_not_sorted_is_told_apart():
    data = described(title="\x88L'\x89altra faccia", leader="nam2")

    assert (data.title, data.filing_title) == ("L'altra faccia", "altra faccia")


def test_headings_have_their_subdivisions_behind_a_dash():
    data = described(
        (
            "600",
            " 1",
            ("a", "Северянин"),
            ("b", "И."),
            ("g", "Игорь"),
            ("f", "1887-1941"),
            ("x", "Биография"),
        ),
        ("600", " 0", ("a", "Петр"), ("d", "I"), ("c", "имп.")),
        (
            "604",
            "  ",
            ("1", "700 1"),
            ("a", "Нейман"),
            ("b", "М."),
            ("1", "5011 "),
            ("a", "Партии"),
        ),
        ("606", "0 ", ("a", "Налоги"), ("x", "Учет"), ("y", "Россия"), ("j", "Инструкции")),
        ("610", "0 ", ("a", "Туризм"), ("a", "Отдых")),
        title="Книга",
    )

    assert data.subjects == (
        "Северянин, Игорь, 1887-1941 — Биография",
        "Петр I, имп.",
        "Нейман, М. — Партии",
        "Налоги — Учет — Россия — Инструкции",
        "Туризм",
        "Отдых",
    )


def test_classes_numbers_and_addresses():
    data = described(
        ("010", "  ", ("a", "5-7443-0043-0"), ("b", "в пер."), ("9", "700 экз.")),
        ("010", "  ", ("a", "0-8044-2957-Х")),  # the Cyrillic letter
        ("011", "  ", ("a", "0028-0836")),
        ("675", "  ", ("a", "621.3/.4"), ("v", "3"), ("z", "rus")),
        ("686", "  ", ("a", "Ч515.815я43"), ("2", "rubbk")),
        ("856", "4 ", ("u", "https://example.org/a"), ("z", "Полный текст")),
        title="Книга",
    )

    assert data.isbns == ("9785744300432", "9780804429573")
    assert data.issns == ("0028-0836",)
    assert data.classification == ("621.3/.4", "Ч515.815я43")
    assert data.links == (("https://example.org/a", "Полный текст"),)


@pytest.mark.parametrize(
    ("field", "barcode", "shelf_mark", "status"),
    [
        (
            ("899", "  ", ("a", "NLR"), ("j", "97-4/1"), ("p", "377")),
            "377",
            "97-4/1",
            ItemStatus.LENDABLE,
        ),
        (("899", "  ", ("b", "Чит. зал"), ("p", "378")), "378", "", ItemStatus.READING_ROOM),
        (
            ("952", "  ", ("a", "CPL"), ("p", "B1"), ("o", "84"), ("7", "1")),
            "B1",
            "84",
            ItemStatus.READING_ROOM,
        ),
        (
            ("995", "  ", ("b", "CPL"), ("f", "B2"), ("k", "R 1"), ("o", "0")),
            "B2",
            "R 1",
            ItemStatus.LENDABLE,
        ),
        (
            ("910", "  ", ("a", "1"), ("b", "32"), ("d", "АБ"), ("h", "E004")),
            "E004",
            "",
            ItemStatus.LENT_ELSEWHERE,
        ),
    ],
)
def test_copies_are_found_where_the_system_writes_them(field, barcode, shelf_mark, status):
    [item] = described(field, title="Книга").items

    assert (item.barcode, item.shelf_mark, item.status) == (barcode, shelf_mark, status)


def test_a_field_given_for_copies_is_the_only_one_asked():
    field = ("899", "  ", ("p", "377"))

    assert described(field, title="Книга", wanted=Wanted("952")).items == ()


def test_the_format_given_is_believed():
    record = marc_record(1).as_marc()

    [reading] = read(record, Wanted(dialect=Dialect.UNIMARC))

    assert plain_text(reading.reason) == "the record has no title (field 200)"


def test_an_authority_record_is_no_title():
    [reading] = read(iso_bytes([("001", "1"), ("200", " 1", ("a", "Пушкин"))], leader="nx  "))

    assert plain_text(reading.reason) == "this is a record of an authority file, not of a title"


def test_the_source_of_a_record_says_the_same():
    [first] = read(rusmarc(the_set("Тихий Дон", "Ч. 1"), title="Ч. 1", encoding="cp1251"))

    [again] = read(first.source)

    assert again.data == first.data


def test_records_of_abstracts_without_subfields_are_read(samples):
    for name, count in (("cp866_unimarc.marc", 1), ("cp866_multirecord.marc", 2)):
        readings = list(read_records(samples / "marc/ruby-marc" / name))

        assert len(readings) == count
        for reading in readings:
            assert reading.data.title.startswith("Автоматизация проектирования и подготовки")
            assert reading.data.contributors[0].name == "Никитенко Е. А."
            assert str(reading.form) == "VINITI, ISO 2709, CP866"


def test_what_is_in_it_and_what_it_was_first_called_is_kept():
    data = described(
        ("200", "1 ", ("a", "Crime and punishment")),
        ("327", "1 ", ("a", "Part one"), ("a", "Part two")),
        ("454", " 0", ("1", "2001 "), ("a", "Преступление и наказание")),
    )

    assert data.contents == "Part one -- Part two"
    assert data.uniform_title == "Преступление и наказание"
