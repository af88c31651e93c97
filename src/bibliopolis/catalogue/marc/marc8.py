"""MARC-8, the letters of MARC 21 before Unicode, by the tables of pymarc.

In its default state, basic and extended Latin without escapes, it is read by a table of our own,
which is much quicker; what escapes to other sets is left to pymarc.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import re
from unicodedata import normalize

from pymarc.marc8 import MARC8ToUnicode
from pymarc.marc8_mapping import CODESETS

ESCAPE = 0x1B
LATIN = CODESETS[MARC8ToUnicode.basic_latin]
EXTENDED_LATIN = CODESETS[MARC8ToUnicode.ansel]
DROPPED = "\ufdd0"  # a code point that is no character and never will be


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


def decode(value: bytes) -> str:
    """Return MARC-8 bytes as text in NFC; what no table knows becomes a space."""
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
