"""A record in every format, read again by somebody else's reader, whatever stands in it."""

import io
import json
import re

import bibtexparser
import pymarc
import pytest
import rispy
from fixtures.hostile import HOSTILE, make
from hypothesis import given
from lxml import etree
from pylatexenc.latex2text import LatexNodes2Text

from bibliopolis.catalogue.exports import FORMATS
from bibliopolis.catalogue.exports.facts import Facts
from bibliopolis.catalogue.marc import read_stream
from bibliopolis.catalogue.marc.structure import Field
from bibliopolis.catalogue.marc.structure import Record as MarcRecord
from bibliopolis.catalogue.marc.writing import to_iso2709
from bibliopolis.errors import Conflict

URL = "https://libraries.example/ru/catalogue/12"
MARC = "{http://www.loc.gov/MARC21/slim}"
DC = "{http://purl.org/dc/elements/1.1/}"
# The patterns of MARC21slim.xsd 1.1.
SCHEMA = {
    "leader": r"[\d ]{5}[\dA-Za-z ][\dA-Za-z][\dA-Za-z ]{3}(2| )(2| )[\d ]{5}"
    r"[\dA-Za-z ]{3}(4500|    )",
    "control": r"00[1-9A-Za-z]",
    "data": r"(0([1-9A-Z][0-9A-Z])|0([1-9a-z][0-9a-z]))"
    r"|(([1-9A-Z][0-9A-Z]{2})|([1-9a-z][0-9a-z]{2}))",
    "indicator": r"[\da-z ]",
    "code": r"""[\dA-Za-z!"#$%&'()*+,\-./:;<=>?{}_^`~\[\]\\]""",
}

TITLES = [
    ("Преступление и наказание", "ru", "Достоевский, Федор Михайлович"),
    ("Crime & punishment: 100% {true}", "en", "Dostoevsky, Fyodor"),
    ("الجريمة والعقاب", "ar", "دوستويفسكي، فيودور"),
    ("罪与罚", "zh", "陀思妥耶夫斯基"),
]


def written(record, name, source=None):
    return FORMATS[name].write(record, Facts.of(record, URL, source))


def book(title="Преступление и наказание", language="ru", author="Достоевский, Федор", **more):
    return make(
        **{
            "title": title,
            "language": language,
            "languages": [language],
            "contributors": [
                {"name": author, "role": "author", "dates": "1821-1881"},
                {"name": "Garnett, Constance", "role": "translator"},
                {"name": "Knopf and Sons", "role": "editor", "direct": True},
            ],
            "subtitle": "роман",
            "publisher": "Наука",
            "place": "Москва",
            "year": 1970,
            "edition": "2-е изд.",
            "extent": "808 с.",
            "series": ["Литературные памятники"],
            "summary": "Июль, жара.",
            "isbns": ["9780851705774"],
            "subjects": ["Совесть — В литературе"],
            "classes": ["821.161.1"],
            "other_titles": ["Prestuplenie"],
            "links": [{"url": "https://example.org/text", "title": "Text"}],
            **more,
        }
    )


def of_bibtex(text):
    """Return the only entry, its values as LaTeX would print them."""
    library = bibtexparser.parse_string(text)
    assert library.failed_blocks == []
    [entry] = library.entries
    return entry, {one.key: as_printed(one.value) for one in entry.fields}


def as_printed(value):
    # The reader of LaTeX does not know the names of braces.
    for command, stand_in in ((r"\textbraceleft{}", "«"), (r"\textbraceright{}", "»")):
        value = value.replace(command, stand_in)
    said = LatexNodes2Text().latex_to_text(value)
    return said.replace("«", "{").replace("»", "}")


def spaced(text):
    return " ".join(text.split())


@pytest.mark.parametrize(("title", "language", "author"), TITLES)
@pytest.mark.parametrize("name", FORMATS)
def test_a_title_of_every_script_is_in_every_format(name, title, language, author):
    data = written(book(title, language, author), name).decode()

    plain = {
        "bibtex": lambda: of_bibtex(data)[1]["title"],
        "marcxml": lambda: "".join(etree.fromstring(data.encode()).itertext()),
        "dc": lambda: "".join(etree.fromstring(data.encode()).itertext()),
    }.get(name, lambda: data)()
    assert title in plain


def test_ris_is_read_by_others():
    [entry] = rispy.loads(written(book(), "ris").decode())

    assert entry["type_of_reference"] == "BOOK"
    assert entry["title"] == "Преступление и наказание: роман"
    assert entry["authors"] == ["Достоевский, Федор"]
    assert entry["subsidiary_authors"] == ["Garnett, Constance"]
    assert entry["secondary_authors"] == ["Knopf and Sons"]
    assert (entry["year"], entry["place_published"]) == ("1970", "Москва")
    assert entry["publisher"] == "Наука"
    assert entry["urls"] == [URL]
    assert entry["keywords"] == ["Совесть — В литературе"]


def test_bibtex_is_read_by_others():
    entry, said = of_bibtex(written(book(), "bibtex").decode())

    assert entry.entry_type == "book"
    assert entry.key == "dostoyevsky1970-12"
    assert said["author"] == "Достоевский, Федор"
    assert said["editor"] == "Knopf and Sons"
    assert said["translator"] == "Garnett, Constance"
    assert said["title"] == "Преступление и наказание: роман"
    assert said["isbn"] == "9780851705774"


def test_a_body_with_and_in_its_name_is_one_editor_in_bibtex():
    library = bibtexparser.parse_string(
        written(book(), "bibtex").decode(),
        append_middleware=[bibtexparser.middlewares.SeparateCoAuthors()],
    )

    assert len(library.entries[0]["editor"]) == 1


def test_csl_json_says_the_same():
    [item] = json.loads(written(book(), "csl"))

    assert item["type"] == "book"
    assert item["author"] == [{"family": "Достоевский", "given": "Федор"}]
    assert item["editor"] == [{"literal": "Knopf and Sons"}]
    assert item["issued"] == {"date-parts": [[1970]]}


def test_dublin_core_says_the_same():
    root = etree.fromstring(written(book(), "dc"))

    said = [(one.tag.removeprefix(DC), one.text) for one in root]
    assert ("creator", "Достоевский, Федор") in said
    assert ("contributor", "Garnett, Constance") in said
    assert ("identifier", "urn:isbn:9780851705774") in said
    assert ("identifier", URL) in said
    assert ("type", "Text") in said
    assert root[0].get("{http://www.w3.org/XML/1998/namespace}lang") == "ru"


def test_schema_org_says_the_same():
    said = json.loads(written(book(), "jsonld"))

    assert (said["@context"], said["@type"]) == ("https://schema.org", "Book")
    assert said["url"] == URL
    assert said["author"] == [{"@type": "Person", "name": "Федор Достоевский"}]


def test_marc_21_is_read_by_others():
    [record] = pymarc.MARCReader(written(book(), "marc"), to_unicode=True, permissive=False)

    assert record["001"].data == "n-12"
    assert record["245"].format_field() == "Преступление и наказание : роман"
    assert record["100"].get_subfields("a", "d", "4") == [
        "Достоевский, Федор",
        "1821-1881",
        "aut",
    ]
    assert record["710"].get_subfields("a", "4") == ["Knopf and Sons", "edt"]
    assert record["008"].data[35:38] == "rus"
    assert len(record["008"].data) == 40
    assert record["650"].get_subfields("a", "x") == ["Совесть", "В литературе"]
    assert [field["u"] for field in record.get_fields("856")] == ["https://example.org/text", URL]


def test_a_record_written_as_marc_is_the_same_record_when_it_is_brought_in():
    record = book(
        kind="ebook",
        responsibility="Ф. М. Достоевский",
        languages=["ru", "en"],
        issns=["0028-0836"],
        contributors=[
            {"name": "Dostoevskiĭ, Fedor", "role": "author", "original": "Достоевский, Федор"}
        ],
    )

    [reading] = read_stream(io.BytesIO(written(record, "marc")), "")

    read = reading.data
    assert (read.title, read.subtitle) == (record.title, record.subtitle)
    assert (read.kind, read.year, read.edition) == ("ebook", 1970, "2-е изд")
    assert (read.place, read.publisher) == ("Москва", "Наука")
    assert read.languages == ("ru", "en")
    assert (read.isbns, read.issns) == (tuple(record.isbns), tuple(record.issns))
    assert read.subjects == tuple(record.subjects)
    assert read.contributors[0].original == "Достоевский, Федор"
    assert read.alternative_titles == ("Prestuplenie",)
    assert read.responsibility == record.responsibility


def field(tag, *subfields, indicators="  "):
    return Field(tag, indicators=indicators, subfields=list(subfields))


def source_of(*fields):
    title = field("245", ("a", "Own title /"), ("c", "Own author"), indicators="10")
    return to_iso2709(MarcRecord("00000nam a2200000 a 4500", [Field("001", "own"), title, *fields]))


def test_a_librarys_own_record_is_given_as_it_came():
    source = source_of(field("500", ("a", "A note"), ("5", "RU")))

    assert written(make(), "marc", source) == source


@pytest.mark.parametrize("name", ["marc", "marcxml"])
def test_what_is_for_the_library_alone_is_given_to_nobody(name):
    secret = ("x", "secret")
    source = source_of(
        field("541", ("a", "secret"), indicators="0 "),
        field("583", ("a", "secret")),
        field("561", ("a", "Owned by Pushkin"), indicators="1 "),
        field("590", ("a", "secret")),
        field("852", ("b", "Hall"), secret),
        field("856", ("u", "https://example.org/"), secret, indicators="40"),
        field("876", ("c", "secret")),
        field("910", ("a", "secret")),
        field("952", ("8", "secret")),
    )

    said = written(make(), name, source).decode()

    assert "secret" not in said
    for public in ("Owned by Pushkin", "Hall", "https://example.org/", "Own title"):
        assert public in said


def test_a_source_that_is_no_marc_21_is_written_from_the_description():
    unimarc = to_iso2709(MarcRecord("00000nam0a2200000   450 ", [field("200", ("a", "Заглавие"))]))

    [record] = pymarc.MARCReader(written(book(), "marc", unimarc), permissive=False)

    assert record["245"]["a"] == "Преступление и наказание :"


@pytest.mark.parametrize("source", [b"", b"\x00", b"00024", b"99999nam a22\x1d", b"\xff" * 200])
def test_a_broken_source_is_written_from_the_description(source):
    [record] = pymarc.MARCReader(written(book(), "marc", source), permissive=False)

    assert record["245"]["a"] == "Преступление и наказание :"


@pytest.mark.parametrize("fields", [{"summary": "ы" * 5000}, {"subjects": ["тема" * 100] * 150}])
def test_what_is_too_long_for_iso_2709_is_refused_and_had_as_xml(fields):
    record = book(**fields)

    with pytest.raises(Conflict, match="MARCXML"):
        written(record, "marc")

    assert len(written(record, "marcxml")) > 10_000


def obeys_the_schema(root):
    for one in root:
        kind = one.tag.removeprefix(MARC)
        if kind == "leader":
            assert re.fullmatch(SCHEMA["leader"], one.text, re.ASCII)
        elif kind == "controlfield":
            assert re.fullmatch(SCHEMA["control"], one.get("tag"), re.ASCII)
        else:
            assert kind == "datafield"
            assert re.fullmatch(SCHEMA["data"], one.get("tag"), re.ASCII)
            assert re.fullmatch(SCHEMA["indicator"], one.get("ind1"), re.ASCII)
            assert re.fullmatch(SCHEMA["indicator"], one.get("ind2"), re.ASCII)
            assert len(one)
            for subfield in one:
                assert re.fullmatch(SCHEMA["code"], subfield.get("code"), re.ASCII)
    return True


def test_marcxml_of_a_damaged_source_keeps_to_the_schema():
    odd = MarcRecord(
        "0000##|||a2200000|||4500",
        [
            Field("001", "own\x00"),
            Field("00\u0101", "x"),
            field("245", ("a", "T\x0b"), ("|", "bar"), ("é", "x"), indicators="Ж|"),
            field("a1B", ("a", "mixed")),
            field("500", ("@", "nothing left")),
        ],
    )

    root = etree.fromstring(written(make(), "marcxml", to_iso2709(odd)))

    assert obeys_the_schema(root)
    [title] = root.findall(f"{MARC}datafield[@tag='245']")
    assert [one.text for one in title] == ["T"]


@given(HOSTILE)
def test_no_record_breaks_ris(record):
    text = written(record, "ris").decode()

    [entry] = rispy.loads(text)
    assert entry["title"] == Facts.of(record, URL).full_title
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in text.split("\r\n")[:-1])


@given(HOSTILE)
def test_no_record_breaks_bibtex(record):
    text = written(record, "bibtex").decode()
    entry, _said = of_bibtex(text)

    facts = Facts.of(record, URL)
    assert set(entry.fields_dict) <= FIELDS
    assert entry.fields_dict["url"].value == URL
    assert re.fullmatch(r"[a-z0-9-]+", entry.key)
    assert text.count("{") == text.count("}")
    assert ("author" in entry.fields_dict) == bool(facts.authors)


FIELDS = {
    "author", "editor", "translator", "title", "edition", "series", "publisher", "address", "year",
    "language", "isbn", "issn", "keywords", "abstract", "note", "url",
}  # fmt: skip


@given(HOSTILE)
def test_no_record_breaks_marc(record):
    try:
        data = written(record, "marc")
    except Conflict:
        return

    [read] = pymarc.MARCReader(data, to_unicode=True, permissive=False)
    facts = Facts.of(record, URL)
    title = " ".join(read["245"].get_subfields("a", "b", "c"))
    assert facts.title in title
    assert int(data[:5]) == len(data)


@given(HOSTILE)
def test_no_record_breaks_xml(record):
    root = etree.fromstring(written(record, "marcxml"))
    assert obeys_the_schema(root)

    said = etree.fromstring(written(record, "dc"))
    assert said[0].text == Facts.of(record, URL).full_title
    assert all(one.tag.startswith(DC) and not len(one) for one in said)


@given(HOSTILE)
def test_no_record_breaks_json(record):
    [item] = json.loads(written(record, "csl"))

    assert item["title"] == Facts.of(record, URL).full_title
    assert json.loads(written(record, "jsonld"))["url"] == URL
