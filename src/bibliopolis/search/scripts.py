"""Which script a word is written in, told by its letters."""

from __future__ import annotations

import re
from enum import StrEnum

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
"""Chinese, Japanese and Korean, which do not part their words."""


class Script(StrEnum):
    """The scripts that are treated in their own way."""

    CYRILLIC = "cyrillic"
    LATIN = "latin"
    ARABIC = "arabic"
    CJK = "cjk"
    OTHER = "other"


def script_of(word: str) -> Script:
    """Return the script of a word, told by its first letter."""
    for character in word:
        if "\u0400" <= character <= "\u052f":
            return Script.CYRILLIC
        if "a" <= character <= "z" or "\u00c0" <= character <= "\u024f":
            return Script.LATIN
        if "\u0620" <= character <= "\u06ff":
            return Script.ARABIC
        if CJK.match(character):
            return Script.CJK
        if character.isalpha():
            return Script.OTHER
    return Script.OTHER
