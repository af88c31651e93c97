"""Finding things: what a search engine must be able to do, and the one that does it."""

from __future__ import annotations

from pyramid.config import Configurator

from bibliopolis.search.interfaces import ISearchIndex
from bibliopolis.search.jobs import BATCH, TOPIC, check_index, index_changes, look_after_index
from bibliopolis.search.services import Search

INDEX = "bibliopolis.search_index"


def includeme(config: Configurator) -> None:
    """Register the index, the service, the worker's job and the directives of this room.

    An index that is already in the registry is used: tests hand in a ``RamIndex``.
    """
    config.include(".registration")
    if INDEX not in config.registry:
        # Only the default needs Whoosh: it takes a while to import.
        from bibliopolis.search.whoosh.index import WhooshIndex

        settings = config.registry["bibliopolis.settings"]
        config.registry[INDEX] = WhooshIndex(settings.data / "index")
    config.register_service(config.registry[INDEX], ISearchIndex)
    config.register_service_factory(Search.from_request, Search)
    # The index is no part of the transaction: nothing in the database waits while it is written.
    config.add_job(TOPIC, index_changes, batch=BATCH, writes=False)
    config.add_upkeep("index", look_after_index)
    config.add_health_check("index", check_index)
