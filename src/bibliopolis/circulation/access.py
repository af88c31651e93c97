"""Who may do what with a hold, a loan or a transit: the list of its state, where it concerns."""

from __future__ import annotations

from dataclasses import dataclass

from bibliopolis.resources.access import Role, permission_map
from bibliopolis.workflow import Workflow

MANAGERS = (Role.MANAGER, Role.ADMINISTRATOR)
DESK = permission_map(
    use_desk=[Role.LIBRARIAN],
    override_limits=[Role.LIBRARIAN],
    override_places=[Role.LIBRARIAN],
    override_rules=MANAGERS,
    override_standing=MANAGERS,
)
"""The circulation desk of a library; what may be overridden there by whom."""


@dataclass(frozen=True)
class StateAccess:
    """The access list of one hold, loan or transit in its present state.

    The scopes of a hold are the library where the reader collects it and those where its copy
    stands or is being handled; those of a loan the library that lent it and those of its copy:
    each of their librarians has something to do with it.
    """

    workflow: Workflow
    state: str
    owner_id: int | None
    scopes: frozenset[str]

    def allowed_roles(self, permission: str) -> frozenset[str]:
        """Return the roles the state names."""
        return self.workflow.allowed_roles(permission, self.state)
