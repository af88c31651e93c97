"""Which alphabet a record's bytes are in, and how to read them.

Position 9 of the leader declares it: "a" for UTF-8, blank for MARC-8. Many files lie, so the
declaration is believed only where the bytes agree with it.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from collections.abc import Callable
from unicodedata import normalize

from pymarc.marc8 import MARC8ToUnicode
from pymarc.marc8_mapping import CODESETS

from bibliopolis.i18n import _

ESCAPE = 0x1B
LATIN = CODESETS[MARC8ToUnicode.basic_latin]
EXTENDED_LATIN = CODESETS[MARC8ToUnicode.ansel]
HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# A combining mark of extended Latin comes before its letter, which UTF-8 never looks like.
MARC8_ACCENT = re.compile(rb"[\xe0-\xfe][A-Za-z]")
DROPPED = "\ufdd0"  # a code point that is no character and never will be

Decode = Callable[[bytes], str]


def _table() -> tuple[str, str]:
    """Return MARC-8 in its default state as a decoding table, and its combining marks."""
    letters, marks = [], []
    for byte in range(256):
        if byte < 0x20 or 0x80 < byte < 0xA0:
            letters.append(DROPPED)
            continue
        code, combines = (EXTENDED_LATIN if byte > 0x80 else LATIN).get(byte, (0x20, 0))
        letters.append(chr(code))
        if combines:
            marks.append(chr(code))
    return "".join(letters), "".join(sorted(set(marks)))


TABLE, MARKS = _table()
MARKS_BEFORE_LETTER = re.compile(f"([{MARKS}]+)([^{MARKS}]?)")


def marc8(value: bytes) -> str:
    """Return MARC-8 bytes as text in NFC; what no table knows becomes a space."""
    if value.isascii() and ESCAPE not in value:
        return value.decode("ascii")
    if ESCAPE not in value:
        text = codecs.charmap_decode(value, "strict", TABLE)[0].replace(DROPPED, "")
        return normalize("NFC", MARKS_BEFORE_LETTER.sub(_mark_after_letter, text))
    try:
        # pymarc says what it cannot read on stderr, even when told to be quiet.
        with contextlib.redirect_stderr(io.StringIO()):
            return MARC8ToUnicode(quiet=True).translate(value)
    except (IndexError, TypeError, KeyError, ValueError):
        return value.decode("ascii", "replace")


def _mark_after_letter(match: re.Match[str]) -> str:
    """Return letter and marks in Unicode's order; marks without a letter are lost."""
    marks, letter = match.groups()
    return letter + marks if letter else ""


def utf8(value: bytes) -> str:
    """Return UTF-8 bytes as text in NFC."""
    return normalize("NFC", value.decode("utf-8"))


def lenient_utf8(value: bytes) -> str:
    """Return UTF-8 bytes as text in NFC, with a mark in place of what is damaged."""
    return normalize("NFC", value.decode("utf-8", "replace"))


def choose(data: bytes, declared: str) -> tuple[Decode, tuple[str, ...]]:
    """Return how to read the bytes of a record, and remarks where the leader was not right."""
    if not HIGH_BYTE.search(data) and ESCAPE not in data:
        return utf8, ()
    if _is_utf8(data):
        if declared == "a":
            return utf8, ()
        if ESCAPE in data:
            return marc8, ()
        return utf8, (_("declared as MARC-8, but it is UTF-8"),)
    if declared != "a":
        return marc8, ()
    if len(MARC8_ACCENT.findall(data)) * 2 >= len(re.findall(rb"[\x80-\xff]+", data)):
        return marc8, (_("declared as UTF-8, but it is MARC-8"),)
    return lenient_utf8, (_("some characters are not UTF-8 and were replaced"),)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
