"""How libraries' records come in: what was refused is kept until somebody has seen to it."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register services, jobs and the staff pages."""
    from . import frame
    from .jobs import DAILY, RETRY, forget_what_is_old, retry_records
    from .quarantine import Quarantine
    from .resources import IntakeRoom

    config.register_service_factory(Quarantine.from_request, Quarantine)
    config.add_job(RETRY, retry_records, batch=20)
    config.add_upkeep("quarantine", forget_what_is_old, every=DAILY, writes=True)
    config.add_staff_page("imports", IntakeRoom)
    config.add_frame_part("rail", frame.rail, order=25)
    config.scan(".quarantine_views")
