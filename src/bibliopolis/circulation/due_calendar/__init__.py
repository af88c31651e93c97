"""Due dates in the calendar of a telephone: a feed at a secret address, for readers who want it."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register the service, what counts readings, and the page below "my account"."""
    from .calendars import DueCalendars
    from .limits import ReadingLimit
    from .views import NAME, CalendarRoom

    config.register_service_factory(DueCalendars.from_request, DueCalendars)
    config.registry[ReadingLimit.__name__] = ReadingLimit()
    config.add_account_page(NAME, CalendarRoom)
    config.scan(".views")
