"""From a MARC 21 record to the description the catalogue keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bibliopolis.catalogue.marc.codes import KIND_BY_TYPE, language_tag
from bibliopolis.catalogue.marc.copies import DEFAULT_TAG, copies
from bibliopolis.catalogue.marc.links import Links
from bibliopolis.catalogue.marc.names import contributors
from bibliopolis.catalogue.marc.structure import Field, Record, Unusable
from bibliopolis.catalogue.marc.text import (
    bare,
    clean,
    distinct,
    printable,
    unbracketed,
    unstopped,
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

# What 008/22 says of readers, as the least age it is marked with.
AGE_OF_AUDIENCE = {"a": 0, "b": 6, "c": 6, "d": 12, "j": 6}
ONLINE_FORMS = "oqs"
SUBJECT_TAGS = ("600", "610", "611", "630", "650", "651", "653", "654", "655")
SUBDIVISIONS = "vxyz"
NOT_PART_OF_A_HEADING = "0123456789euw"


def to_record_data(record: Record, items_tag: str | None = None) -> RecordData:
    """Return the description; raise ``Unusable`` where there is no title to find it by."""
    title = record.first("245")
    if title is None or not title.subfields:
        raise Unusable(_without_title(record))
    links = Links.of(record)
    proper, rest, part = _title(title)
    if not proper:
        raise Unusable(_("the title (field 245) is empty"))
    kind = _kind(record)
    control_number = clean(record.control("001"))
    if len(control_number) > LONGEST_CONTROL_NUMBER:
        raise Unusable(_("the control number (field 001) is too long"))
    imprint = _imprint(record)
    described: dict[str, Any] = {
        "title": proper,
        "subtitle": rest,
        "part": part,
        "title_statement": printable(" ".join(filter(None, map(title.first, "ab")))),
        "responsibility": unstopped(title.first("c")),
        "alternative_titles": _alternative_titles(record, links, proper),
        "contributors": contributors(record, links, kind),
        "publisher": unbracketed(imprint.first("b")) if imprint else "",
        "place": unbracketed(imprint.first("a")) if imprint else "",
        "year": _year(record, imprint),
        "languages": _languages(record),
        "kind": kind,
        "isbns": isbns(field.first("a") for field in record.get("020")),
        "issns": issns(field.first("a") for field in record.get("022")),
        "national_numbers": national_numbers(_national_numbers(record)),
        "subjects": _subjects(record, links),
        "series": _series(record, links),
        "edition": unstopped(_joined(record.first("250"), "ab")),
        "extent": clean(_joined(record.first("300"), "abce")),
        "summary": " ".join(_notes(_first_or_alone(record, links, "520"), links, "ab")),
        "contents": " -- ".join(_notes([*record.get("505"), *links.alone("505")], links, "agrt")),
        "uniform_title": _uniform_title(record),
        "age": _age(record),
        "classification": _classification(record),
        "links": web_links(record),
        "non_filing": _non_filing(title, proper),
    }
    if not control_number:
        control_number = content_number(RecordData(control_number="", **described))
    return RecordData(
        control_number=control_number,
        items=copies(record, items_tag or DEFAULT_TAG, control_number),
        **described,
    )


def _national_numbers(record: Record) -> Iterator[tuple[str, str]]:
    """Yield the numbers of national bibliographies (015) and of the Library of Congress (010)."""
    for field in record.get("010"):
        yield "lccn", field.first("a")
    for field in record.get("015"):
        for number in field.all("a"):
            yield field.first("2"), number


def _first_or_alone(record: Record, links: Links, tag: str) -> list[Field]:
    """Return the first field with the tag; without one, the first in another script."""
    return [*record.get(tag), *links.alone(tag)][:1]


def _notes(fields: list[Field], links: Links, codes: str) -> list[str]:
    """Return the texts of the fields, each followed by itself in its own script."""
    found = [one for field in fields for one in (field, *links.originals(field))]
    return [text for text in (clean(_joined(one, codes)) for one in found) if text]


def _uniform_title(record: Record) -> str:
    """Return what the work is called in all its editions (240, 130); a choice of works has none."""
    field = record.first("240", "130")
    if field is None or field.first("k"):
        return ""
    return unstopped(" ".join(map(clean, field.all("amnpr"))))


def _joined(field: Field | None, codes: str) -> str:
    return " ".join(field.all(codes)) if field else ""


def _title(field: Field) -> tuple[str, str, str]:
    """Return title, rest of title and part, without the punctuation between them."""
    proper = unstopped(field.first("a"))
    rest = unstopped(field.first("b"))
    part = unstopped(" ".join(clean(value) for value in field.all("np")))
    for fallback in (rest, part, unstopped(_joined(field, "kfgs"))):
        if proper:
            break
        proper, rest, part = fallback, "" if fallback == rest else rest, ""
    return proper, rest, part


def _non_filing(field: Field, title: str) -> int:
    """Return how many characters of the title its filing leaves out (indicator 2)."""
    digit = field.indicators[1:2]
    skipped = int(digit) if digit.isascii() and digit.isdigit() else 0
    return skipped if skipped < len(title) else 0


def _alternative_titles(record: Record, links: Links, proper: str) -> tuple[str, ...]:
    """Return further titles to find it by, those in the original script first."""
    originals: list[str] = []
    others: list[str] = []
    for field in record.get("245"):
        originals += map(_line, links.originals(field))
    for field in links.alone("245", "246", "240", "130", "740"):
        originals.append(_line(field))
    for field in record.get("130", "240", "246", "740"):
        others.append(_line(field))
        originals += map(_line, links.originals(field))
    for field in record.get("700", "710"):
        if field.indicators[1:2] == "2":  # a work that the book contains
            others.append(unstopped(field.first("t")))
            originals += [unstopped(one.first("t")) for one in links.originals(field)]
    return tuple(title for title in distinct(originals + others) if title != proper)


def _line(field: Field) -> str:
    """Return a whole title on one line, its separators as they are written."""
    return unstopped(_joined(field, "abnp" if field.tag != "240" else "anpkl"))


def _without_title(record: Record) -> Any:
    """Say what a record without field 245 is, by leader/06."""
    type_ = record.leader[6:7]
    if type_ and type_ in "uvxy":
        return _("this is a record of holdings, not of a title")
    if type_ == "z":
        return _("this is a record of an authority file, not of a title")
    return _("the record has no title (field 245)")


def _kind(record: Record) -> Kind:
    """Return what the record describes, by leader/06-07 and the form in 008."""
    type_, level = record.leader[6:7], record.leader[7:8]
    kind = KIND_BY_TYPE.get(type_, Kind.BOOK)
    if kind is Kind.BOOK:
        if level == "s":
            return Kind.SERIAL
        if level in "ab" and level:
            return Kind.ARTICLE
        online = record.control("008")[23:24]
        carrier = any(field.data.startswith("cr") for field in record.get("007"))
        if carrier or (online and online in ONLINE_FORMS):
            return Kind.EBOOK
    return kind


def _imprint(record: Record) -> Field | None:
    """Return the field of publication: 264 with indicator 1, then 260, then any 264."""
    published = [field for field in record.get("264") if field.indicators[1:2] == "1"]
    return next(iter([*published, *record.get("260"), *record.get("264")]), None)


def _year(record: Record, imprint: Field | None) -> int | None:
    """Return the year of this edition: 008 where it is a whole one, else as printed."""
    fixed = YEAR.fullmatch(record.control("008")[7:11])
    if fixed:
        return int(fixed.group())
    fields = ([imprint] if imprint else []) + list(record.get("260", "264"))
    return year_in(_joined(field, "c") for field in fields)


def _languages(record: Record) -> tuple[str, ...]:
    """Return the languages of the text as tags, the main one first."""
    codes = [record.control("008")[35:38]]
    for field in record.get("041"):
        for value in field.all("ad"):
            value = value.strip()
            step = 3 if field.indicators[1:2] != "7" and len(value) % 3 == 0 else len(value)
            codes += [value[at : at + step] for at in range(0, len(value), step or 1)]
    return distinct([tag for tag in map(language_tag, codes) if tag])


def _subjects(record: Record, links: Links) -> tuple[str, ...]:
    """Return the headings, subdivisions behind a dash, each also in its original script."""
    found = []
    for field in record.get(*SUBJECT_TAGS):
        found.append(_heading(field))
        found += map(_heading, links.originals(field))
    found += [_heading(field) for field in links.alone(*SUBJECT_TAGS)]
    return distinct(found)


def _heading(field: Field) -> str:
    main, divisions = [], []
    for code, value in field.subfields:
        if code in SUBDIVISIONS:
            divisions.append(unstopped(value))
        elif code not in NOT_PART_OF_A_HEADING:
            main.append(clean(value))
    head = unstopped(" ".join(main))
    return " — ".join(piece for piece in (head, *divisions) if piece)


def _series(record: Record, links: Links) -> tuple[str, ...]:
    """Return the series as printed (490, formerly 440), else as traced (8xx)."""
    printed, traced = ("490", "440"), ("800", "810", "811", "830")
    fields = [*record.get(*printed), *links.alone(*printed)]
    fields = fields or [*record.get(*traced), *links.alone(*traced)]
    codes = {"490": "av", "440": "anpv", "830": "anpv"}
    found = []
    for field in fields:
        for one in (field, *links.originals(field)):
            found.append(unstopped(_joined(one, codes.get(field.tag, "abtnpv"))))
    return distinct(found)


def _age(record: Record) -> int | None:
    """Return the age from which it is meant, if the record says so."""
    for field in record.get("521"):
        if found := AGE.search(field.first("a")):
            return int(found.group(1))
    if record.leader[6:7] in "aitcdjgkmor" and len(record.control("008")) > 22:
        return AGE_OF_AUDIENCE.get(record.control("008")[22])
    return None


def _classification(record: Record) -> tuple[str, ...]:
    """Return class marks: UDC, other schemes, Dewey, Library of Congress."""
    marks = []
    for tag in ("080", "084", "082", "050"):
        for field in record.get(tag):
            mark = bare(_joined(field, "ab" if tag == "050" else "a"))
            # In Dewey numbers "/" marks where to shorten; in UDC it means "from … to".
            marks.append(mark.replace("/", "") if tag == "082" else mark)
    return distinct(marks)
