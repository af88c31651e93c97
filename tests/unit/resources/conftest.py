"""A configurator with the kernel only, and the site's own declarations."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from pyramid.config import Configurator

from bibliopolis.startup import plain_errors

SITE = Path(__file__).parents[3]


@pytest.fixture
def kernel():
    """Return a function that makes a configurator for the site in a folder."""

    def make(site: Path = SITE) -> Configurator:
        config = Configurator()
        config.registry["bibliopolis.settings"] = SimpleNamespace(site=site)
        config.include("pyramid_services")
        config.include("bibliopolis.workflow")
        config.include("bibliopolis.resources")
        if site == SITE:
            # The site's own workflows name what the rooms bring.
            config.add_guards("bibliopolis.content.guards")
            for room in ("circulation", "consultations"):
                config.add_guards(f"bibliopolis.{room}.guards")
                config.add_verbs(room, f"bibliopolis.{room}.verbs")
        return config

    return make


@pytest.fixture
def types_of():
    """Return a function that commits a configurator and returns its types."""

    def commit(config):
        with plain_errors():
            config.commit()
        return config.registry["bibliopolis.types"]

    return commit
