"""Which encoding a record's bytes are in, and how to read them.

In MARC 21 position 9 of the leader declares it: "a" for UTF-8, blank for MARC-8; in UNIMARC and
RUSMARC field 100 does. Many files lie, so a declaration is believed only where the bytes agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from unicodedata import normalize

from bibliopolis.catalogue.marc.code_pages import (
    CODE_PAGES,
    declared_page,
    likely_page,
    looks_cyrillic,
    stands_alone,
)
from bibliopolis.i18n import _

ESCAPE = 0x1B
HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# A combining mark of extended Latin comes before its letter, which UTF-8 never looks like.
MARC8_ACCENT = re.compile(rb"[\xe0-\xfe][A-Za-z]")

Decode = Callable[[bytes], str]


def marc8(value: bytes) -> str:
    """Return MARC-8 bytes as text in NFC; what no table knows becomes a space."""
    if value.isascii() and ESCAPE not in value:
        return value.decode("ascii")
    # The tables take four megabytes, which a process that shows records never needs.
    from bibliopolis.catalogue.marc.marc8 import decode

    return decode(value)


def utf8(value: bytes) -> str:
    """Return UTF-8 bytes as text in NFC."""
    return normalize("NFC", value.decode("utf-8"))


def lenient_utf8(value: bytes) -> str:
    """Return UTF-8 bytes as text in NFC, with a mark in place of what is damaged."""
    return normalize("NFC", value.decode("utf-8", "replace"))


def code_page(value: bytes, name: str) -> str:
    """Return the bytes of a code page as text in NFC, a mark in place of what it has not."""
    return normalize("NFC", value.decode(name, "replace"))


NAMES = {
    "ascii": "ASCII",
    "utf-8": "UTF-8",
    "marc-8": "MARC-8",
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "cp866": "CP866",
    "cp1252": "Windows-1252",
}
"""What the encodings are called in reports."""
GIVEN = ("utf-8", "marc-8", *CODE_PAGES, "cp1252")
"""What may be given where a file does not tell by itself."""


def reader_of(name: str) -> Decode:
    """Return what reads an encoding by its name of ``NAMES``."""
    if name == "marc-8":
        return marc8
    return lenient_utf8 if name in ("utf-8", "ascii") else partial(code_page, name=name)


@dataclass(frozen=True)
class Choice:
    """How to read a record: the encoding's name, its reader, remarks where somebody erred."""

    name: str
    decode: Decode
    remarks: tuple[Any, ...] = ()


ASCII = Choice("ascii", utf8)
UTF8 = Choice("utf-8", utf8)
MARC8 = Choice("marc-8", marc8)


@dataclass
class Chooser:
    """Choose how to read the records of a file one after the other.

    ``given`` is the encoding that a person has named. What earlier records were clearly in helps
    with those that are too short to tell.
    """

    given: str | None = None
    before: str | None = None

    def choose(self, data: bytes, declared: str | None) -> Choice:
        """Return how to read a record; ``declared`` is leader/09, None in UNIMARC."""
        if self.given:
            return Choice(self.given, reader_of(self.given), _replaced(data, self.given))
        if not HIGH_BYTE.search(data) and ESCAPE not in data:
            return ASCII
        if _is_utf8(data):
            if declared != " ":
                return UTF8
            if ESCAPE in data:
                return MARC8
            return Choice("utf-8", utf8, (_declared_wrongly(declared, "utf-8"),))
        if ESCAPE in data and declared == " ":
            return MARC8
        wrong = _wrong_as_utf8(data)
        if wrong < FEW_WRONG:
            return Choice("utf-8", lenient_utf8, (REPLACED,))
        said = declared_page(data) if declared is None else None
        # Words of one letter or two, "Ты и я", need somebody to say that they are words.
        words = looks_cyrillic(data) or ((said or self.before) and stands_alone(data))
        if words and (name := likely_page(data, said, self.before)):
            self.before = name
            remarks = () if declared is None else (_declared_wrongly(declared, name),)
            return Choice(name, partial(code_page, name=name), remarks)
        if wrong < MANY_WRONG:
            return Choice("utf-8", lenient_utf8, (REPLACED,))
        return _without_cyrillic(data, declared)


FEW_WRONG, MANY_WRONG = 0.1, 0.5
"""So much of the bytes above ASCII: some letters of CP866 look like UTF-8, so few must be wrong."""
NOT_CERTAIN = _("the encoding is not certain: it was read as Windows-1252")
REPLACED = _("some characters are not UTF-8 and were replaced")


def _replaced(data: bytes, name: str) -> tuple[Any, ...]:
    return (REPLACED,) if name == "utf-8" and not _is_utf8(data) else ()


def _declared_wrongly(declared: str | None, name: str) -> Any:
    return _(
        "declared as ${declared}, but it is ${encoding}",
        mapping={"declared": "UTF-8" if declared == "a" else "MARC-8", "encoding": NAMES[name]},
    )


def _without_cyrillic(data: bytes, declared: str | None) -> Choice:
    """Return how to read bytes that are neither UTF-8 nor Cyrillic words."""
    if declared is None:
        return Choice("cp1252", partial(code_page, name="cp1252"), (NOT_CERTAIN,))
    if declared != "a":
        return MARC8
    if len(MARC8_ACCENT.findall(data)) * 2 >= len(re.findall(rb"[\x80-\xff]+", data)):
        return Choice("marc-8", marc8, (_declared_wrongly(declared, "marc-8"),))
    return Choice("utf-8", lenient_utf8, (REPLACED,))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wrong_as_utf8(data: bytes) -> float:
    """Return how much of the bytes above ASCII is wrong as UTF-8."""
    high = len(data) - len(data.decode("ascii", "ignore"))
    wrong = len(data) - len(data.decode("utf-8", "ignore").encode("utf-8"))
    return wrong / high if high else 0.0
