"""Which documents of a segment a plan matches, as bitmaps that are kept for the next query."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from pyroaring import BitMap

from bibliopolis.search.plans import Group, Phrase, Plan, Term
from bibliopolis.search.whoosh.postings import bitmap_of, ids_of
from bibliopolis.search.whoosh.segments import Segment

MAX_EXPANSION = 200
"""Terms a prefix may stand for."""

MAX_PHRASE_CANDIDATES = 10_000
"""Documents whose word order is looked at; a phrase of words commoner than that finds them all."""

MAX_ORDERED = 300
"""Titles whose word order is looked at for the sake of ranking: more would cost milliseconds."""


def plan_bitmap(segment: Segment, plan: Plan) -> BitMap:
    """Return the documents that match the plan, deleted ones included."""
    return segment.cached(("plan", plan), lambda: _plan_bitmap(segment, plan))


def group_bitmap(segment: Segment, group: Group) -> BitMap:
    """Return the documents in which a word is found in any of its ways."""
    if len(group) == 1 and not group[0].prefix:
        return segment.bitmap(group[0].field, group[0].text)
    return segment.cached(
        ("group", group),
        lambda: _union(segment.bitmap(term.field, term.text) for term in expanded(segment, group)),
    )


def expanded(segment: Segment, group: Group) -> list[Term]:
    """Return the terms of a group, prefixes replaced by the terms they stand for."""
    terms: list[Term] = []
    for term in group:
        if term.prefix:
            texts = segment.expand(term.field, term.text, MAX_EXPANSION)
            terms.extend(Term(term.field, text, term.boost) for text in texts)
        else:
            terms.append(term)
    return terms


def in_order(segment: Segment, phrase: Phrase) -> BitMap:
    """Return the documents whose title has these stems one after the other; none of very many."""
    return segment.cached(("in order", phrase), lambda: _titles_in_order(segment, phrase))


def _titles_in_order(segment: Segment, phrase: Phrase) -> BitMap:
    (field,) = phrase.fields
    candidates = BitMap.intersection(*(segment.bitmap(field, stem) for stem in phrase.stems))
    if len(candidates) > MAX_ORDERED:
        return BitMap()
    return _phrase_in_field(segment, field, phrase.stems)


def _plan_bitmap(segment: Segment, plan: Plan) -> BitMap:
    found = _required(segment, plan)
    for phrase in plan.phrases:
        found = found & _phrase_bitmap(segment, phrase)
    if plan.identified:
        found = found | group_bitmap(segment, plan.identified)
    for group in plan.excluded:
        found = found - group_bitmap(segment, group)
    for phrase in plan.excluded_phrases:
        found = found - _phrase_bitmap(segment, phrase)
    return found


def _required(segment: Segment, plan: Plan) -> BitMap:
    if plan.everything:
        return BitMap(range(segment.documents))
    if not plan.required:
        return BitMap()
    bitmaps = sorted((group_bitmap(segment, group) for group in plan.required), key=len)
    if plan.minimum >= len(bitmaps):
        found = bitmaps[0]
        for bitmap in bitmaps[1:]:
            found = found & bitmap
        return found
    counts = np.zeros(segment.documents, np.uint8)
    for bitmap in bitmaps:
        counts[ids_of(bitmap)] += 1
    return bitmap_of(np.flatnonzero(counts >= plan.minimum).astype(np.uint32))


def _phrase_bitmap(segment: Segment, phrase: Phrase) -> BitMap:
    return segment.cached(
        ("phrase", phrase),
        lambda: _union(_phrase_in_field(segment, field, phrase.stems) for field in phrase.fields),
    )


def _phrase_in_field(segment: Segment, field: str, phrase: tuple[str, ...]) -> BitMap:
    """Return the documents in whose field the stems follow each other."""
    candidates = segment.bitmap(field, phrase[0])
    for stem in phrase[1:]:
        candidates = candidates & segment.bitmap(field, stem)
    if not candidates or len(candidates) > MAX_PHRASE_CANDIDATES:
        return candidates
    starts: list[set[int]] | None = None
    for place, stem in enumerate(phrase):
        here = [
            {position - place for position in positions}
            for positions in segment.positions(field, stem, candidates)
        ]
        starts = here if starts is None else [a & b for a, b in zip(starts, here, strict=True)]
    return BitMap(
        document for document, found in zip(candidates, starts or (), strict=True) if found
    )


def _union(bitmaps: Iterable[BitMap]) -> BitMap:
    several = [bitmap for bitmap in bitmaps if bitmap]
    return BitMap.union(*several) if several else BitMap()
