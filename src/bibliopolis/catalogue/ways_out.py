"""What else may be done where the catalogue has not what was sought: rooms above register it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pyramid.config import Configurator

from bibliopolis.frame import Link

WAYS_OUT = "bibliopolis.ways_out"

WayOut = Callable[[Any, str], Iterable[Link]]
"""Called with the request and what was sought; returns links that carry the words on."""


def ways_out(request: Any, text: str) -> list[Link]:
    """Return what may be done instead, in the order it was registered for."""
    provided = sorted(request.registry[WAYS_OUT], key=lambda one: one[0])
    return [link for _order, provider in provided for link in provider(request, text)]


def _add_way_out(config: Configurator, provider: WayOut, order: int = 50) -> None:
    """Offer something to those who have found nothing: ``provider(request, text) -> links``."""
    provider = config.maybe_dotted(provider)
    discriminator = ("bibliopolis way out", provider)

    def register() -> None:
        config.registry[WAYS_OUT].append((order, provider))

    introspectable = config.introspectable(
        "bibliopolis ways out", discriminator, provider.__name__, "way out"
    )
    introspectable["provider"] = provider
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directive ``add_way_out``."""
    config.registry[WAYS_OUT] = []
    config.add_directive("add_way_out", _add_way_out)
