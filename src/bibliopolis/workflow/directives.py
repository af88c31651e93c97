"""The directives by which rooms and packages bring workflows, guards and verbs.

Each is a discriminator, an introspectable and a deferred action, so that two packages that take
one name stop the start, with both places named. Guards and verbs are registered first, then the
workflows that name them are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from bibliopolis.declarations import beside, files, told_as
from bibliopolis.errors import ConfigurationError

from .loader import check_skeleton, load
from .names import Names, Skeleton, functions_of, title_of
from .registry import Workflows

READ_WORKFLOWS = 10
"""The order of the actions that read workflows: after everything they may name."""

Functions = ModuleType | Mapping[str, Callable[..., Any]]


def names_of(config: Any) -> Names:
    """Return what has been registered for declarations to name."""
    return config.registry["bibliopolis.names"]


def _add_guards(config: Any, source: Functions | str) -> None:
    """Let workflows name the guards of a module (its public functions) or of a mapping."""
    for name, guard in functions_of(config.maybe_dotted(source)).items():
        discriminator = ("bibliopolis guard", name)
        introspectable = config.introspectable(
            "bibliopolis guards", discriminator, name, "workflow guard"
        )
        introspectable["title"] = title_of(name, guard)
        introspectable["guard"] = guard
        config.action(
            discriminator,
            names_of(config).guards.__setitem__,
            (name, guard),
            introspectables=(introspectable,),
        )


def _add_verbs(config: Any, room: str, source: Functions | str) -> None:
    """Let workflows name a room's verbs, as ``room.name``; each takes a `Step`."""
    for short, verb in functions_of(config.maybe_dotted(source)).items():
        name = f"{room}.{short}"
        discriminator = ("bibliopolis verb", name)
        introspectable = config.introspectable(
            "bibliopolis verbs", discriminator, name, "workflow verb"
        )
        introspectable["verb"] = verb
        config.action(
            discriminator,
            names_of(config).verbs.__setitem__,
            (name, verb),
            introspectables=(introspectable,),
        )


def _require_workflow(
    config: Any, name: str, states: Iterable[str] = (), verbs: Iterable[str] = ()
) -> None:
    """Say which states and verbs of a workflow this package's Python relies on."""
    who = config.package_name
    skeleton = Skeleton(frozenset(states), frozenset(verbs))
    discriminator = ("bibliopolis skeleton", name, who)
    introspectable = config.introspectable(
        "bibliopolis skeletons", discriminator, f"{name} for {who}", "workflow skeleton"
    )
    introspectable["skeleton"] = skeleton

    def register() -> None:
        names_of(config).skeletons.setdefault(name, []).append((who, skeleton))

    def check() -> None:
        if name not in config.registry["bibliopolis.workflows"]:
            raise ConfigurationError(
                f"workflows/{name}.yaml", None, f"the file is missing; {who} relies on it"
            )

    config.action(discriminator, register, introspectables=(introspectable,))
    config.action((*discriminator, "is there"), check, order=READ_WORKFLOWS + 1)


def _add_workflow(config: Any, file: Path | str, requires: Skeleton | None = None) -> None:
    """Read a workflow from a file; a relative path begins at the calling package."""
    path = beside(config, file)
    name = path.stem
    discriminator = ("bibliopolis workflow", name)
    introspectable = config.introspectable("bibliopolis workflows", discriminator, name, "workflow")
    introspectable["file"] = path
    if requires is not None:
        _require_workflow(config, name, requires.states, requires.verbs)

    def register() -> None:
        names = names_of(config)
        workflow = load(path, names)
        check_skeleton(workflow, names.skeletons.get(name, ()))
        config.registry["bibliopolis.workflows"].add(workflow)

    config.action(discriminator, register, order=READ_WORKFLOWS, introspectables=(introspectable,))


def register(config: Any) -> None:
    """Add the directives and read the workflows of the site's own folder."""
    names = Names()
    workflows = Workflows(names)
    config.registry["bibliopolis.names"] = names
    config.registry["bibliopolis.workflows"] = workflows
    config.register_service(workflows, Workflows)
    config.add_directive("add_guards", _add_guards)
    config.add_directive("add_verbs", _add_verbs)
    config.add_directive("add_workflow", _add_workflow)
    config.add_directive("require_workflow", _require_workflow)
    for file in files(config.registry["bibliopolis.settings"].site / "workflows"):
        with told_as(config, file):
            config.add_workflow(file)
