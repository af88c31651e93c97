"""Words the catalogue does not have, each read as its reader may have meant it.

A word is looked for on the other keyboard layout, as Russian in Latin letters, and with a slip of
the finger. Of several corrections that one is taken which stands beside the other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bibliopolis.search.analysis import Token, tokenize
from bibliopolis.search.fields import Field, initial_key
from bibliopolis.search.matcher import Matcher, count_with
from bibliopolis.search.plans import OPTIONAL, Group, Plan, Term, is_small, parse, ways
from bibliopolis.search.variants import in_cyrillic, other_layout

MAX_REPAIRED = 6
"""So many words are corrected at most: each costs a look at all words of the index."""

TRIED = 6
"""So many likely words are tried for one that is known but does not stand beside the others."""

NAME_PARTS = (2, 3)
"""Words of a name that is said in full."""

SHORTEST_PART = 3
LONGEST_PARTED = 30
"""Letters of the parts of a word in which a space was perhaps left out, and of all of it."""

SMALL = 2
"""Letters of a word that may be known by chance in the wrong layout: ``b`` for «и»."""


def repaired(text: str, matcher: Matcher) -> str | None:
    """Return the text with each unknown word replaced by a known one, if any could be."""
    if not _is_plain(parse(text)):
        return None
    words = text.split()
    unknown = [place for place, word in enumerate(words) if not _is_known(word, matcher)]
    if not unknown:
        return None
    beside = [
        group
        for place, word in enumerate(words)
        if place not in unknown
        for token, group in _words_of(word)
        if not is_small(token)
    ]
    changed = False
    is_other_layout = False
    for place in unknown[:MAX_REPAIRED]:
        meant = _meant(words[place], beside, matcher)
        if meant is None:
            continue
        changed = True
        is_other_layout = is_other_layout or meant == _layout(words[place])
        words[place] = meant
        beside.extend(parse(meant).required)
    if is_other_layout:
        words = [_small_word(word) for word in words]
    return " ".join(words) if changed else None


def joined(text: str, matcher: Matcher) -> str | None:
    """Return the text with two of its words as one, where that finds something: «data base»."""
    plan = parse(text)
    words = text.split()
    if not _is_plain(plan) or len(words) > MAX_REPAIRED:
        return None
    for place in range(len(words) - 1):
        other = [*words[:place], words[place] + words[place + 1], *words[place + 2 :]]
        if count_with(matcher, parse(" ".join(other)).required):
            return " ".join(other)
    return None


def with_initials(text: str, matcher: Matcher) -> str | None:
    """Return a name with initials, as many catalogues have it: «толстой л н»."""
    plan = parse(text)
    if not _is_plain(plan) or len(plan.words) not in NAME_PARTS:
        return None
    for surname in plan.words:
        others = [one for one in plan.words if one is not surname]
        initials = ((Term(Field.LATIN, initial_key(one.folded[0], alone=True)),) for one in others)
        if count_with(matcher, ((Term(Field.NAMES, surname.stem),), *initials)):
            return " ".join((surname.surface, *(one.surface[0] for one in others)))
    return None


def misread(text: str, matcher: Matcher) -> Iterator[str]:
    """Yield texts in which one word, though known, was perhaps a slip: «война и миг».

    They find something where the text as typed finds nothing.
    """
    plan = parse(text)
    if not _is_plain(plan) or len(plan.words) < 2:
        return
    for place, token in enumerate(plan.words[:MAX_REPAIRED]):
        others = plan.required[:place] + plan.required[place + 1 :]
        for word in list(matcher.similar(token))[:TRIED]:
            if count_with(matcher, (*others, _group(word))):
                yield " ".join(word if one == token else one.surface for one in tokenize(text))
                break


def _is_plain(plan: Plan) -> bool:
    return not (plan.phrases or plan.excluded or plan.excluded_phrases)


def _is_known(word: str, matcher: Matcher) -> bool:
    return all(is_small(token) or count_with(matcher, (group,)) for token, group in _words_of(word))


def _words_of(word: str) -> Iterator[tuple[Token, Group]]:
    plan = parse(word)
    yield from zip(plan.words, plan.required, strict=True)


def _layout(word: str) -> str | None:
    other = other_layout(word)
    return other.lower() if other else None


def _small_word(word: str) -> str:
    other = _layout(word) if len(word) <= SMALL else None
    return other if other in OPTIONAL else word


def _meant(word: str, beside: Sequence[Group], matcher: Matcher) -> str | None:
    """Return what was meant by an unknown word."""
    readings = [one for one in (_layout(word), in_cyrillic(word)) if one and tokenize(one)]
    for reading in readings:
        if _is_known(reading, matcher):
            return reading
    for reading in (word, *readings):
        if corrected := _corrected(reading, beside, matcher):
            return corrected
    return _parted(word, beside, matcher)


def _parted(word: str, beside: Sequence[Group], matcher: Matcher) -> str | None:
    """Return a word as two, where a space was left out."""
    if not word.isalpha() or len(word) > LONGEST_PARTED:
        return None
    for place in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        first, second = word[:place], word[place:]
        group = _group(first)
        if count_with(matcher, (group,)) and count_with(matcher, (*beside, group, _group(second))):
            return f"{first} {second}"
    return None


def _corrected(word: str, beside: Sequence[Group], matcher: Matcher) -> str | None:
    """Return a word (or a few joined by hyphens) without the slip, if it is known then."""
    parts: list[str] = []
    replaced = False
    for token, group in _words_of(word):
        if count_with(matcher, (group,)):
            parts.append(token.surface)
            continue
        near = matcher.similar(token)
        best = next((one for one in near if count_with(matcher, (*beside, _group(one)))), None)
        best = best or next(iter(near), None)
        replaced = replaced or best is not None
        parts.append(best or token.surface)
    return " ".join(parts) if replaced else None


def _group(word: str) -> Group:
    return ways(tokenize(word)[0])
