"""The query language: what readers type, taken apart into a plan that every backend can follow.

Words must all occur. ``"a phrase"`` keeps its order, ``-word`` excludes, ``word*`` finds words
that begin so, ``author:word`` looks in one field (see ``within``). Nothing a reader types is an
error; what makes no sense is taken as a word or left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bibliopolis.search.analysis import (
    Token,
    clean,
    fold,
    identifier_key,
    identifier_keys,
    tokenize,
)
from bibliopolis.search.fields import (
    CLASS,
    RANKED,
    Field,
    initial_key,
    part_key,
    part_term,
    skeleton_terms,
    whole_key,
    year_key,
)
from bibliopolis.search.scripts import Script, script_of
from bibliopolis.search.variants import with_e
from bibliopolis.search.within import MARKS, Clause, Within, clauses

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
INITIAL = 2.0
OF_THAT_YEAR = 3.0
IDENTIFIED = 60.0
CLASSED = 4.0
WHOLE_TITLE = 15.0
"""Added to the score of a document whose complete title was typed: the known item comes first."""
WHOLE_OF_PART = 10.0
"""Added to that of its parts and issues, which come after it."""
IN_ORDER = 5.0
"""Added where a title has the words as they were typed, one after the other."""
LONGEST_ORDER = 8

_SMALL_WORDS = """
a an and at by for from in of on or the to with
а без в во для за и из или к как ко на над не о об от по под при с со у
"""
OPTIONAL = frozenset(_SMALL_WORDS.split())
"""Small words that rank but need not occur, if there are others; so do single letters."""


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
class Phrase:
    """Stems that follow each other in one of the fields."""

    stems: tuple[str, ...]
    fields: tuple[Field, ...] = RANKED


_FIELDS: dict[Within, Field] = {
    Within.TITLE: Field.TITLE,
    Within.AUTHOR: Field.NAMES,
    Within.SUBJECT: Field.SUBJECTS,
}
"""The fields that keep the order of their words."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A query a backend can carry out.

    A document matches if it has ``minimum`` of the ``required`` groups and all ``phrases``,
    or one of ``identified``, and nothing excluded. ``optional``, ``whole`` and ``in_order`` (of a
    title) only rank. ``words`` are the words typed, one for each required group.
    """

    required: tuple[Group, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    optional: tuple[Group, ...] = ()
    excluded: tuple[Group, ...] = ()
    excluded_phrases: tuple[Phrase, ...] = ()
    identified: Group = ()
    whole: Group = ()
    in_order: Phrase | None = None
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
    """A word or a phrase of what was typed; ``mark`` is compared whole, it has no words."""

    tokens: tuple[Token, ...]
    excluded: bool = False
    phrase: bool = False
    prefix: bool = False
    within: Within | None = None
    mark: str = ""

    def ways(self, token: Token, exact: bool = False) -> Group:
        """Return the terms by which one of its words is found."""
        if self.mark and self.within is not None:
            return _marks(self.within, self.mark, self.prefix)
        if self.within is None:
            return ways(token, exact=exact, prefix=self.prefix)
        return ways_within(self.within, token, self.prefix)


def parse(text: str, exact: bool = False) -> Plan:
    """Return the plan for what a reader typed."""
    text = clean(text[:MAX_LENGTH]).strip()
    if not text:
        return Plan(everything=True)
    said = clauses(text)
    fielded = any(clause.within for clause in said)
    parts = list(_parts(said))
    wanted = [part for part in parts if not part.excluded]
    words = [(token, part) for part in wanted if not part.phrase for token in part.tokens]
    phrases = [part for part in wanted if part.phrase]
    needed = [(token, part) for token, part in words if part.prefix or not is_small(token)]
    if not needed and not phrases:
        needed = words
    small = [(token, part) for token, part in words if (token, part) not in needed]
    # A phrase also ranks by its words.
    needed += [(token, part) for part in phrases for token in part.tokens]
    refused = [part for part in parts if part.excluded]
    alone = len(needed) == 1
    required = [
        (token, (*part.ways(token, exact), *(() if part.within else _year(token, alone))))
        for token, part in needed
    ]
    if exact:
        # A field knows stems only: the word itself has to be there as well.
        required += [(token, ways(token, exact=True)) for token, part in needed if _bends(part)]
    return Plan(
        required=tuple(group for _token, group in required),
        phrases=tuple(_phrase(part) for part in phrases if _is_phrase(part)),
        optional=tuple(part.ways(token) for token, part in small),
        excluded=tuple(
            part.ways(part.tokens[0], exact=True) for part in refused if not _is_phrase(part)
        ),
        excluded_phrases=tuple(_phrase(part) for part in refused if _is_phrase(part)),
        identified=() if refused or fielded else _identified(text),
        whole=tuple(_whole(said)),
        in_order=_in_order(said),
        minimum=len(required),
        words=tuple(token for token, _group in required),
        everything=bool(refused) and not needed,
    )


def is_small(token: Token) -> bool:
    """Return whether a word need not occur beside others: «и», the initials of a name."""
    if token.folded in OPTIONAL:
        return True
    is_letter = len(token.folded) == 1 and token.folded.isalpha()
    return is_letter and script_of(token.folded) in (Script.CYRILLIC, Script.LATIN)


def ways(token: Token, exact: bool = False, prefix: bool = False) -> Group:
    """Return the terms by which a word is found."""
    if prefix and len(token.surface) >= MIN_PREFIX:
        return (Term(Field.WORDS, token.surface, EXACT_WORD, prefix=True), *_numbers(token))
    if exact:
        return (Term(Field.WORDS, token.surface, EXACT_WORD), *_numbers(token))
    terms = [Term(field, token.stem, weight) for field, weight in WEIGHTS.items()]
    terms.append(Term(Field.WORDS, token.surface, EXACT_WORD))
    if len(token.folded) == 1:
        terms.append(Term(Field.LATIN, initial_key(token.folded), INITIAL))
    if script_of(token.folded) is Script.LATIN:
        terms.append(Term(Field.LATIN, token.folded, TRANSLITERATED))
    terms.extend(Term(Field.WORDS, written, EXACT_WORD) for written in with_e(token.surface))
    terms.extend(Term(Field.LATIN, rough, ROUGHLY) for rough in skeleton_terms(token))
    return (*terms, *_numbers(token))


def ways_within(within: Within, token: Token, prefix: bool = False) -> Group:
    """Return the terms by which a word is found in one field, in either alphabet."""
    prefix = prefix and len(token.surface) >= MIN_PREFIX
    texts = dict.fromkeys((token.folded, token.stem) if prefix else (token.stem,))
    field = _FIELDS.get(within)
    if field is None:
        return tuple(Term(Field.PARTS, part_term(within, text), 1.0, prefix) for text in texts)
    terms = [Term(field, text, WEIGHTS[field], prefix) for text in texts]
    if within is Within.AUTHOR and script_of(token.folded) is Script.LATIN:
        # Only names are kept in their transliterations.
        terms.append(Term(Field.LATIN, token.folded, TRANSLITERATED, prefix))
    if within is not Within.SUBJECT:
        rough = [part_term(within, one) for one in skeleton_terms(token)]
        terms.extend(Term(Field.PARTS, text, ROUGHLY) for text in rough)
    return tuple(terms)


def _marks(within: Within, mark: str, prefix: bool) -> Group:
    """Return the terms of an identifier or a shelf mark."""
    if within is Within.NUMBER:
        keys = dict.fromkeys(identifier_keys(fold(mark)))
        return tuple(Term(Field.IDS, key, IDENTIFIED, prefix) for key in keys)
    return (Term(Field.PARTS, part_term(within, identifier_key(mark)), IDENTIFIED, prefix),)


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
    key = identifier_key(text)
    keys = dict.fromkeys((key, *identifier_keys(fold(plain))))
    numbers = [Term(Field.IDS, key, IDENTIFIED) for key in keys if key]
    return (*numbers, Term(Field.PARTS, part_term(CLASS, key), CLASSED)) if key else ()


def _bends(part: _Part) -> bool:
    """Return whether a part finds more than its words as they are written."""
    return part.within is not None and not part.mark and not part.prefix


def _is_phrase(part: _Part) -> bool:
    return part.phrase and len(part.tokens) > 1 and (not part.within or part.within in _FIELDS)


def _phrase(part: _Part) -> Phrase:
    fields = (_FIELDS[part.within],) if part.within else RANKED
    return Phrase(tuple(token.stem for token in part.tokens), fields)


def _whole(said: Iterable[Clause]) -> Iterator[Term]:
    """Return the terms of complete titles: what was typed without a field, or as a title."""
    for clause in said:
        if clause.within not in (None, Within.TITLE) or clause.excluded:
            continue
        if typed := tokenize(clause.value):
            key = whole_key(typed)
            yield Term(Field.WHOLE, key, WHOLE_TITLE)
            yield Term(Field.WHOLE, part_key(key), WHOLE_OF_PART)


def _in_order(said: Iterable[Clause]) -> Phrase | None:
    """Return the words typed without a field, for titles that have them so."""
    stems = [
        token.stem
        for clause in said
        if clause.within is None and not clause.excluded
        for token in tokenize(clause.value)[: LONGEST_ORDER + 1]
    ]
    if not 1 < len(stems) <= LONGEST_ORDER:
        return None
    return Phrase(tuple(stems), (Field.TITLE,))


def _parts(said: Iterable[Clause]) -> Iterator[_Part]:
    """Return words and phrases, at most as many as are useful."""
    left = MAX_WORDS
    for clause in said:
        if left <= 0:
            return
        if clause.within in MARKS:
            left -= 1
            yield from _mark(clause)
            continue
        for part in _words(clause.value, left):
            left -= len(part.tokens)
            yield replace(part, within=clause.within, excluded=part.excluded or clause.excluded)


def _mark(clause: Clause) -> Iterator[_Part]:
    """Return an identifier or a shelf mark as one word."""
    mark = clause.value.strip('"').strip()
    bare = mark.rstrip("*")
    key = identifier_key(bare)
    if key:
        token = Token(bare.casefold(), key, key)
        prefix = bare != mark and len(key) >= MIN_PREFIX
        yield _Part((token,), clause.excluded, prefix=prefix, within=clause.within, mark=bare)


def _words(text: str, left: int) -> Iterator[_Part]:
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
