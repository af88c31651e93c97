"""The catalogue: records, their copies, where a copy is to be had, and how records come in."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the services, the address, and what the search needs to know of records."""
    from . import cards, frame, indexing
    from .availability import Availability, AvailabilityFacet
    from .decisions import UnionDecisions
    from .generated import GeneratedRecords
    from .item_types import ItemTypes, load_item_types
    from .models import Record
    from .records import Records
    from .resources import NAME, TYPE, Catalogue
    from .search_page import search_scopes
    from .siblings import Siblings
    from .similar import Similar

    for service in (Availability, GeneratedRecords, Records, Siblings, Similar, UnionDecisions):
        config.register_service_factory(service.from_request, service)
    item_types = load_item_types(config.registry["bibliopolis.settings"].site)
    config.register_service(item_types, ItemTypes)
    config.include(".closed")
    config.include(".finding")
    config.include(".panels")
    config.bind_type(TYPE, Record)
    config.add_mount(NAME, Catalogue)
    config.add_indexer(TYPE, indexing.documents, indexing.all_ids)
    config.add_result_presenter(TYPE, indexing.rows)
    config.add_live_facet(AvailabilityFacet())
    config.add_resource_card(TYPE, cards.cards, mount=NAME)
    config.add_front_band("new_records", cards.new_records, "catalogue/new_records.pt", order=40)
    config.add_frame_part("navigation", frame.navigation, order=10)
    config.add_frame_part("scopes", search_scopes)
    config.add_frame_part("chips", frame.subjects)
    config.scan(".beside_views")
    config.scan(".citing_views")
    config.scan(".export_views")
    config.scan(".description_views")
    config.scan(".views")
    config.scan(".search_views")
