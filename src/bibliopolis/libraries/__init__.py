"""The tree of organisations: where books stand and are handed out, and when that is open."""

from __future__ import annotations

from pyramid.config import Configurator

from bibliopolis.i18n import _
from bibliopolis.resources.interfaces import IReferenceSource


def includeme(config: Configurator) -> None:
    """Register the service and mount ``libraries``; show "my library" in the frame."""
    from . import frame
    from .calendars import Calendars
    from .closures import Closures
    from .editing import Organisations
    from .finding import Directory
    from .models import Library
    from .references import LibraryReferences
    from .resources import LibrariesRoom
    from .services import Libraries
    from .settings import LibrarySettings
    from .staff_resources import OrganisationsRoom

    config.include(".settings")
    config.include(".additions")
    config.include(".audited")
    for service in (Libraries, LibrarySettings, Calendars, Closures, Organisations, Directory):
        config.register_service_factory(service.from_request, service)
    config.register_service_factory(
        LibraryReferences.from_request, IReferenceSource, name="library"
    )
    config.bind_type("library", Library)
    config.add_mount("libraries", LibrariesRoom)
    config.add_scope_kind("library", _("Library"), frame.scope_choices)
    config.add_frame_part("navigation", frame.navigation, order=40)
    config.add_frame_part("library", frame.my_library_link, order=10)
    config.add_frame_part("library", frame.way_to_choose, order=90)
    config.add_frame_part("place", frame.place_today)
    config.add_front_band("libraries", frame.front_band, "libraries/front.pt", order=60)
    config.add_frame_part("footer", frame.footer, order=10)
    config.add_staff_page("libraries", OrganisationsRoom)
    config.add_frame_part("rail", frame.rail, order=70)
    for module in ("views", "staff_views", "closure_views"):
        config.scan(f".{module}")
