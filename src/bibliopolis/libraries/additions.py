"""What other rooms add to the staff pages of organisations: tabs, and words for the history.

``config.add_organisation_tab("rules", title)`` leads to a view of that name of `OrganisationPage`;
``config.add_organisation_action("set_rule", title, details)`` names what a room writes into the
history of an organisation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator

TABS = "bibliopolis.organisation_tabs"
ACTIONS = "bibliopolis.organisation_actions"

Details = Callable[[Any, Mapping[str, Any]], str]


@dataclass(frozen=True)
class AddedAction:
    """An action of the history in words; ``details(request, data)`` says what it was about."""

    title: Any
    details: Details


def _add_organisation_tab(config: Configurator, name: str, title: Any) -> None:
    """Show a tab on the pages of every organisation; ``name`` is that of its view."""
    discriminator = ("bibliopolis organisation tab", name)
    introspectable = config.introspectable(
        "bibliopolis organisation tabs", discriminator, name, "organisation tab"
    )

    def register() -> None:
        config.registry[TABS][name] = title

    config.action(discriminator, register, introspectables=(introspectable,))


def _add_organisation_action(
    config: Configurator, action: str, title: Any, details: Details
) -> None:
    """Say what an action in the history of an organisation is called."""
    discriminator = ("bibliopolis organisation action", action)
    introspectable = config.introspectable(
        "bibliopolis organisation actions", discriminator, action, "organisation action"
    )

    def register() -> None:
        config.registry[ACTIONS][action] = AddedAction(title, details)

    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directives."""
    config.registry[TABS] = {}
    config.registry[ACTIONS] = {}
    config.add_directive("add_organisation_tab", _add_organisation_tab)
    config.add_directive("add_organisation_action", _add_organisation_action)
