"""What programs can do here: each view for them says in the same place how it is called.

A view that is put on with `operation` is documented by that: the OpenAPI document is made of what
is registered here and of the declared types, so it can name nothing that is not there.
``config.describe_operation`` does the same for a view that a room has put on by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import venusian
from pyramid.config import Configurator

REGISTRY = "bibliopolis.operations"
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query."""

    name: str
    description: str
    schema: Schema
    many: bool = False


@dataclass(frozen=True)
class Operation:
    """One method at one kind of address.

    ``answer`` and ``body`` are schemas, or names of schemas that all operations share; without an
    answer there is no content. ``problems`` are the statuses with ``application/problem+json``
    beyond those that every address may answer.
    """

    method: str
    path: str
    summary: str
    view: Any
    answer: Schema | str | None = None
    status: int = 200
    body: Schema | str | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[int, ...] = ()
    tag: str = "content"
    media_type: str = "application/json"
    conditional: bool = False
    """Whether it looks at ``If-Match``."""


def _register(config: Configurator, one: Operation) -> None:
    discriminator = ("bibliopolis operation", one.method, one.path)
    name = f"{one.method} {one.path}"

    def keep() -> None:
        config.registry[REGISTRY].append(one)

    introspectable = config.introspectable(
        "bibliopolis operations", discriminator, name, "operation"
    )
    introspectable["operation"] = one
    config.action(discriminator, keep, introspectables=(introspectable,))


def _describe_operation(
    config: Configurator, method: str, path: str, summary: str, *, view: Any, **facts: Any
) -> None:
    """Say how programs call a view that is registered already; facts are those of `Operation`."""
    _register(config, Operation(method, path, summary, config.maybe_dotted(view), **facts))


def _add_operation(
    config: Configurator,
    view: Any,
    method: str,
    path: str,
    summary: str,
    *,
    facts: Mapping[str, Any] | None = None,
    **settings: Any,
) -> None:
    """Register a view for programs and say how it is called; facts are those of `Operation`."""
    config.add_view(view, request_method=method, renderer="json", **settings)
    _register(config, Operation(method, path, summary, view, **(facts or {})))


def operation(
    method: str,
    path: str,
    summary: str,
    *,
    context: Any,
    permission: str,
    name: str = "",
    facts: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Callable[[Any], Any]:
    """Register a function as ``config.add_operation`` does, when its module is scanned."""

    def attach(view: Any) -> Any:
        def register(scanner: Any, _name: str, wrapped: Any) -> None:
            config = scanner.config.with_package(info.module)
            config.add_operation(
                wrapped,
                method,
                path,
                summary,
                facts=facts,
                context=context,
                name=name,
                permission=permission,
                **settings,
            )

        info = venusian.attach(view, register, category="pyramid")
        return view

    return attach


def includeme(config: Configurator) -> None:
    """Add the directives ``add_operation`` and ``describe_operation``."""
    config.registry[REGISTRY] = []
    config.add_directive("add_operation", _add_operation)
    config.add_directive("describe_operation", _describe_operation)
