"""What to do when the words as typed find little: the same policy for every backend.

Tried in turn: the other keyboard layout, a slip of the finger, Russian in Latin letters, most
words instead of all. The answer always says what was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bibliopolis.search.analysis import Script, Token, script_of, tokenize
from bibliopolis.search.fields import Field
from bibliopolis.search.plans import MAX_LENGTH, Group, Plan, Term, parse
from bibliopolis.search.variants import in_cyrillic, other_layout, transliterations
from bibliopolis.search.within import change_values, has_fields

FEW = 3
"""With fewer hits than this, another spelling is offered if it finds many more."""

CLEARLY_MORE = 5
NAMED = 4


class Matcher(Protocol):
    """What a backend must be able to tell about the documents a visitor may see."""

    def count(self, plan: Plan) -> int:
        """Return how many documents match."""

    def has(self, term: Term) -> bool:
        """Return whether any document has the term."""

    def similar(self, token: Token) -> Sequence[str]:
        """Return words of the index that are spelled much like this one, best first."""


@dataclass(frozen=True)
class Interpretation:
    """The plan to carry out, and what to tell the reader about it."""

    plan: Plan
    also_searched: tuple[str, ...] = ()
    did_you_mean: str | None = None
    all_words: bool = True


def interpret(text: str, exact: bool, matcher: Matcher) -> Interpretation:
    """Return how to understand what was typed."""
    # Everything below goes through the text several times: a long one would cost seconds.
    text = text[:MAX_LENGTH]
    plan = parse(text, exact)
    if exact or not plan.is_selective:
        return Interpretation(plan)
    found = matcher.count(plan)
    if found >= FEW:
        return Interpretation(plan, also_searched=_spellings(plan, matcher))
    for other, other_plan, count in _alternatives(text, plan, matcher):
        if not found:
            return Interpretation(other_plan, also_searched=(other,))
        if count >= found * CLEARLY_MORE:
            return Interpretation(plan, _spellings(plan, matcher), did_you_mean=other)
    if found:
        return Interpretation(plan, also_searched=_spellings(plan, matcher))
    relaxed = plan.relaxed()
    # Who names a field means it.
    if len(plan.required) > 1 and not has_fields(text) and matcher.count(relaxed):
        return Interpretation(relaxed, all_words=False)
    return Interpretation(plan)


def _alternatives(text: str, plan: Plan, matcher: Matcher) -> Iterator[tuple[str, Plan, int]]:
    """Yield other texts that find something, the likeliest first."""
    tried = {text}
    for other in _other_texts(text, plan, matcher):
        if other in tried:
            continue
        tried.add(other)
        other_plan = parse(other)
        if other_plan.is_selective and (count := matcher.count(other_plan)):
            yield other, other_plan, count


def _other_texts(text: str, plan: Plan, matcher: Matcher) -> Iterator[str]:
    layout = change_values(text, _in_other_layout)
    if layout:
        yield layout
    if corrected := _corrected(text, plan, matcher):
        yield corrected
    if cyrillic := change_values(text, in_cyrillic):
        yield cyrillic
        if corrected := _corrected(cyrillic, parse(cyrillic), matcher):
            yield corrected
    if layout and (corrected := _corrected(layout, parse(layout), matcher)):
        yield corrected


def _in_other_layout(text: str) -> str | None:
    other = other_layout(text)
    return other.lower() if other else None


def _corrected(text: str, plan: Plan, matcher: Matcher) -> str | None:
    """Return the text with each unknown word replaced by the likeliest known one."""
    if plan.phrases or plan.excluded or plan.excluded_phrases:
        return None
    groups = dict(zip(plan.words, plan.required, strict=True))

    def correct(words: str) -> str | None:
        return _corrected_words(words, groups, matcher)

    return change_values(text, correct)


def _corrected_words(text: str, groups: Mapping[Token, Group], matcher: Matcher) -> str | None:
    replaced = False
    words: list[str] = []
    for token in tokenize(text):
        group = groups.get(token)
        known = group is None or matcher.count(Plan(required=(group,), minimum=1)) > 0
        best = None if known else next(iter(matcher.similar(token)), None)
        replaced = replaced or best is not None
        words.append(best or token.surface)
    return " ".join(words) if replaced else None


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
        return sorted(transliterations(token.folded))
    cyrillic = in_cyrillic(token.folded)
    return (cyrillic,) if cyrillic and cyrillic != token.folded else ()
