"""Cyrillic in one byte a letter: Windows-1251, KOI8-R and CP866 told apart by how they read.

The same bytes are text in one of them and a jumble in the others: letters side by side that never
are, capitals inside of words, frames of tables. Each reading is given marks for that.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

CODE_PAGES = ("cp1251", "koi8-r", "cp866")
# RUSMARC, field 100 $a, positions 26-29: which sets of characters the record uses.
DECLARED = {b"79": "cp866", b"89": "cp1251", b"99": "koi8-r", b"50": "utf-8"}
CODED_DATA = re.compile(rb"\x1fa[0-9]{8}[^\x1d-\x1f]{18}([0-9 ]{2})([0-9 ]{2})")

# How rare two letters side by side are in Russian titles, names, subjects and the words of this
# site (130,000 letters): row the first, column the second letter, a space the border of a word.
# A digit d says that of all pairs the share e ** -(d + 4) is this one; 9 is as good as never.
_LETTERS = " абвгдежзийклмнопрстуфхцчшщъыьэюя"
_PAIRS = """
    911021231151210101011233236989243 053232232422121722214432334999732
    336696277296264273583957794537965 119566294294353164333959669924985
    329774399299476192684997899978899 225456146295352252453965669744984
    043232333522121431116534344999975 445893299396963597694999999979999
    215363379395533394694999899935974 042323252222221242115433235999741
    187964899694464676339888559989999 218499364197373192322994997979899
    226955159194464199553999679941932 115668197296534237593597969836774
    116643167193892176323394579913873 082121223322112421115444345999554
    324997299295395141553997999953775 214434156194633176332546548924964
    125385279291243224213655559632952 116295097193453142353798599731865
    253533433643333833336748245999648 449999499399687284865599999987999
    249659699497853393565999999999999 349699399295999699994997999949997
    329799199295993686935979969966999 439699399393474577954999999997899
    649999399499997698996999999999999 699999599999999999999999999999995
    194464296933444955439939449999997 196776494594943689339897739999944
    599789998873456976729799879999899 394774765796776994639996485999979
    196585463864544994538965575999955
"""
JUMBLE = len(_LETTERS)
"""The place of every sign that no text has: a frame of a table, a letter of another alphabet."""
JUMBLE_MARK = -14.0
_MARKS = [[-4.0 - int(digit) for digit in row] + [JUMBLE_MARK] for row in _PAIRS.split()]
_MARKS.append([JUMBLE_MARK] * (len(_LETTERS) + 1))
# Letters of the neighbours stand for the Russian ones they sound like.
_AS_RUSSIAN = str.maketrans("ёіїєґў", "еииэгу")
_PUNCTUATION = "«»—–…№„“”‘’•·°§©\xa0-"
CAPITAL_AFTER_SMALL = -8.0
PLAUSIBLE = -7.5
"""So much a pair of letters of Russian, Ukrainian or Belarusian text gets on the average."""
CLEAR = 0.7
"""So much better than the next the best reading must be to need no other sign."""
FEW = 6
"""So many letters tell nothing by themselves."""
MOST = 500
"""So many letters are enough to tell."""
RUN = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True)
class _Page:
    """A code page: the place of each byte's letter in the table, and capitals inside of words."""

    places: bytes
    capital_inside: re.Pattern[bytes]


def _page(name: str) -> _Page:
    places, small, capital = bytearray(256), b"", b""
    for byte in range(0x80, 0x100):
        code = bytes([byte])
        letter = code.decode(name, "replace")
        place = _LETTERS.find(letter.lower().translate(_AS_RUSSIAN))
        places[byte] = place if place > 0 else 0 if letter in _PUNCTUATION else JUMBLE
        if place > 0 and letter.islower():
            small += code
        elif place > 0:
            capital += code
    return _Page(bytes(places), re.compile(b"[%s][%s]" % (re.escape(small), re.escape(capital))))


_PAGES = {name: _page(name) for name in CODE_PAGES}


def looks_cyrillic(data: bytes) -> bool:
    """Return whether bytes above ASCII come in words, not as single letters with accents."""
    runs = [len(run) for run in RUN.findall(data)]
    in_words = sum(length for length in runs if length > 1)
    return max(runs, default=0) > 2 and (in_words * 3 > sum(runs) * 2 or stands_alone(data))


# The letter of a subfield's code is none of the text.
TOUCHES_LATIN = re.compile(rb"(?<![\x1f^])[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]")


def stands_alone(data: bytes) -> bool:
    """Return whether no byte above ASCII touches a Latin letter, as accents inside of words do."""
    return not TOUCHES_LATIN.search(data)


def declared_page(data: bytes) -> str | None:
    """Return the encoding that a UNIMARC record says it is in, if it does."""
    coded = CODED_DATA.search(data)
    if not coded:
        return None
    return next((DECLARED[code] for code in coded.groups()[::-1] if code in DECLARED), None)


def readings(data: bytes) -> list[tuple[float, str]]:
    """Return the marks of the three readings, a pair's on the average, the best first."""
    words = b" %s " % b" ".join(RUN.findall(data, 0, 16 * MOST))[:MOST]
    return sorted(((_mark(words, page), name) for name, page in _PAGES.items()), reverse=True)


def _mark(words: bytes, page: _Page) -> float:
    pairs = Counter(pairwise(words.translate(page.places)))
    mark = sum(_MARKS[first][second] * count for (first, second), count in pairs.items())
    mark += CAPITAL_AFTER_SMALL * len(page.capital_inside.findall(words))
    return mark / (len(words) - 1)


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
