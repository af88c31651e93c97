"""Other ways to write what a reader typed: other letters, another keyboard layout, a slip.

A name is indexed under its transliterations and under a *skeleton*: a rough Latin form in which
Dostoevsky, Dostoyevskii, Dostojewski and Достоевский fall together.
"""

from __future__ import annotations

import re
from functools import lru_cache

import iuliia

from bibliopolis.search.analysis import fold
from bibliopolis.search.scripts import Script, script_of

_SCHEMES = (
    iuliia.WIKIPEDIA,
    iuliia.ALA_LC,
    iuliia.BGN_PCGN,
    iuliia.GOST_779,
    iuliia.SCIENTIFIC,
    iuliia.MOSMETRO,
)

_NOT_LATIN = re.compile("[^a-z0-9]")

_EN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_RU = "ёйцукенгшщзхъфывапролджэячсмитьбю"
_EN_SHIFTED = '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>'
_TO_RU = str.maketrans(_EN + _EN_SHIFTED, _RU + _RU.upper())
_TO_EN = str.maketrans(_RU + _RU.upper(), _EN + _EN_SHIFTED)

_LATIN_OF = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "",
    "ы": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia", "і": "i", "ї": "i", "є": "e", "ґ": "g",
    "ў": "u", "ә": "a", "ғ": "g", "қ": "k", "ң": "n", "ө": "o", "ұ": "u", "ү": "u", "һ": "h",
    "ҳ": "h", "ҷ": "j", "ӣ": "i", "ӯ": "u", "ѓ": "g", "ќ": "k",
}  # fmt: skip

_SKELETON = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"schtsch|shch|szcz|stch", "s"),
        (r"tsch|tch|tsh|cz", "c"),
        (r"sch|sh|sz", "s"),
        (r"ch", "c"),
        (r"zh|zs|rz", "z"),
        (r"kh", "h"),
        (r"th", "t"),
        (r"ph", "f"),
        (r"ts|tz", "z"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"ck", "k"),
        (r"q", "k"),
        (r"(?<=[aeou])[yij](?=[aeou])", ""),
        (r"[yj]", "i"),
        (r"i(?=[aeou])", ""),
        (r"ff$", "v"),
        (r"([a-z])\1+", r"\1"),
        (r"(?<=[a-z])i+$", "i"),
    )
)

_CYRILLIC_OF = (
    ("shch", "щ"), ("sch", "щ"), ("tsk", "тск"), ("yo", "ё"), ("jo", "ё"), ("zh", "ж"),
    ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ju", "ю"), ("iu", "ю"),
    ("ya", "я"), ("ja", "я"), ("ia", "я"), ("ye", "е"), ("je", "е"), ("ck", "к"), ("a", "а"),
    ("b", "б"), ("v", "в"), ("w", "в"), ("g", "г"), ("d", "д"), ("e", "е"), ("z", "з"),
    ("i", "и"), ("j", "й"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"),
    ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("h", "х"),
    ("c", "ц"), ("q", "к"), ("x", "кс"), ("'", "ь"),
)  # fmt: skip


@lru_cache(maxsize=16384)
def transliterations(folded: str) -> frozenset[str]:
    """Return the Latin spellings of a Cyrillic word under the schemes libraries use."""
    if script_of(folded) is not Script.CYRILLIC:
        return frozenset()
    spellings = {fold(scheme.translate(folded)) for scheme in _SCHEMES}
    return frozenset(_NOT_LATIN.sub("", spelling) for spelling in spellings) - {""}


@lru_cache(maxsize=65536)
def skeleton(folded: str) -> str:
    """Return the rough Latin form of a name, or nothing for short words and other scripts."""
    if len(folded) < 4 or not folded.isalpha():
        return ""
    script = script_of(folded)
    if script is Script.CYRILLIC:
        folded = "".join(_LATIN_OF.get(letter, letter) for letter in folded)
    elif script is not Script.LATIN:
        return ""
    for pattern, replacement in _SKELETON:
        folded = pattern.sub(replacement, folded)
    return folded if len(folded) > 2 and folded.isascii() else ""


def latin_of(folded: str) -> str:
    """Return a folded Cyrillic word letter by letter in Latin; other words stay as they are."""
    return "".join(_LATIN_OF.get(letter, letter) for letter in folded)


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def with_e(surface: str) -> tuple[str, ...]:
    """Return a word as those write it who lack ä, ö, ü, å and ø: Mueller for Müller."""
    written = surface.translate(_UMLAUTS)
    return (fold(written),) if written != surface else ()


def other_layout(text: str) -> str | None:
    """Return the text as the other keyboard layout would have written it."""
    letters = [letter for letter in text if letter.isalpha()]
    if not letters:
        return None
    cyrillic = sum(script_of(letter.lower()) is Script.CYRILLIC for letter in letters)
    if cyrillic == 0 and text.isascii():
        return text.translate(_TO_RU)
    if cyrillic == len(letters):
        return text.translate(_TO_EN)
    return None


def in_cyrillic(text: str) -> str | None:
    """Return Russian that was typed in Latin letters, as well as that can be guessed."""
    lowered = text.lower()
    if not lowered.isascii() or not any(letter.isalpha() for letter in lowered):
        return None
    for latin, cyrillic in _CYRILLIC_OF:
        lowered = lowered.replace(latin, cyrillic)
    lowered = re.sub(r"y\b", "ий", lowered)
    lowered = re.sub(r"(?<=[аеиоу])y", "й", lowered)
    return lowered.replace("y", "ы")
