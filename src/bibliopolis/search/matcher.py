"""What the interpretation of a query asks a backend about the documents a visitor may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from bibliopolis.search.analysis import Token
from bibliopolis.search.plans import Group, Plan, Term


class Matcher(Protocol):
    """What a backend must be able to tell about the documents a visitor may see."""

    def count(self, plan: Plan) -> int:
        """Return how many documents match."""

    def has(self, term: Term) -> bool:
        """Return whether any document has the term."""

    def similar(self, token: Token) -> Sequence[str]:
        """Return words of the index that are spelled much like this one, best first."""


def count_with(matcher: Matcher, groups: Iterable[Group]) -> int:
    """Return how many documents have all of these words, each in any of its ways."""
    groups = tuple(groups)
    return matcher.count(Plan(required=groups, minimum=len(groups)))
