"""The rules of circulation: what they are called, where they may be set, and which one counts.

Pure Python: ``policies/circulation.yaml`` and the rules that staff set become one `RuleBook`, which
says for a library, a category of readers and an item type which value counts and which rule
decided. The service `CirculationRules` makes the book of a request.
"""

from __future__ import annotations

from .book import AmbiguousRule, Decided, Rule, RuleBook, Scope
from .loading import CirculationPolicy, load_policy, load_site
from .names import NAMES, RuleName, Whose

__all__ = [
    "NAMES",
    "AmbiguousRule",
    "CirculationPolicy",
    "Decided",
    "Rule",
    "RuleBook",
    "RuleName",
    "Scope",
    "Whose",
    "load_policy",
    "load_site",
]
