"""``policies/item_types.yaml``: types of copies that are lent by rules of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bibliopolis.catalogue.labels import KINDS
from bibliopolis.declarations import read
from bibliopolis.i18n import _

FILE = Path("policies") / "item_types.yaml"
LONGEST = 40


class ItemTypes(dict[str, Any]):
    """What each item type is called: the kinds of records, then the site's own."""


def load_item_types(site: Path) -> ItemTypes:
    """Read the file of a site, strictly; without one there are the kinds of records only."""
    types = ItemTypes({str(kind): title for kind, title in KINDS.items()})
    if not (site / FILE).is_file():
        return types
    nodes = read(site / FILE).mapping(("types",), ("types",))["types"]
    for name, node in nodes.items().items():
        if name in types:
            raise nodes.key(name).error(f"“{name}” is a kind of records already")
        if len(name) > LONGEST:
            raise nodes.key(name).error(f"the name of an item type has at most {LONGEST} letters")
        types[name] = _(node.mapping(("title",), ("title",))["title"].text("a title"))
    return types


def item_type_of(item: Any, kind: str) -> str:
    """Return the type of a copy, or of a row with its columns: its own, else its record's kind."""
    return str(item.item_type or kind)
