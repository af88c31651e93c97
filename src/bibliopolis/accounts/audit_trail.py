"""What the histories of resources say and the audit log keeps, too.

A history belongs to its resource and goes with it; whoever runs the site asks who has done what,
anywhere. Rooms name the actions with ``config.add_audited_action("library", "found", title)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from zope.interface import implementer

from bibliopolis.accounts.audit import AuditLog
from bibliopolis.resources.interfaces import IHistoryWitness

ACTIONS = "bibliopolis.audited_actions"

Details = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Unless = Callable[[Any, int, Mapping[str, Any]], bool]


@dataclass(frozen=True)
class _Action:
    event: str
    details: Details | None
    unless: Unless | None


@implementer(IHistoryWitness)
class AuditTrail:
    """Write what rooms have named into the audit log."""

    def __init__(self, request: Any, actions: Mapping[tuple[str, str], _Action]) -> None:
        self.request = request
        self.actions = actions

    @classmethod
    def from_request(cls, context: Any, request: Any) -> AuditTrail:
        """Make it for a request."""
        return cls(request, request.registry[ACTIONS])

    def saw(self, resource: tuple[str, int], action: str, data: Mapping[str, Any]) -> None:
        """Keep an action that a room has named."""
        kept = self.actions.get((resource[0], action))
        if kept is None:
            return
        if kept.unless is not None and kept.unless(self.request, resource[1], data):
            return
        details = kept.details(data) if kept.details is not None else {}
        log = self.request.find_service(AuditLog, context=None)
        log.record(kept.event, about=resource, details=details)


def _add_audited_action(
    config: Configurator,
    kind: str,
    action: str,
    title: Any,
    details: Details | None = None,
    unless: Unless | None = None,
) -> None:
    """Let the audit log keep an action of the histories of a type.

    ``details(data)`` returns what it keeps of the history's data; ``unless(request, id, data)``
    names what it is not to keep, such as what people do to what is their own.
    """
    event = f"{kind}.{action}"
    discriminator = ("bibliopolis audited action", event)

    def register() -> None:
        config.registry[ACTIONS][kind, action] = _Action(event, details, unless)

    introspectable = config.introspectable(
        "bibliopolis audited actions", discriminator, event, "audited action"
    )
    config.action(discriminator, register, introspectables=(introspectable,))
    config.add_audit_event(event, title)


def includeme(config: Configurator) -> None:
    """Add the directive and the witness."""
    config.registry[ACTIONS] = {}
    config.add_directive("add_audited_action", _add_audited_action)
    config.add_history_witness(AuditTrail.from_request)
