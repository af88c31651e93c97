"""Whether a loan can be renewed, and until when: facts in, every reason against it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from bibliopolis.i18n import _, _n
from bibliopolis.workflow import Reason

from ..refusals.kinds import Outcome
from .demand import Demand
from .terms import LoanTerms


@dataclass(frozen=True)
class RenewalFacts:
    """What the rules look at; days are those of the library that lent it."""

    today: date
    opened: date
    due: date
    renewals: int = 0
    item_is_wanted: bool = False
    """Somebody waits for this very copy."""
    demand: Demand = Demand()
    standing: tuple[Reason, ...] = ()
    """What speaks against the reader whatever they have."""
    most_overdue: int = 0
    """By so many days the reader's latest book is overdue."""


@dataclass(frozen=True)
class Prospect:
    """What a renewal would bring: the new due date, and every reason why not."""

    due: date
    reasons: tuple[Reason, ...] = ()
    cause: str | None = field(default=None, compare=False)
    """The first of what speaks against it, as refusals are counted."""

    @property
    def possible(self) -> bool:
        """Say whether nothing speaks against it."""
        return not self.reasons


def prospect(facts: RenewalFacts, terms: LoanTerms, open_from: Callable[[date], date]) -> Prospect:
    """Return until when a loan would be renewed today, and all that speaks against it.

    Holds come first: one for this very copy always stands in the way; those for the title do
    unless other copies are enough for all of them, or the library renews for a shorter time. Then
    the reader, what is overdue, too early, too often, and as late as it can ever be.
    ``open_from`` returns a day, or the next on which the library is open.
    """
    due = _new_due(facts, terms, open_from)
    found = {
        Outcome.RENEWAL_IN_DEMAND: _of_holds(facts, terms),
        Outcome.RENEWAL_OF_READER: facts.standing,
        Outcome.RENEWAL_OVERDUE: _of_overdue(facts, terms),
        Outcome.RENEWAL_RULES: _of_time(facts, terms, due),
    }
    reasons = dict.fromkeys(reason for each in found.values() for reason in each)
    return Prospect(due, tuple(reasons), next((one for one, said in found.items() if said), None))


def _new_due(facts: RenewalFacts, terms: LoanTerms, open_from: Callable[[date], date]) -> date:
    days = terms.loan_days
    if not facts.demand.suffices and terms.renewal_days_in_demand:
        days = min(days, terms.renewal_days_in_demand)
    due = facts.today + timedelta(days=days)
    last = _last_day(facts, terms)
    return open_from(due if last is None else min(due, last))


def _last_day(facts: RenewalFacts, terms: LoanTerms) -> date | None:
    longest = terms.longest_loan_days
    return None if longest is None else facts.opened + timedelta(days=longest)


def _of_holds(facts: RenewalFacts, terms: LoanTerms) -> list[Reason]:
    if facts.item_is_wanted:
        return [_("Another reader is waiting for this very copy.")]
    if facts.demand.suffices or terms.renewal_days_in_demand:
        return []
    return [_("Other readers are waiting for this book.")]


def _of_overdue(facts: RenewalFacts, terms: LoanTerms) -> list[Reason]:
    late = (facts.today - facts.due).days
    most = terms.overdue_stops_renewals
    if most is not None and facts.most_overdue > most:
        return [_("Nothing is renewed until what is overdue has been brought back.")]
    still = terms.renewal_overdue_days
    if still is not None and late > still:
        return [_("It is overdue: it has to be brought back.")]
    return []


def _of_time(facts: RenewalFacts, terms: LoanTerms, due: date) -> list[Reason]:
    reasons: list[Reason] = []
    early = terms.renewal_from_days
    if early is not None and facts.today < facts.due - timedelta(days=early):
        reasons.append(
            _n(
                "It is too early: a book is renewed on the last day before it is due.",
                "It is too early: a book is renewed in the last ${n} days before it is due.",
                early,
            )
        )
    if terms.renewals is not None and facts.renewals >= terms.renewals:
        reasons.append(_of_renewals(terms.renewals))
    last = _last_day(facts, terms)
    if due <= facts.due and not reasons:
        at_the_end = last is not None and facts.due >= last
        reasons.append(
            _("It has been kept for as long as it can be lent.")
            if at_the_end
            else _("It is too early: a renewal today would not give more time.")
        )
    return reasons


def _of_renewals(most: int) -> Reason:
    if not most:
        return _("This library does not renew such loans.")
    return _n(
        "It has been renewed once already: no more is possible.",
        "It has been renewed ${n} times already: no more is possible.",
        most,
    )
