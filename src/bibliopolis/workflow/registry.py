"""All the workflows of a site, found by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .machine import Machine, May
from .model import Step, Workflow
from .names import Names


class Workflows:
    """The service that gives out machines; one object a site, filled at the start."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._workflows: dict[str, Workflow] = {}

    def add(self, workflow: Workflow) -> None:
        """Take a loaded workflow in."""
        self._workflows[workflow.name] = workflow

    def __getitem__(self, name: str) -> Workflow:
        """Return a workflow; ``KeyError`` when there is none of that name."""
        return self._workflows[name]

    def __contains__(self, name: str) -> bool:
        return name in self._workflows

    def __iter__(self) -> Iterator[Workflow]:
        return iter(sorted(self._workflows.values(), key=lambda workflow: workflow.name))

    def machine(self, name: str) -> Machine:
        """Return the machine of a workflow."""
        return Machine(self._workflows[name], self.names.guards)

    def perform(self, workflow: str, transition: str, step: Step, may: May) -> Any:
        """Call the verb of a transition, which asks the guards under its own locks.

        Only for transitions that name a verb; what the others bring about is for the room to do.
        """
        verb = self.machine(workflow).admit(transition, step, may).verb
        if verb is None:
            raise LookupError(f"the step {transition} of {workflow} names no verb")
        return self.names.verbs[verb](step)
