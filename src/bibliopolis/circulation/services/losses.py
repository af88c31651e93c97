"""What does not come back: claimed to be returned, lost, settled, lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.clock import Clock
from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _

from ..models import Hold, Loan, LoanState, Transit
from .copy_steps import CopySteps
from .forgetting import end_loan
from .loans import Loans
from .periods import LoanPeriods
from .terms import LendingTerms
from .title import Title

AT_ONCE = 20
"""So many copies are given up at once by the worker: a writing transaction stays short."""


class Losses:
    """Note what does not come back; whoever waits is served by other copies, if there are any."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        loans: Loans,
        terms: LendingTerms,
        periods: LoanPeriods,
        steps: CopySteps,
    ) -> None:
        self.db = db
        self.clock = clock
        self.loans = loans
        self.terms = terms
        self.periods = periods
        self.steps = steps

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Losses:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            loans=request.find_service(Loans),
            terms=request.find_service(LendingTerms),
            periods=request.find_service(LoanPeriods),
            steps=request.find_service(CopySteps),
        )

    def lose(self, loan_id: int, library_id: int | None, comment: str | None = None) -> Loan:
        """Give up a copy on loan: it is promised to nobody until it turns up."""
        title, loan = self._locked(loan_id)
        self.steps.take("mark_lost", loan, library_id, comment=comment)
        self._give_up(title, loan.item_id)
        return loan

    def claim(self, loan_id: int, library_id: int | None, comment: str | None = None) -> Loan:
        """Note that the reader says it was returned: it is searched for, and not overdue."""
        _title, loan = self._locked(loan_id)
        self.steps.take("claim", loan, library_id, comment=comment)
        return loan

    def withdraw_claim(self, loan_id: int, library_id: int | None) -> Loan:
        """Note that the reader has it after all."""
        _title, loan = self._locked(loan_id)
        self.steps.take("withdraw_claim", loan, library_id)
        return loan

    def settle(self, loan_id: int, library_id: int | None, comment: str | None) -> Loan:
        """Close the loan of a lost copy: the reader has made up for it, or need not."""
        title, loan = self._locked(loan_id)
        self.steps.take("settle", loan, library_id, comment=comment)
        if loan.item_id in title.loans:
            end_loan(self.db, self.steps, title, loan)
        self.loans.holds.settle(title)
        return loan

    def lose_on_the_way(self, transit_id: int, library_id: int | None) -> Transit:
        """Give up a copy that never arrived; who it was for waits for another one."""
        transit = self.db.get(Transit, transit_id)
        if transit is None:
            raise NotFoundHere(_("There is no such transit."))
        titles = self.loans.titles
        title, _item = titles.lock_with_item(transit.item_id)
        self.db.refresh(transit)
        self.steps.take("mark_lost", transit, library_id)
        title.transits.pop(transit.item_id, None)
        hold = title.bound.get(transit.item_id)
        if hold is not None:
            self.loans.holds.seek_another(title, hold, library_id)
        self._give_up(title, transit.item_id)
        return transit

    def lose_for_hold(self, hold_id: int, library_id: int | None) -> Transit:
        """Give up the copy that is on its way to a hold."""
        transit_id = self.db.scalar(
            select(Transit.id)
            .join(Hold, Hold.item_id == Transit.item_id)
            .where(Hold.id == hold_id, Transit.received.is_(None))
        )
        return self.lose_on_the_way(transit_id or 0, library_id)

    def give_up_overdue(self) -> int:
        """Give up what is overdue for longer than its library waits; return how many that were.

        Some at a time: whoever calls it again goes on with the rest.
        """
        found = self._given_up()
        # All records first, as everybody locks them; a title that is settled holds more.
        self.loans.titles.lock_records(sorted(set(found.values())))
        # What was brought back or renewed until then is left alone.
        still = [loan_id for loan_id in self._given_up() if loan_id in found]
        for loan_id in still:
            self.lose(loan_id, None)
        return len(still)

    def _given_up(self) -> dict[int, int]:
        """Return some of the loans that are overdue for longer than their library waits.

        With each the record of the copy: ``{loan id: record id}``.
        """
        late = []
        for library in self.terms.rules.libraries.all():
            days = self.terms.lost_after_days(library.id)
            if days is not None:
                last = self.periods.today(library.id) - timedelta(days=days)
                late.append((Loan.library_id == library.id) & (Loan.due < last))
        if not late:
            return {}
        query = (
            select(Loan.id, Item.record_id)
            .join(Item, Item.id == Loan.item_id)
            .where(or_(*late), Loan.closed.is_(None), Loan.state == LoanState.ON_LOAN)
            # By record: the order in which everybody locks.
            .order_by(Item.record_id, Loan.id)
            .limit(AT_ONCE)
        )
        return {row.id: row.record_id for row in self.db.execute(query)}

    def _give_up(self, title: Title, item_id: int) -> None:
        item = title.items[item_id]
        if item.status != ItemStatus.LOST:
            item.status = ItemStatus.LOST
            item.changed = self.clock.now()
        self.loans.holds.settle(title)

    def _locked(self, loan_id: int) -> tuple[Title, Loan]:
        item_id = self.db.scalar(select(Loan.item_id).where(Loan.id == loan_id))
        if item_id is None:
            raise NotFoundHere(_("There is no such loan."))
        title, _item = self.loans.titles.lock_with_item(item_id)
        loan = title.loans.get(item_id)
        if loan is None or loan.id != loan_id:
            # Closed meanwhile: the machine says best why nothing more can be done with it.
            loan = self.db.get_one(Loan, loan_id, populate_existing=True)
        return title, loan
