"""What readers are told of their holds and loans: by the steps that are taken, and by the calendar.

Nothing else of circulation knows of it: a witness of histories puts steps that are told of into the
outbox, in the transaction of the step, and the worker reads the truth.
"""

from __future__ import annotations

from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Declare the kinds and their things, listen to steps, look at the calendar."""
    from .calendar import CalendarLook
    from .jobs import EVENTS, LOAN_EVENTS, LOOK_EVERY, look_at_calendar, note_loan_steps, note_steps
    from .kinds import TITLES
    from .sources import HoldSource, LoanSource
    from .told import ToldSteps
    from .witness import StepWitness

    for place, (name, title) in enumerate(TITLES.items()):
        config.add_notice_kind(name, title, name.partition("_")[0], order=place)
    config.add_notice_source("hold", HoldSource)
    config.add_notice_source("loan", LoanSource)
    config.add_history_witness(StepWitness.from_request)
    for service in (ToldSteps, CalendarLook):
        config.register_service_factory(service.from_request, service)
    config.add_job(EVENTS, note_steps, batch=50)
    config.add_job(LOAN_EVENTS, note_loan_steps, batch=50)
    config.add_upkeep("notices of holds and loans", look_at_calendar, LOOK_EVERY, writes=True)
