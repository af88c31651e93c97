"""Registers what helps to find: the form, suggestions, lists by letters, what is sought in vain."""

from __future__ import annotations

from pyramid.config import Configurator

DAILY = 24 * 3600.0


def includeme(config: Configurator) -> None:
    """Register services, pages and the frame's part in them."""
    from .browsing import Browsing
    from .search_page import kept_filters
    from .sought import SeekingInVain, forget_what_is_old
    from .sought_views import NAME, SoughtRoom, rail
    from .suggesting import Suggestions

    for service in (Browsing, SeekingInVain, Suggestions):
        config.register_service_factory(service.from_request, service)
    config.include(".ways_out")
    config.include(".search_tools")
    config.add_frame_part("kept", kept_filters)
    config.add_frame_part("rail", rail, order=26)
    config.add_staff_page(NAME, SoughtRoom)
    config.add_upkeep("searches in vain", forget_what_is_old, every=DAILY, writes=True)
    config.scan(".advanced_views")
    config.scan(".browse_views")
    config.scan(".sought_views")
    config.scan(".suggest_views")
