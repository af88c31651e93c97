"""Listening to the histories of holds: what readers are told of goes into the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zope.interface import implementer

from bibliopolis.outbox import Outbox
from bibliopolis.resources.interfaces import IHistoryWitness

from ..services.steps import WORKFLOW
from .kinds import STEPS

EVENTS = "steps_to_tell"


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
        """Take note of a step of a hold that somebody is told of."""
        if resource[0] == WORKFLOW and action in STEPS:
            outbox = self.request.find_service(Outbox, context=None)
            outbox.add(EVENTS, f"{resource[1]}:{action}")
