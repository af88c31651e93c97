"""What a terminal has done by itself while nobody answered it: it has happened, and so it stands.

SIP 2.00 marks such messages with *no block*: the terminal could not ask, and the reader has left
with the book. No rule is asked; what a rule would have refused is told to the staff of the library,
in the history of the organisation and in the audit log. What other hands have done with the copy
since then stands as well: who is late does not undo it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from bibliopolis.catalogue.models import Item
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _
from bibliopolis.libraries.closures import HISTORY
from bibliopolis.readers.models import Reader
from bibliopolis.resources.history import History

from ..models import CancelCause, Hold, Loan
from ..outcomes import Outcome
from .loans import Loans
from .renewals import Renewals
from .title import Title

ACCEPTED, NOT_DONE = "off_line_accepted", "off_line_not_done"
"""Actions in the history of an organisation."""
REFUSED_CARD, NOT_PROVED = "card", "password"
"""Why else than by the rules of circulation a terminal would have been refused."""


@dataclass(frozen=True)
class Done:
    """A message of a terminal that was off line."""

    terminal: str
    """The name by which it signs in."""
    library_id: int
    """Where it stands."""
    act: str
    """What it did: ``check_out``, ``check_in`` or ``renew``."""
    when: datetime
    barcode: str
    due: date | None = None
    """Until when it told the reader that the copy is lent; None where it did not."""


class SeenLater(Conflict):
    """Somebody has had the copy in their hands since then."""

    def __init__(self) -> None:
        super().__init__(_("The copy was handed out or taken in elsewhere since then."))


class OffLine:
    """Take over what terminals have done."""

    def __init__(self, loans: Loans, renewals: Renewals, history: History) -> None:
        self.loans = loans
        self.renewals = renewals
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> OffLine:
        """Make it for a request."""
        return cls(
            loans=request.find_service(Loans),
            renewals=request.find_service(Renewals),
            history=request.find_service(History),
        )

    def lend(self, item_id: int, reader: Reader, done: Done, more: Iterable[str] = ()) -> Loan:
        """Lend the copy since then, whatever speaks against it; said twice it is done once.

        ``more`` are the codes of what else the terminal would have been refused for. Conflict where
        the copy was in other hands later.
        """
        loans, holds, library_id = self.loans, self.loans.holds, done.library_id
        title, item = loans.titles.lock_with_item(item_id, reader_ids=[reader.id])
        holds.readers.in_turn([reader.id])
        loan, hold = title.loans.get(item.id), title.bound.get(item.id)
        if loan is not None and loan.reader_id == reader.id:
            return loan
        self._demand_last(item, done)
        codes = [*more, *(one.code for one in loans.reasons(title, item, reader, library_id))]
        loans.here.found_again(title, item)
        if loan is not None:
            loans.close(title, item, library_id)
            _end_as_of(loan, done)
        if hold is not None and not self._is_handed_out(hold, reader, library_id):
            self._take_from(title, hold, library_id)
        own = title.hold_filled_by(item.id, reader.id)
        if own is not None and own.item_id in (None, item.id):
            # What speaks against it is among the codes: then they go on waiting.
            with suppress(Conflict):
                loans.fulfil(title, item, reader, library_id)
        loan = loans.begin(title, item, reader, library_id, done.when, done.due)
        holds.settle(title)
        self.tell(ACCEPTED, done, codes)
        return loan

    def take_in(self, item_id: int, done: Done) -> Outcome:
        """Take the copy in; Conflict where it was in other hands later."""
        title, item = self.loans.titles.lock_with_item(item_id)
        self._demand_last(item, done)
        loan = title.loans.get(item.id)
        outcome = self.loans.check_in(item_id, done.library_id)
        if loan is not None:
            _end_as_of(loan, done)
        return outcome

    def renew(self, loan: Loan, done: Done, more: Iterable[str] = ()) -> Loan:
        """Renew the loan as the terminal told its reader; never for a shorter time than it has."""
        if done.due is None or done.due != loan.due:
            codes = self.renewals.renew_since(loan.id, done.library_id, done.due)
            self.tell(ACCEPTED, done, [*more, *codes])
        return loan

    def tell(self, action: str, done: Done, codes: Iterable[str], **more: str) -> None:
        """Tell the staff of the library what a rule would have refused, or what was not done."""
        known = list(dict.fromkeys(codes))
        if not known and action == ACCEPTED:
            return
        said = {"terminal": done.terminal, "act": done.act, "barcode": done.barcode}
        said |= {"when": done.when.isoformat(), **more}
        self.history.write((HISTORY, done.library_id), action, data={**said, "codes": known})

    def _demand_last(self, item: Item, done: Done) -> None:
        """Refuse where the copy was lent or came back after that.

        Journeys and holds say nothing: a terminal's own return, told late, has begun them now.
        """
        known = select(func.max(Loan.opened), func.max(Loan.closed))
        times = self.loans.db.execute(known.where(Loan.item_id == item.id)).one()
        if any(one is not None and one > done.when for one in times):
            raise SeenLater

    def _is_handed_out(self, hold: Hold, reader: Reader, library_id: int) -> bool:
        served = self.loans.holds.places.is_served_from(hold, library_id)
        return hold.reader_id == reader.id and served

    def _take_from(self, title: Title, hold: Hold, library_id: int) -> None:
        """Let who was to get the copy wait for another one, if they still wish."""
        holds = self.loans.holds
        if hold.cancel_requested is not None:
            holds.end("cancel", title, hold, cause=CancelCause.READER, library_id=library_id)
        else:
            holds.seek_another(title, hold, library_id, off_line=True)
            holds.waits.begin(title, hold)


def _end_as_of(loan: Loan, done: Done) -> None:
    """Let a loan have ended then: what the same terminal did next, told now, is later."""
    loan.closed = max(loan.opened, done.when)
