"""The state machine: how resources move, declared in ``workflows/*.yaml``.

Pure Python: no database, no web. Rooms give it guards (functions that say why not) and verbs
(what a step brings about), it gives them a `Machine` for each workflow, which says which steps
there are, which are refused and every reason why.
"""

from __future__ import annotations

from typing import Any

from .machine import Machine, Offer, Steps
from .model import Guard, Live, Mark, Reason, State, Step, Transition, Verb, Workflow
from .names import Names, Skeleton, titled
from .registry import Workflows

__all__ = [
    "Guard",
    "Live",
    "Machine",
    "Mark",
    "Names",
    "Offer",
    "Reason",
    "Skeleton",
    "State",
    "Step",
    "Steps",
    "Transition",
    "Verb",
    "Workflow",
    "Workflows",
    "includeme",
    "titled",
]


def includeme(config: Any) -> None:
    """Register the directives, the service `Workflows`, and the site's own workflows."""
    from . import directives  # the directives know the registry's keys, nobody else needs them

    directives.register(config)
