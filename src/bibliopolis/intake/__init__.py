"""How libraries' records come in: files, other libraries' servers, and what was refused."""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Register services, jobs and the staff pages."""
    from . import frame
    from .folders import EVERY_LOOK, look_into_folders
    from .harvest.declared import load_sources
    from .harvest.harvests import TOPIC as HARVEST
    from .harvest.harvests import Harvests
    from .harvest.jobs import EVERY_LOOK as EVERY_LOOK_AT_THE_TIMETABLE
    from .harvest.jobs import look_at_timetable
    from .harvest.working import carry_on as carry_harvest_on
    from .jobs import HOURLY, RETRY, forget_what_is_old, retry_records
    from .profiles import load_profiles
    from .quarantine import Quarantine
    from .resources import IntakeRoom
    from .runs import TOPIC, Runs
    from .working import carry_on

    site = config.registry["bibliopolis.settings"].site
    profiles = config.registry["bibliopolis.import_profiles"] = load_profiles(site)
    config.registry["bibliopolis.harvest_sources"] = load_sources(site, profiles)
    config.register_service_factory(Runs.from_request, Runs)
    config.register_service_factory(Quarantine.from_request, Quarantine)
    config.add_job(TOPIC, carry_on, batch=1, writes=False)
    config.register_service_factory(Harvests.from_request, Harvests)
    config.add_job(HARVEST, carry_harvest_on, batch=1, writes=False)
    config.add_upkeep("harvests", look_at_timetable, every=EVERY_LOOK_AT_THE_TIMETABLE)
    config.add_job(RETRY, retry_records, batch=20)
    config.add_upkeep("imports", forget_what_is_old, every=HOURLY, writes=True)
    config.add_upkeep("import folders", look_into_folders, every=EVERY_LOOK)
    config.add_staff_page("imports", IntakeRoom)
    config.add_frame_part("rail", frame.rail, order=25)
    config.include(".audited")
    config.scan(".quarantine_views")
    config.scan(".run_views")
    config.scan(".harvest.views")
