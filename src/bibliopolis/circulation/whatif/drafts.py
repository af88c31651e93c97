"""Changed rules as somebody drafts them: YAML in the form of ``policies/circulation.yaml``.

Each entry may also ``remove`` rules of its scope. A draft is refused for the reasons a rule would
be when it is set, each with its line.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bibliopolis.declarations import Node, read_bytes
from bibliopolis.errors import ConfigurationError, InvalidInput
from bibliopolis.i18n import _

from ..rules import NAMES, AmbiguousRule, Rule, RuleBook, Scope
from ..services.rule_keeping import RuleKeeping

LONGEST = 64 * 1024
MOST = 500
KEYS = ("organisation", "category", "item_type", "set", "remove")
NAME = Path("draft.yaml")


@dataclass(frozen=True)
class Draft:
    """Rules to be set, and those of their scopes that are to count no more."""

    rules: tuple[Rule, ...] = ()
    removed: tuple[Rule, ...] = ()

    def book(self, book: RuleBook) -> RuleBook:
        """Return the rules as they would be."""
        touched = {(one.name, one.scope) for one in (*self.rules, *self.removed)}
        kept = (rule for rule in book if (rule.name, rule.scope) not in touched)
        return RuleBook((*kept, *self.rules))


class DraftReading:
    """Read a draft for the organisations there are."""

    def __init__(self, keeping: RuleKeeping, organisations: Collection[str]) -> None:
        self.keeping = keeping
        self.organisations = organisations
        self.lines: dict[tuple[str, Scope], int] = {}

    def read(self, text: str) -> Draft:
        """Return what is drafted; InvalidInput says what is wrong, and on which line."""
        if len(text) > LONGEST:
            raise _error(None, _("It is too long: write down only the rules that change."))
        try:
            return self._read(read_bytes(NAME, text.encode()))
        except ConfigurationError as error:
            said = _("This is not YAML as it is used here: check indents, colons and quotes.")
            raise _error(error.line, said) from error

    def _read(self, node: Node) -> Draft:
        top = node.data()
        entries = top.get("rules") if isinstance(top, dict) and set(top) == {"rules"} else None
        if not isinstance(entries, list) or not entries:
            raise _error(node.line, _("Begin with “rules:” and a list of what changes below it."))
        rules, removed = list[Rule](), list[Rule]()
        for one in node.items()["rules"].sequence():
            some, gone = self._entry(one)
            rules += some
            removed += gone
        if len(rules) + len(removed) > MOST:
            raise _error(None, _("It is too long: write down only the rules that change."))
        return Draft(tuple(rules), tuple(removed))

    def _entry(self, node: Node) -> tuple[list[Rule], list[Rule]]:
        entry = node.data()
        if not isinstance(entry, dict) or not {"set", "remove"} & set(entry):
            said = _("Each entry says what it sets (“set:”) or removes (“remove:”).")
            raise _error(node.line, said)
        for key in node.key_nodes():
            if key.text() not in KEYS:
                said = _("There is no “${key}”: write ${known}.", mapping=_known(key.text()))
                raise _error(key.line, said)
        scope = self._scope(node, entry)
        values, gone = entry.get("set") or {}, entry.get("remove") or []
        if not isinstance(values, dict) or not isinstance(gone, list):
            raise _error(node.line, _("“set:” holds names with values, “remove:” a list of names."))
        lines = {name: one.line for name, one in _items(node, "set").items()}
        found = [self._rule(lines[name], scope, name, value) for name, value in values.items()]
        return found, [self._removed(node.line, scope, name) for name in gone]

    def _scope(self, node: Node, entry: dict[str, Any]) -> Scope:
        named = [entry.get(key) for key in KEYS[:3]]
        if not all(one is None or isinstance(one, str) for one in named):
            raise _error(node.line, _("Names are words: put quotes around them."))
        scope = Scope(*named)
        if scope.organisation is not None and scope.organisation not in self.organisations:
            said = _("There is no organisation “${code}”.", mapping={"code": scope.organisation})
            raise _error(node.line, said)
        return scope

    def _rule(self, line: int, scope: Scope, name: str, value: Any) -> Rule:
        self._once(line, scope, name)
        try:
            return Rule(name, self.keeping.checked(name, scope, value), scope)
        except InvalidInput as error:
            reason = next(iter(error.errors.values()), error.reason)
            raise _error(line, reason, name) from error

    def _removed(self, line: int, scope: Scope, name: Any) -> Rule:
        if not isinstance(name, str) or name not in NAMES:
            raise _error(line, _("There is no such rule: choose one of the list."), str(name))
        self._once(line, scope, name)
        if self.keeping.rules.book.at(name, scope) is None:
            raise _error(line, _("There is no such rule here that could be removed."), name)
        return Rule(name, None, scope)

    def _once(self, line: int, scope: Scope, name: str) -> None:
        if self.lines.setdefault((name, scope), line) != line:
            raise _error(line, AmbiguousRule(Rule(name, None, scope)).reason, name)


def _items(node: Node, key: str) -> dict[str, Node]:
    held = node.items().get(key)
    return held.items() if held is not None and isinstance(held.data(), dict) else {}


def _known(key: str) -> dict[str, str]:
    return {"key": key, "known": ", ".join(KEYS)}


def _error(line: int | None, reason: Any, name: str = "") -> DraftError:
    return DraftError(line, reason, name)


class DraftError(InvalidInput):
    """What is wrong with a draft: the line if it is known, and the rule it is about."""

    def __init__(self, line: int | None, reason: Any, name: str = "") -> None:
        super().__init__(reason, {"rules": reason})
        self.line = line
        self.name = name
