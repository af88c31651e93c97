"""What speaks against a reader's wishes, before anybody looks at the book they want."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import bindparam, select

from bibliopolis.clock import Clock
from bibliopolis.i18n import _

from ..categories import ReaderPolicy
from ..models import BlockReason, Card, Reader, Registration
from ..penalties import Penalty, Stops

MAY_STOP_CAPTURE = select(Card.reader_id).where(
    Card.reader_id.in_(bindparam("reader_ids", expanding=True)),
    Card.block_reason == BlockReason.MISUSED,
)
"""Who of ``reader_ids`` may have a penalty that stops capture; nobody else needs to be asked."""


class Standing:
    """Say what a reader may do as far as their registration and their cards go."""

    def __init__(self, clock: Clock, policy: ReaderPolicy) -> None:
        self.clock = clock
        self.policy = policy

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Standing:
        """Make it for a request."""
        return cls(clock=request.clock, policy=request.find_service(ReaderPolicy))

    def against_holds(self, reader: Reader) -> list[Any]:
        """Return why the reader may place no hold at all."""
        return self._against(reader, Stops.HOLDS)

    def against_loans(self, reader: Reader) -> list[Any]:
        """Return why nothing may be handed out to the reader."""
        return self._against(reader, Stops.LOANS)

    def is_closed(self, reader: Reader) -> bool:
        """Say whether nothing is left of the person."""
        return reader.registration == Registration.CLOSED

    def has_run_out(self, reader: Reader) -> bool:
        """Say whether the registration no longer holds."""
        until = reader.registered_until
        closed = self.is_closed(reader)
        return not closed and until is not None and until < self.clock.today()

    def penalties(self, reader: Reader) -> Iterator[Penalty]:
        """Return what of the registration and the cards stands against a reader whose card holds.

        What they owe is for circulation to say.
        """
        if self.is_closed(reader) or self.has_run_out(reader):
            return
        if reader.registration == Registration.PRELIMINARY:
            if self._is_child(reader):
                yield Penalty(
                    "unfinished_child",
                    _(
                        "A child's registration is finished at a desk first, together with a"
                        " grown-up."
                    ),
                    frozenset({Stops.HOLDS}),
                )
            yield Penalty(
                "unfinished",
                _("The registration is not finished: see a document and give a card first."),
                frozenset({Stops.LOANS}),
            )
            return
        yield from self._of_cards(reader)

    def _of_cards(self, reader: Reader) -> Iterator[Penalty]:
        today = self.clock.today()
        if any(card.is_taken(today) for card in reader.cards):
            return
        if any(card.block_reason == BlockReason.MISUSED for card in reader.cards):
            yield Penalty(
                "card_misused",
                _("The card is blocked because it was misused."),
                frozenset({Stops.HOLDS, Stops.CAPTURE}),
                _("Ask at any library desk."),
            )
        yield Penalty(
            "no_card",
            _("The reader has no valid card: give a new one first."),
            frozenset({Stops.LOANS}),
        )

    def most_holds(self, reader: Reader) -> int | None:
        """Return how many open holds a reader has at most until their registration is finished."""
        unfinished = reader.registration == Registration.PRELIMINARY
        return self.policy.holds_before_that if unfinished else None

    def _is_child(self, reader: Reader) -> bool:
        return self.policy.needs_guardian(reader, self.clock.today())

    def _against(self, reader: Reader, stops: Stops) -> list[Any]:
        if self.is_closed(reader):
            return [_("This card has been closed.")]
        if self.has_run_out(reader):
            return [_("The registration has run out. Any library desk renews it.")]
        return [one.message for one in self.penalties(reader) if stops in one.stops]
