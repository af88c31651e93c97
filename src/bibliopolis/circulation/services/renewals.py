"""Renewing loans: one, or all a reader has, each answered for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.errors import Conflict, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Standing
from bibliopolis.workflow import Reason

from ..models import Loan, LoanState
from ..refusals.kinds import Act
from ..refusals.noting import UNHEARD, RefusalNotes
from .copy_steps import CopySteps
from .demand import Demand, Demands
from .periods import LoanPeriods
from .renewal_rules import Prospect, RenewalFacts, prospect
from .terms import LendingTerms, LoanTerms
from .titles import FRESH, Titles

AT_ONCE = 200
"""So many loans are renewed at once at most: a writing transaction stays short."""


@dataclass(frozen=True)
class Answer:
    """What came of the wish to renew one loan; no reasons mean that it is renewed."""

    loan: Loan
    reasons: tuple[Reason, ...] = ()

    @property
    def renewed(self) -> bool:
        """Say whether the loan has its new due date."""
        return not self.reasons


@dataclass(frozen=True)
class Copy:
    """What is lent: of which record, and by which rules."""

    record_id: int
    item_type: str


class Renewals:
    """Renew loans by the terms of the libraries that lent them."""

    def __init__(
        self,
        db: Session,
        titles: Titles,
        demands: Demands,
        terms: LendingTerms,
        periods: LoanPeriods,
        standing: Standing,
        steps: CopySteps,
        refusals: RefusalNotes = UNHEARD,
    ) -> None:
        self.db = db
        self.titles = titles
        self.demands = demands
        self.terms = terms
        self.periods = periods
        self.standing = standing
        self.steps = steps
        self.refusals = refusals

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Renewals:
        """Make it for a request."""
        return cls(
            db=request.db,
            titles=request.find_service(Titles),
            demands=request.find_service(Demands),
            terms=request.find_service(LendingTerms),
            periods=request.find_service(LoanPeriods),
            standing=request.find_service(Standing),
            steps=request.find_service(CopySteps),
            refusals=request.find_service(RefusalNotes, context=None),
        )

    def renew(self, loan_id: int, library_id: int | None = None) -> Loan:
        """Renew one loan, or refuse with every reason; ``library_id`` is the desk, if at one."""
        loan = self.db.get(Loan, loan_id)
        if loan is None:
            raise NotFoundHere(_("There is no such loan."))
        ((_locked, against),) = self._renew([loan_id], library_id).items()
        if against is not None:
            raise against
        return loan

    def renew_all(self, *reader_ids: int, library_id: int | None = None) -> Sequence[Answer]:
        """Renew what readers have as far as it can be; every loan is answered, first due first.

        Those of a family together: all records are locked before anything is renewed.
        """
        ids = self.db.scalars(
            select(Loan.id)
            .where(Loan.reader_id.in_(reader_ids), Loan.closed.is_(None))
            .order_by(Loan.due, Loan.id)
            .limit(AT_ONCE)
        ).all()
        loans = {loan.id: loan for loan in self.db.scalars(select(Loan).where(Loan.id.in_(ids)))}
        refused = self._renew(ids, library_id)
        return [
            Answer(loans[loan_id], tuple(against.reasons) if against else ())
            for loan_id, against in ((one, refused[one]) for one in ids)
        ]

    def prospects(
        self,
        loans: Iterable[Loan],
        copies: Mapping[int, Copy] | None = None,
        readers: Mapping[int, Reader] | None = None,
    ) -> Mapping[int, Prospect]:
        """Return what a renewal of each open loan would bring; the queries do not grow with them.

        What is lost, or said to be returned, has no prospect. ``copies`` say what is lent, by the
        id of the item, and ``readers`` to whom, by theirs, where that is known.
        """
        out = [loan for loan in loans if loan.closed is None and loan.state == LoanState.ON_LOAN]
        if not out:
            return {}
        copies = copies or self._copies(out)
        demands = self.demands.of(copies[loan.item_id].record_id for loan in out)
        ids = {loan.reader_id for loan in out if loan.reader_id is not None}
        if readers is None:
            found = self.db.scalars(select(Reader).where(Reader.id.in_(ids)))
            readers = {one.id: one for one in found}
        terms = {
            loan.id: self._terms(loan, copies[loan.item_id], readers.get(loan.reader_id or 0))
            for loan in out
        }
        matters = any(each.overdue_stops_renewals is not None for each in terms.values())
        oldest = self._oldest(ids) if matters else {}
        return {
            loan.id: self._prospect(
                loan,
                terms[loan.id],
                demands[copies[loan.item_id].record_id],
                readers.get(loan.reader_id or 0),
                oldest.get(loan.reader_id or 0),
            )
            for loan in out
        }

    def reasons_against(self, loan: Loan) -> tuple[Reason, ...]:
        """Return every reason why a loan cannot be renewed now."""
        found = self.prospects([loan]).get(loan.id)
        return found.reasons if found else ()

    def _renew(self, loan_ids: Sequence[int], library_id: int | None) -> dict[int, Conflict | None]:
        """Renew under locks, in the one order: records, then loans; return what was refused."""
        loans, copies, prospects = self._locked(loan_ids)
        answers: dict[int, Conflict | None] = {}
        for loan in loans:
            wish = prospects.get(loan.id, Prospect(loan.due))
            try:
                self._take(loan, library_id, wish.due, wish.reasons)
            except Conflict as refusal:
                answers[loan.id] = refusal
                self._tell_refused(loan, copies[loan.item_id].record_id, wish)
                continue
            answers[loan.id] = None
            self.refusals.met(loan.reader_id, copies[loan.item_id].record_id)
        return answers

    def renew_since(self, loan_id: int, library_id: int, due: date | None) -> Sequence[str]:
        """Renew what a terminal has renewed already while it was off line; no rule is asked.

        ``due`` is what it told the reader, if it did. Returns the codes of what a rule would have
        refused.
        """
        loans, _copies, prospects = self._locked([loan_id])
        wish = prospects.get(loan_id, Prospect(loans[0].due))
        self._take(loans[0], library_id, max(loans[0].due, due or wish.due), ())
        return [wish.cause] if wish.cause else []

    def _take(
        self, loan: Loan, library_id: int | None, due: date, against: Sequence[Reason]
    ) -> None:
        facts = {"due_before": loan.due.isoformat(), "due": due.isoformat()}
        self.steps.take("renew", loan, library_id, against=against, facts=facts)
        loan.due = due
        loan.renewals += 1

    def _locked(
        self, loan_ids: Sequence[int]
    ) -> tuple[Sequence[Loan], dict[int, Copy], Mapping[int, Prospect]]:
        """Lock records, then loans; return them with what a renewal of each would bring."""
        items = select(Item.record_id).join(Loan, Loan.item_id == Item.id)
        self.titles.lock_records(sorted(self.db.scalars(items.where(Loan.id.in_(loan_ids)))))
        locked = select(Loan).where(Loan.id.in_(loan_ids)).order_by(Loan.id).with_for_update()
        loans = self.db.scalars(locked, execution_options=FRESH).all()
        copies = self._copies(loans)
        return loans, copies, self.prospects(loans, copies)

    def _tell_refused(self, loan: Loan, record_id: int, wish: Prospect) -> None:
        codes = [wish.cause] if wish.cause else []
        self.refusals.refused(Act.RENEWAL, codes, loan.reader_id, record_id, loan.library_id)

    def _terms(self, loan: Loan, copy: Copy, reader: Reader | None) -> LoanTerms:
        category = self.terms.rules.category_of(reader) if reader else None
        return self.terms.of(loan.library_id, category, copy.item_type)

    def _prospect(
        self,
        loan: Loan,
        terms: LoanTerms,
        demand: Demand,
        reader: Reader | None,
        oldest: date | None,
    ) -> Prospect:
        library_id = loan.library_id
        today = self.periods.today(library_id)
        facts = RenewalFacts(
            today=today,
            opened=self.periods.day_of(library_id, loan.opened),
            due=loan.due,
            renewals=loan.renewals,
            item_is_wanted=loan.item_id in demand.wanted_items,
            demand=demand,
            standing=tuple(self.standing.against_holds(reader)) if reader else (),
            most_overdue=0 if oldest is None else max(0, (today - oldest).days),
        )
        return prospect(facts, terms, lambda day: self.periods.open_from(library_id, day))

    def _copies(self, loans: Iterable[Loan]) -> dict[int, Copy]:
        rows = self.db.execute(
            select(Item.id, Item.record_id, Item.item_type, Record.kind)
            .join(Record, Record.id == Item.record_id)
            .where(Item.id.in_({loan.item_id for loan in loans}))
        )
        return {row[0]: Copy(row[1], row[2] or row[3]) for row in rows}

    def _oldest(self, reader_ids: Iterable[int]) -> dict[int, date]:
        """Return the earliest due date of what each reader has."""
        rows = self.db.execute(
            select(Loan.reader_id, func.min(Loan.due))
            .where(
                Loan.reader_id.in_(list(reader_ids)),
                Loan.closed.is_(None),
                Loan.state == LoanState.ON_LOAN,
            )
            .group_by(Loan.reader_id)
        )
        return {reader_id: due for reader_id, due in rows if reader_id is not None}
