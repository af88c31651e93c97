"""What can be done with a search that is shown: rooms above register it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pyramid.config import Configurator

from bibliopolis.frame import Link
from bibliopolis.search.asking import Asked

SEARCH_TOOLS = "bibliopolis.search_tools"

SearchTool = Callable[[Any, Asked], Iterable[Link]]
"""Called with the request and the search; returns links that carry the search on."""


def search_tools(request: Any, asked: Asked) -> list[Link]:
    """Return what can be done with the search, in the order it was registered for."""
    provided = sorted(request.registry[SEARCH_TOOLS], key=lambda one: one[0])
    return [link for _order, provider in provided for link in provider(request, asked)]


def _add_search_tool(config: Configurator, provider: SearchTool, order: int = 50) -> None:
    """Offer something to do with a search: ``provider(request, asked) -> links``."""
    provider = config.maybe_dotted(provider)
    discriminator = ("bibliopolis search tool", provider)

    def register() -> None:
        config.registry[SEARCH_TOOLS].append((order, provider))

    introspectable = config.introspectable(
        "bibliopolis search tools", discriminator, provider.__name__, "search tool"
    )
    introspectable["provider"] = provider
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive ``add_search_tool``."""
    config.registry[SEARCH_TOOLS] = []
    config.add_directive("add_search_tool", _add_search_tool)
