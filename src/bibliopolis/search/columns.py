"""Looking for words in a column, for lists that are small enough to need no index."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, true
from sqlalchemy.orm import InstrumentedAttribute

from bibliopolis.search.analysis import fold

LONGEST = 200
"""Of what was typed so much is looked for: databases refuse a condition of thousands of words."""


def has_words(folded: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a folded column has every word of a text; none are always there."""
    words = fold(text[:LONGEST]).split()
    return and_(true(), *(folded.contains(word, autoescape=True) for word in words))
