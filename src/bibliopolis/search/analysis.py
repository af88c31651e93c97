"""One way to take words apart, for every language and for both documents and queries.

Words are normalised to NFC, folded (case, ё and е, accents, Arabic spelling variants), brought to
the spelling of today and stemmed by script; Chinese, Japanese and Korean are cut into pairs of
characters. There are no stop words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from bibliopolis.search.orthography import modern
from bibliopolis.search.scripts import CJK, Script, script_of
from bibliopolis.search.stems import stem

MAX_WORD = 64
"""Longer strings are not words; they are cut so that they cannot bloat the index."""

# Also the marks of transliteration that are no letters: half ligatures (t︠s︡), the soft and the hard
# sign (ʹ ʺ), hamza and ayn (ʼ ʻ ʾ ʿ).
_BREAKING_MARKS = re.compile(
    r"[\u00ad\u02b9-\u02bf\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe20-\ufe2f\ufeff]"
)
# Full-width and half-width letters, shapes of Arabic letters: the same letters in another coat.
_COATS = re.compile(r"[\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffef]+")
_APOSTROPHES = re.compile(r"(?<=\w)['\u2019\u2018`](?=\w)")
# The ranges are Indic and South-East Asian vowel signs, which Python does not count as letters.
# The first are names of programming languages, also where С was typed as a Russian letter.
_WORD = re.compile(
    r"(?<!\w)[cCfFсС](?:\+\+|\#)(?!\w)|"
    r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u0670\u06d6-\u06ed\u0900-\u109f])+"
)

_LETTERS = str.maketrans(
    {
        "ё": "е",
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ħ": "h",
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "ـ": None,
    }
)
_COMPOSED_TO_KEEP = frozenset("йїўќѓґ")


@dataclass(frozen=True, slots=True)
class Token:
    """A word: as written (in lower case), folded in the spelling of today, and its stem."""

    surface: str
    folded: str
    stem: str


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """Return a letter without its accents, unless the accent makes another letter of it."""
    if character in _COMPOSED_TO_KEEP:
        return character
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 1 or "\u0900" <= character <= "\u109f" or CJK.match(character):
        return "" if unicodedata.category(character) == "Mn" and character < "\u0900" else character
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


_WORD_OF_KEY = re.compile(r"\w+")
SORT_KEY_LENGTH = 200
"""As wide as the columns that keep such keys."""


def fold(text: str) -> str:
    """Return the text in lower case, without accents, ё as е, Arabic letters in one spelling."""
    lowered = unicodedata.normalize("NFC", text.casefold()).translate(_LETTERS)
    if lowered.isascii():
        return lowered
    return "".join(map(_fold_character, lowered)).translate(_LETTERS)


def fold_to(text: str, longest: int) -> str:
    """Return a folded text as a column of that length keeps it: «ﬃ» alone becomes three letters."""
    return fold(text)[:longest]


def sort_key(text: str) -> str:
    """Return what a list is sorted by, kept beside the text: its words, folded."""
    return " ".join(_WORD_OF_KEY.findall(fold(text)))[:SORT_KEY_LENGTH]


def clean(text: str) -> str:
    """Return the text in NFC, without invisible characters that would split or join words."""
    text = _BREAKING_MARKS.sub("", text)
    if not text.isascii():
        text = _COATS.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return unicodedata.normalize("NFC", text)


def tokenize(text: str) -> list[Token]:
    """Return the words of a text in their order."""
    tokens: list[Token] = []
    for match in _WORD.finditer(_APOSTROPHES.sub("", clean(text))):
        tokens.extend(_tokens_of(match.group()[:MAX_WORD]))
    return tokens


@lru_cache(maxsize=65536)
def _tokens_of(word: str) -> tuple[Token, ...]:
    """Return one token for a word, or pairs of characters where words are not parted."""
    surface = unicodedata.normalize("NFC", word.casefold())
    if surface.endswith(("+", "#")):
        surface = surface.replace("с", "c")
    if not CJK.search(surface):
        return tuple(_plain(surface))
    tokens: list[Token] = []
    position = 0
    for run in CJK.finditer(surface):
        tokens.extend(_plain(surface[position : run.start()]))
        characters = unicodedata.normalize("NFKC", run.group())
        pairs = [characters[i : i + 2] for i in range(len(characters) - 1)] or [characters]
        tokens.extend(Token(pair, pair, pair) for pair in pairs)
        position = run.end()
    tokens.extend(_plain(surface[position:]))
    return tuple(tokens)


def plain_word(surface: str) -> str:
    """Return a word folded and in the spelling of today: what is compared with what is typed."""
    folded = fold(surface)
    if folded.isascii():
        return folded
    if script_of(folded) is Script.CYRILLIC:
        return modern(folded)
    return "".join(map(_figure, folded))


def _figure(character: str) -> str:
    """Return the figure that an Indian or Arabic one stands for."""
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _plain(surface: str) -> list[Token]:
    folded = plain_word(surface)
    return [Token(surface, folded, stem(folded))] if folded else []


_NOT_IDENTIFYING = re.compile(r"[\s\-\u2010-\u2015]+")
_ISBN = re.compile(r"(?:97[89])?\d{9}[\dx]")


def identifier_key(text: str) -> str:
    """Return an identifier in the form it is compared in: no spaces and hyphens, lower case."""
    return _NOT_IDENTIFYING.sub("", clean(text).casefold())[:MAX_WORD]


def identifier_keys(text: str) -> tuple[str, ...]:
    """Return the forms of an identifier; an ISBN is found by its 10 and its 13 figures."""
    key = identifier_key(text.removeprefix("ISBN").removeprefix("ISSN").strip(" :"))
    if not key:
        return ()
    if not _ISBN.fullmatch(key):
        return (key,)
    if len(key) == 10:
        return (key, isbn13(key))
    return (key, isbn10(key)) if key.startswith("978") else (key,)


def isbn13(isbn: str) -> str:
    """Return a ten-figure ISBN with thirteen figures."""
    body = "978" + isbn[:9]
    check = -sum(int(figure) * (3 if place % 2 else 1) for place, figure in enumerate(body)) % 10
    return f"{body}{check}"


def isbn10(isbn: str) -> str:
    """Return a thirteen-figure ISBN that begins with 978 with ten figures."""
    body = isbn[3:12]
    check = -sum(int(figure) * (10 - place) for place, figure in enumerate(body)) % 11
    return f"{body}{'x' if check == 10 else check}"
