"""On what terms a copy is lent and a loan renewed: the rules of circulation, read in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from .rules import CirculationRules


@dataclass(frozen=True)
class LoanTerms:
    """What the rules say of loans; the fields have their names, see ``rules/names.py``.

    None stands for no limit, days are whole days of the calendar.
    """

    loan_days: int = 21
    renewals: int | None = 0
    """So often a loan may be renewed."""
    renewal_from_days: int | None = None
    """A loan is renewed in its last so many days only."""
    renewal_overdue_days: int | None = 0
    """A loan is renewed until so many days after its due date."""
    overdue_stops_renewals: int | None = None
    """Nothing is renewed for a reader who has something overdue for more days than these."""
    renewal_days_in_demand: int = 0
    """For so many days a loan is renewed while others wait; 0: not at all."""
    longest_loan_days: int | None = None
    """Back after so many days at the latest, however often it is renewed."""
    demand_holds: int | None = None
    """So many readers must wait for a title that its copies are lent for a shorter time."""
    demand_days: int = 7


class LendingTerms:
    """Find the terms that count for a library, a category of readers and an item type."""

    def __init__(self, rules: CirculationRules) -> None:
        self.rules = rules

    @classmethod
    def from_request(cls, context: Any, request: Any) -> LendingTerms:
        """Make it for a request."""
        return cls(rules=request.find_service(CirculationRules, context=None))

    def of(self, library_id: int, category: str | None, item_type: str | None) -> LoanTerms:
        """Return the terms on which a library lends copies of this type to these readers."""
        decided = {
            each.name: self.rules.resolve(each.name, library_id, category, item_type).value
            for each in fields(LoanTerms)
        }
        return LoanTerms(**decided)

    def lost_after_days(self, library_id: int) -> int | None:
        """Return for how long something may be overdue at a library before it counts as lost."""
        days: int | None = self.rules.resolve("lost_after_days", library_id).value
        return days
