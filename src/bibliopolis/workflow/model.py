"""What a workflow is, once it has been read: states, transitions, who may do what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from bibliopolis.i18n import Plural

Reason = str | Plural
"""Why not: a translatable text (a TranslationString is a ``str``) shown to a person."""

Roles = Mapping[str, frozenset[str]]
"""A map permission -> the roles that have it."""


class Live(StrEnum):
    """What a transition does to the revision that visitors see."""

    KEEP = "keep"
    SET = "set"
    CLEAR = "clear"


class Mark(StrEnum):
    """What a state looks like wherever it is shown: a shape before a colour."""

    DRAFT = "draft"
    REVIEW = "review"
    LIVE = "live"
    TRANSIT = "transit"
    DONE = "done"
    ENDED = "ended"


@dataclass(frozen=True)
class Step:
    """Everything a guard or a verb may look at; neither ever sees a request.

    ``actor`` is the person's principals (or the name of a system actor), ``data`` what the
    person gave with the step (the comment among it), ``find_service`` finds a room's service.
    """

    resource: Any
    actor: Any
    data: Mapping[str, Any]
    now: datetime
    find_service: Callable[..., Any]


Guard = Callable[[Step], Reason | Sequence[Reason] | None]
"""Return None when the step may be taken, else the reason, or all the reasons, why not."""

Verb = Callable[[Step], Any]
"""Bring about what a transition is for: finds the room's service and calls its method."""


@dataclass(frozen=True)
class State:
    """A place in the life of a resource, and who may do what there.

    A final state that is marked ``ended`` is an end nobody wished for.
    """

    name: str
    title: str
    permissions: Roles
    final: bool = False
    mark: Mark = Mark.DRAFT
    line: int = 0


@dataclass(frozen=True)
class Transition:
    """A step from some states to one."""

    name: str
    title: str
    from_states: tuple[str, ...]
    to: str
    permission: str
    guards: tuple[str, ...] = ()
    comment_required: bool = False
    live: Live | None = None
    verb: str | None = None
    line: int = 0


@dataclass(frozen=True)
class Workflow:
    """The life of a kind of resource, as a site declares it.

    ``live`` says who may do what with the live revision whatever state the working one is in;
    ``node`` holds the permissions that belong to no language.
    """

    name: str
    title: str
    initial: str
    states: Mapping[str, State]
    transitions: Mapping[str, Transition]
    live: Roles = field(default_factory=dict)
    node: Roles = field(default_factory=dict)
    file: Path = Path()

    def from_state(self, state: str) -> tuple[Transition, ...]:
        """Return the transitions that leave a state, in the order they are declared."""
        return tuple(step for step in self.transitions.values() if state in step.from_states)

    def allowed_roles(self, permission: str, state: str) -> frozenset[str]:
        """Return the roles that have the permission in the state; none in an unknown state."""
        known = self.states.get(state)
        return known.permissions.get(permission, frozenset()) if known else frozenset()

    def live_roles(self, permission: str) -> frozenset[str]:
        """Return the roles that have the permission on the live revision."""
        return self.live.get(permission, frozenset())

    def node_roles(self, permission: str) -> frozenset[str]:
        """Return the roles that have the permission on what belongs to no language."""
        return self.node.get(permission, frozenset())

    @property
    def verbs(self) -> frozenset[str]:
        """Return the verbs that the transitions name."""
        return frozenset(step.verb for step in self.transitions.values() if step.verb)

    @property
    def permissions(self) -> tuple[str, ...]:
        """Return every permission the states speak of, in the order they first appear."""
        names = (name for state in self.states.values() for name in state.permissions)
        return tuple(dict.fromkeys(names))
