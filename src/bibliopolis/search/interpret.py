"""What to do when the words as typed find little: the same policy for every backend.

Where nothing is found, tried in turn: the other keyboard layout, Russian in Latin letters, each
word for itself (see ``repairs``), the words that are known, most of them. Where little is found,
another reading that finds much more is offered. The answer always says what was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bibliopolis.search.analysis import Token, fold
from bibliopolis.search.fields import Field
from bibliopolis.search.matcher import Matcher, count_with
from bibliopolis.search.plans import MAX_LENGTH, Plan, Term, parse
from bibliopolis.search.repairs import joined, misread, repaired, with_initials
from bibliopolis.search.scripts import Script, script_of
from bibliopolis.search.variants import in_cyrillic, other_layout, transliterations
from bibliopolis.search.within import change_values, has_fields

FEW = 3
"""With fewer hits than this, another spelling is offered if it finds many more."""

CLEARLY_MORE = 5
NAMED = 4


@dataclass(frozen=True)
class Interpretation:
    """The plan to carry out, and what to tell the reader about it."""

    plan: Plan
    also_searched: tuple[str, ...] = ()
    did_you_mean: str | None = None
    all_words: bool = True


def interpret(text: str, exact: bool, matcher: Matcher, literal: bool = False) -> Interpretation:
    """Return how to understand what was typed; ``literal`` takes no other words for it."""
    # Everything below goes through the text several times: a long one would cost seconds.
    text = text[:MAX_LENGTH]
    plan = parse(text, exact)
    if exact or literal or not plan.is_selective:
        return Interpretation(plan)
    found = matcher.count(plan)
    if found:
        offered = _offered(text, plan, found, matcher) if found < FEW else None
        return Interpretation(plan, _spellings(plan, matcher), offered)
    for other in _readings(text, matcher):
        other_plan = parse(other)
        if other_plan.is_selective and matcher.count(other_plan):
            return Interpretation(other_plan, also_searched=(other,))
    # Who names a field means it, and half a number is nothing.
    is_strict = has_fields(text) or (bool(plan.identified) and len(text.split()) == 1)
    relaxed = None if is_strict else _relaxed(plan, matcher)
    if relaxed is None:
        return Interpretation(plan)
    meant = next(misread(text, matcher), None)
    return Interpretation(relaxed, did_you_mean=meant, all_words=False)


def _readings(text: str, matcher: Matcher) -> Iterator[str]:
    """Yield what may have been meant by a text that finds nothing, the likeliest first."""
    if sum(map(str.isalpha, text)) < 2:
        return
    layout = change_values(text, _in_other_layout)
    cyrillic = change_values(text, in_cyrillic)
    tried = {text}

    def repair(words: str) -> str | None:
        return repaired(words, matcher)

    def join(words: str) -> str | None:
        return joined(words, matcher)

    def with_initial(words: str) -> str | None:
        return with_initials(words, matcher)

    readings = (
        lambda: layout,
        lambda: change_values(text, repair),
        lambda: change_values(text, join),
        lambda: change_values(text, with_initial),
        lambda: cyrillic,
        lambda: cyrillic and change_values(cyrillic, repair),
        lambda: layout and change_values(layout, repair),
    )
    for reading in readings:
        other = reading()
        if other and other not in tried:
            tried.add(other)
            yield other


def _in_other_layout(text: str) -> str | None:
    other = other_layout(text)
    return other.lower() if other else None


def _offered(text: str, plan: Plan, found: int, matcher: Matcher) -> str | None:
    """Return another text that finds much more than what was typed."""
    others = [change_values(text, _in_other_layout), change_values(text, in_cyrillic)]
    plain = not (plan.phrases or plan.identified or has_fields(text))
    if plain and len(plan.words) == 1:
        others += matcher.similar(plan.words[0])[:NAMED]
    for other in others:
        if other and other != text:
            other_plan = parse(other)
            if other_plan.is_selective and matcher.count(other_plan) >= found * CLEARLY_MORE:
                return other
    return None


def _relaxed(plan: Plan, matcher: Matcher) -> Plan | None:
    """Return a plan without the words that nothing has, or for which some words are enough."""
    known = tuple(group for group in plan.required if count_with(matcher, (group,)))
    if len(plan.required) < 2 or not known:
        return None
    count = len(known)
    for minimum in dict.fromkeys((count, -(-count * 3 // 5), -(-count // 2))):
        some = replace(plan, required=known, words=(), minimum=minimum, phrases=())
        if matcher.count(some):
            return some
    return None


def _spellings(plan: Plan, matcher: Matcher) -> tuple[str, ...]:
    """Return the other spellings of the words under which something is found as well."""
    found: list[str] = []
    for token in plan.words:
        for other in _other_spellings(token):
            if len(found) < NAMED and matcher.has(Term(Field.WORDS, other)):
                found.append(other)
    return tuple(dict.fromkeys(found))


def _other_spellings(token: Token) -> Sequence[str]:
    if len(token.folded) < 4:
        return ()
    if script_of(token.folded) is Script.CYRILLIC:
        modern = [token.folded] if token.folded != fold(token.surface) else []
        return [*modern, *sorted(transliterations(token.folded))]
    cyrillic = in_cyrillic(token.folded)
    if not cyrillic or cyrillic == token.folded:
        return ()
    # «советский», but «Троцкий».
    return tuple(dict.fromkeys((cyrillic, cyrillic.replace("тск", "цк"))))
