"""What a rule of circulation is: a name, a kind of value, and where it may be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from bibliopolis.i18n import _

from .values import Kind


class Whose(StrEnum):
    """Whose organisation's rules count."""

    READER = "reader"
    """The reader's home library."""
    ITEM = "item"
    """The library the copy belongs to."""
    PICKUP = "pickup"
    """Where the hold is collected."""
    DESK = "desk"
    """The library that lends, or where the copy lies now."""


class Group(StrEnum):
    """What a rule is about; the staff page shows them under these heads."""

    LIMITS = "limits"
    HOLDS = "holds"
    PLACES = "places"
    ORDER = "order"
    LOANS = "loans"


GROUPS: Mapping[str, Any] = {
    Group.LIMITS: _("How many holds"),
    Group.HOLDS: _("What can be held"),
    Group.PLACES: _("From where to where"),
    Group.ORDER: _("Who comes first"),
    Group.LOANS: _("Loans"),
}
WHOSE: Mapping[str, Any] = {
    Whose.READER: _("What the reader's home library sets counts."),
    Whose.ITEM: _("What the library sets to which the copy belongs counts."),
    Whose.PICKUP: _("What the library sets where the hold is collected counts."),
    Whose.DESK: _("What the library sets at whose desk the copy is counts."),
}


@dataclass(frozen=True)
class RuleName:
    """One rule: any organisation may set it, and where it says so by category or item type."""

    name: str
    group: Group
    title: Any
    kind: Kind
    default: Any
    whose: Whose
    by_category: bool = False
    by_item_type: bool = False
    help: Any = ""


by_everything = partial(RuleName, by_category=True, by_item_type=True)
"""Declare a rule that may be set by category and by item type."""
