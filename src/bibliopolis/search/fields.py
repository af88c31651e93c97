"""Which terms a document is found by: the one place where documents become index fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bibliopolis.search.analysis import Token, fold, identifier_key, identifier_keys, tokenize
from bibliopolis.search.documents import Document
from bibliopolis.search.scripts import CJK
from bibliopolis.search.transliterated import is_marked, russian_of
from bibliopolis.search.variants import skeleton, transliterations, with_e
from bibliopolis.search.within import MARKS, Within

GAP = 10
"""Words of different titles or names stand this far apart, so that no phrase joins them."""

RUSSIAN = "ru"

CLASS = "class"
"""The facet of classes of a classification, which are found when one of them is typed."""

MAX_TEXT = 20_000
"""Characters of running text that are indexed of one document."""


class Field(StrEnum):
    """The fields of the index.

    The first four hold stems with positions and are ranked by length. ``words`` holds every word
    as it is written, ``latin`` transliterations and skeletons of names and titles, ``whole``
    complete titles, ``ids`` identifiers and, marked as such, years, ``parts`` what only a named
    field asks for, each term behind the name of its field.
    """

    TITLE = "title"
    NAMES = "names"
    SUBJECTS = "subjects"
    TEXT = "text"
    WORDS = "words"
    LATIN = "latin"
    WHOLE = "whole"
    IDS = "ids"
    PARTS = "parts"


RANKED = (Field.TITLE, Field.NAMES, Field.SUBJECTS, Field.TEXT)
KEYWORDS = (Field.WORDS, Field.LATIN, Field.WHOLE, Field.IDS, Field.PARTS)


@dataclass(frozen=True)
class Terms:
    """The terms of one document: stems with their positions, and sets of keywords."""

    stems: dict[Field, list[tuple[str, int]]]
    keywords: dict[Field, frozenset[str]]

    def length(self, field: Field) -> int:
        """Return the number of words in a ranked field."""
        return len(self.stems[field])


_TITLE_END = re.compile(r"\s*[:;/=|(\[]\s*")
_PART = re.compile(r"\.\s")


def terms_of(document: Document) -> Terms:
    """Return the terms of a document."""
    titles = [tokenize(title) for title in (document.title, *document.other_titles)]
    names = [tokenize(name) for name in document.names]
    subjects = [tokenize(subject) for subject in document.subjects]
    paragraphs = [tokenize(part) for part in document.text[:MAX_TEXT].split("\n")]
    original = _in_their_own_letters(document)
    own_titles = [tokenize(title) for title in original[:1]]
    own_names = [tokenize(name) for name in original[1:]]
    found = (titles + own_titles, names + own_names, subjects, paragraphs)
    groups = dict(zip(RANKED, found, strict=True))
    written = (titles, names, subjects, paragraphs)
    if is_marked(document.title):
        # Certain enough to be offered as a spelling.
        written = found
    words = {token.surface for parts in written for tokens in parts for token in tokens}
    return Terms(
        stems={field: _positions(parts) for field, parts in groups.items()},
        keywords={
            Field.WORDS: frozenset(words | _characters(words)),
            Field.LATIN: _latin(titles, names),
            Field.WHOLE: frozenset(
                _whole_titles((document.title, *document.other_titles, *original[:1]))
            ),
            Field.IDS: frozenset(_identifiers(document)),
            Field.PARTS: frozenset(_parts(document, titles, names)),
        },
    )


def year_key(year: str) -> str:
    """Return the term for the year of an edition, which is no identifier anybody can type."""
    return f"\x1f{year}"


def whole_key(tokens: Iterable[Token]) -> str:
    """Return the key under which a complete title is found."""
    return "_".join(token.folded for token in tokens)[:200]


def part_key(key: str) -> str:
    """Return the key of a title of which a document is a part: an issue, a volume."""
    return f"{key}_\u2026"


def initial_key(letter: str, alone: bool = False) -> str:
    """Return the term for the first letter of a name; ``alone``: of a name that has no more."""
    return f"{letter}." if alone else f".{letter}"


def skeleton_terms(token: Token) -> tuple[str, ...]:
    """Return the terms of a word's skeletons, apart from real spellings.

    There are two where ё is written: Фёдор is Fedor as well as Fyodor.
    """
    forms = (token.folded, fold(token.surface.replace("ё", "о")))
    return tuple(f"~{rough}" for form in dict.fromkeys(forms) if (rough := skeleton(form)))


def sort_title(document: Document) -> str:
    """Return what a document is sorted by under its title."""
    return str(document.sort.get("title") or fold(document.title))


def sort_year(document: Document) -> int | None:
    """Return the year a document is sorted by."""
    years = [str(document.sort.get("year") or ""), *document.facets.get("year", ())]
    return next((int(year) for year in years if year.lstrip("-").isdecimal()), None)


def _positions(parts: list[list[Token]]) -> list[tuple[str, int]]:
    stems: list[tuple[str, int]] = []
    position = 0
    for tokens in parts:
        for token in tokens:
            stems.append((token.stem, position))
            position += 1
        position += GAP
    return stems


def _in_their_own_letters(document: Document) -> list[str]:
    """Return the title and the names of a transliterated Russian document in Cyrillic."""
    title = russian_of(document.title) if document.language == RUSSIAN else None
    if title is None:
        return []
    return [title, *filter(None, map(russian_of, document.names))]


def _characters(words: Iterable[str]) -> set[str]:
    """Return the single characters of words that are pairs of them: they can be looked for, too."""
    return {character for word in words if CJK.match(word) for character in word}


def _identifiers(document: Document) -> Iterable[str]:
    for text in document.identifiers:
        yield from identifier_keys(text)
    for year in document.facets.get("year", ()):
        yield year_key(year)


def _latin(titles: list[list[Token]], names: list[list[Token]]) -> frozenset[str]:
    spellings: set[str] = set()
    for tokens in names:
        for token in tokens:
            spellings |= transliterations(token.folded)
    spellings.update(_initials(names))
    for tokens in (*titles, *names):
        for token in tokens:
            spellings.update(skeleton_terms(token))
            spellings.update(with_e(token.surface))
    return frozenset(spellings)


def part_term(within: str, text: str) -> str:
    """Return the term under which a named field is found."""
    return f"{within}:{text}"


def _parts(
    document: Document, titles: list[list[Token]], names: list[list[Token]]
) -> Iterator[str]:
    for within, parts in ((Within.TITLE, titles), (Within.AUTHOR, names)):
        for tokens in parts:
            for token in tokens:
                yield from (part_term(within, rough) for rough in skeleton_terms(token))
    for text in document.facets.get("class", ()):
        for key in dict.fromkeys((text, *text.split(maxsplit=1)[:1])):
            yield part_term(CLASS, identifier_key(key))
    for name, texts in document.parts.items():
        for text in texts:
            yield from (part_term(name, key) for key in _keys(name, text))


def _keys(name: str, text: str) -> Iterator[str]:
    """Yield what a publisher, a series or a shelf mark is found by.

    The class that a shelf mark begins with finds all that stands there: ``84(2Рос=Рус)1 Д70``.
    """
    if name in MARKS:
        yield identifier_key(text)
        yield from (identifier_key(first) for first in text.split(maxsplit=1)[:1])
        return
    yield from (token.stem for token in tokenize(text))


def _initials(names: Iterable[list[Token]]) -> Iterable[str]:
    for token in (token for tokens in names for token in tokens):
        yield initial_key(token.folded[0])
        if len(token.folded) == 1:
            yield initial_key(token.folded, alone=True)


def _whole_titles(titles: Iterable[str]) -> Iterable[str]:
    for title in titles:
        proper = _TITLE_END.split(title, maxsplit=1)[0]
        for text in (title, proper):
            if key := whole_key(tokenize(text)):
                yield key
        first, *rest = _PART.split(proper, maxsplit=1)
        if rest and (key := whole_key(tokenize(first))):
            yield part_key(key)
