"""Resource types: what exists on a site, as ``content_types/*.yaml`` declare it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bibliopolis.i18n import _
from bibliopolis.workflow.model import Roles, Workflow

ALL_LANGUAGES = "*"
"""The part of a resource that no language owns."""


@dataclass(frozen=True)
class Search:
    """How a field is found: its weight in the text, whether it sorts, whether it is a facet."""

    weight: int = 1
    sort: bool = False
    facet: str | None = None


@dataclass(frozen=True)
class Field:
    """One declared field; ``kind`` names its field type, ``options`` are that type's own keys."""

    name: str
    kind: str
    title: str
    description: str = ""
    required: bool = False
    translatable: bool = False
    many: bool = False
    default: Any = None
    search: Search | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0

    def in_part(self, part: str) -> bool:
        """Say whether the field belongs to a language, or to the part no language owns."""
        return self.translatable is (part != ALL_LANGUAGES)


@dataclass(frozen=True)
class Term:
    """One value a choice can have, and its words."""

    value: str
    title: str


@dataclass(frozen=True)
class Vocabulary:
    """The values of a choice: declared in YAML, or asked of a service when they are needed."""

    name: str
    title: str
    source: tuple[Term, ...] | Callable[[Callable[..., Any]], Iterable[Term]]

    def terms(self, find_service: Callable[..., Any]) -> tuple[Term, ...]:
        """Return the terms in their order."""
        if isinstance(self.source, tuple):
            return self.source
        return tuple(self.source(find_service))


@dataclass(frozen=True)
class Behaviour:
    """Something a type can have that is more than a field; a room says what it does."""

    name: str
    title: str


@dataclass(frozen=True)
class ResourceType:
    """A kind of resource: page, event, record, hold.

    It moves by a workflow, or, having no life of its own, carries one permission map.
    """

    name: str
    title: str
    description: str = ""
    icon: str = ""
    workflow: Workflow | None = None
    permissions: Roles = field(default_factory=dict)
    behaviours: tuple[str, ...] = ()
    added_to: tuple[str, ...] = ()
    schema_org: str | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    factory: Any = None
    file: Path = Path()

    def allowed_roles(self, permission: str, state: str | None = None) -> frozenset[str]:
        """Return the roles that have the permission on a resource of this type in a state."""
        if self.workflow is None:
            return self.permissions.get(permission, frozenset())
        return self.workflow.allowed_roles(permission, state or self.workflow.initial)

    def has(self, behaviour: str) -> bool:
        """Say whether the type has the behaviour."""
        return behaviour in self.behaviours


class ResourceTypes:
    """The service that knows every type, field type and vocabulary; one object a site."""

    def __init__(self) -> None:
        self._types: dict[str, ResourceType] = {}
        self.field_types: dict[str, Any] = {}
        self.vocabularies: dict[str, Vocabulary] = {}
        self.behaviours: dict[str, Behaviour] = {
            "blocks": Behaviour("blocks", _("A body made of blocks")),
        }
        self.block_types: dict[str, Any] = {}

    def add(self, resource_type: ResourceType) -> None:
        """Take a loaded type in."""
        self._types[resource_type.name] = resource_type

    def bind(self, name: str, factory: Any) -> None:
        """Bind the class whose instances are resources of the type."""
        self._types[name] = replace(self._types[name], factory=factory)

    def __getitem__(self, name: str) -> ResourceType:
        """Return a type; ``KeyError`` when there is none of that name."""
        return self._types[name]

    def __contains__(self, name: object) -> bool:
        return name in self._types

    def __iter__(self) -> Iterator[ResourceType]:
        return iter(sorted(self._types.values(), key=lambda one: one.name))

    def get(self, name: str) -> ResourceType | None:
        """Return a type, or None."""
        return self._types.get(name)

    def of(self, factory: type) -> ResourceType:
        """Return the type a class is bound to; ``KeyError`` when it is bound to none."""
        for one in self._types.values():
            if one.factory is factory:
                return one
        raise KeyError(factory.__name__)

    def addable_to(self, name: str) -> tuple[ResourceType, ...]:
        """Return the types editors may add to resources of a type, by name."""
        return tuple(one for one in self if name in one.added_to)
