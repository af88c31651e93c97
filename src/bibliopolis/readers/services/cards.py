"""Give cards out and block them."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import InvalidInput
from bibliopolis.i18n import _
from bibliopolis.resources.history import History

from ..models import BlockReason, Card, CardKind, Reader
from ..numbers import card_key

LONGEST = 40
TEMPORARY_DIGITS = 9
GIVEN = _("This card has been given to somebody already.")


class Cards:
    """The cards of readers; what is blocked stays blocked."""

    def __init__(self, db: Session, clock: Clock, history: History) -> None:
        self.db = db
        self.clock = clock
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Cards:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock, history=request.find_service(History))

    def give(
        self, reader: Reader, number: str, kind: str = CardKind.LIBRARY, until: date | None = None
    ) -> Card:
        """Give a card; the one of the same kind that it replaces, and a temporary one, are blocked.

        Giving a reader the card they have already changes nothing.
        """
        key = self._checked(number, kind, until)
        known = self.db.scalar(select(Card).where(Card.kind == kind, Card.number == key))
        if known is not None and known.reader_id == reader.id and known.blocked is None:
            return known
        if known is not None:
            raise refused({"card": GIVEN})
        card = Card(number=key, kind=kind, valid_from=self.clock.today(), valid_until=until)
        reader.changed = self.clock.now()
        try:
            with self.db.begin_nested():
                for old in reader.cards:
                    if old.kind in {kind, CardKind.TEMPORARY} and old.blocked is None:
                        self.block(old, BlockReason.REPLACED)
                reader.cards.append(card)
        except IntegrityError as error:
            raise refused({"card": GIVEN}) from error  # at another desk, a moment ago
        self.history.write(("reader", reader.id), "give_card", data={"kind": kind})
        return card

    def give_temporary(self, reader: Reader, until: date) -> Card:
        """Give a number that serves until the registration is finished."""
        while True:
            number = "T" + "".join(secrets.choice("0123456789") for _n in range(TEMPORARY_DIGITS))
            if self.db.scalar(select(Card.id).where(Card.number == number)) is None:
                return self.give(reader, number, CardKind.TEMPORARY, until)

    def block(self, card: Card, reason: str) -> None:
        """Let a card count no more; blocking it twice changes nothing."""
        if reason not in set(BlockReason):
            raise refused({"reason": _("Choose a reason of the list.")})
        if card.blocked is not None:
            return
        card.blocked, card.block_reason = self.clock.now(), str(reason)
        self.history.write(
            ("reader", card.reader_id),
            "block_card",
            data={"kind": card.kind, "reason": str(reason)},
        )

    def _checked(self, number: str, kind: str, until: date | None) -> str:
        key = card_key(number)
        errors: dict[str, Any] = {}
        if not key:
            errors["card"] = _("Scan the card or type its number.")
        elif len(key) > LONGEST:
            errors["card"] = _("This number is too long for a card.")
        # A number that nobody has in the hand serves for a while only, never as the card itself.
        if kind not in set(CardKind) or (kind == CardKind.TEMPORARY and until is None):
            errors["kind"] = _("Choose a kind of the list.")
        if until is not None and until < self.clock.today():
            errors["until"] = _("This day is over.")
        if errors:
            raise refused(errors)
        return key


def refused(errors: dict[str, Any]) -> InvalidInput:
    """Return the error that says what is wrong with a card."""
    return InvalidInput(_("The card was not given."), errors)
