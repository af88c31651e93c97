"""The timetable of harvests: what is due begins, what waited or was left lying goes on."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bibliopolis.errors import BibliopolisError
from bibliopolis.libraries.models import Library
from bibliopolis.outbox import OutboxRow

from ..batches import transaction
from ..models import AT_WORK
from .harvests import TOPIC, Harvests
from .models import HarvestRun

log = logging.getLogger(__name__)

EVERY_LOOK = 20.0
SILENT = timedelta(minutes=10)
"""Nobody works on a run that was not touched for so long, and that nothing waits for."""


def look_at_timetable(request: Any) -> None:
    """Begin what is due, and let runs go on whose pause is over."""
    _begin_due(request)
    _look_after(request)


def _begin_due(request: Any) -> None:
    harvests = request.find_service(Harvests, context=None)
    clock = request.clock
    now = clock.now()
    timed = {name: one for name, one in harvests.sources.items() if one.times}
    if not timed:
        return
    codes = set(request.db.scalars(select(Library.code)))
    known = harvests.known()
    latest = harvests.latest([one.id for one in known.values()])
    for name, source in timed.items():
        due = source.last_due(now, clock.zone)
        kept = known.get(name)
        last = latest.get(kept.id) if kept else None
        if due is None or (kept and (last.touched if last else kept.created) >= due):
            continue
        if source.library not in codes:
            log.warning("harvest of %s: there is no library %s", name, source.library)
            continue
        try:
            with transaction(request.registry) as work:
                whole = source.is_whole(due, clock.zone)
                work.find_service(Harvests, context=None).begin_due(source, due, whole)
        except BibliopolisError as error:
            log.warning("harvest of %s: %s", name, error)


def _look_after(request: Any) -> None:
    now = request.clock.now()
    silent = now - SILENT
    run = HarvestRun
    queued = select(OutboxRow.key).where(OutboxRow.topic == TOPIC, OutboxRow.failed.is_(False))
    lying = run.not_before.is_(None) & (run.touched <= silent) & run.uid.not_in(queued)
    found = request.db.scalars(
        select(run.id).where(run.state.in_(AT_WORK), (run.not_before <= now) | lying)
    ).all()
    if found:
        with transaction(request.registry) as work:
            work.find_service(Harvests, context=None).look_after(found, silent)
