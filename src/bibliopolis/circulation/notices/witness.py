"""Listening to the histories of holds: what readers are told of goes into the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zope.interface import implementer

from bibliopolis.outbox import Outbox
from bibliopolis.resources.interfaces import IHistoryWitness

from ..services.copy_steps import LOAN
from ..services.steps import WORKFLOW
from .kinds import LOAN_STEPS, STEPS

EVENTS, LOAN_EVENTS = "steps_to_tell", "loan_steps_to_tell"


@implementer(IHistoryWitness)
class StepWitness:
    """Put steps into the outbox, in the transaction in which they are taken."""

    def __init__(self, request: Any) -> None:
        self.request = request

    @classmethod
    def from_request(cls, context: Any, request: Any) -> StepWitness:
        """Make it for a request."""
        return cls(request)

    def saw(self, resource: tuple[str, int], action: str, data: Mapping[str, Any]) -> None:
        """Take note of a step of a hold or a loan that somebody is told of."""
        told = {WORKFLOW: (EVENTS, STEPS), LOAN: (LOAN_EVENTS, LOAN_STEPS)}
        topic, steps = told.get(resource[0], ("", {}))
        if action in steps:
            outbox = self.request.find_service(Outbox, context=None)
            outbox.add(topic, f"{resource[1]}:{action}")
