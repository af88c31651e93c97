"""Letters are read as they were meant, whatever a file says or does not say of them."""

import io
from html import unescape

import pytest
from fixtures.iso_bytes import iso_bytes, rusmarc
from fixtures.marc_files import marc_record, marcxml
from hypothesis import given, settings
from hypothesis import strategies as st

from bibliopolis.catalogue.import_run import plain_text
from bibliopolis.catalogue.marc import ENCODINGS, Wanted, read_records, read_stream

CYRILLIC = ("cp1251", "koi8-r", "cp866")
NAMES = {"cp1251": "Windows-1251", "koi8-r": "KOI8-R", "cp866": "CP866", "utf-8": "UTF-8"}
TITLES = (
    "Преступление и наказание",
    "Мёртвые души : поэма",
    "РУССКАЯ ЛИТЕРАТУРА XIX ВЕКА",
    "Объявление, съезд и подъём",
    "Щи да каша",
    "Философия хозяйства",
    "Преступление объявление объявление",
)


def read(data, wanted=None):
    return list(read_stream(io.BytesIO(data), "file", wanted or Wanted()))


def marc21(title, encoding, declared=" "):
    fields = [("001", "1"), ("245", "10", ("a", title)), ("260", "  ", ("a", "Москва"))]
    return iso_bytes(fields, encoding=encoding, leader=f"nam {declared}")


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("encoding", [*CYRILLIC, "utf-8"])
def test_russian_is_recognised_in_every_encoding(title, encoding):
    for record in (rusmarc(title=title, encoding=encoding), marc21(title, encoding)):
        [reading] = read(record)

        assert reading.data.title_statement == title
        assert reading.form.encoding == encoding
        assert str(reading.form).endswith(NAMES[encoding])


@pytest.mark.parametrize(
    "title", ["Історія української літератури", "Беларуская мова і кніга ў школе"]
)
def test_the_languages_of_the_neighbours_are_recognised_as_well(title):
    [reading] = read(rusmarc(title=title, encoding="cp1251"))

    assert (reading.data.title, reading.form.encoding) == (title, "cp1251")


def test_what_was_declared_wrongly_is_remarked():
    said = [
        [plain_text(remark) for remark in read(marc21("Тихий Дон", encoding, declared))[0].remarks]
        for encoding, declared in [("cp1251", " "), ("koi8-r", "a"), ("utf-8", " "), ("utf-8", "a")]
    ]

    assert said == [
        ["declared as MARC-8, but it is Windows-1251"],
        ["declared as UTF-8, but it is KOI8-R"],
        ["declared as MARC-8, but it is UTF-8"],
        [],
    ]


@pytest.mark.parametrize(
    ("charset", "encoding"), [("0189", "cp1251"), ("0199", "koi8-r"), ("0179", "cp866")]
)
def test_a_word_too_short_to_tell_is_read_as_the_record_declares(charset, encoding):
    [reading] = read(rusmarc(title="Эхо", charset=charset, encoding=encoding))

    assert reading.data.title == "Эхо"


@pytest.mark.parametrize("encoding", CYRILLIC)
def test_a_declaration_that_the_bytes_contradict_is_not_believed(encoding):
    for charset in ("0189", "0199", "0179", "50  "):
        [reading] = read(rusmarc(title=TITLES[0], charset=charset, encoding=encoding))

        assert reading.data.title == TITLES[0]


@pytest.mark.parametrize("encoding", CYRILLIC)
def test_a_word_too_short_to_tell_is_read_as_the_records_before_it(encoding):
    records = [rusmarc(title=TITLES[0], encoding=encoding), rusmarc(title="Эхо", encoding=encoding)]

    assert [reading.data.title for reading in read(b"".join(records))] == [TITLES[0], "Эхо"]


@pytest.mark.parametrize(
    ("charset", "encoding"), [("0189", "cp1251"), ("0199", "koi8-r"), ("0179", "cp866")]
)
@pytest.mark.parametrize("title", ["Ты и я", "Он и мы", "и"])
def test_a_title_of_words_of_a_letter_or_two_is_read_as_declared_or_as_those_before(
    title, charset, encoding
):
    declared = rusmarc(title=title, charset=charset, encoding=encoding)
    after_another = rusmarc(title=TITLES[0], encoding=encoding) + marc21(title, encoding)

    assert [reading.data.title for reading in read(declared)] == [title]
    assert [reading.data.title for reading in read(after_another)] == [TITLES[0], title]


def test_accents_after_a_cyrillic_record_stay_accents():
    french = iso_bytes([("245", "10", ("a", "Po\xeaeme th\xe2e\xe2atre"))], "latin-1", "nam  ")

    _russian, reading = read(rusmarc(title=TITLES[0], encoding="cp1251") + french)

    assert reading.form.encoding == "marc-8"


def test_an_encoding_that_is_given_is_believed():
    [as_given] = read(rusmarc(title="Эхо", encoding="cp866"), Wanted(encoding="cp866"))
    [wrongly] = read(rusmarc(title=TITLES[0], encoding="cp1251"), Wanted(encoding="koi8-r"))

    assert as_given.data.title == "Эхо"
    assert wrongly.data.title == TITLES[0].encode("cp1251").decode("koi8-r")


def test_accents_are_not_mistaken_for_cyrillic():
    [marc8] = read(
        iso_bytes([("245", "10", ("a", "Po\xeaeme th\xe2e\xe2atre"))], "latin-1", "nam  ")
    )
    [french] = read(iso_bytes([("200", "1 ", ("a", "Élève à l'école"))], "cp1252"))

    assert marc8.form.encoding == "marc-8"
    assert french.data.title == "Élève à l'école"
    assert [plain_text(remark) for remark in french.remarks] == [
        "the encoding is not certain: it was read as Windows-1252"
    ]


def test_a_wrong_byte_does_not_make_another_encoding_of_utf_8():
    record = marc21("Преступление и наказание", "utf-8")
    broken = record.replace("наказание".encode(), "наказани".encode() + b"\xff5")

    [reading] = read(broken)

    assert reading.data.title == "Преступление и наказани\ufffd5"
    assert [plain_text(remark) for remark in reading.remarks] == [
        "some characters are not UTF-8 and were replaced"
    ]


@pytest.mark.parametrize("encoding", CYRILLIC)
def test_xml_that_is_not_in_the_encoding_it_declares_is_read(encoding):
    text = unescape(marcxml([marc_record(1)]).decode())
    declared = text.replace("UTF-8", encoding).encode(encoding)
    undeclared = text.replace(' encoding="UTF-8"', "").encode(encoding)

    for data in (declared, undeclared):
        [reading] = read(data)
        assert reading.data.title == "Преступление и наказание 1"
        assert reading.form.encoding == encoding


def test_the_files_of_the_collection_give_readable_titles(samples):
    for name, encoding in (
        ("pymarc/1251.dat", "cp1251"),
        ("ruby-marc/cp866_multirecord.marc", "cp866"),
        ("ruby-marc/cp866_unimarc.marc", "cp866"),
        ("irbis-rusmarc/test1.iso", "cp1251"),
    ):
        for reading in read_records(samples / "marc" / name):
            assert reading.form.encoding == encoding
            assert not set(reading.data.full_title) & set("\ufffdЃЊ╨╤")


def long_enough_to_tell(words):
    """Say whether there are more letters in words than chance could put side by side.

    "и и и и" alone could as well be four single letters with accents.
    """
    return sum(len(word) for word in words if len(word) > 2 and not word.isascii()) > 6


WORDS = st.lists(
    st.sampled_from(" ".join(TITLES).replace(":", "").replace(",", "").split()),
    min_size=4,
    max_size=9,
).filter(long_enough_to_tell)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=4), st.sampled_from((*CYRILLIC, "utf-8")))
def test_generated_records_come_back_in_every_encoding(titles, encoding):
    records = [rusmarc(title=title, encoding=encoding) for title in titles]
    records += [marc21(title, encoding) for title in titles]

    assert [reading.data.title for reading in read(b"".join(records))] == titles * 2


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=1, max_size=80), st.sampled_from([None, *ENCODINGS]))
def test_no_bytes_inside_of_a_record_stop_the_reader(data, encoding):
    content = data.replace(b"\x1d", b"").replace(b"\x1e", b"")
    for tag in ("200", "245", "461"):
        record = iso_bytes([("001", "1"), (tag, "1 ", ("a", "X"))]).replace(
            b"\x1faX", b"\x1fa" + content
        )

        assert len(read(record, Wanted(encoding=encoding))) >= 1
