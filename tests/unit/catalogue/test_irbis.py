"""The text export of IRBIS, and what of its records the catalogue keeps."""

import io
from collections import Counter

import pytest
from fixtures.iso_bytes import iso_bytes
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bibliopolis.catalogue.import_run import plain_text
from bibliopolis.catalogue.marc import Wanted, read_records, read_stream
from bibliopolis.catalogue.record_data import ItemStatus, Kind

BOOK = """\
#920: PAZK
#903: 37/К88-602720
#10: ^a5-7443-0043-0^d300
#101: rus
#200: ^AКуда пойти учиться?^EСправочник^FЗ. М. Акулова
#210: ^aМ.^cВся Москва^d1993
#215: ^A240^Cил^D20
#225: ^aВся Москва^v2
#331: О школах <города>
#606: ^AШколы^BВыбор^GМосква^H20 в.
#610: учёба
#621: 74.3
#675: 37
#700: ^AАкулова^BЗ.М.^GЗоя Михайловна
#702: ^4340 ред.^AПанков^BИ.
#908: К88
#951: ^Ihttps://example.org/1^TПолный текст
#910: ^A0^B32^DАБ^H107206G
#910: ^A1^B33^DЧЗ
*****
"""


def read(text, wanted=None, encoding="utf-8"):
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return list(read_stream(io.BytesIO(data), "file.txt", wanted or Wanted()))


def described(*lines, worklist="PAZK"):
    [reading] = read(f"#920: {worklist}\n" + "\n".join(lines) + "\n*****\n")
    assert reading.reason is None
    return reading.data


@pytest.mark.parametrize("name", ["ibis-demo-269.irbis.txt", "ibis-demo-269.jsonl"])
def test_the_demonstration_base_is_read_with_all_of_its_copies(samples, name):
    readings = list(read_records(samples / "marc/irbis-rusmarc" / name))
    items = [item for reading in readings if reading.data for item in reading.data.items]

    assert len(readings) == 269
    # A blank order form for periodicals describes nothing.
    assert [plain_text(reading.reason) for reading in readings if reading.reason] == [
        "the record has no title (field 200)"
    ]
    assert len(items) == 2216
    assert len({item.barcode for item in items}) == 2216
    assert Counter(item.status for item in items)[ItemStatus.LENT_ELSEWHERE] == 508


def test_text_and_json_of_the_same_base_say_the_same(samples):
    folder = samples / "marc/irbis-rusmarc"
    text = read_records(folder / "ibis-demo-269.irbis.txt")
    lines = read_records(folder / "ibis-demo-269.jsonl")

    assert [reading.data for reading in text] == [reading.data for reading in lines]


def test_a_book_is_described():
    [reading] = read(BOOK)
    data = reading.data

    assert str(reading.form) == "IRBIS, text export, UTF-8"
    assert data.control_number == "37/К88-602720"
    assert (data.title, data.subtitle) == ("Куда пойти учиться?", "Справочник")
    assert [(one.name, one.role) for one in data.contributors] == [
        ("Акулова, Зоя Михайловна", "author"),
        ("Панков, И.", "editor"),
    ]
    assert (data.place, data.publisher, data.year) == ("М.", "Вся Москва", 1993)
    assert (data.extent, data.series) == ("240 с. : ил ; 20 см", ("Вся Москва ; 2",))
    assert data.summary == "О школах города"
    assert data.subjects == ("Школы — Выбор — Москва — 20 в.", "учёба")
    assert data.classification == ("37", "74.3")
    assert (data.isbns, data.languages, data.kind) == (("9785744300432",), ("ru",), Kind.BOOK)
    assert data.links == (("https://example.org/1", "Полный текст"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_line_end_gives_the_same(encoding, newline):
    [expected] = read(BOOK)

    [reading] = read(BOOK.replace("\n", newline), encoding=encoding)

    assert reading.data == expected.data
    assert reading.remarks == ()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("0", ItemStatus.LENDABLE),
        ("1", ItemStatus.LENT_ELSEWHERE),
        ("2", ItemStatus.ON_ORDER),
        ("3", ItemStatus.DAMAGED),
        ("4", ItemStatus.LOST),
        ("5", ItemStatus.DAMAGED),
        ("6", ItemStatus.WITHDRAWN),
        ("8", ItemStatus.ON_ORDER),
        ("9", ItemStatus.LENT_ELSEWHERE),
        ("C", ItemStatus.LENDABLE),
        ("p", ItemStatus.READING_ROOM),
        ("R", ItemStatus.ON_ORDER),
        ("U", ItemStatus.LENDABLE),
    ],
)
def test_the_status_of_a_copy_is_read_from_its_code(code, status):
    [item] = described("#200: ^AКнига", f"#910: ^A{code}^B5^DАБ").items

    assert item.status is status


def test_a_copy_in_the_reading_room_is_read_there():
    [item] = described("#200: ^AКнига", "#910: ^A0^B5^DЧЗ").items

    assert item.status is ItemStatus.READING_ROOM


def test_copies_have_their_barcode_or_else_a_number_of_their_own():
    lines = ["#200: ^AКнига", "#903: К1", "#621: 74.3", "#908: К88"]
    items = described(*lines, "#910: ^A0^B1^HE004", "#910: ^A0^B1", "#910: ^A0^B1").items
    elsewhere = described(*lines[:1], "#903: К2", "#910: ^A0^B1").items

    assert items[0].barcode == "E004"
    assert len({item.barcode for item in (*items, *elsewhere)}) == 4
    assert all(item.barcode.startswith("1-") for item in (*items[1:], *elsewhere))
    assert {item.shelf_mark for item in items} == {"74.3 К88"}


def test_a_volume_has_the_title_and_the_people_of_its_set():
    data = described(
        "#200: ^VЧ.2,4",
        "#461: ^CУправление банком^GНаука^DМ.^H1990^FЗ. М. Акулова",
        "#961: ^AАкулова^BЗ.М.",
        "#961: ^4340 Ред.^AВиноградов^BА.П.",
        worklist="SPEC",
    )

    assert (data.title, data.part, data.publisher, data.year) == (
        "Управление банком",
        "Ч.2,4",
        "Наука",
        1990,
    )
    assert [(one.name, one.role) for one in data.contributors] == [
        ("Акулова, З.М.", "author"),
        ("Виноградов, А.П.", "editor"),
    ]


def test_an_article_names_its_journal():
    data = described(
        "#200: ^AПередовые охотники^FИ. Ведерников",
        "#463: ^S2^J1942^H№ 14^CВосточно-Сибирская правда^DИркутск",
        worklist="ASP",
    )

    assert (data.kind, data.year, data.extent) == (Kind.ARTICLE, 1942, "С. 2")
    assert data.series == ("Восточно-Сибирская правда. — 1942. — № 14",)


def test_an_issue_has_the_title_of_its_journal_wherever_that_stands():
    issue = "#920: NJ\n#933: У1415\n#903: У1415/1989/2\n#934: 1989\n#936: 2\n"
    issue += "#922: ^CВыбор модема\n*****\n"
    journal = "#920: J\n#903: У1415\n#200: ^AКомпьютер-Пресс\n*****\n"

    for text in (issue + journal, journal + issue):
        data = next(r.data for r in read(text) if r.data.control_number == "У1415/1989/2")
        assert (data.title, data.part, data.kind) == ("Компьютер-Пресс", "1989, № 2", Kind.SERIAL)
        assert data.alternative_titles == ("Выбор модема",)


def test_events_and_persons_are_no_titles():
    [reading] = read("#920: SOB\n#200: ^AКуликовская битва\n*****\n")

    assert "not of a title" in plain_text(reading.reason)


def test_a_line_that_is_no_field_goes_on_with_the_one_before():
    [reading] = read("#920: PAZK\n#200: ^AТихий\nДон\n*****\n")

    assert reading.data.title == "Тихий Дон"


def test_a_line_before_all_fields_is_remarked():
    readings = read(BOOK + "что это\n#920: PAZK\n#200: ^AТихий Дон\n*****\n")

    assert readings[1].data.title == "Тихий Дон"
    assert [plain_text(remark) for remark in readings[1].remarks] == [
        "a line that is no field was left out: что это"
    ]


def test_a_long_line_before_all_fields_is_remarked_by_its_first_letters():
    readings = read(BOOK + "я" + "ю" * 60 + "x\n#920: PAZK\n#200: ^AТихий Дон\n*****\n")
    odd = read(BOOK + "x" + "ю" * 60 + "\n#920: PAZK\n#200: ^AТихий Дон\n*****\n")

    for reading, letters in ((readings[1], "я" + "ю" * 39), (odd[1], "x" + "ю" * 39)):
        assert reading.data.title == "Тихий Дон"
        assert plain_text(reading.remarks[0]).endswith(f": {letters}")


def test_a_record_without_its_stars_is_read_and_one_without_fields_rejected():
    readings = read(BOOK + "?\n?\n*****\n" + BOOK.removesuffix("*****\n"))

    assert [reading.data is None for reading in readings] == [False, True, False]
    assert readings[1].raw == b"?\n?\n"
    assert [(r.place.ordinal, r.place.offset) for r in readings][1] == (2, len(BOOK.encode()))


def test_the_export_to_iso_2709_is_read_as_well():
    fields = [
        ("903", "К1"),
        ("920", "PAZK"),
        ("200", "", ("A", "Книга о Москве"), ("F", "А. Иванов")),
        ("675", "37"),
        ("910", "", ("A", "0"), ("B", "32"), ("D", "АБ")),
    ]

    [reading] = read(iso_bytes(fields, encoding="cp1251", leader="nam "))

    assert str(reading.form) == "IRBIS, ISO 2709, Windows-1251"
    assert (reading.data.title, reading.data.control_number) == ("Книга о Москве", "К1")
    assert (len(reading.data.items), reading.data.classification) == (1, ("37",))


def test_the_source_of_a_record_says_the_same():
    [first] = read(BOOK, encoding="cp1251")

    [again] = read(first.source)

    assert again.data == first.data


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
@example(b"#200: ^A\n")
@example(b"#1:^\n*****\n*****\n")
@example(b"#99999: ^\n#200:^^a\n")
def test_no_bytes_stop_the_reader(data):
    read(b"#920: PAZK\n" + data)
    read(b"#200: ^A" + data + b"\n*****\n" + BOOK.encode())
    read(b"#461: ^C" + data)
