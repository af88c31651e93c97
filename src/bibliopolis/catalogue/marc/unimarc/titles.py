"""Titles: of the book, of the set that a volume belongs to, and others to find it by."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bibliopolis.catalogue.marc.structure import Field, Record
from bibliopolis.catalogue.marc.text import (
    clean,
    distinct,
    printable,
    unpunctuated,
    without_brackets,
)
from bibliopolis.catalogue.marc.unimarc.embedded import linked

SET_TAGS = ("461", "462")
# Titles and parts of the same book under other titles: UNIMARC Manual, 423-464 and 481-482.
RELATED = ("423", "451", "452", "454", "455", "456", "464", "481", "482")
VARIANTS = ("500", "503", "510", "512", "513", "514", "515", "516", "517", "518", "520", "530")
MORE_VARIANTS = ("531", "532", "540", "541", "545", "560")

_DESIGNATIONS = (
    r"вып(?:уск)?|т(?:ом)?|тт|ч(?:асть)?|чч|кн(?:ига)?|тетр(?:адь)?|сб(?:орник)?|разд(?:ел)?|сер(?:ия)?"
    r"|альбом|лист|л|доп|прил|указ|год|г|отд|цикл"
    r"|vol(?:ume)?|v|pt|part|no|nr|n|bd|band|t(?:om[eo]?)?|teil|heft|h|fasc|issue|book|bk"
)
# "Ч. 1", "Вып. 13-14", "Т. II, кн. 3", "Часть первая", "№ 5", "[Кн.] 2", "3".
DESIGNATION = re.compile(
    rf"[\[(\s]*(?:(?:{_DESIGNATIONS})\b[.\])\s]*|№\s*)"
    r"(?:[\[(\s]*(?:[0-9]|[ivxlcх]+\b|[а-я]+(?:ая|ый|ой|ий|ье)\b|[а-яa-z]\b)|$)"
    r"|[\[(\s]*[0-9][0-9\s.,/()\[\]–-]*$",
    re.IGNORECASE,
)
NON_SORTING = re.compile(r"[\x88\x98](.*?)[\x89\x9c]")


@dataclass(frozen=True)
class Titles:
    """The titles of a record; ``series`` are sets that stand behind a title of its own."""

    proper: str
    rest: str
    part: str
    statement: str
    responsibility: str
    non_filing: int
    series: tuple[str, ...]


def titles(record: Record, sets: list[Record]) -> Titles | None:
    """Return the titles, or None where neither the record nor its set has one."""
    field = record.first("200") or Field("200")
    own, skipped = _sorted_apart(field.first("a"))
    whole = next((one for one in map(_set_title, sets) if one), "")
    volume = _volume(field, sets)
    if whole and (not own or _says_only_which(field, own)):
        proper, skipped = whole, 0
        part = _together(field.first("v"), own or volume, *field.all("hi"))
        series: list[str] = []
    else:
        proper = own or _of_series(record)
        part = _together(*field.all("hi"))
        if proper and not own:
            part = volume
        elif field.first("v"):
            part = _together(field.first("v"), part)
        series = [_numbered(title, volume) for title in map(_set_title, sets) if title]
    if not proper:
        return None
    rest = " : ".join(filter(None, map(unpunctuated, field.all("e"))))
    return Titles(
        proper=proper,
        rest=rest,
        part=part,
        statement=_statement(field) or proper,
        responsibility=_responsibility(field, sets),
        non_filing=skipped if skipped < len(proper) else 0,
        series=distinct(series),
    )


def set_records(record: Record) -> list[Record]:
    """Return what the record says of the sets it belongs to, the widest first."""
    return [linked(field) for tag in SET_TAGS for field in record.get(tag)]


def series(record: Record) -> tuple[str, ...]:
    """Return the series as printed (225), else as linked (410), then what contains it (463)."""
    found = [
        _numbered(_joined_title(field), field.first("v"))
        for field in record.get("225")
        if not field.all("z") or field.first("a")
    ]
    if not found:
        for other in map(linked, record.get("410")):
            title = other.first("200")
            if title:
                found.append(_numbered(_joined_title(title), title.first("v")))
    for other in map(linked, record.get("463")):
        title, imprint = other.first("200"), other.first("210")
        if title:
            pieces = [
                _joined_title(title),
                *(imprint.all("d") if imprint else []),
                title.first("v"),
            ]
            found.append(". — ".join(filter(None, map(unpunctuated, pieces))))
    return distinct(found)


def alternative_titles(record: Record, proper: str) -> tuple[str, ...]:
    """Return further titles to find it by, those in other scripts and languages first."""
    found = []
    fields = list(record.get("200"))
    for field in fields[1:]:
        found.append(_joined_title(field))
    for field in fields[:1]:
        found += field.all("d")
        found += field.all("a")[1:] + field.all("c")
        # A volume with a name of its own behind its number is asked for by that name.
        found += field.all("i")
    for field in record.get(*VARIANTS, *MORE_VARIANTS):
        found.append(_joined_title(field))
    for field in record.get(*RELATED):
        for title in linked(field).get("200"):
            found.append(_joined_title(title))
    plain = [unpunctuated(_sorted_apart(value)[0]) for value in found]
    return tuple(title for title in distinct(plain) if title != proper)


def uniform_title(record: Record) -> str:
    """Return what the work was first called: the title it was translated from, or field 500.

    Works of a body are called "Laws" or "Reports" there, which tells none from another.
    """
    for other in map(linked, record.get("454")):
        for title in other.get("200"):
            if title.first("a"):
                return unpunctuated(title.first("a"))
    by_a_body = record.first("700") is None and record.first("710") is not None
    field = None if by_a_body else record.first("500")
    return _joined_title(field) if field else ""


def _says_only_which(field: Field, own: str) -> bool:
    """Return whether the title only tells volumes apart: by indicator 1, or as it is worded."""
    return field.indicators[:1] == "0" or bool(DESIGNATION.match(own))


def _volume(field: Field, sets: list[Record]) -> str:
    """Return which volume it is, as the record or its link to the set says."""
    if field.first("v"):
        return unpunctuated(field.first("v"))
    for whole in sets:
        for title in whole.get("200"):
            if title.first("v"):
                return unpunctuated(title.first("v"))
    return ""


def _set_title(whole: Record) -> str:
    title = whole.first("200")
    return unpunctuated(_sorted_apart(title.first("a"))[0]) if title else ""


def _of_series(record: Record) -> str:
    """Return the title of the series, for a record that has no other."""
    return next((unpunctuated(field.first("a")) for field in record.get("225")), "")


def _responsibility(field: Field, sets: list[Record]) -> str:
    """Return who is named on the title page; a volume that names nobody has those of the set."""
    for source in (field, *(title for whole in sets for title in whole.get("200"))):
        said = [unpunctuated(value) for value in source.all("fg")]
        if any(said):
            return " ; ".join(filter(None, said))
    return ""


def _statement(field: Field) -> str:
    """Return title, parallel title and rest of title with the punctuation of ISBD."""
    before = {"a": " ; ", "c": ". ", "d": " = ", "e": " : ", "h": ". ", "i": ". "}
    statement = ""
    for code, value in field.subfields:
        value = clean(NON_SORTING.sub(r"\1", value))
        if code in before and value:
            statement += (before[code] if statement else "") + value
    return printable(statement)


def _sorted_apart(text: str) -> tuple[str, int]:
    """Return the text without the marks of what is not sorted, and how long that is."""
    marked = NON_SORTING.match(text)
    skipped = len(clean(marked.group(1))) + marked.group(1).endswith(" ") if marked else 0
    plain = without_brackets(unpunctuated(NON_SORTING.sub(r"\1", text)))
    if marked and not marked.group(1).endswith(" ") and plain[skipped : skipped + 1] == " ":
        skipped += 1
    return plain, skipped


def _joined_title(field: Field) -> str:
    """Return a whole title on one line."""
    main = ". ".join(filter(None, (unpunctuated(value) for value in field.all("ahi"))))
    rest = " : ".join(filter(None, map(unpunctuated, field.all("e"))))
    return f"{main} : {rest}" if main and rest else main or rest


def _numbered(title: str, volume: str) -> str:
    return " ; ".join(filter(None, (unpunctuated(title), unpunctuated(volume))))


def _together(*pieces: str) -> str:
    return ". ".join(distinct([unpunctuated(piece) for piece in pieces]))
