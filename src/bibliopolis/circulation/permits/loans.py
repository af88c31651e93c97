"""Every reason against lending a copy, but for those that lie in holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.i18n import _, _n

from ..rules import Decided
from .blocks import Block, Code
from .facts import CopyFacts, PickupFacts, ReaderFacts, Stops
from .readers import against_standing, reached
from .terms import Terms

BRING_BACK = _("Something has to be brought back first.")


@dataclass(frozen=True)
class LoanWish:
    """Who wants to borrow which copy at which library's desk."""

    copy: CopyFacts
    reader: ReaderFacts
    desk: str
    withdrawn: bool = False
    """Whether nobody describes the title any more."""
    on_loan_to: int | None = None
    """The reader who has the copy; 0 is one whose name is forgotten."""
    waits: bool = False
    """Whether the reader has a hold which this copy fills."""
    kept: bool = False
    """Whether it is kept for that hold, on the shelf or on its way."""


def against_loan(wish: LoanWish, terms: Terms) -> tuple[Block, ...]:
    """Return every reason against lending; none means yes."""
    here = PickupFacts(wish.desk, wish.desk)
    return (
        *against_standing(wish.reader, here, terms, Stops.LOANS),
        *_of_copy(wish, terms),
        *_of_limits(wish, terms),
    )


def _of_copy(wish: LoanWish, terms: Terms) -> Iterator[Block]:
    status = wish.copy.status
    if status == ItemStatus.READING_ROOM:
        yield Block(
            Code.READING_ROOM_ONLY,
            _("This copy is for the reading room only."),
            _("It can be read here."),
        )
    elif status == ItemStatus.DAMAGED and not wish.waits and _is_held_damaged(wish, terms):
        yield Block(
            Code.NOT_LENDABLE,
            _("This copy is damaged: it is lent only to who has a hold."),
            _("Place a hold for the reader, then hand it out."),
        )
    elif not _may_be_lent(wish, terms):
        yield Block(Code.NOT_LENDABLE, _("This copy cannot be lent: set it aside and check it."))
    if wish.on_loan_to is None:
        return
    if wish.on_loan_to == wish.reader.id:
        yield Block(Code.ALREADY_POSSESSION, _("This reader has it already."))
    else:
        yield Block(Code.ON_LOAN, _("It is on loan to another reader: take it in first."))


def _may_be_lent(wish: LoanWish, terms: Terms) -> bool:
    """Say whether the copy is one that is lent.

    What is kept for the reader stays theirs though its record was deleted since: they were told
    that it waits for them (RERO ILS, ``#1160``: a validated request is not refused to its patron).
    """
    if wish.copy.status == ItemStatus.DAMAGED:
        fit = _is_held_damaged(wish, terms)
    elif wish.copy.status == ItemStatus.WITHDRAWN:
        fit = wish.kept
    else:
        fit = wish.copy.status == ItemStatus.LENDABLE
    return fit and (wish.kept or not wish.withdrawn)


def _is_held_damaged(wish: LoanWish, terms: Terms) -> bool:
    return bool(terms.of("hold_damaged", copy=wish.copy).value)


def _of_limits(wish: LoanWish, terms: Terms) -> Iterator[Block]:
    if wish.on_loan_to == wish.reader.id:
        return
    loans = wish.reader.loans
    most = terms.of("max_loans", wish.reader)
    if reached(most, len(loans)):
        yield _too_many(Code.TOO_MANY_LOANS, most, len(loans))
    here = terms.of("max_loans_here", wish.reader, desk=wish.desk)
    from_here = sum(1 for _type, lent_by in loans if lent_by == wish.desk)
    if reached(here, from_here):
        yield Block(
            Code.TOO_MANY_LOANS_HERE,
            _n(
                "A reader can have ${n} loan of this library at most.",
                "A reader can have ${n} loans of this library at most.",
                here.value,
            ),
            BRING_BACK,
            here,
        )
    alike = terms.of("max_loans_of_type", wish.reader, wish.copy, desk=wish.desk)
    item_type = alike.rule.scope.item_type if alike.rule else None
    of_type = sum(1 for one, _lent_by in loans if item_type in (None, one))
    if reached(alike, of_type):
        yield Block(
            Code.TOO_MANY_LOANS_OF_TYPE,
            _n(
                "A reader can have ${n} loan of this kind at most.",
                "A reader can have ${n} loans of this kind at most.",
                alike.value,
            ),
            BRING_BACK,
            alike,
        )


def _too_many(code: Code, limit: Decided, number: int) -> Block:
    if not limit.value:
        return Block(code, _("Nothing is lent to this reader."), decided=limit)
    said = _n(
        "The reader has ${n} loan, and more is not possible at a time.",
        "The reader has ${n} loans, and more are not possible at a time.",
        number,
    )
    return Block(code, said, BRING_BACK, limit)
