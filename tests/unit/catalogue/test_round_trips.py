"""Books written in every dialect, format and encoding are the same when they are read."""

import io
import json
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from fixtures.iso_bytes import iso_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from bibliopolis.catalogue.marc import read_stream

_WORDS = """
    преступление наказание объявление съезд щёлочь чайка этюд фонарь хозяйство журнал юность
    дорога зимняя ёлка мальчик шинель цветок философия электричество подъезд
"""
WORDS = _WORDS.split()
NAMES = ["Достоевский", "Щедрин", "Цветаева", "Эренбург", "Хлебников", "Юдин", "Жуковский"]
PLACES = ["Москва", "Санкт-Петербург", "Ярославль", "Тверь"]
ENCODINGS = ("utf-8", "cp1251", "koi8-r", "cp866")


@dataclass(frozen=True)
class Book:
    """What every dialect can say of a book."""

    number: str
    title: str
    subtitle: str
    author: str
    given: str
    place: str
    year: int
    subjects: tuple[str, ...]
    pages: int
    barcodes: tuple[str, ...]


words = st.sampled_from(WORDS)
books = st.builds(
    Book,
    number=st.integers(1, 10**6).map(str),
    title=st.lists(words, min_size=3, max_size=6).map(" ".join).map(str.capitalize),
    subtitle=st.one_of(st.just(""), words),
    author=st.sampled_from(NAMES),
    given=st.sampled_from(["Иван Петрович", "А. С.", "Марина"]),
    place=st.sampled_from(PLACES),
    year=st.integers(1800, 2026),
    subjects=st.lists(words.map(str.capitalize), max_size=3, unique=True).map(tuple),
    pages=st.integers(1, 999),
    barcodes=st.lists(st.integers(1, 10**6).map(str), max_size=3, unique=True).map(tuple),
)
shelves = st.lists(books, min_size=1, max_size=4, unique_by=lambda book: book.number)


def marc21(book):
    rest = [("b", book.subtitle)] if book.subtitle else []
    return [
        ("001", book.number),
        ("008", f"850101s{book.year}    ru            000 1 rus  "),
        ("100", "1 ", ("a", f"{book.author}, {book.given}")),
        ("245", "10", ("a", book.title), *rest),
        ("260", "  ", ("a", book.place), ("c", str(book.year))),
        ("300", "  ", ("a", f"{book.pages} с.")),
        *(("650", " 4", ("a", subject)) for subject in book.subjects),
        *(("952", "  ", ("p", barcode)) for barcode in book.barcodes),
    ]


def unimarc(book):
    rest = [("e", book.subtitle)] if book.subtitle else []
    return [
        ("001", book.number),
        ("100", "  ", ("a", f"20031126d{book.year}    u  y0rusy0189    ca")),
        ("101", "0 ", ("a", "rus")),
        ("200", "1 ", ("a", book.title), *rest),
        ("210", "  ", ("a", book.place), ("d", str(book.year))),
        ("215", "  ", ("a", f"{book.pages} с.")),
        *(("606", "0 ", ("a", subject)) for subject in book.subjects),
        ("700", " 1", ("a", book.author), ("g", book.given), ("4", "070")),
        *(("899", "  ", ("p", barcode)) for barcode in book.barcodes),
    ]


def irbis(book):
    rest = [("E", book.subtitle)] if book.subtitle else []
    return [
        ("920", "PAZK"),
        ("903", book.number),
        ("101", "rus"),
        ("200", "", ("A", book.title), *rest),
        ("210", "", ("A", book.place), ("D", str(book.year))),
        ("215", "", ("A", str(book.pages))),
        *(("606", "", ("A", subject)) for subject in book.subjects),
        ("700", "", ("A", book.author), ("G", book.given)),
        *(("910", "", ("A", "0"), ("H", barcode)) for barcode in book.barcodes),
    ]


def as_iso(records, encoding):
    return b"".join(iso_bytes(fields, encoding, leader="nam ") for fields in records)


def as_xml(records, encoding):
    parts = []
    for fields in records:
        parts.append("<record><leader>00000nam a2200000 i 4500</leader>")
        for tag, text, *subfields in fields:
            if not subfields:
                parts.append(f'<controlfield tag="{tag}">{escape(text)}</controlfield>')
                continue
            inside = "".join(
                f"<subfield code={quoteattr(code)}>{escape(value)}</subfield>"
                for code, value in subfields
            )
            first, second = f"{text:2}"
            parts.append(
                f'<datafield tag="{tag}" ind1="{first}" ind2="{second}">{inside}</datafield>'
            )
        parts.append("</record>")
    head = f'<?xml version="1.0" encoding="{encoding}"?><collection>'
    return (head + "".join(parts) + "</collection>").encode(encoding)


def as_json(records, encoding):
    said = []
    for fields in records:
        entries = [
            {
                tag: {
                    "ind1": " ",
                    "ind2": text[1:2],
                    "subfields": [dict([pair]) for pair in subfields],
                }
            }
            if subfields
            else {tag: text}
            for tag, text, *subfields in fields
        ]
        said.append({"leader": "00000nam a2200000 i 4500", "fields": entries})
    return json.dumps(said, ensure_ascii=False).encode(encoding)


def as_text(records, encoding):
    lines = []
    for fields in records:
        for tag, text, *subfields in fields:
            value = text + "".join(f"^{code}{value}" for code, value in subfields)
            lines.append(f"#{int(tag)}: {value}\r\n")
        lines.append("*****\r\n")
    return "".join(lines).encode(encoding)


def as_book(data):
    [person] = data.contributors
    author, given = person.name.split(", ")
    assert (person.role, data.languages) == ("author", ("ru",))
    return Book(
        data.control_number,
        data.title,
        data.subtitle,
        author,
        given,
        data.place,
        data.year,
        data.subjects,
        int(data.extent.removesuffix(" с.")),
        tuple(item.barcode for item in data.items),
    )


def read(data):
    return list(read_stream(io.BytesIO(data), "file"))


WAYS = [
    *((marc21, form) for form in (as_iso, as_xml, as_json)),
    *((unimarc, form) for form in (as_iso, as_xml, as_json)),
    *((irbis, form) for form in (as_iso, as_text)),
]


@settings(max_examples=150, deadline=None)
@given(shelves, st.sampled_from(WAYS), st.sampled_from(ENCODINGS))
def test_books_come_back_from_every_dialect_format_and_encoding(shelf, way, encoding):
    dialect, written = way

    readings = read(written([dialect(book) for book in shelf], encoding))

    assert [reading.reason for reading in readings] == [None] * len(shelf)
    assert [as_book(reading.data) for reading in readings] == shelf
    assert {reading.form.encoding for reading in readings} == {encoding}


@settings(max_examples=60, deadline=None)
@given(shelves, st.sampled_from(WAYS), st.sampled_from(ENCODINGS))
def test_what_is_kept_of_a_record_says_the_same_when_it_is_read(shelf, way, encoding):
    dialect, written = way
    readings = read(written([dialect(book) for book in shelf], encoding))

    for reading in readings:
        [again] = read(reading.source)
        assert again.data == reading.data
