"""The names a workflow may use: guards, verbs, permissions, roles, and what code relies on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from .model import Guard, Verb

_Function = TypeVar("_Function", bound=Callable[..., Any])


def titled(title: str) -> Callable[[_Function], _Function]:
    """Give a guard the words by which staff read it in the tables of a workflow."""

    def remember(function: _Function) -> _Function:
        function.title = title  # type: ignore[attr-defined]
        return function

    return remember


def title_of(name: str, function: Callable[..., Any] | None) -> str:
    """Return the words for a guard: its title, or its name read aloud."""
    return getattr(function, "title", None) or name.replace("_", " ")


def functions_of(source: ModuleType | Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    """Return the public functions a module defines itself, or the entries of a mapping."""
    if isinstance(source, Mapping):
        return dict(source)
    return {
        name: function
        for name, function in vars(source).items()
        if inspect.isfunction(function)
        and function.__module__ == source.__name__
        and not name.startswith("_")
    }


@dataclass(frozen=True)
class Skeleton:
    """The states and verbs of a workflow that Python relies on; the rest is the site's."""

    states: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()


@dataclass
class Names:
    """What has been registered so far; the loaders check declarations against it."""

    permissions: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    guards: dict[str, Guard] = field(default_factory=dict)
    verbs: dict[str, Verb] = field(default_factory=dict)
    skeletons: dict[str, list[tuple[str, Skeleton]]] = field(default_factory=dict)

    def know(self, permissions: Iterable[str] = (), roles: Iterable[str] = ()) -> None:
        """Add permissions and roles that declarations may name."""
        self.permissions.update(str(name) for name in permissions)
        self.roles.update(str(name) for name in roles)
