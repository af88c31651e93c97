"""What readers keep and add: saved searches, and letters about what is new in them."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register services, pages, the button on the search page, and what the worker does."""
    from . import frame, panels, resources
    from .jobs import LOOK_EVERY, TOPIC, find_due, write_alerts
    from .letters import AlertLetters
    from .own_data import SavedData
    from .services import Alerts, NewFinds, SavedSearches, StopLinks

    for service in (SavedSearches, StopLinks, NewFinds, AlertLetters, Alerts):
        config.register_service_factory(service.from_request, service)
    config.add_account_page(resources.NAME, resources.SavedSearchesRoom)
    config.add_account_panel(
        "searches", panels.my_searches, "participation/my_searches.pt", order=50
    )
    config.add_search_tool(frame.save_this_search)
    config.add_personal_data("saved_searches", SavedData, order=30)
    config.add_job(TOPIC, write_alerts, batch=1)
    config.add_upkeep("saved searches", find_due, every=LOOK_EVERY, writes=True)
    config.scan(".search_views")
    config.scan(".stop_views")
