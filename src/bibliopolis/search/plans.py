"""The query language: what readers type, taken apart into a plan that every backend can follow.

Words must all occur. ``"a phrase"`` keeps its order, ``-word`` excludes, ``word*`` finds words
that begin so. Nothing a reader types is an error; what makes no sense is taken as a word or left
out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bibliopolis.search.analysis import (
    Token,
    clean,
    fold,
    identifier_key,
    identifier_keys,
    tokenize,
)
from bibliopolis.search.fields import Field, skeleton_terms, whole_key, year_key
from bibliopolis.search.scripts import Script, script_of
from bibliopolis.search.variants import with_e

MAX_LENGTH = 400
MAX_WORDS = 20
MIN_PREFIX = 2

WEIGHTS: dict[Field, float] = {
    Field.TITLE: 6.0,
    Field.NAMES: 8.0,
    Field.SUBJECTS: 2.0,
    Field.TEXT: 1.0,
}
EXACT_WORD = 2.0
TRANSLITERATED = 3.0
ROUGHLY = 1.5
OF_THAT_YEAR = 3.0
IDENTIFIED = 60.0
WHOLE_TITLE = 15.0
"""Added to the score of a document whose complete title was typed: the known item comes first."""

_SMALL_WORDS = """
a an and at by for from in of on or the to with
а без в во для за и из или к как ко на над не о об от по под при с со у
"""
OPTIONAL = frozenset(_SMALL_WORDS.split())
"""Small words that rank but need not occur, if there are others."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term to look for in a field; ``prefix`` stands for all terms that begin with it."""

    field: Field
    text: str
    boost: float = 1.0
    prefix: bool = False


Group = tuple[Term, ...]
"""Ways to find one word; any of them will do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A query a backend can carry out.

    A document matches if it has ``minimum`` of the ``required`` groups and all ``phrases``
    (of stems), or one of ``identified``, and nothing excluded. ``optional`` and ``whole`` only
    rank. ``words`` are the words typed, one for each required group.
    """

    required: tuple[Group, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    optional: tuple[Group, ...] = ()
    excluded: tuple[Group, ...] = ()
    excluded_phrases: tuple[tuple[str, ...], ...] = ()
    identified: Group = ()
    whole: Group = ()
    minimum: int = 0
    words: tuple[Token, ...] = ()
    everything: bool = False

    @property
    def is_selective(self) -> bool:
        """Return whether there is something a document must have."""
        return bool(self.required or self.phrases or self.identified)


_PART = re.compile(r'(-?)"([^"]*)"?|(\S+)')


@dataclass(frozen=True)
class _Part:
    """A word or a phrase of what was typed."""

    tokens: tuple[Token, ...]
    excluded: bool = False
    phrase: bool = False
    prefix: bool = False


def parse(text: str, exact: bool = False) -> Plan:
    """Return the plan for what a reader typed."""
    text = clean(text[:MAX_LENGTH]).strip()
    if not text:
        return Plan(everything=True)
    parts = list(_parts(text))
    wanted = [part for part in parts if not part.excluded]
    words = [(token, part.prefix) for part in wanted if not part.phrase for token in part.tokens]
    phrases = [part for part in wanted if part.phrase]
    needed = [(token, prefix) for token, prefix in words if token.folded not in OPTIONAL]
    if not needed and not phrases:
        needed = words
    small = [token for token, _prefix in words if (token, _prefix) not in needed]
    # A phrase also ranks by its words.
    needed += [(token, False) for part in phrases for token in part.tokens]
    refused = [part for part in parts if part.excluded]
    typed = tokenize(text)
    return Plan(
        required=tuple(
            (*ways(token, exact=exact, prefix=prefix), *_year(token, alone=len(needed) == 1))
            for token, prefix in needed
        ),
        phrases=tuple(_stems(part) for part in phrases if len(part.tokens) > 1),
        optional=tuple(ways(token) for token in small),
        excluded=tuple(
            ways(part.tokens[0], exact=True) for part in refused if len(part.tokens) == 1
        ),
        excluded_phrases=tuple(_stems(part) for part in refused if len(part.tokens) > 1),
        identified=() if refused else _identified(text),
        whole=(Term(Field.WHOLE, whole_key(typed), WHOLE_TITLE),) if typed else (),
        minimum=len(needed),
        words=tuple(token for token, _prefix in needed),
        everything=bool(refused) and not needed,
    )


def ways(token: Token, exact: bool = False, prefix: bool = False) -> Group:
    """Return the terms by which a word is found."""
    if prefix and len(token.surface) >= MIN_PREFIX:
        return (Term(Field.WORDS, token.surface, EXACT_WORD, prefix=True), *_numbers(token))
    if exact:
        return (Term(Field.WORDS, token.surface, EXACT_WORD), *_numbers(token))
    terms = [Term(field, token.stem, weight) for field, weight in WEIGHTS.items()]
    terms.append(Term(Field.WORDS, token.surface, EXACT_WORD))
    if script_of(token.folded) is Script.LATIN:
        terms.append(Term(Field.LATIN, token.folded, TRANSLITERATED))
    terms.extend(Term(Field.WORDS, written, EXACT_WORD) for written in with_e(token.surface))
    terms.extend(Term(Field.LATIN, rough, ROUGHLY) for rough in skeleton_terms(token))
    return (*terms, *_numbers(token))


_YEAR = re.compile(r"1[4-9]\d\d|20\d\d")


def _year(token: Token, alone: bool) -> Group:
    """Return a year beside other words as that of the edition: «война и мир 1978»."""
    if alone or not _YEAR.fullmatch(token.folded):
        return ()
    return (Term(Field.IDS, year_key(token.folded), OF_THAT_YEAR),)


def _numbers(token: Token) -> Group:
    """Return a word with figures as an identifier."""
    if not any(character.isdigit() for character in token.surface):
        return ()
    return tuple(Term(Field.IDS, key, IDENTIFIED) for key in identifier_keys(token.surface))


def _identified(text: str) -> Group:
    """Return the complete text as an identifier: shelf marks and ISBNs with spaces or hyphens."""
    if not any(character.isdigit() for character in text):
        return ()
    # Also without its quotes and a leading "ISBN".
    plain = re.sub(r"^(isbn|issn)[\s:]*", "", text.strip(' "'), flags=re.IGNORECASE)
    keys = dict.fromkeys((identifier_key(text), *identifier_keys(fold(plain))))
    return tuple(Term(Field.IDS, key, IDENTIFIED) for key in keys if key)


def _stems(part: _Part) -> tuple[str, ...]:
    return tuple(token.stem for token in part.tokens)


def _parts(text: str) -> Iterator[_Part]:
    """Return words and phrases, at most as many as are useful."""
    left = MAX_WORDS
    for match in _PART.finditer(text):
        minus, phrase, word = match.groups()
        if word is not None:
            excluded = word.startswith("-") and len(word) > 1
            tokens = tokenize(word)[:left]
            prefix = word.endswith("*") and len(tokens) == 1
            # A hyphenated or dotted word without spaces is several words.
            yield_parts = [_Part((token,), excluded, prefix=prefix) for token in tokens]
            if excluded and len(tokens) > 1:
                yield_parts = [_Part(tuple(tokens), excluded=True, phrase=True)]
            yield from yield_parts
        else:
            tokens = tokenize(phrase)[:left]
            if tokens:
                yield _Part(tuple(tokens), bool(minus), phrase=True)
        left -= len(tokens)
        if left <= 0:
            return
