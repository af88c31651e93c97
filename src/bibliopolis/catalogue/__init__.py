"""The catalogue: records, their copies, where a copy is to be had, and how records come in."""

from __future__ import annotations

from pyramid.config import Configurator

DAILY = 24 * 3600.0


def includeme(config: Configurator) -> None:
    """Register the services, the address, and what the search needs to know of records."""
    from . import cards, frame, indexing
    from .availability import Availability, AvailabilityFacet
    from .browsing import Browsing
    from .generated import GeneratedRecords
    from .models import Record
    from .records import Records
    from .resources import NAME, TYPE, Catalogue
    from .search_page import kept_filters, search_scopes
    from .siblings import Siblings
    from .similar import Similar
    from .sought import SeekingInVain, forget_what_is_old
    from .sought_views import NAME as SOUGHT
    from .sought_views import SoughtRoom, rail
    from .suggesting import Suggestions

    for service in (
        Availability,
        Browsing,
        GeneratedRecords,
        Records,
        Siblings,
        Similar,
        Suggestions,
    ):
        config.register_service_factory(service.from_request, service)
    config.register_service_factory(SeekingInVain.from_request, SeekingInVain)
    config.include(".panels")
    config.include(".ways_out")
    config.bind_type(TYPE, Record)
    config.add_mount(NAME, Catalogue)
    config.add_indexer(TYPE, indexing.documents, indexing.all_ids)
    config.add_result_presenter(TYPE, indexing.rows)
    config.add_live_facet(AvailabilityFacet())
    config.add_resource_card(TYPE, cards.cards, mount=NAME)
    config.add_front_band("new_records", cards.new_records, "catalogue/new_records.pt", order=40)
    config.add_frame_part("navigation", frame.navigation, order=10)
    config.add_frame_part("scopes", search_scopes)
    config.add_frame_part("kept", kept_filters)
    config.add_frame_part("chips", frame.subjects)
    config.add_upkeep("searches in vain", forget_what_is_old, every=DAILY, writes=True)
    config.add_staff_page(SOUGHT, SoughtRoom)
    config.add_frame_part("rail", rail, order=26)
    config.scan(".advanced_views")
    config.scan(".beside_views")
    config.scan(".browse_views")
    config.scan(".citing_views")
    config.scan(".export_views")
    config.scan(".sought_views")
    config.scan(".suggest_views")
    config.scan(".views")
    config.scan(".search_views")
