"""From an IRBIS record to the description the catalogue keeps, by way of UNIMARC.

The fields of IRBIS are near to RUSMARC, some with meanings of their own: the set of a volume in
461 ^C, the article's journal in 463, statuses of copies in 910 ^A. Here they are put into the
fields of UNIMARC, which one mapping then reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from bibliopolis.catalogue.marc.structure import Field, Record, Unusable
from bibliopolis.catalogue.marc.text import clean
from bibliopolis.catalogue.marc.unimarc import to_record_data as from_unimarc
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.i18n import _

ITEM_TAG = "910"
# Worklists (field 920) of the calendar of memorable dates and of the readers.
NO_TITLES = {"SOB", "PERS", "ORG", "PREDM", "KF", "VS", "RDR"}
ISSUES = {"NJ", "NJP", "NJK"}
JOURNAL = "J"
ARTICLE = "ASP"
TYPES = frozenset("abcdefgijklmr")
LARGEST_SIZE = 100
"""In centimetres; larger numbers in 215 ^D are numbers of copies printed."""


def to_record_data(
    record: Record, items_tag: str | None = None, journals: Mapping[str, str] | None = None
) -> RecordData:
    """Return the description; ``journals`` are the titles of journals by their code (903)."""
    worklist = worklist_of(record)
    if worklist in NO_TITLES:
        raise Unusable(_("this is a record of a person, a body or an event, not of a title"))
    data = from_unimarc(as_unimarc(record, worklist, journals or {}), items_tag or ITEM_TAG)
    shelf_mark = _shelf_mark(record)
    items = tuple(replace(item, shelf_mark=item.shelf_mark or shelf_mark) for item in data.items)
    return replace(data, items=items)


def worklist_of(record: Record) -> str:
    """Return what kind of record it is, as IRBIS names it: ``PAZK``, ``SPEC``, ``NJ``."""
    return _value(record, "920").upper()


def journal_title(record: Record) -> tuple[str, str] | None:
    """Return code and title of a journal, for the records of its issues."""
    code, title = _value(record, "903"), _value(record, "200")
    return (code, title) if code and title and worklist_of(record) == JOURNAL else None


def as_unimarc(record: Record, worklist: str, journals: Mapping[str, str]) -> Record:
    """Return the record in the fields of UNIMARC."""
    fields = [Field("001", data=_value(record, "903"))]
    for field in record.fields:
        field = _small(field)
        convert = CONVERSIONS.get(field.tag)
        if convert:
            fields += convert(field)
        elif field.tag in KEPT:
            fields.append(_with_a(field))
    if worklist in ISSUES or (not record.first("200", "461") and _value(record, "933")):
        fields += _issue(record, journals)
    _add_people_of_the_set(fields, record)
    kind = _first(record, "900", "t")[:1].lower()
    level = "s" if worklist in (*ISSUES, JOURNAL) else "a" if worklist == ARTICLE else "m"
    type_ = kind if kind in TYPES else "a"
    return Record(f"     n{type_}{level}", fields)


_KEPT = """
    010 011 101 102 205 210 225 300 320 327 333 500 503 517 532 541 600 601 610 675 676 700 701
    702 710 856 899 910 952 995
"""
KEPT = frozenset(_KEPT.split())
# "<1000=тысяча>" is shown as "1000" and sought as "тысяча".
SOUGHT = re.compile(r"<([^<>=]*)(?:=[^<>]*)?>")
INITIALS = re.compile(r"(\S+)\s+((?:\w\.\s*)+)$")


def _small(field: Field) -> Field:
    """Return the field with codes in small letters, as an export to ISO 2709 may not have them."""
    return Field(
        field.tag,
        data=SOUGHT.sub(r"\1", field.data),
        indicators=" 1" if field.tag[:2] in ("60", "70") else "  ",
        subfields=[(code.lower(), SOUGHT.sub(r"\1", value)) for code, value in field.subfields],
    )


def _with_a(field: Field) -> Field:
    """Return the field with its own value as subfield a."""
    own = clean(field.data)
    return replace(field, data="", subfields=[("a", own), *field.subfields]) if own else field


def _title(field: Field) -> Iterator[Field]:
    yield Field("200", indicators="1 ", subfields=_with_a(field).subfields)


def _extent(field: Field) -> Iterator[Field]:
    """215: the number of pages stands without its unit, which is ^1."""
    pages, unit, size = field.first("a").strip(), field.first("1").strip(), field.first("d").strip()
    if pages and not re.search(r"[^\W\d_]\.?$", pages):
        pages = f"{pages} {unit.rpartition('=')[2] or 'с.'}"
    if size.isdigit() and int(size) > LARGEST_SIZE:
        size = ""
    beside = " ".join(filter(None, map(field.first, "e2")))
    parts = [("a", pages), ("c", field.first("c")), ("d", size), ("e", beside)]
    yield Field("215", subfields=[part for part in parts if part[1]])


def _set(field: Field) -> Iterator[Field]:
    """461: title, publication and first author of the set."""
    title = field.first("c")
    if title:
        author = field.first("x")
        if initials := INITIALS.match(author):
            author = ", ".join(initials.groups())
        surname, _comma, rest = author.partition(",")
        yield _embedded(
            "461",
            ("2001 ", [("a", title), ("e", field.first("e")), ("f", field.first("f"))]),
            (
                "210  ",
                [(new, field.first(old)) for old, new in (("d", "a"), ("g", "c"), ("h", "d"))],
            ),
            ("700 1", [("a", surname), ("g", rest.strip())]),
        )


def _source_of_article(field: Field) -> Iterator[Field]:
    """463: the journal or book that an article is in; without a title only its shelf code."""
    title = field.first("c")
    if title:
        volume = ", ".join(filter(None, (clean(field.first(code)) for code in "vh")))
        yield _embedded(
            "463", ("2001 ", [("a", title), ("v", volume)]), ("210  ", [("d", field.first("j"))])
        )
        if pages := field.first("s").strip():
            yield Field("215", subfields=[("a", f"С. {pages}" if pages[0].isdigit() else pages)])


def _related(field: Field) -> Iterator[Field]:
    title = field.first("c") or field.first("a")
    if title:
        yield _embedded(field.tag, ("2001 ", [("a", title)]))


def _content(field: Field) -> Iterator[Field]:
    """330 and 922: something that is inside, with its author."""
    title = field.first("c")
    if title:
        said = field.first("g") or field.first("f")
        yield Field("327", subfields=[("a", f"{title} / {said}" if said else title)])
        yield _embedded("464", ("2001 ", [("a", title)]))


def _subject(field: Field) -> Iterator[Field]:
    codes = {"a": "a", "b": "x", "c": "x", "d": "x", "e": "x", "g": "y", "h": "z", "9": "j"}
    subfields = [(codes[code], value) for code, value in field.subfields if code in codes]
    yield Field(field.tag, subfields=_with_a(replace(field, subfields=subfields)).subfields)


def _as(tag: str, scheme: str = "") -> Callable[[Field], Iterator[Field]]:
    """Return what puts a field's value into another field."""

    def convert(field: Field) -> Iterator[Field]:
        value = field.data or field.first("a") or field.first("d")
        if value.strip():
            yield Field(tag, subfields=[("a", value), *([("2", scheme)] if scheme else [])])

    return convert


def _body(field: Field) -> Iterator[Field]:
    """711: bodies that are not the author."""
    yield replace(_with_a(field), tag="712")


def _link(field: Field) -> Iterator[Field]:
    if field.first("i"):
        yield Field("856", subfields=[("u", field.first("i")), ("z", field.first("t"))])


CONVERSIONS: dict[str, Callable[[Field], Iterator[Field]]] = {
    "200": _title,
    "215": _extent,
    "330": _content,
    "331": _as("330"),
    "454": _related,
    "461": _set,
    "463": _source_of_article,
    "481": _related,
    "510": _as("510"),
    "606": _subject,
    "607": _subject,
    "621": _as("686", "rubbk"),
    "686": _as("686"),
    "711": _body,
    "922": _content,
    "951": _link,
    "964": _as("686", "grnti"),
}


def _embedded(tag: str, *parts: tuple[str, list[tuple[str, str]]]) -> Field:
    """Return a link with the fields of the other record inside of it."""
    subfields: list[tuple[str, str]] = []
    for begun, inside in parts:
        filled = [(code, value) for code, value in inside if value.strip()]
        if filled:
            subfields += [("1", begun), *filled]
    return Field(tag, indicators=" 0", subfields=subfields)


def _issue(record: Record, journals: Mapping[str, str]) -> Iterator[Field]:
    """Return title and date of a journal's issue: it has only the code of its journal."""
    code, year = _value(record, "933"), _value(record, "934")
    volume, number = _value(record, "935"), _value(record, "936")
    if number[:1].isdigit():
        number = f"№ {number}"
    which = ", ".join(filter(None, (year, volume and f"т. {volume}", number)))
    title = journals.get(code) or code
    if title:
        yield _embedded("461", ("2001 ", [("a", title), ("v", which)]))
    if year:
        yield Field("210", subfields=[("d", year)])


def _add_people_of_the_set(fields: list[Field], record: Record) -> None:
    """Put the people of the set (961) and its bodies (962) into the link to it."""
    link = next((field for field in fields if field.tag == "461"), None)
    if link is None:
        return
    for field in record.get("961", "962"):
        field = _small(field)
        begun = ("702 1" if field.first("4") else "701 1") if field.tag == "961" else "71202"
        inside = [(code, value) for code, value in field.subfields if code in "abgf4" and value]
        link.subfields += [("1", begun), *inside]


def _shelf_mark(record: Record) -> str:
    """Return the mark of the shelf: class (906, else BBK or UDC) and author mark (908)."""
    classes = (_value(record, tag) for tag in ("906", "621", "675"))
    return " ".join(filter(None, (next(filter(None, classes), ""), _value(record, "908"))))


def _value(record: Record, tag: str) -> str:
    """Return the value of the first field with this tag, or of its subfield a."""
    field = record.first(tag)
    return clean(field.data or field.first("a") or field.first("A")) if field else ""


def _first(record: Record, tag: str, code: str) -> str:
    field = record.first(tag)
    return _small(field).first(code) if field else ""
