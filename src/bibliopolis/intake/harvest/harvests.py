"""Harvests that people, the command and the timetable begin; the worker carries them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.libraries.models import Library, OrganisationKind
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.resources.history import History

from ..audited import BEGIN_HARVEST, CANCEL_HARVEST, LIBRARY
from ..models import AT_WORK, ENDED, RunState
from ..runs import demand_state
from .declared import Source, Sources
from .models import HarvestRun, HarvestSource

TOPIC = "harvest_run"


class Harvests:
    """Begin and steer harvests."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        outbox: Outbox,
        sources: Sources,
        history: History,
        actor_id: int | None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.sources = sources
        self.history = history
        self.actor_id = actor_id

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Harvests:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox, context=None),
            sources=request.registry["bibliopolis.harvest_sources"],
            history=History.from_request(context, request),
            actor_id=request.principals.person_id,
        )

    def known(self) -> dict[str, HarvestSource]:
        """Return what is kept of the declared sources, by their names."""
        rows = self.db.execute(
            select(HarvestSource, Library.code)
            .join(Library, Library.id == HarvestSource.library_id)
            .where(HarvestSource.name.in_(list(self.sources)))
        )
        return {row.name: row for row, code in rows if self.sources[row.name].library == code}

    def of(self, source: Source) -> HarvestSource:
        """Return what is kept of a source, locked, from now on if nothing was."""
        library_id = self.db.scalar(
            select(Library.id).where(
                Library.code == source.library, Library.kind == OrganisationKind.LIBRARY
            )
        )
        if library_id is None:
            said = {"code": source.library}
            raise InvalidInput(_("There is no library ${code}.", mapping=said))
        mine = select(HarvestSource).where(
            HarvestSource.name == source.name, HarvestSource.library_id == library_id
        )
        found = self.db.scalar(mine.with_for_update())
        if found is None:
            now = self.clock.now()
            found = HarvestSource(name=source.name, library_id=library_id, created=now)
            self.db.add(found)
            self.db.flush()  # its runs name it
        return found

    def begin(
        self,
        source: Source,
        *,
        whole: bool = False,
        since: datetime | None = None,
        dry: bool = False,
        gone: bool = False,
        queue: bool = True,
    ) -> HarvestRun:
        """Begin a harvest of what is new, of everything, or of what was changed since a moment.

        ``gone`` lets a large part that is missing be withdrawn. ``Conflict`` if another one of
        this source is under way.
        """
        kept = self.of(source)
        last = self.latest([kept.id]).get(kept.id)
        if last is not None and last.state in (*AT_WORK, RunState.PAUSED):
            raise Conflict(_("A harvest of this source is under way: let it end, or cancel it."))
        known = kept.since if kept.place == source.place else None
        asked = since or (None if whole else known)
        now = self.clock.now()
        run = HarvestRun(
            source_id=kept.id,
            dry=dry,
            whole=asked is None,
            gone=gone,
            since=asked,
            keeps=since is None or (known is not None and since <= known),
            place=source.place,
            actor_id=self.actor_id,
            created=now,
            touched=now,
        )
        self.db.add(run)
        self.db.flush()  # its uid goes into the outbox
        if not dry:
            self._tell(BEGIN_HARVEST, kept)
        if queue:
            self._queue(run)
        else:
            run.state = RunState.RUNNING
        return run

    def pause(self, run: HarvestRun) -> None:
        """Let it rest after the records that are being worked on."""
        self._demand(run, AT_WORK).state = RunState.PAUSED

    def resume(self, run: HarvestRun, *, queue: bool = True) -> None:
        """Let it go on where it was."""
        # The lock of `begin`: another must not begin between the look and the step.
        self.db.execute(
            select(HarvestSource.id).where(HarvestSource.id == run.source_id).with_for_update()
        )
        run = self._demand(run, (RunState.PAUSED, RunState.FAILED))
        if self.latest([run.source_id])[run.source_id].id != run.id:
            raise Conflict(_("A later harvest has begun: this one cannot go on."))
        run.attempts = run.restarts = 0
        run.ended, run.trouble, run.trouble_values = None, None, {}
        if queue:
            self._queue(run)
        else:
            run.state = RunState.RUNNING

    def cancel(self, run: HarvestRun) -> None:
        """End it; what came in stays, and the next one begins where this one did."""
        run = self._demand(run, (*AT_WORK, RunState.PAUSED, RunState.FAILED))
        run.state, run.ended = RunState.CANCELLED, self.clock.now()
        kept = self.db.get_one(HarvestSource, run.source_id)
        self._tell(CANCEL_HARVEST, kept)

    def latest(self, source_ids: Sequence[int]) -> dict[int, HarvestRun]:
        """Return the newest run of each source."""
        newest = (
            select(func.max(HarvestRun.id))
            .where(HarvestRun.source_id.in_(source_ids))
            .group_by(HarvestRun.source_id)
        )
        found = self.db.scalars(select(HarvestRun).where(HarvestRun.id.in_(newest)))
        return {run.source_id: run for run in found}

    def newest(self, source: Source) -> HarvestRun:
        """Return the newest run of a source; ``NotFoundHere`` if it was never harvested."""
        kept = self.known().get(source.name)
        run = self.latest([kept.id]).get(kept.id) if kept is not None else None
        if run is None:
            raise NotFoundHere(_("This harvest is no longer kept."))
        return run

    def page(self, source_id: int, offset: int, limit: int) -> tuple[int, Sequence[HarvestRun]]:
        """Return how many harvests a source had and one page of them, the newest first."""
        mine = HarvestRun.source_id == source_id
        total = self.db.scalar(select(func.count()).select_from(HarvestRun).where(mine))
        rows = self.db.scalars(
            select(HarvestRun)
            .where(mine)
            .order_by(HarvestRun.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()
        return total or 0, rows

    def forget_old(self, days: int) -> None:
        """Forget harvests that ended so many days ago, except the newest of each source."""
        newest = select(func.max(HarvestRun.id)).group_by(HarvestRun.source_id)
        self.db.execute(
            delete(HarvestRun)
            .where(
                HarvestRun.state.in_(ENDED),
                HarvestRun.ended <= self.clock.now() - timedelta(days=days),
                HarvestRun.id.not_in(newest),
            )
            .execution_options(synchronize_session=False)
        )

    def begin_due(self, source: Source, due: datetime, whole: bool) -> None:
        """Begin what the timetable wants at ``due``, unless it was begun; or go on with it.

        A harvest that failed on the way goes on, so that one longer than a night comes to its end.
        """
        kept = self.of(source)
        last = self.latest([kept.id]).get(kept.id)
        if (last.touched if last else kept.created) >= due:
            return
        if last is not None and last.state in (*AT_WORK, RunState.PAUSED):
            return
        if last is not None and _was_on_its_way(last, source):
            last.touched = self.clock.now()
            self.resume(last)
        else:
            self.begin(source, whole=whole)

    def wake(self, run: HarvestRun) -> None:
        """Let whoever waited for the end of a pause go on."""
        run = self._demand(run, AT_WORK)
        run.state, run.not_before = RunState.RUNNING, None

    def look_after(self, run_ids: Sequence[int], silent: datetime) -> None:
        """Let the worker go on with runs whose pause is over, or that nobody works on any more."""
        now = self.clock.now()
        runs = self.db.scalars(
            select(HarvestRun)
            .where(HarvestRun.id.in_(run_ids), HarvestRun.state.in_(AT_WORK))
            .order_by(HarvestRun.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        for run in runs:
            if run.touched <= silent if run.not_before is None else run.not_before <= now:
                self._queue(run)

    def _queue(self, run: HarvestRun) -> None:
        run.state, run.not_before, run.touched = RunState.WAITING, None, self.clock.now()
        self.outbox.add(TOPIC, run.uid, Priority.BULK)

    def _tell(self, action: str, kept: HarvestSource) -> None:
        data: Mapping[str, Any] = {"source": kept.name}
        self.history.write((LIBRARY, kept.library_id), action, data=data)

    def _demand(self, run: HarvestRun, states: Sequence[str]) -> HarvestRun:
        """Return the run as it is now, locked; refuse one that is elsewhere meanwhile."""
        gone = _("This harvest is no longer kept.")
        gone_on = _("The harvest has gone on meanwhile: look where it is now.")
        return demand_state(self.db, run, states, gone, gone_on)


def _was_on_its_way(run: HarvestRun, source: Source) -> bool:
    """Say whether a run failed in the middle of a list that is still asked for."""
    failed = run.state == RunState.FAILED and not run.dry and run.place == source.place
    return failed and (run.listed or run.pages > 0)
