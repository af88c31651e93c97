"""People who use the libraries: cards, categories, guardians, home libraries."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register services, tell accounts who its readers are, and show the card there."""
    from bibliopolis.accounts.interfaces import IReaders
    from bibliopolis.libraries.interfaces import IHomeLibrary

    from .categories import ReaderPolicy, load_policy
    from .frame import rail
    from .jobs import SIX_HOURS, end_unfinished
    from .letters import ReaderLetters
    from .own_data import ReaderData
    from .panels import become, card, children, registrations
    from .services import (
        AccountOpening,
        Cards,
        Guardians,
        HomeLibrary,
        Joining,
        Leaving,
        Profile,
        Readers,
        Registering,
        Standing,
    )
    from .staff_resources import ReadersRoom

    policy = load_policy(config.registry["bibliopolis.settings"].site)
    config.register_service(policy, ReaderPolicy)
    for service in (
        AccountOpening,
        Readers,
        Cards,
        Guardians,
        Registering,
        ReaderLetters,
        Joining,
        Leaving,
        Profile,
        Standing,
    ):
        config.register_service_factory(service.from_request, service)
    config.register_service_factory(Readers.from_request, IReaders)
    config.register_service_factory(HomeLibrary.from_request, IHomeLibrary)
    config.add_account_panel("card", card, "readers/card.pt", order=10, side=True)
    config.add_account_panel("become", become, "readers/become.pt", order=10, side=True)
    config.add_account_panel("children", children, "readers/children.pt", order=40)
    config.add_frame_part("rail", rail, order=25)
    config.add_staff_page("readers", ReadersRoom)
    config.add_dashboard_panel(
        "registrations", registrations, "readers/registrations_panel.pt", order=20
    )
    config.add_upkeep("readers", end_unfinished, every=SIX_HOURS, writes=True)
    config.add_personal_data("reader", ReaderData, order=10)
    config.include(".reader_panels")
    config.include(".audited")
    config.scan(".registration_views")
    config.scan(".profile_views")
    config.scan(".staff_views")
    config.scan(".desk_views")
    config.scan(".card_views")
    config.scan(".account_views")
