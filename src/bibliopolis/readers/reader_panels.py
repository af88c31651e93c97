"""Panels on the page of a reader at the desk, which rooms above bring."""

from __future__ import annotations

from pyramid.config import Configurator

from bibliopolis.accounts.panels import Panel, Provider, add_panel

PAGE = "reader"


def _add_reader_panel(
    config: Configurator, name: str, provider: Provider, template: str, order: int = 50
) -> None:
    """Put a panel on the page of a reader; the provider finds them at ``request.context``."""
    add_panel(config, PAGE, Panel(name, config.maybe_dotted(provider), template, order))


def includeme(config: Configurator) -> None:
    """Add the directive."""
    config.add_directive("add_reader_panel", _add_reader_panel)
