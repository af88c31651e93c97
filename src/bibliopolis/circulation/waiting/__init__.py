"""How long readers wait: seen, promised as an interval, and compared with what came.

``law`` says how the interval is found, ``keeping`` writes down each wait with its promise,
``reckoning`` makes the small tables anew each night that pages read.
"""

from __future__ import annotations

from pyramid.config import Configurator

LOOK_EVERY = 600.0
"""Seconds between looks whether a night's work is to be done."""


def includeme(config: Configurator) -> None:
    """Register the services, the night's work, and the pages of staff."""
    from bibliopolis.i18n import _

    from . import jobs
    from .calibration import Calibrations
    from .expecting import Expectations
    from .missing import MissingWaits
    from .ratio import HoldRatios
    from .reckoning import Reckoning
    from .sooner import SoonerEditions

    reading = (Expectations, Calibrations, HoldRatios, SoonerEditions)
    for service in (*reading, Reckoning, MissingWaits):
        config.register_service_factory(service.from_request, service)
    config.add_job(jobs.TOPIC, jobs.reckon, batch=1)
    config.add_job(jobs.BEGINNING, jobs.begin, batch=1)
    config.add_upkeep("waiting times", jobs.look_for_nights, every=LOOK_EVERY, writes=True)
    config.add_organisation_tab("waiting-times", _("Waiting times"))
    config.add_organisation_tab("hold-ratio", _("Holds and copies"))
    for module in ("views", "ratio_views"):
        config.scan(f".{module}")
