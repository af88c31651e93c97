"""What speaks against a reader's wishes, before anybody looks at the book they want."""

from __future__ import annotations

from typing import Any

from bibliopolis.clock import Clock
from bibliopolis.i18n import _

from ..categories import ReaderPolicy
from ..models import Reader, Registration


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
        reasons = self._of_registration(reader)
        unfinished = reader.registration == Registration.PRELIMINARY
        if not reasons and unfinished and self._is_child(reader):
            reasons.append(
                _("A child's registration is finished at a desk first, together with a grown-up.")
            )
        return reasons

    def against_loans(self, reader: Reader) -> list[Any]:
        """Return why nothing may be handed out to the reader."""
        reasons = self._of_registration(reader)
        if reasons:
            return reasons
        if reader.registration == Registration.PRELIMINARY:
            return [_("The registration is not finished: see a document and give a card first.")]
        today = self.clock.today()
        if not any(card.is_taken(today) for card in reader.cards):
            return [_("The reader has no valid card: give a new one first.")]
        return []

    def most_holds(self, reader: Reader) -> int | None:
        """Return how many open holds a reader has at most until their registration is finished."""
        unfinished = reader.registration == Registration.PRELIMINARY
        return self.policy.holds_before_that if unfinished else None

    def _is_child(self, reader: Reader) -> bool:
        return self.policy.needs_guardian(reader, self.clock.today())

    def _of_registration(self, reader: Reader) -> list[Any]:
        if reader.registration == Registration.CLOSED:
            return [_("This card has been closed.")]
        until = reader.registered_until
        if until is not None and until < self.clock.today():
            return [_("The registration has run out. Any library desk renews it.")]
        return []
