"""Russian titles that a foreign library has written in Latin letters, back in their own.

The tables of the Library of Congress (ALA-LC) can be undone where their marks were kept: half
ligatures (t︠s︡, i︠a︡), breves, the soft sign. ISO 9 and the scientific transliteration use carons.
Without any mark the letters are guessed.
"""

from __future__ import annotations

import re
import unicodedata

from bibliopolis.search.variants import in_cyrillic

_MARKED = (
    ("i\ufe20a\ufe21", "я"), ("i\u0361a", "я"), ("i\ufe20u\ufe21", "ю"), ("i\u0361u", "ю"),
    ("t\ufe20s\ufe21", "ц"), ("t\u0361s", "ц"), ("i\ufe20e\ufe21", "е"), ("i\u0361e", "е"),
    ("s\u030cc\u030c", "щ"), ("s\u0302", "щ"), ("c\u030c", "ч"), ("s\u030c", "ш"),
    ("z\u030c", "ж"), ("e\u0307", "э"), ("e\u0300", "э"), ("e\u0308", "ё"), ("i\u0306", "й"),
    ("i\u0304", "и"), ("a\u0302", "я"), ("u\u0302", "ю"), ("ʹ", "ь"), ("ʺ", "ъ"),
)  # fmt: skip
_PLAIN = (
    ("shch", "щ"), ("zh", "ж"), ("kh", "х"), ("ch", "ч"), ("sh", "ш"), ("ju", "ю"), ("ja", "я"),
    ("a", "а"), ("b", "б"), ("v", "в"), ("g", "г"), ("d", "д"), ("e", "е"), ("z", "з"),
    ("i", "и"), ("j", "й"), ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"),
    ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("h", "х"),
    ("c", "ц"), ("y", "ы"),
)  # fmt: skip
_CYRILLIC = re.compile("[\u0400-\u04ff]")


def is_marked(text: str) -> bool:
    """Return whether a text has marks by which its transliteration can be undone."""
    lowered = unicodedata.normalize("NFD", text.lower())
    return any(mark in lowered for mark, _letter in _MARKED)


def russian_of(text: str) -> str | None:
    """Return a transliterated Russian text in Cyrillic; None if it is in Cyrillic already."""
    lowered = unicodedata.normalize("NFD", text.lower())
    if _CYRILLIC.search(lowered):
        return None
    if not is_marked(text):
        return in_cyrillic(text)
    for latin, cyrillic in (*_MARKED, *_PLAIN):
        lowered = lowered.replace(latin, cyrillic)
    return unicodedata.normalize("NFC", lowered)
