"""``@components``: what belongs to a resource and is told only when a program asks for it.

``config.add_json_component(name, provider, context)``; ``provider(context, request)`` returns what
``<address>/@<name>`` answers, and what ``?expand=<name>`` puts into the resource itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

REGISTRY = "bibliopolis.json_components"
Provider = Callable[[Any, Request], Any]


def components_of(context: Any, request: Request, address: str) -> dict[str, Any]:
    """Return the components of a resource: those asked for in full, of the others the address."""
    asked = {name for text in request.GET.getall("expand") for name in text.split(",")}
    return {
        name: provider(context, request)
        if name in asked
        else {"@id": f"{address.rstrip('/')}/@{name}"}
        for (name, kind), provider in request.registry[REGISTRY].items()
        if isinstance(context, kind)
    }


def _add_json_component(config: Configurator, name: str, provider: Provider, context: type) -> None:
    """Let resources of a class have a component; two rooms cannot take one name for it."""
    discriminator = ("bibliopolis json component", name, context)

    def register() -> None:
        config.registry[REGISTRY][name, context] = provider

    introspectable = config.introspectable(
        "bibliopolis json components", discriminator, name, "json component"
    )
    introspectable["provider"] = provider
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive ``add_json_component``."""
    config.registry[REGISTRY] = {}
    config.add_directive("add_json_component", _add_json_component)
