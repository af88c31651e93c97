"""BM25F over arrays, and the orders a reader can choose."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bibliopolis.search.documents import Sort
from bibliopolis.search.fields import RANKED
from bibliopolis.search.plans import IN_ORDER, Group, Plan
from bibliopolis.search.whoosh.matching import expanded, group_bitmap, in_order
from bibliopolis.search.whoosh.postings import Ids, ids_of
from bibliopolis.search.whoosh.schema import NO_YEAR

if TYPE_CHECKING:
    from bibliopolis.search.whoosh.snapshot import Placed, Snapshot

Scores = NDArray[np.float64]
Found = Sequence[tuple["Placed", Ids]]
"""For each segment the documents that were found in it."""

Place = tuple["Placed", int, float]
"""A document in its segment, with its score."""

K1 = 2.0
TIE = 1e-9
"""Of two equal documents the earlier comes first, on every page alike."""


def best(
    snapshot: Snapshot, plan: Plan, found: Found, sort: Sort, offset: int, limit: int
) -> list[Place]:
    """Return one page of what was found, in the order asked for."""
    if sort is Sort.TITLE:
        return _by_title(found, offset, limit)
    ranked = sort is Sort.RELEVANCE and not plan.everything
    scores = [
        _relevance(snapshot, placed, plan, ids) if ranked else _order(placed, ids, sort)
        for placed, ids in found
    ]
    if not scores:
        return []
    places = np.concatenate([ids.astype(np.int64) + placed.first for placed, ids in found])
    keys = np.concatenate(scores) - places * TIE
    top = _top(keys, offset + limit)[offset:]
    bounds = np.cumsum([len(ids) for _placed, ids in found])
    page: list[Place] = []
    for index in top:
        which = int(np.searchsorted(bounds, index, side="right"))
        placed, _ids = found[which]
        page.append((placed, int(places[index]) - placed.first, float(keys[index])))
    return page


def _top(keys: Scores, count: int) -> NDArray[np.intp]:
    """Return the indexes of the largest keys, the largest first."""
    if count < len(keys):
        part = np.argpartition(-keys, count - 1)[:count] if count else np.empty(0, np.intp)
    else:
        part = np.arange(len(keys))
    return part[np.argsort(-keys[part], kind="stable")]


def _relevance(snapshot: Snapshot, placed: Placed, plan: Plan, ids: Ids) -> Scores:
    scores = np.zeros(len(ids))
    for group in (*plan.required, *plan.optional):
        scores += _bm25f(snapshot, placed, group, ids)
    for term in (*plan.identified, *plan.whole):
        known, _frequencies = placed.segment.postings(term.field, term.text)
        if len(known):
            scores[np.isin(ids, known, assume_unique=True)] += term.boost
    if plan.in_order:
        known = ids_of(in_order(placed.segment, plan.in_order))
        scores[np.isin(ids, known, assume_unique=True)] += IN_ORDER
    return scores


def _bm25f(snapshot: Snapshot, placed: Placed, group: Group, ids: Ids) -> Scores:
    """Return the score of one word: frequencies are weighed by field before they saturate."""
    segment = placed.segment
    weights = np.zeros(segment.documents, np.float32)
    for term in expanded(segment, group):
        known, frequencies = segment.postings(term.field, term.text)
        if not len(known):
            continue
        if term.field in RANKED:
            weight = snapshot.norms(placed, term.field)[known] * np.float32(term.boost)
            weights[known] += weight if frequencies is None else weight * frequencies
        else:
            weights[known] += np.float32(term.boost)
    taken = weights[ids].astype(np.float64)
    return snapshot.rarity(group) * taken * (K1 + 1) / (K1 + taken)


def rarity(documents: int, frequency: int) -> float:
    """Return the inverse document frequency."""
    return math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


def frequency(placed: Sequence[Placed], group: Group) -> int:
    """Return in how many documents a word is found."""
    return sum(len(group_bitmap(one.segment, group)) for one in placed)


def _order(placed: Placed, ids: Ids, sort: Sort) -> Scores:
    if sort is Sort.ADDED:
        return placed.segment.rows["id"][ids].astype(np.float64)
    years = placed.segment.rows["year"][ids].astype(np.float64)
    missing = years == NO_YEAR
    if sort is Sort.OLDEST:
        years = -years
    return np.where(missing, -1e6, years)


def _by_title(found: Found, offset: int, limit: int) -> list[Place]:
    """Return a page by title: the first of each segment by its own ranks, then merged."""
    candidates: list[tuple[bytes, int, Placed, int]] = []
    for placed, ids in found:
        ranks = placed.segment.title_ranks[ids]
        for index in _top(-ranks.astype(np.float64), offset + limit):
            document = int(ids[index])
            key = placed.segment.title_key(document)
            candidates.append((key, placed.first + document, placed, document))
    candidates.sort(key=lambda one: one[:2])
    return [(placed, document, 0.0) for *_key, placed, document in candidates[offset:][:limit]]
