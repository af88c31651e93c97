"""Reports: begun by people, worked off by the worker a portion at a time, kept until deleted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, undefer

from bibliopolis.clock import Clock
from bibliopolis.db import make_session
from bibliopolis.errors import Conflict
from bibliopolis.i18n import _

from ..permits import Terms
from ..rules import CirculationPolicy
from .drafts import Draft
from .facts import Period, as_json, from_json, rules_as_json, rules_from_json
from .measures import as_it_was, as_replayed
from .models import AT_WORK, ReportState, WhatIfReport
from .reading import PeriodReading
from .replay import Replay
from .state import State

log = logging.getLogger(__name__)

MOST_REPORTS = 20
PORTION = 5.0
"""Seconds of computing at a time: then the worker looks after other things."""
CLAIM = timedelta(minutes=2)
LOOK = 1.0
"""Seconds between portions."""


class WhatIf:
    """Begin, stop, go on with, list and delete reports."""

    def __init__(self, db: Session, clock: Clock, person_id: int | None) -> None:
        self.db = db
        self.clock = clock
        self.person_id = person_id

    @classmethod
    def from_request(cls, context: Any, request: Any) -> WhatIf:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock, person_id=request.principals.person_id)

    def begin(
        self, title: str, text: str, draft: Draft, since: datetime, until: datetime
    ) -> WhatIfReport:
        """Keep a new report for the worker; Conflict where too many are kept."""
        if (self.db.scalar(select(func.count()).select_from(WhatIfReport)) or 0) >= MOST_REPORTS:
            raise Conflict(_("So many reports are kept at most: delete one first."))
        report = WhatIfReport(
            title=title,
            draft=text,
            since=since,
            until=until,
            person_id=self.person_id,
            created=self.clock.now(),
            changes={"rules": rules_as_json(draft.rules), "removed": rules_as_json(draft.removed)},
        )
        self.db.add(report)
        # Flush to get report.uid: the answer leads there.
        self.db.flush()
        return report

    def all(self) -> Sequence[WhatIfReport]:
        """Return all reports, the newest first; there are MOST_REPORTS at most."""
        return self.db.scalars(select(WhatIfReport).order_by(WhatIfReport.id.desc())).all()

    def find(self, uid: str) -> WhatIfReport | None:
        """Return a report with its result."""
        wanted = select(WhatIfReport).where(WhatIfReport.uid == uid)
        return self.db.scalar(wanted.options(undefer(WhatIfReport.result)))

    def done(self, uids: Collection[str]) -> list[WhatIfReport]:
        """Return those of these reports that are done, with their results, in the order asked."""
        wanted = select(WhatIfReport).where(
            WhatIfReport.uid.in_(uids), WhatIfReport.state == ReportState.DONE
        )
        found = {
            one.uid: one for one in self.db.scalars(wanted.options(undefer(WhatIfReport.result)))
        }
        return [found[uid] for uid in uids if uid in found]

    def stop(self, report: WhatIfReport) -> None:
        """Let the worker leave it; what is computed is kept."""
        if report.state not in AT_WORK:
            raise Conflict(_("It is not under way any more."))
        report.state = ReportState.STOPPED

    def go_on(self, report: WhatIfReport) -> None:
        """Let the worker go on where it stopped."""
        if report.state not in (ReportState.STOPPED, ReportState.FAILED):
            raise Conflict(_("It is under way, or done."))
        report.state, report.claimed_until = ReportState.WAITING, None

    def delete(self, report: WhatIfReport) -> None:
        """Forget a report."""
        self.db.delete(report)


def compute_some(request: Any, stop: Callable[[], bool] | None = None) -> bool:
    """Compute a portion of the oldest report there is to do; say if there was one.

    Reading takes place in the transaction of the request, which writes nothing; what is computed is
    written in a short one of its own, unless somebody has stopped or deleted the report meanwhile.
    """
    now = request.clock.now()
    free = or_(WhatIfReport.claimed_until.is_(None), WhatIfReport.claimed_until <= now)
    waiting = select(WhatIfReport.id).where(WhatIfReport.state.in_(AT_WORK), free)
    report_id = request.db.scalar(waiting.order_by(WhatIfReport.id).limit(1))
    if report_id is None:
        return False
    with _writing(request) as db:
        mine = (WhatIfReport.id == report_id) & WhatIfReport.state.in_(AT_WORK) & free
        claim = update(WhatIfReport).where(mine).values(claimed_until=now + CLAIM)
        taken = db.execute(claim.execution_options(synchronize_session=False))
        if not getattr(taken, "rowcount", 0):
            return True
    try:
        _keep(request, report_id, _portion(request, report_id, stop or _until(PORTION)))
    # Whatever is wrong with one report, the worker goes on with others.
    except Exception:
        log.exception("report %s of what would be could not be computed", report_id)
        _keep(request, report_id, {"state": ReportState.FAILED})
    return True


def _portion(request: Any, report_id: int, stop: Callable[[], bool]) -> dict[str, Any]:
    """Return the columns that change: a step further, or the result."""
    columns = ("changes", "period", "progress", "since", "until")
    wanted = select(*(getattr(WhatIfReport, one) for one in columns))
    row = request.db.execute(wanted.where(WhatIfReport.id == report_id)).one()
    policy = request.find_service(CirculationPolicy, context=None)
    if row.period is None:
        reading = request.find_service(PeriodReading, context=None)
        period = reading.read(row.since, row.until)
        return {"period": as_json(period), "state": ReportState.RUNNING}
    period, progress = from_json(row.period), row.progress or {"before": None, "state": None}
    state = None if progress["state"] is None else State.from_json(progress["state"])
    before = progress["before"]
    replay = Replay(period, _terms(period, policy, row.changes if before else None), state)
    done = replay.run(stop)
    if not done:
        kept = {"before": before, "state": replay.state.as_json()}
        share = (replay.share + (1 if before else 0)) / 2
        return {"progress": kept, "share": share}
    geography = period.geography(policy)
    figures = as_replayed(replay, geography)
    if before is None:
        return {"progress": {"before": figures, "state": None}, "share": 0.5}
    result = {"reality": as_it_was(period, geography), "before": before, "after": figures}
    return {
        **{"result": result, "period": None, "progress": None, "share": 1.0},
        **{"state": ReportState.DONE, "finished": request.clock.now()},
    }


def _terms(period: Period, policy: CirculationPolicy, changes: Any) -> Terms:
    book = period.book
    if changes is not None:
        rules, removed = (rules_from_json(changes[name]) for name in ("rules", "removed"))
        book = Draft(rules, removed).book(book)
    return Terms(book, period.geography(policy))


def _keep(request: Any, report_id: int, values: dict[str, Any]) -> None:
    with _writing(request) as db:
        mine = (WhatIfReport.id == report_id) & WhatIfReport.state.in_(AT_WORK)
        change = update(WhatIfReport).where(mine).values(**values, claimed_until=None)
        db.execute(change.execution_options(synchronize_session=False))


@contextmanager
def _writing(request: Any) -> Iterator[Session]:
    if "bibliopolis.db" in request.environ:
        yield request.db
        return
    engine = request.registry["bibliopolis.engine"]
    with make_session(engine, writes=True) as db, db.begin():
        yield db


def _until(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end
