"""Which copies fill holds by what they are: those in order, and damaged ones where a rule says so.

Koha's ``AllowHoldsOnDamagedItems`` counts when a hold is placed, when a copy is looked for and when
one is taken in alike; here it is the rule ``hold_damaged`` of the library a copy belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from bibliopolis.catalogue.models import Item
from bibliopolis.catalogue.record_data import ItemStatus

from .rules import CirculationRules

RULE = "hold_damaged"


class LendableCopies:
    """Answer for copies that were read, and for a query about many; no query of its own."""

    def __init__(self, rules: CirculationRules) -> None:
        self.rules = rules

    @classmethod
    def from_request(cls, context: Any, request: Any) -> LendableCopies:
        """Make it for a request."""
        return cls(rules=request.find_service(CirculationRules, context=None))

    def damaged(self, items: Iterable[Any]) -> frozenset[int]:
        """Return the ids of the damaged ones among these copies, or rows of them, that fill holds.

        Mostly none is damaged: then the rules are not even read.
        """
        found = [item for item in items if item.status == ItemStatus.DAMAGED]
        return frozenset(item.id for item in found if self._fills(item.library_id))

    def condition(self) -> ColumnElement[bool]:
        """Return the condition that a copy fills holds, for a query over ``Item``."""
        in_order = Item.status == ItemStatus.LENDABLE
        if not any(rule.value for rule in self.rules.book.of(RULE)):
            return in_order
        places = [one for one in self.rules.libraries.outline if self._fills(one)]
        return or_(in_order, and_(Item.status == ItemStatus.DAMAGED, Item.library_id.in_(places)))

    def _fills(self, library_id: int) -> bool:
        return bool(self.rules.resolve(RULE, library_id).value)
