"""Panels: pages made of parts that rooms above bring.

``config.add_account_panel`` puts one on "my account", ``config.add_dashboard_panel`` one on the
first page of the staff area. A panel is a name, a provider called with the request, a template
that renders what the provider returns, and its place in the order. A provider that returns None
leaves its panel out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.renderers import render
from pyramid.request import Request

Provider = Callable[[Request], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    """A part of a page; ``side`` puts it beside the others instead of among them."""

    name: str
    provider: Provider
    template: str
    order: int
    side: bool = False


@dataclass(frozen=True)
class Shown:
    """A panel with its content; ``title`` and ``count`` make its line in the page's own menu."""

    name: str
    title: Any
    count: int | None
    side: bool
    html: str


def show_panels(request: Request, page: str) -> list[Shown]:
    """Ask and render all panels of a page, in their order."""
    panels: Mapping[str, Panel] = request.registry["bibliopolis.panels"].get(page, {})
    shown = []
    for panel in sorted(panels.values(), key=lambda panel: (panel.order, panel.name)):
        values = panel.provider(request)
        if values is None:
            continue
        html = render(panel.template, {"panel": panel, **values}, request=request)
        shown.append(Shown(panel.name, values.get("title"), values.get("count"), panel.side, html))
    return shown


def add_panel(config: Configurator, page: str, panel: Panel) -> None:
    """Put a panel on a page whose room offers that."""
    discriminator = ("bibliopolis panel", page, panel.name)

    def register() -> None:
        config.registry["bibliopolis.panels"].setdefault(page, {})[panel.name] = panel

    introspectable = config.introspectable(
        "bibliopolis panels", discriminator, f"{page}: {panel.name}", "panel"
    )
    introspectable["provider"] = panel.provider
    introspectable["template"] = panel.template
    config.action(discriminator, register, introspectables=(introspectable,))


def _add_account_panel(
    config: Configurator,
    name: str,
    provider: Provider,
    template: str,
    order: int = 50,
    side: bool = False,
) -> None:
    """Put a panel on "my account"; ``name`` is also its ``id`` on the page."""
    provider = config.maybe_dotted(provider)
    add_panel(config, "account", Panel(name, provider, template, order, side))


def _add_dashboard_panel(
    config: Configurator, name: str, provider: Provider, template: str, order: int = 50
) -> None:
    """Put a panel on the first page of the staff area."""
    add_panel(config, "staff", Panel(name, config.maybe_dotted(provider), template, order))


def includeme(config: Configurator) -> None:
    """Add the two directives."""
    config.registry["bibliopolis.panels"] = {}
    config.add_directive("add_account_panel", _add_account_panel)
    config.add_directive("add_dashboard_panel", _add_dashboard_panel)
