"""Panels that other rooms put beside a record: where circulation lets a reader place a hold.

``config.add_record_panel("hold", panel)``: ``panel(context, request)`` gets the record's resource
and returns finished HTML (``Markup``, usually from ``pyramid.renderers.render``) or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from pyramid.config import Configurator
from pyramid.request import Request

PANELS = "bibliopolis.record_panels"

Panel = Callable[[Any, Request], str | None]


def record_panels(context: Any, request: Request) -> list[Markup]:
    """Return the panels that have something to say about the record, in their order."""
    said = (panel(context, request) for _order, _name, panel in request.registry[PANELS])
    return [Markup(html) for html in said if html]


def _add_record_panel(config: Configurator, name: str, panel: Panel, order: int = 50) -> None:
    """Put a panel beside every record; lower orders come first."""
    discriminator = ("bibliopolis record panel", name)
    panel = config.maybe_dotted(panel)

    def register() -> None:
        panels = [*config.registry[PANELS], (order, name, panel)]
        config.registry[PANELS] = sorted(panels, key=lambda one: one[:2])

    shown = config.introspectable("bibliopolis record panels", discriminator, name, "record panel")
    shown["panel"] = panel
    config.action(discriminator, register, introspectables=(shown,))


def includeme(config: Configurator) -> None:
    """Add the directive."""
    config.registry[PANELS] = []
    config.add_directive("add_record_panel", _add_record_panel)
