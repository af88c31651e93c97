"""``policies/circulation.yaml``: the rules of a site, its groups of libraries, its distances."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bibliopolis.catalogue.item_types import load_item_types
from bibliopolis.declarations import Node, read
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.readers import categories as readers

from .book import Rule, RuleBook, Scope, check_scope
from .names import NAMES

FILE = Path("policies") / "circulation.yaml"


@dataclass(frozen=True)
class LibraryGroup:
    """Libraries that have something in common across the tree; members are codes."""

    name: str
    title: Any
    members: tuple[str, ...]
    """An organisation stands for all that is below it."""


@dataclass(frozen=True)
class Distance:
    """The way from one organisation to another is longer or shorter than the tree says.

    It holds one way only: from A to B says nothing of the way back, as in Evergreen.
    """

    start: str
    end: str
    steps: int
    absolute: bool
    """Whether the steps are the distance itself; else they are added to it."""
    item_type: str | None = None
    closed: bool = False
    """Whether nothing is carried that way at all (Koha's transport cost matrix: disabled)."""


@dataclass(frozen=True)
class CirculationPolicy:
    """What the file of a site says."""

    book: RuleBook = field(default_factory=RuleBook)
    groups: Mapping[str, LibraryGroup] = field(default_factory=dict)
    distances: tuple[Distance, ...] = ()


def load_site(site: Path) -> CirculationPolicy:
    """Read the file of a site with the categories of readers and the item types it has."""
    return load_policy(site, readers.load_policy(site).categories, load_item_types(site))


def load_policy(
    site: Path, categories: Collection[str], item_types: Collection[str]
) -> CirculationPolicy:
    """Read the file of a site, strictly; without one every rule has its default."""
    if not (site / FILE).is_file():
        return CirculationPolicy()
    keys = read(site / FILE).mapping(("groups", "distances", "rules"), ("rules",))
    groups = {
        name: _group(name, node)
        for name, node in (keys["groups"].items() if "groups" in keys else {}).items()
    }
    reading = _Reading(categories, item_types, groups)
    rules = [rule for node in keys["rules"].sequence() for rule in reading.rules(node)]
    distances = keys["distances"].sequence() if "distances" in keys else []
    return CirculationPolicy(
        RuleBook(rules), groups, tuple(_distance(node, item_types) for node in distances)
    )


def check_groups(name: str, value: Any, groups: Collection[str]) -> None:
    """Refuse groups of libraries that the site's file does not have."""
    if name != "pickup_groups" or not value:
        return
    for one in value:
        if one not in groups:
            reason = _("There is no group of libraries “${group}”.", mapping={"group": one})
            raise InvalidInput(reason, {"value": reason})


class _Reading:
    """Read rules, and see that none is at one scope twice."""

    def __init__(
        self, categories: Collection[str], item_types: Collection[str], groups: Collection[str]
    ) -> None:
        self.categories = categories
        self.item_types = item_types
        self.groups = groups
        self.lines: dict[tuple[str, Scope], int] = {}

    def rules(self, node: Node) -> list[Rule]:
        keys = node.mapping(("organisation", "category", "item_type", "set"), ("set",))
        scope = Scope(
            keys["organisation"].text("the code of an organisation")
            if "organisation" in keys
            else None,
            keys["category"].name(self.categories, "category") if "category" in keys else None,
            keys["item_type"].name(self.item_types, "item type") if "item_type" in keys else None,
        )
        values = keys["set"].mapping(tuple(NAMES))
        return [self._rule(keys["set"], scope, name, one) for name, one in values.items()]

    def _rule(self, parent: Node, scope: Scope, name: str, node: Node) -> Rule:
        line = parent.key(name).line
        try:
            check_scope(name, scope)
            value = NAMES[name].kind.check(node.data())
            check_groups(name, value, self.groups)
        except InvalidInput as error:
            raise node.error(f"{name}: {_english(error.reason)}") from error
        earlier = self.lines.setdefault((name, scope), line)
        if earlier != line:
            raise node.error(f"{name} is set for the same readers and copies on line {earlier}")
        return Rule(name, value, scope, line=line)


def _group(name: str, node: Node) -> LibraryGroup:
    keys = node.mapping(("title", "members"), ("title", "members"))
    members = [one.text("the code of an organisation") for one in keys["members"].sequence()]
    return LibraryGroup(name, _(keys["title"].text("a title")), tuple(members))


def _distance(node: Node, item_types: Collection[str]) -> Distance:
    keys = node.mapping(("from", "to", "item_type", "is", "add", "closed"), ("from", "to"))
    said = [name for name in ("is", "add", "closed") if name in keys]
    if len(said) != 1 or (said == ["closed"] and not keys["closed"].boolean()):
        raise node.error(
            "write either “is”, the distance itself, “add”, what is added to it, or “closed: true”"
        )
    (how,) = said
    steps = 0 if how == "closed" else keys[how].integer(0 if how == "is" else None)
    return Distance(
        keys["from"].text("the code of an organisation"),
        keys["to"].text("the code of an organisation"),
        steps,
        how == "is",
        keys["item_type"].name(item_types, "item type") if "item_type" in keys else None,
        how == "closed",
    )


def _english(reason: Any) -> str:
    interpolate = getattr(reason, "interpolate", None)
    return str(interpolate() if interpolate else reason)
