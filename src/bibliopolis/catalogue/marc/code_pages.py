"""Cyrillic in one byte a letter: Windows-1251, KOI8-R and CP866 told apart by how they read.

The same bytes are text in one of them and a jumble in the others: rare letters where common ones
should be, capitals inside of words, frames of tables. Each reading is given marks for that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import log

CODE_PAGES = ("cp1251", "koi8-r", "cp866")
# RUSMARC, field 100 $a, positions 26-29: which sets of characters the record uses.
DECLARED = {b"79": "cp866", b"89": "cp1251", b"99": "koi8-r", b"50": "utf-8"}
CODED_DATA = re.compile(rb"\x1fa[0-9]{8}[^\x1d-\x1f]{18}([0-9 ]{2})([0-9 ]{2})")

# How often a letter comes in Russian texts, of a thousand (National Corpus of the Russian
# Language); those of its neighbours are rare but possible.
_FREQUENCIES = """
    о110 е84 а80 и74 н67 т63 с55 р47 в45 л44 к35 м32 д30 п28 у26 я20 ы19 ь17 г17 з16 б16 ч14 й12
    х10 ж9 ш7 ю6 ц5 щ4 э3 ф3 ъ0.4 ё0.4 і0.3 ї0.2 є0.2 ґ0.05 ў0.1
"""
_FREQUENCY = {each[0]: float(each[1:]) for each in _FREQUENCIES.split()}
_PUNCTUATION = "«»—–…№„“”‘’•·°§©\xa0-"
PUNCTUATION_MARK = -3.0
JUMBLE_MARK = -12.0
CAPITAL_AFTER_SMALL = -6.0
PLAUSIBLE = -4.2
"""So much a letter of Russian, Ukrainian or Belarusian text gets on the average at least."""
CLEAR = 0.5
"""So much better than the next the best reading must be to need no other sign."""
FEW = 6
"""So many letters tell nothing by themselves."""
RUN = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class _Page:
    """A code page: what each byte is worth, and what a capital inside of a word looks like."""

    marks: Mapping[int, float]
    capital_inside: re.Pattern[bytes]


def _page(name: str) -> _Page:
    marks, small, capital = {}, b"", b""
    for byte in range(0x80, 0x100):
        code = bytes([byte])
        letter = code.decode(name, "replace")
        frequency = _FREQUENCY.get(letter.lower())
        if frequency:
            marks[byte] = log(frequency / 1000)
            if letter.islower():
                small += code
            else:
                capital += code
        else:
            marks[byte] = PUNCTUATION_MARK if letter in _PUNCTUATION else JUMBLE_MARK
    pattern = b"[%s][%s]" % (re.escape(small), re.escape(capital))
    return _Page(marks, re.compile(pattern))


_PAGES = {name: _page(name) for name in CODE_PAGES}


def looks_cyrillic(data: bytes) -> bool:
    """Return whether bytes above ASCII come in words, not as single letters with accents."""
    runs = [len(run) for run in RUN.findall(data)]
    in_words = sum(length for length in runs if length > 1)
    return max(runs, default=0) > 2 and in_words * 3 > sum(runs) * 2


def declared_page(data: bytes) -> str | None:
    """Return the encoding that a UNIMARC record says it is in, if it does."""
    coded = CODED_DATA.search(data)
    if not coded:
        return None
    return next((DECLARED[code] for code in coded.groups()[::-1] if code in DECLARED), None)


def readings(data: bytes) -> list[tuple[float, str]]:
    """Return the marks of the three readings, a letter's on the average, the best first."""
    counts = Counter(data)
    high = {byte: count for byte, count in counts.items() if byte > 0x7F}
    total = sum(high.values()) or 1
    found = []
    for name, page in _PAGES.items():
        marks = sum(page.marks[byte] * count for byte, count in high.items())
        marks += CAPITAL_AFTER_SMALL * len(page.capital_inside.findall(data))
        found.append((marks / total, name))
    return sorted(found, reverse=True)


def likely_page(data: bytes, declared: str | None, before: str | None) -> str | None:
    """Return the code page of the bytes, or None if they are Cyrillic in none of them.

    Where the bytes do not tell clearly, what the record ``declared`` and then what the records
    ``before`` it were in decides, if the bytes can be read so at all.
    """
    found = readings(data)
    (best_mark, best), (next_mark, _next) = found[:2]
    if best_mark < PLAUSIBLE and not _short(data):
        return None
    if best_mark - next_mark >= CLEAR and not _short(data):
        return best
    marks = {name: mark for mark, name in found}
    for hint in (declared, before):
        if hint in marks and marks[hint] > best_mark - 2 * CLEAR - (3 if _short(data) else 0):
            return hint
    return best if best_mark >= PLAUSIBLE - 1 else None


def _short(data: bytes) -> bool:
    return sum(map(len, RUN.findall(data))) <= FEW
