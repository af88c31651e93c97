"""All rules together, and which of them decides.

The nearest organisation beats the category of readers, which beats the item type, as in Koha. At
one scope what staff have set beats what the site's file says; nothing else can be at one scope
twice, so that the answer never depends on the order in which rules are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _

from .names import NAMES, RuleName

Key = tuple[str, "Scope"]


@dataclass(frozen=True)
class Scope:
    """For whom a rule is: an organisation's code, a category, an item type; None is any."""

    organisation: str | None = None
    category: str | None = None
    item_type: str | None = None


EVERYWHERE = Scope()


@dataclass(frozen=True)
class Rule:
    """A value at a scope; ``id`` is that of a rule staff have set, ``line`` where the file has it.

    ``person_id`` and ``changed`` say who set it and when.
    """

    name: str
    value: Any
    scope: Scope = EVERYWHERE
    id: int | None = None
    line: int | None = None
    person_id: int | None = None
    changed: datetime | None = None

    @property
    def by_staff(self) -> bool:
        """Say whether staff have set it; else it is in the site's file."""
        return self.id is not None


@dataclass(frozen=True)
class Decided:
    """Which value counts, and the rule that decided; without one it is the default."""

    name: RuleName
    value: Any
    rule: Rule | None = None
    inherited: bool = False
    """Whether the rule is of an organisation above, or of the whole site."""

    @property
    def said(self) -> Any:
        """Return the value in words."""
        return self.name.kind.say(self.value)


class AmbiguousRule(Conflict):
    """There is a rule for the same scope already; ``rule`` is it."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(
            _("There is a rule for exactly these readers and copies already: change that one.")
        )
        self.rule = rule


class RuleBook:
    """Rules by name and scope."""

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._rules: dict[Key, Rule] = {}
        for rule in rules:
            self._rules[known(rule)] = rule

    def with_staff(self, rules: Iterable[Rule]) -> RuleBook:
        """Return the book with what staff have set; that goes before what the file says."""
        book = RuleBook()
        book._rules = {**self._rules, **{(rule.name, rule.scope): rule for rule in rules}}
        return book

    def __iter__(self) -> Iterator[Rule]:
        """Go through all rules."""
        return iter(self._rules.values())

    def of(self, name: str) -> list[Rule]:
        """Return all rules of a name, for whomever they are."""
        return [rule for rule in self if rule.name == name]

    def at(self, name: str, scope: Scope) -> Rule | None:
        """Return the rule at exactly this scope."""
        return self._rules.get((name, scope))

    def resolve(
        self,
        name: str,
        lineage: Sequence[str],
        category: str | None = None,
        item_type: str | None = None,
    ) -> Decided:
        """Say which value counts for an organisation, a category and an item type.

        ``lineage`` holds the codes of the organisation and of all above it, the nearest first.
        """
        rule = next(self.fitting(name, lineage, category, item_type), None)
        if rule is None:
            return Decided(NAMES[name], NAMES[name].default)
        own = bool(lineage) and rule.scope.organisation == lineage[0]
        return Decided(NAMES[name], rule.value, rule, inherited=not own)

    def fitting(
        self,
        name: str,
        lineage: Sequence[str],
        category: str | None = None,
        item_type: str | None = None,
    ) -> Iterator[Rule]:
        """Go through the rules that fit, the one that decides first."""
        for organisation in (*lineage, None):
            for wanted in dict.fromkeys((category, None)):
                for kind in dict.fromkeys((item_type, None)):
                    rule = self.at(name, Scope(organisation, wanted, kind))
                    if rule is not None:
                        yield rule


def known(rule: Rule) -> Key:
    """Return what a rule is kept by; InvalidInput where it may not be set at its scope."""
    check_scope(rule.name, rule.scope)
    return rule.name, rule.scope


def check_scope(name: str, scope: Scope) -> None:
    """Refuse a scope that this rule does not have: it would never count."""
    declared = NAMES[name]
    if scope.category is not None and not declared.by_category:
        reason = _("This rule is the same for all categories of readers: leave that blank.")
        raise InvalidInput(reason, {"category": reason})
    if scope.item_type is not None and not declared.by_item_type:
        reason = _("This rule is the same for all item types: leave that blank.")
        raise InvalidInput(reason, {"item_type": reason})
