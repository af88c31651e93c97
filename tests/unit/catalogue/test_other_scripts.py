"""A record that has its names and titles in two scripts is found and shown in both."""

import io
from dataclasses import asdict

import pytest
from fixtures.iso_bytes import rusmarc
from fixtures.marc_files import field, marc_record

from bibliopolis.catalogue.marc import read_pieces, read_records, read_stream
from bibliopolis.catalogue.marc.links import MISPLACED, Links
from bibliopolis.catalogue.marc.structure import Field
from bibliopolis.catalogue.marc.structure import Record as MarcRecord
from bibliopolis.catalogue.marc.text import bare


def described(*fields):
    record = marc_record(1)
    record.remove_fields("100", "245", "260", "650")
    record.fields.extend(fields)
    [reading] = read_stream(io.BytesIO(record.as_marc()), "file.mrc")
    return reading.data


TITLE = field("245", "10", ("6", "880-02"), ("a", "Sindrom Petrushki /"))
ORIGINAL_TITLE = field("880", "10", ("6", "245-02/(N"), ("a", "Синдром Петрушки /"))


def test_every_title_is_there_in_both_scripts():
    data = described(
        TITLE,
        ORIGINAL_TITLE,
        field("246", "1 ", ("6", "880-03"), ("a", "Kukolʹnik")),
        field("700", "12", ("6", "880-04"), ("a", "Rubina, Dina."), ("t", "Rasskazy.")),
        field("880", "1 ", ("6", "246-03/(N"), ("a", "Кукольник")),
        field("880", "12", ("6", "700-04/(N"), ("a", "Рубина, Дина."), ("t", "Рассказы.")),
        field("880", "1 ", ("6", "246-00/(N"), ("a", "Кукловод")),
    )

    assert data.title == "Sindrom Petrushki"
    assert data.alternative_titles[:4] == ("Синдром Петрушки", "Кукловод", "Кукольник", "Рассказы")
    assert {"Kukolʹnik", "Rasskazy"} <= set(data.alternative_titles)


def test_a_text_in_three_scripts_has_them_all():
    data = described(
        TITLE,
        field("880", "10", ("6", "245-02/$1"), ("a", "漢語")),
        field("880", "10", ("6", "245-02/$1"), ("a", "汉语")),
    )

    assert data.alternative_titles == ("漢語", "汉语")


def test_names_series_and_contents_have_their_originals():
    data = described(
        TITLE,
        field("100", "1 ", ("6", "880-01"), ("a", "Rubina, Dina.")),
        field("490", "0 ", ("6", "880-05"), ("a", "Bolʹshai︠a︡ proza")),
        field("505", "0 ", ("6", "880-06"), ("a", "Pervai︠a︡ -- Vtorai︠a︡")),
        field("520", "  ", ("6", "880-07"), ("a", "Roman o kukolʹnike.")),
        field("880", "1 ", ("6", "100-01"), ("a", "Рубина, Дина.")),
        field("880", "0 ", ("6", "490-05"), ("a", "Большая проза")),
        field("880", "0 ", ("6", "505-06"), ("a", "Первая -- Вторая")),
        field("880", "  ", ("6", "520-07"), ("a", "Роман о кукольнике.")),
    )

    assert [(one.name, one.original) for one in data.contributors] == [
        ("Rubina, Dina", "Рубина, Дина")
    ]
    assert "Большая проза" in data.series
    assert "Первая -- Вторая" in data.contents
    assert "Роман о кукольнике." in data.summary


def test_a_name_that_is_only_there_in_its_own_script_is_kept():
    data = described(TITLE, field("880", "1 ", ("6", "100-00/(N"), ("a", "Рубина, Дина.")))

    assert [(one.name, one.role) for one in data.contributors] == [("Рубина, Дина", "author")]


def test_a_link_that_leads_nowhere_is_not_lost():
    data = described(TITLE, field("880", "10", ("6", "245-09/(N"), ("a", "Синдром Петрушки")))

    assert data.alternative_titles == ("Синдром Петрушки",)


@pytest.mark.parametrize("code", ["6", "7"])
def test_a_link_may_stand_under_a_wrong_code_and_name_a_neighbouring_tag(code):
    data = described(
        TITLE,
        field("490", "0 ", ("6", "880-05"), ("a", "Proza")),
        field("880", "10", (code, "245-02/(N"), ("a", "Синдром Петрушки")),
        field("880", "0 ", (code, "440-05/(N"), ("a", "Проза")),
    )

    assert data.alternative_titles == ("Синдром Петрушки",)
    assert data.series == ("Proza", "Проза")


def test_unimarc_repeats_a_field_for_another_script():
    [reading] = read_stream(
        io.BytesIO(
            rusmarc(
                ("200", "1 ", ("6", "a01"), ("7", "ba"), ("a", "Sindrom Petrushki")),
                ("200", "1 ", ("6", "a01"), ("7", "ca"), ("a", "Синдром Петрушки")),
                ("700", " 1", ("6", "a02"), ("7", "ca"), ("a", "Рубина"), ("g", "Дина")),
                (
                    "700",
                    " 1",
                    ("6", "a02"),
                    ("7", "ba"),
                    ("a", "Rubina"),
                    ("g", "Dina"),
                    ("4", "070"),
                ),
                ("702", " 1", ("a", "Иванов"), ("4", "730")),
            )
        ),
        "file.iso",
    )

    assert reading.data.alternative_titles == ("Синдром Петрушки",)
    assert [(one.name, one.original, one.role) for one in reading.data.contributors] == [
        ("Rubina, Dina", "Рубина, Дина", "author"),
        ("Иванов", "", "translator"),
    ]


# Where a description keeps texts of its own, and so those of an 880 that stands for them.
KEPT = {"100", "110", "111", "245", "246", "440", "490", "505", "600", "650", "651", "700", "710"}


def test_the_original_of_everything_kept_is_in_the_description(samples):
    """Of each 880 of the collection that stands for a field kept, the text is to be found."""
    checked, missing = 0, []
    for path in sorted((samples / "marc").rglob("*.*")):
        if path.suffix not in (".xml", ".mrc", ".marc"):
            continue
        for reading in read_records(path):
            if reading.data is None or b"880" not in reading.raw:
                continue
            [source] = [p.record for p in pieces(reading.source)]
            text = "\n".join(texts(asdict(reading.data)))
            for original in source.get("880"):
                tag = (original.first("6") or "")[:3]
                word = bare(original.first("a")).strip(" .[]．")
                if tag in KEPT and word:
                    checked += 1
                    if word not in text:
                        missing.append((path.name, tag, word))

    assert checked > 400
    assert missing == [], "\n".join(map(repr, missing))


def texts(said):
    """Yield the texts of a description, however deep."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        yield from texts(list(said.values()))
    elif isinstance(said, list | tuple):
        for one in said:
            yield from texts(one)


def pieces(source):
    return list(read_pieces(io.BytesIO(source), ""))


def test_links_of_a_record_without_originals_cost_nothing():
    links = Links.of(MarcRecord("", [Field("245", subfields=[("6", "880-01"), ("a", "x")])]))

    assert (links.linked, links.unlinked) == ({}, ())
    assert not MISPLACED.match("1234-5678")
