"""Bibliopolis, the united portal of a city's libraries."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pyramid.config import Configurator
from pyramid.router import Router

from bibliopolis.request_class import make_app
from bibliopolis.settings import parse_settings, with_environment
from bibliopolis.startup import plain_errors

# The rooms of the house, from the ground to the roof: a room is included after those it uses.
FOUNDATION = (
    "bibliopolis.web",
    "bibliopolis.db",
    "bibliopolis.negotiation",
    "bibliopolis.theme",
    "bibliopolis.outbox",
    "bibliopolis.mail",
    "bibliopolis.problems",
    "bibliopolis.headers",
    "bibliopolis.etags",
    "bibliopolis.compression",
    "bibliopolis.health",
)
ROOMS = (
    "bibliopolis.workflow",
    "bibliopolis.resources",
    "bibliopolis.resources.policy",
    "bibliopolis.resources.traversal",
    "bibliopolis.resources.history",
    "bibliopolis.resources.rest",
    "bibliopolis.search",
    "bibliopolis.accounts",
    "bibliopolis.content",
    "bibliopolis.libraries",
    "bibliopolis.readers",
    "bibliopolis.notices",
    "bibliopolis.catalogue",
    "bibliopolis.intake",
    "bibliopolis.circulation",
    "bibliopolis.consultations",
    "bibliopolis.participation",
    "bibliopolis.interchange.feeds",
    "bibliopolis.interchange.crawlers",
    "bibliopolis.interchange.rest",
)


def configure(
    settings: Mapping[str, Any], registered: Mapping[str, Any] | None = None
) -> Configurator:
    """Return the configurator with every room included, not yet committed.

    ``registered`` is put into the registry first: tests hand in their engine and clock.
    """
    config = Configurator(settings=dict(settings))
    config.registry["bibliopolis.settings"] = parse_settings(settings)
    for name, value in (registered or {}).items():
        config.registry[name] = value
    packages = config.registry["bibliopolis.settings"].packages
    for room in (*FOUNDATION, *ROOMS, *packages):
        config.include(room)
    return config


def main(global_config: Mapping[str, Any], **settings: Any) -> Router:
    """Return the WSGI application of an .ini file."""
    with plain_errors():
        return make_app(configure(with_environment(settings, os.environ)))
