"""A workflow in words: what the tables below its drawing say, for everybody who reads tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bibliopolis.accounts.presenters import ROLE_TITLES
from bibliopolis.i18n import _
from bibliopolis.resources.access import Permission, Role
from bibliopolis.workflow import Live, Mark, Transition, Workflow
from bibliopolis.workflow.model import Roles
from bibliopolis.workflow.names import title_of

PERMISSION_TITLES: Mapping[str, Any] = {
    Permission.ADD: _("Add"),
    Permission.CANCEL: _("Cancel"),
    Permission.CAPTURE: _("Capture"),
    Permission.CHECK_IN: _("Take back"),
    Permission.CHECK_OUT: _("Check out"),
    Permission.DELETE: _("Delete"),
    Permission.EDIT: _("Edit"),
    Permission.MANAGE: _("Manage"),
    Permission.MARK_LOST: _("Mark as lost"),
    Permission.MOVE: _("Move"),
    Permission.NOTE_CLAIM: _("Note what the reader says"),
    Permission.PLACE: _("Place"),
    Permission.PUBLISH: _("Publish"),
    Permission.RECEIVE: _("Receive"),
    Permission.RENEW: _("Renew"),
    Permission.REVIEW: _("Review"),
    Permission.SETTLE: _("Settle"),
    Permission.SHARE: _("Share"),
    Permission.SUBMIT: _("Submit"),
    Permission.VIEW: _("View"),
}
PILLS = {
    Mark.DRAFT: "is-draft",
    Mark.REVIEW: "is-review",
    Mark.LIVE: "is-published",
    Mark.TRANSIT: "is-transit",
    Mark.DONE: "is-done",
    Mark.ENDED: "is-withdrawn",
}
LIVE_TITLES = {
    Live.SET: _("visitors see the new text"),
    Live.KEEP: _("visitors go on seeing what they saw"),
    Live.CLEAR: _("visitors no longer see it"),
}


@dataclass(frozen=True)
class RoleTag:
    """A role in a cell of the table; everyone is set off."""

    title: Any
    css: str


@dataclass(frozen=True)
class StateRow:
    """A state, or what has no state, and who may do what there."""

    title: Any
    css: str
    cells: tuple[tuple[RoleTag, ...], ...]


@dataclass(frozen=True)
class StepRow:
    """A step: from where to where, who does it, what is looked at first."""

    title: Any
    sources: tuple[Any, ...]
    to: Any
    right: str
    checks: tuple[Any, ...]


def permission_columns(workflow: Workflow) -> tuple[str, ...]:
    """Return every permission the workflow speaks of, in the order of appearance."""
    more = (name for roles in (workflow.live, workflow.node) for name in roles)
    return tuple(dict.fromkeys((*workflow.permissions, *more)))


def permission_titles(names: Iterable[str]) -> tuple[Any, ...]:
    """Return the words for permissions; one a package has brought shows its name."""
    return tuple(PERMISSION_TITLES.get(name, name) for name in names)


def state_rows(workflow: Workflow) -> tuple[StateRow, ...]:
    """Return a row for each state, for the live revision and for what belongs to no language."""
    columns = permission_columns(workflow)
    rows = [
        _row(state.title, f"s-pill {PILLS[state.mark]}", state.permissions, columns)
        for state in workflow.states.values()
    ]
    if workflow.live:
        rows.append(_row(_("What visitors see"), "", workflow.live, columns))
    if workflow.node:
        rows.append(_row(_("Place and address"), "", workflow.node, columns))
    return tuple(rows)


def step_rows(workflow: Workflow, guards: Mapping[str, Any]) -> tuple[StepRow, ...]:
    """Return a row for each step."""
    return tuple(_step(workflow, one, guards) for one in workflow.transitions.values())


def _row(title: Any, css: str, roles: Roles, columns: tuple[str, ...]) -> StateRow:
    order = list(Role)
    return StateRow(
        title,
        css,
        tuple(
            tuple(
                RoleTag(
                    ROLE_TITLES.get(role, role),
                    "s-tag is-river" if role == Role.EVERYONE else "s-tag",
                )
                for role in sorted(roles.get(name, ()), key=lambda one: order.index(Role(one)))
            )
            for name in columns
        ),
    )


def _step(workflow: Workflow, step: Transition, guards: Mapping[str, Any]) -> StepRow:
    checks: list[Any] = [title_of(name, guards.get(name)) for name in step.guards]
    if step.comment_required:
        checks.append(_("a comment is needed"))
    if step.live is not None:
        checks.append(LIVE_TITLES[step.live])
    return StepRow(
        title=step.title,
        sources=tuple(workflow.states[name].title for name in step.from_states),
        to=workflow.states[step.to].title,
        right=step.verb or step.permission,
        checks=tuple(checks),
    )
