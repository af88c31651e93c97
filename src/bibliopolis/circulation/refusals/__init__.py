"""Refusals: what readers attempted in vain, counted without them, and what was met all the same.

Services tell of refusals by `RefusalNotes`; the counting is done when the request is
over. Searches that find nothing are counted by the catalogue already and only shown here.
"""

from __future__ import annotations

from pyramid.config import Configurator

DAILY = 24 * 3600.0


def includeme(config: Configurator) -> None:
    """Register the notes of requests, the pages, and what is forgotten when."""
    from bibliopolis.i18n import _

    from .listing import Refusals
    from .noting import NotesOfRequest, RefusalNotes, forget_what_is_old
    from .resources import NAME, RefusalsRoom, rail

    config.register_service_factory(NotesOfRequest.from_request, RefusalNotes)
    config.register_service_factory(Refusals.from_request, Refusals)
    config.add_upkeep("refusals", forget_what_is_old, every=DAILY, writes=True)
    config.add_staff_page(NAME, RefusalsRoom)
    config.add_organisation_tab(NAME, _("Refusals"))
    config.add_frame_part("rail", rail, order=21)
    config.scan(".views")
