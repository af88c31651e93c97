"""The directives by which rooms bring what can be found, how it looks, and what changes live."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator

INDEXERS = "bibliopolis.indexers"
PRESENTERS = "bibliopolis.result_presenters"
LIVE_FACETS = "bibliopolis.live_facets"


@dataclass(frozen=True)
class Indexer:
    """How the documents of one kind of resource are made; see ``IIndexer`` for the contract."""

    name: str
    documents: Callable[..., Iterable[Any]]
    all_ids: Callable[[Any], Iterable[int]]


def _add_indexer(config: Configurator, name: str, indexer: Any, all_ids: Any = None) -> None:
    """Register who makes the documents of the resources ``name:<id>``.

    ``indexer(request, ids)`` returns documents; ``all_ids(request)``, or the indexer's own
    attribute of that name, returns all ids for a rebuild.
    """
    indexer = config.maybe_dotted(indexer)
    all_ids = config.maybe_dotted(all_ids) or indexer.all_ids
    _register(config, INDEXERS, "indexer", name, Indexer(name, indexer, all_ids))


def _add_result_presenter(config: Configurator, name: str, presenter: Any) -> None:
    """Register who shows hits of the resources ``name:<id>``: see ``IResultPresenter``."""
    _register(config, PRESENTERS, "result presenter", name, config.maybe_dotted(presenter))


def _add_live_facet(config: Configurator, facet: Any) -> None:
    """Register an ``ILiveFacet``: a facet read from the database, not from the index."""
    facet = config.maybe_dotted(facet)
    _register(config, LIVE_FACETS, "live facet", facet.name, facet)


def _register(config: Configurator, table: str, what: str, name: str, value: Any) -> None:
    """Put a value into a table of the registry; two rooms cannot take one name."""
    discriminator = (f"bibliopolis {what}", name)

    def register() -> None:
        config.registry[table][name] = value

    introspectable = config.introspectable(f"bibliopolis {what}s", discriminator, name, what)
    introspectable["value"] = value
    config.action(discriminator, register, introspectables=(introspectable,))


def includeme(config: Configurator) -> None:
    """Add the directives."""
    for table in (INDEXERS, PRESENTERS, LIVE_FACETS):
        config.registry[table] = {}
    config.add_directive("add_indexer", _add_indexer)
    config.add_directive("add_result_presenter", _add_result_presenter)
    config.add_directive("add_live_facet", _add_live_facet)
