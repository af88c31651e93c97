"""A record as MARC 21: as its library wrote it, without what is for the library alone.

Where the library's own record is not at hand, or is no MARC 21, it is written from the
description. Fields and codes are those of the MARC 21 Format for Bibliographic Data
(loc.gov/marc/bibliographic).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO

from bibliopolis.catalogue.exports.facts import Facts, Person
from bibliopolis.catalogue.indexing import HEADING_DIVIDER
from bibliopolis.catalogue.marc.codes import KIND_BY_TYPE, LANGUAGE_TAGS, ROLE_CODES
from bibliopolis.catalogue.marc.dialects import Dialect, recognise
from bibliopolis.catalogue.marc.iso2709 import read_iso2709
from bibliopolis.catalogue.marc.structure import Field
from bibliopolis.catalogue.marc.structure import Record as MarcRecord
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.record_data import Kind

TYPE_OF_KIND: Mapping[Kind, str] = {
    **{kind: type_ for type_, kind in reversed(KIND_BY_TYPE.items())},
    Kind.BOOK: "a",
    Kind.EBOOK: "a",
    Kind.SERIAL: "a",
    Kind.ARTICLE: "a",
}
LEVELS: Mapping[Kind, str] = {Kind.SERIAL: "s", Kind.ARTICLE: "b"}
CODE_OF_TAG = {tag: code for code, tag in reversed(LANGUAGE_TAGS.items())}
CODE_OF_ROLE = {role: code for code, role in reversed(ROLE_CODES.items())}

# Acquisition, copyright, provenance and actions are private unless their indicator says otherwise.
PRIVATE_UNLESS_SAID = frozenset({"541", "542", "561", "583"})
# $x of holdings and links are notes that are not for the public.
WITH_NOTES_FOR_STAFF = frozenset({"852", "856", "866", "867", "868"})
# Acquisition, circulation and prices of single copies.
OF_COPIES = frozenset({"876", "877", "878"})


def marc_of(record: Record, facts: Facts) -> MarcRecord:
    """Return what everybody may have of the record."""
    own = _as_it_came(facts.source)
    if own is not None:
        return MarcRecord(own.leader, [kept for field in own.fields if (kept := _public(field))])
    return MarcRecord(_leader(facts), list(_fields(record, facts)))


def _as_it_came(source: bytes | None) -> MarcRecord | None:
    if not source:
        return None
    piece = next(read_iso2709(BytesIO(source), "", "utf-8"), None)
    own = piece.record if piece is not None else None
    return (
        own if own is not None and recognise(own) is Dialect.MARC21 and own.first("245") else None
    )


def _public(field: Field) -> Field | None:
    """Return a field without what is for staff; None for fields of the library's own (9xx, x9x)."""
    tag = field.tag
    if tag.startswith("9") or tag.startswith("59") or tag in OF_COPIES:
        return None
    if tag in PRIVATE_UNLESS_SAID and field.indicators[:1] != "1":
        return None
    if tag in WITH_NOTES_FOR_STAFF:
        kept = [(code, value) for code, value in field.subfields if code != "x"]
        return Field(tag, field.data, field.indicators, kept) if kept else None
    return field


def _leader(facts: Facts) -> str:
    """Return the leader of a record whose lengths the writer fills in."""
    type_, level = TYPE_OF_KIND.get(facts.kind, "m"), LEVELS.get(facts.kind, "m")
    return f"00000n{type_}{level} a2200000 u 4500"


def _fields(record: Record, facts: Facts) -> Iterator[Field]:
    """Yield the fields in their order; those of another script come last, as 880."""
    yield Field("001", record.control_number)
    if facts.kind is Kind.EBOOK:
        yield Field("007", "cr")
    yield Field("008", _fixed(record, facts))
    yield from (_field("020", a=number) for number in facts.isbns)
    yield from (_field("022", a=number) for number in facts.issns)
    if len(facts.languages) > 1:
        codes = [("a", _language(tag)) for tag in facts.languages]
        yield Field("041", indicators="0 ", subfields=codes)
    yield from (_field("084", a=mark) for mark in facts.classes)
    first, others = facts.people[:1], facts.people[1:]
    linked: list[Field] = []
    for number, person in enumerate((*first, *others), 1):
        if number == 1:
            yield _person("1", person, number, linked)
            yield from _about(facts, with_author=True)
        else:
            yield _person("7", person, number, linked)
    if not first:
        yield from _about(facts, with_author=False)
    yield from (
        _field("856", "40", u=address, y=title) for address, title in facts.links if address
    )
    yield _field("856", "42", u=facts.url)
    yield from linked


def _about(facts: Facts, with_author: bool) -> Iterator[Field]:
    title = f"{facts.title} :" if facts.subtitle else facts.title
    rest = facts.subtitle
    if facts.responsibility:
        title, rest = (title, f"{rest} /") if rest else (f"{title} /", "")
    yield _field("245", "10" if with_author else "00", a=title, b=rest, c=facts.responsibility)
    yield from (_field("246", "3 ", a=title) for title in facts.other_titles)
    yield from _filled("250", a=facts.edition)
    yield from _filled("264", " 1", a=facts.place, b=facts.publisher, c=str(facts.year or ""))
    yield from _filled("300", a=facts.extent)
    yield from (_field("490", "0 ", a=series) for series in facts.series)
    yield from _filled("505", "0 ", a=facts.contents)
    yield from _filled("520", a=facts.summary)
    for subject in facts.subjects:
        head, *divisions = subject.split(HEADING_DIVIDER)
        parts = [("a", head), *(("x", division) for division in divisions)]
        yield Field("650", indicators=" 4", subfields=[part for part in parts if part[1]])


def _person(block: str, person: Person, number: int, linked: list[Field]) -> Field:
    """Return a name; in its own script it becomes a field 880, to be linked from both sides."""
    is_body = not person.family and not person.dates
    tag = f"{block}10" if is_body else f"{block}00"
    indicators = "2 " if is_body else ("1 " if person.family else "0 ")
    code = CODE_OF_ROLE.get(person.role, "")
    place = f"{number:02}" if number < 100 else ""
    if person.original and place:
        other = [("6", f"{tag}-{place}"), ("a", person.original)]
        linked.append(Field("880", indicators=indicators, subfields=other))
    link = f"880-{place}" if person.original and place else ""
    values = {"6": link, "a": person.name, "d": person.dates, "4": code}
    return Field(tag, indicators=indicators, subfields=[one for one in values.items() if one[1]])


def _fixed(record: Record, facts: Facts) -> str:
    """Return field 008: when it was entered, the year, the language; the rest is not coded."""
    year = f"{facts.year:04}" if facts.year and 0 < facts.year <= 9999 else "    "
    date = f"{'s' if year.strip() else 'n'}{year}    "
    form = "o" if facts.kind is Kind.EBOOK else "|"
    language = _language(facts.languages[0]) if facts.languages else "und"
    return f"{record.created:%y%m%d}{date}xx {'|' * 5}{form}{'|' * 11}{language} d"


def _language(tag: str) -> str:
    """Return the code of MARC for a language tag; three letters are one already."""
    primary = tag.partition("-")[0]
    return CODE_OF_TAG.get(primary, primary if len(primary) == 3 else "und")


def _filled(tag: str, indicators: str = "  ", **values: str) -> Iterator[Field]:
    if any(values.values()):
        yield _field(tag, indicators, **values)


def _field(tag: str, indicators: str = "  ", **values: str) -> Field:
    return Field(tag, indicators=indicators, subfields=[one for one in values.items() if one[1]])
