"""The desk: handing copies out, taking them in, and what comes next for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.clock import Clock
from bibliopolis.errors import Blocked, Conflict
from bibliopolis.i18n import _
from bibliopolis.readers.models import Reader

from ..models import (
    CancelCause,
    Hold,
    HoldState,
    HoldTarget,
    Loan,
)
from ..outcomes import Outcome, OutcomeKind
from ..permits import NOTHING, Block, Code, Overriding
from ..refusals.kinds import Act
from .best_hold import BestHold
from .copies_here import CopiesHere
from .copy_steps import CopySteps
from .deliveries import Deliveries
from .forgetting import end_loan
from .holds import Holds
from .periods import LoanPeriods
from .terms import LendingTerms
from .title import Title

SET_ASIDE = frozenset({ItemStatus.LOST, ItemStatus.DAMAGED, ItemStatus.WITHDRAWN})
LOAN, OVERRIDE = "loan", "override"
"""What the history of a loan says of a copy lent though something stood against it."""
COLLECTED_IN = (HoldState.READY, HoldState.OUT_FOR_DELIVERY)
AT_ONCE = 100
"""So many copies are taken in at once at most: a writing transaction stays short."""


class Loans:
    """Lend copies and take them back; every scan at the desk ends here."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        holds: Holds,
        periods: LoanPeriods,
        terms: LendingTerms,
        steps: CopySteps,
        best: BestHold,
    ) -> None:
        self.db = db
        self.clock = clock
        self.holds = holds
        self.periods = periods
        self.best = best
        self.terms = terms
        self.steps = steps
        self.titles = holds.titles
        self.here = CopiesHere(db, clock)

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Loans:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            holds=request.find_service(Holds),
            periods=request.find_service(LoanPeriods),
            best=request.find_service(BestHold, context=None),
            terms=request.find_service(LendingTerms),
            steps=request.find_service(CopySteps),
        )

    def check_out(
        self,
        item_id: int,
        reader_id: int | None,
        library_id: int,
        *,
        overriding: Overriding = NOTHING,
    ) -> Outcome:
        """Lend a copy to a reader: the one who waits for it, or anybody if nobody does.

        ``overriding`` is what staff override; the history of the loan keeps it with their reason.
        """
        title, item = self._locked(item_id, reader_id)
        reader = self.holds.readers.in_turn([reader_id]).get(reader_id or 0)
        against = self.reasons(title, item, reader, library_id)
        blocks = overriding.left(against)
        if blocks or reader is None:
            codes = [one.code for one in blocks]
            self.holds.refusals.refused(Act.LOAN, codes, reader_id, title.record.id, library_id)
            raise Blocked(_("This copy cannot be handed out."), blocks)
        hold = self.fulfil(title, item, reader, library_id)
        loan = self.begin(title, item, reader, library_id)
        self._tell_overridden(
            loan, [one for one in against if overriding.overrides(one)], overriding
        )
        self.holds.settle(title)
        self.holds.refusals.met(reader.id, title.record.id)
        return Outcome(OutcomeKind.LENT, item, title.record, library_id, hold=hold, loan=loan)

    def begin(
        self,
        title: Title,
        item: Item,
        reader: Reader,
        library_id: int,
        since: datetime | None = None,
        due: date | None = None,
    ) -> Loan:
        """Let a loan begin that nothing stands against; the title is still to be settled.

        ``since`` and ``due`` are what a terminal has noted that was off line.
        """
        self.here.turned_up(title, item)
        self.holds.places.free_cell(item.id)
        self.holds.end_transit(title, item, library_id)
        item.holding_library_id = library_id
        loan = Loan(
            item_id=item.id,
            reader_id=reader.id,
            library_id=library_id,
            opened=since or self.clock.now(),
            due=due or self._due(title, item, reader, library_id, since),
            kept=reader.keeps_history,
        )
        self.db.add(loan)
        # Flush to get loan.id: the history names it.
        self.db.flush()
        facts = {"due": loan.due.isoformat()}
        if since is not None:
            facts["since"] = since.isoformat()
        self.steps.tell(loan, "check_out", None, library_id, facts=facts)
        title.loans[item.id] = loan
        return loan

    def against(
        self, item_id: int, reader_id: int | None, library_id: int
    ) -> tuple[Title, Item, Sequence[Block]]:
        """Return the copy, its title and every reason against lending it; nothing is done."""
        record_id = self.titles.record_id_of_item(item_id)
        title = self.titles.read_head(record_id, reader_ids=[reader_id])
        reader = self.holds.readers.get(reader_id)
        item = title.items[item_id]
        return title, item, self.reasons(title, item, reader, library_id)

    def _tell_overridden(
        self, loan: Loan, overridden: Sequence[Block], overriding: Overriding
    ) -> None:
        if not overridden:
            return
        # Flush to get loan.id: the history names it.
        self.db.flush()
        self.holds.steps.history.write(
            (LOAN, loan.id),
            OVERRIDE,
            comment=overriding.reason,
            data={
                "library_id": loan.library_id,
                "item_id": loan.item_id,
                "overridden": [str(one.code) for one in overridden],
            },
        )

    def collect(self, hold_id: int, library_id: int) -> Outcome:
        """Lend a ready copy to the reader who waits for it: from a locker, or brought home."""
        hold = self.db.get(Hold, hold_id)
        if hold is None or hold.item_id is None or hold.state not in COLLECTED_IN:
            raise Conflict(_("This hold is no longer waiting to be collected."))
        return self.check_out(hold.item_id, hold.reader_id, library_id)

    def check_in(self, item_id: int, library_id: int) -> Outcome:
        """Take a copy in at a library and say what to do with it now."""
        title, item = self._locked(item_id)
        outcome = self._check_in(title, item, library_id)
        self.holds.settle(title)
        return outcome

    def check_in_found(self, library_id: int) -> Sequence[Outcome]:
        """Take in what was found by the pull list of a library, all at once."""
        rows = self.db.execute(
            select(HoldTarget.item_id, Item.record_id)
            .join(Item, Item.id == HoldTarget.item_id)
            .where(HoldTarget.library_id == library_id, HoldTarget.found.is_not(None))
            .order_by(HoldTarget.found, HoldTarget.item_id)
            .limit(AT_ONCE)
        ).all()
        item_ids = [row.item_id for row in rows]
        titles = self.titles.lock_heads(sorted({row.record_id for row in rows}))
        self.holds.places.lock_lockers(hold for title in titles for hold in title.queue)
        known = (title.items[one] for title in titles for one in item_ids if one in title.items)
        outcomes = []
        with self.here.together(known):
            for title in titles:
                for item_id in item_ids:
                    target = title.target_of_item(item_id)
                    if target is not None and target.found is not None:
                        item = title.items[item_id]
                        outcomes.append(self._check_in(title, item, library_id))
        self.holds.settle(*titles)
        return outcomes

    def _due(
        self,
        title: Title,
        item: Item,
        reader: Reader,
        library_id: int,
        since: datetime | None = None,
    ) -> date:
        """Return until when it is lent: for a shorter time where many wait for the title."""
        category = self.terms.rules.category_of(reader)
        terms = self.terms.of(library_id, category, item.item_type or title.record.kind)
        most = terms.demand_holds
        wanted = most is not None and title.waits_for(most, item.id)
        days = min(terms.loan_days, terms.demand_days) if wanted else terms.loan_days
        if since is not None:
            day = self.periods.day_of(library_id, since) + timedelta(days=days)
            return self.periods.open_from(library_id, day)
        return self.periods.due(library_id, days)

    def _locked(self, item_id: int, *reader_ids: int | None) -> tuple[Title, Item]:
        return self.titles.lock_with_item(item_id, reader_ids=reader_ids)

    def reasons(
        self, title: Title, item: Item, reader: Reader | None, library_id: int
    ) -> list[Block]:
        """Return every reason against lending a copy of a title that was read."""
        if reader is None:
            return [Block(Code.NO_USER, _("Scan the reader's card first."))]
        return [
            *self.holds.permits.against_loan(title, item, reader, library_id),
            *self._reasons_of_holds(title, item, reader, library_id),
        ]

    def _reasons_of_holds(
        self, title: Title, item: Item, reader: Reader, library_id: int
    ) -> list[Block]:
        hold, own = title.bound.get(item.id), title.hold_filled_by(item.id, reader.id)
        target = title.target_of_item(item.id)
        if hold is not None and hold.reader_id != reader.id:
            said = _("Another reader is waiting for this copy.")
            help_ = _("Hand out another copy, or place a hold for the reader.")
            return [Block(Code.KEPT_FOR_ANOTHER, said, help_)]
        if hold is not None and not self.holds.places.is_served_from(hold, library_id):
            said = _("It is expected at another library: take it in first.")
            return [Block(Code.EXPECTED_ELSEWHERE, said)]
        if hold is None and own is not None and own.item_id is not None:
            said = _("Another copy is kept for this reader: hand that one out.")
            return [Block(Code.ANOTHER_COPY_KEPT, said)]
        if target is not None and target.found and (own is None or target.hold_id != own.id):
            said = _("It was taken from its shelf for another reader: take it in first.")
            return [Block(Code.FOUND_FOR_ANOTHER, said)]
        return []

    def fulfil(self, title: Title, item: Item, reader: Reader, library_id: int) -> Hold | None:
        """Take the steps of the reader's own hold, if there is one, and close it."""
        hold = title.bound.get(item.id) or title.hold_filled_by(item.id, reader.id)
        if hold is None:
            return None
        if hold.state == HoldState.IN_TRANSIT:
            self.holds.arrive(title, hold, library_id, reader.id)
        data = {"item_id": item.id, "reader_id": reader.id}
        self.holds.steps.take("check_out", hold, title, library_id, **data)
        hold.item_id = item.id
        del title.holds[hold.id]
        return hold

    def _check_in(self, title: Title, item: Item, library_id: int) -> Outcome:
        self.here.found_again(title, item)
        returned = self.close(title, item, library_id)
        self.here.turned_up(title, item)
        item.holding_library_id = library_id
        hold = title.bound.get(item.id)
        if hold is not None and hold.cancel_requested is not None:
            # Its reader no longer wants it: whoever has it in the hand ends the hold.
            self.holds.end("cancel", title, hold, cause=CancelCause.READER, library_id=library_id)
            hold = None
        if hold is None:
            self.holds.end_transit(title, item, library_id)
            self.here.leave_with_its_source(item)
            hold = self._next_hold(title, item, library_id)
            if hold is None:
                self.holds.places.free_cell(item.id)
                if item.status in SET_ASIDE:
                    return Outcome(
                        OutcomeKind.SET_ASIDE, item, title.record, library_id, returned=returned
                    )
                return self._home(title, item, library_id, returned)
            self._past_a_full_locker(title, hold, item, library_id)
            self.holds.bind(title, hold, item, library_id)
        elif hold.state == HoldState.IN_TRANSIT and self._can_arrive(title, hold, item, library_id):
            self.holds.arrive(title, hold, library_id)
        elif hold.state == HoldState.OUT_FOR_DELIVERY and self.holds.places.is_served_from(
            hold, library_id
        ):
            self.holds.steps.find_service(Deliveries).bring_back(title, hold, library_id)
        elif hold.state in COLLECTED_IN and not self.holds.places.is_served_from(hold, library_id):
            self.holds.bind(title, hold, item, library_id)
        elif hold.state == HoldState.IN_TRANSIT:
            self.holds.steps.tell(hold, "seen_on_the_way", hold.state, library_id, item_id=item.id)
        kind = self._where_to(hold, library_id)
        return Outcome(
            kind,
            item,
            title.record,
            hold.pickup_library_id,
            hold,
            returned=returned,
            cell=self._cell(hold, item) if kind is OutcomeKind.SHELF else None,
        )

    def _cell(self, hold: Hold, item: Item) -> int | None:
        """Return the number of the cell the copy goes into, if it goes into one."""
        if self.holds.places.locker(hold.pickup_library_id) is None:
            return None
        cell = self.holds.places.cell_of(item.id)
        return None if cell is None else cell.number

    def _can_arrive(self, title: Title, hold: Hold, item: Item, library_id: int) -> bool:
        if not self.holds.places.is_served_from(hold, library_id):
            return False
        self._past_a_full_locker(title, hold, item, library_id)
        return self.holds.places.has_room(hold)

    def _past_a_full_locker(self, title: Title, hold: Hold, item: Item, library_id: int) -> None:
        """Let it be collected at this desk where its locker takes nothing and the rule says so.

        A locker that is out of order takes nothing for who knows how long: no rule is asked.
        """
        places, locker = self.holds.places, self.holds.places.locker(hold.pickup_library_id)
        if locker is None or not places.is_served_from(hold, library_id):
            return
        desk = places.libraries.get(library_id)
        if not desk.is_pickup_point or places.has_room(hold, item.id):
            return
        rule = self.terms.rules.decide("full_locker", locker).value
        if rule == "desk" or not places.in_order(locker):
            self.holds.collect_at_desk(title, hold, item)

    def _where_to(self, hold: Hold, library_id: int) -> OutcomeKind:
        if not self.holds.places.is_served_from(hold, library_id):
            return OutcomeKind.SEND
        return OutcomeKind.SHELF if hold.state == HoldState.READY else OutcomeKind.KEEP

    def _next_hold(self, title: Title, item: Item, library_id: int) -> Hold | None:
        """Return for whom the copy is, as the rules have it; see `BestHold`.

        Who already has a copy in somebody's hands, found and on its way to a desk, is left out.
        """
        if item not in title.lendable:
            return None
        others = {
            hold_id
            for hold_id, row in title.targets.items()
            if row.found and row.item_id != item.id
        }
        return self.best.choose(title, item, library_id, passed_over=others)

    def _home(self, title: Title, item: Item, library_id: int, returned: bool) -> Outcome:
        home = item.library_id
        kind = OutcomeKind.PUT_BACK
        if home != library_id:
            kind = OutcomeKind.SEND
            self.holds.send(title, item, library_id, home)
        return Outcome(kind, item, title.record, home, returned=returned)

    def close(self, title: Title, item: Item, library_id: int) -> bool:
        """End the loan of a copy if there is one, and say whether there was."""
        loan = title.loans.get(item.id)
        if loan is None:
            return False
        self.steps.take("check_in", loan, library_id)
        end_loan(self.db, self.steps, title, loan)
        return True
