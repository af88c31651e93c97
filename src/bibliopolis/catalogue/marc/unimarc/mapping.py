"""From a UNIMARC or RUSMARC record to the description the catalogue keeps."""

from __future__ import annotations

from typing import Any

from bibliopolis.catalogue.marc.codes import language_tag
from bibliopolis.catalogue.marc.copies import copies
from bibliopolis.catalogue.marc.structure import Field, Record, Unusable
from bibliopolis.catalogue.marc.text import bare, clean, distinct, unpunctuated, without_brackets
from bibliopolis.catalogue.marc.unimarc.codes import AGE_OF_AUDIENCE, KIND_BY_TYPE
from bibliopolis.catalogue.marc.unimarc.embedded import linked
from bibliopolis.catalogue.marc.unimarc.names import body, contributors, person_name
from bibliopolis.catalogue.marc.unimarc.titles import (
    alternative_titles,
    series,
    set_records,
    titles,
    uniform_title,
)
from bibliopolis.catalogue.marc.values import (
    AGE,
    LONGEST_CONTROL_NUMBER,
    YEAR,
    isbns,
    issns,
    national_numbers,
    web_links,
    year_in,
)
from bibliopolis.catalogue.record_data import Kind, RecordData, content_number
from bibliopolis.i18n import _

ITEM_TAGS = ("910", "952", "995", "899")
SUBJECT_TAGS = ("600", "601", "602", "604", "605", "606", "607", "608", "610", "616", "617")
SUBDIVISIONS = "jxyz"
# UNIMARC/Authorities has its names in field 200, where a title would stand.
AUTHORITY_TYPES = ("x", "y", "z")
CLASS_TAGS = ("675", "686", "676", "680")


def to_record_data(record: Record, items_tag: str | None = None) -> RecordData:
    """Return the description; raise ``Unusable`` where there is no title to find it by."""
    if record.leader[6:7] in AUTHORITY_TYPES:
        raise Unusable(_("this is a record of an authority file, not of a title"))
    sets = set_records(record)
    title = titles(record, sets)
    if title is None:
        raise Unusable(_("the record has no title (field 200)"))
    control_number = clean(record.control("001"))
    if len(control_number) > LONGEST_CONTROL_NUMBER:
        raise Unusable(_("the control number (field 001) is too long"))
    kind = _kind(record)
    imprint = _imprint(record)
    described: dict[str, Any] = {
        "title": title.proper,
        "subtitle": title.rest,
        "part": title.part,
        "title_statement": title.statement,
        "responsibility": title.responsibility,
        "alternative_titles": alternative_titles(record, title.proper),
        "contributors": contributors(record, kind, sets),
        "publisher": _printed([imprint, *map(_imprint, sets)], "c"),
        "place": _printed([imprint, *map(_imprint, sets)], "a"),
        "year": _year(record, imprint, sets),
        "languages": _languages(record),
        "kind": kind,
        "isbns": isbns(field.first("a") for field in record.get("010")),
        "issns": issns(field.first("a") for field in record.get("011")),
        "national_numbers": national_numbers(
            (field.first("a"), field.first("b")) for field in record.get("020")
        ),
        "subjects": _subjects(record),
        "series": distinct([*title.series, *series(record)]),
        "edition": unpunctuated(", ".join(field_values(record.first("205"), "ab"))),
        "extent": _extent(record.first("215")),
        "summary": " ".join(_notes(record, "330")),
        "contents": " -- ".join(_notes(record, "327")),
        "uniform_title": uniform_title(record),
        "age": _age(record),
        "classification": _classification(record),
        "links": web_links(record),
        "non_filing": title.non_filing,
    }
    if not control_number:
        control_number = content_number(RecordData(control_number="", **described))
    return RecordData(
        control_number=control_number,
        items=copies(record, items_tag or ITEM_TAGS, control_number),
        **described,
    )


def field_values(field: Field | None, codes: str) -> list[str]:
    """Return the values of the subfields, clean, without empty ones."""
    return [value for value in map(clean, field.all(codes)) if value] if field else []


def _kind(record: Record) -> Kind:
    """Return what the record describes, by leader/06-07."""
    kind = KIND_BY_TYPE.get(record.leader[6:7], Kind.BOOK)
    level = record.leader[7:8]
    if kind is Kind.BOOK and level == "s":
        return Kind.SERIAL
    if kind is Kind.BOOK and level == "a":
        return Kind.ARTICLE
    return kind


def _imprint(record: Record) -> Field | None:
    """Return the field of publication: 210, else 214 that tells of publication, else any 214."""
    published = [field for field in record.get("214") if field.indicators[1:2] == "0"]
    return next(iter([*record.get("210"), *published, *record.get("214")]), None)


def _printed(imprints: list[Field | None], code: str) -> str:
    """Return place or publisher; a volume that names none has those of its set."""
    said = (without_brackets(unpunctuated(one.first(code))) for one in imprints if one)
    return next(filter(None, said), "")


def _coded(record: Record) -> str:
    """Return field 100 $a: dates, audience, alphabets in fixed places."""
    field = record.first("100")
    return field.first("a") if field else ""


def _year(record: Record, imprint: Field | None, sets: list[Record]) -> int | None:
    """Return the year of this edition: 100 $a where it is a whole one, else as printed.

    An article has the year of its journal (463), a volume without one that of its set.
    """
    fixed = YEAR.fullmatch(_coded(record)[9:13])
    if fixed:
        return int(fixed.group())
    fields = ([imprint] if imprint else []) + list(record.get("210", "214"))
    for other in (*map(linked, record.get("463")), *sets):
        fields += other.get("210")
    return year_in(value for field in fields for value in field.all("dh"))


def _languages(record: Record) -> tuple[str, ...]:
    """Return the languages of the text as tags, the main one first."""
    codes = [code for field in record.get("101") for code in field.all("a")]
    return distinct([tag for tag in map(language_tag, codes) if tag])


def _extent(field: Field | None) -> str:
    """Return the physical description with the punctuation of ISBD."""
    if field is None:
        return ""
    extent = ""
    for code, value in field.subfields:
        value = clean(value)
        if code == "d" and value.isdigit():
            value = f"{value} см"
        if code in BEFORE_EXTENT and value:
            extent += (BEFORE_EXTENT[code] if extent else "") + value
    return extent


BEFORE_EXTENT = {"a": ", ", "c": " : ", "d": " ; ", "e": " + "}


def _notes(record: Record, tag: str) -> list[str]:
    return [text for field in record.get(tag) for text in field_values(field, "abcdefghi")]


def _age(record: Record) -> int | None:
    """Return the age from which it is meant: as written, else by the code of the audience."""
    for field in record.get("333", "300", "900"):
        if found := AGE.search(" ".join(field.all("a"))):
            return int(found.group(1))
    ages = [AGE_OF_AUDIENCE[code] for code in _coded(record)[17:20] if code in AGE_OF_AUDIENCE]
    return min(ages) if ages else None


def _subjects(record: Record) -> tuple[str, ...]:
    """Return the headings, subdivisions behind a dash, in the order of the record."""
    found: list[str] = []
    for field in record.get(*SUBJECT_TAGS):
        if field.tag == "610":
            found += map(unpunctuated, field.all("a"))
        elif field.tag == "604":
            found.append(" — ".join(filter(None, map(_heading, linked(field).fields))))
        else:
            found.append(_heading(field))
    return distinct(found)


def _heading(field: Field) -> str:
    divisions = [unpunctuated(value) for value in field.all(SUBDIVISIONS)]
    return " — ".join(piece for piece in (_main_heading(field), *divisions) if piece)


def _main_heading(field: Field) -> str:
    if field.tag in ("600", "602", "700", "720"):
        pieces = [
            person_name(field),
            *map(unpunctuated, field.all("f")),
            *map(clean, field.all("t")),
        ]
        return ", ".join(filter(None, pieces))
    if field.tag in ("601", "710"):
        return body(field)
    return unpunctuated(field.first("a"))


def _classification(record: Record) -> tuple[str, ...]:
    """Return class marks: UDC, other schemes (BBK among them), Dewey, Library of Congress."""
    fields = [field for tag in CLASS_TAGS for field in record.get(tag)]
    return distinct([bare(value) for field in fields for value in field.all("a")])
