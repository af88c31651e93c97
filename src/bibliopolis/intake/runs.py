"""Imports that the worker carries out: begun, paused, resumed, cancelled, and their lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from io import BytesIO
from typing import Any, BinaryIO, TypeVar

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.marc import Reading, Wanted, read_stream
from bibliopolis.clock import Clock
from bibliopolis.db import new_uid
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.resources.history import History

from .audited import BEGIN_IMPORT, CANCEL_IMPORT, LIBRARY
from .files import ImportFiles, plain_name
from .harvest.models import HarvestRun
from .models import AT_WORK, ENDED, IntakeRun, RunState
from .profiles import Profiles, wanted_of

TOPIC = "intake_run"
LOOKED_AT = 1 << 20
"""So many bytes of a file are read to show what its records look like."""
SHOWN = 5
DRAFT_DAYS = 7
"""A file that nobody began to bring in is forgotten after so many days."""


Run = TypeVar("Run", IntakeRun, HarvestRun)


def demand_state(db: Session, run: Run, states: Sequence[str], gone: Any, gone_on: Any) -> Run:
    """Return a run as it is now, locked, if it is in one of the states.

    ``gone`` is what NotFoundHere says of one that was deleted meanwhile, ``gone_on`` what Conflict
    says of one in another state.
    """
    kept = type(run)
    now = db.scalar(
        select(kept)
        .where(kept.id == run.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if now is None:
        raise NotFoundHere(gone)
    if now.state not in states:
        raise Conflict(gone_on)
    return now


class Runs:
    """Begin and steer imports; the worker does what they say."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        outbox: Outbox,
        files: ImportFiles,
        profiles: Profiles,
        history: History,
        actor_id: int | None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.files = files
        self.profiles = profiles
        self.history = history
        self.actor_id = actor_id

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Runs:
        """Make it for a request."""
        settings = request.settings
        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox, context=None),
            files=ImportFiles(settings.data, settings.import_limit),
            profiles=request.registry["bibliopolis.import_profiles"],
            history=History.from_request(context, request),
            actor_id=request.principals.person_id,
        )

    def bring(
        self,
        library_id: int,
        name: str,
        stream: BinaryIO,
        profile: str = "",
        apart: AbstractContextManager[None] | None = None,
    ) -> IntakeRun:
        """Keep a file of a library, to be looked at; nothing of it is in the catalogue yet.

        It is unpacked within ``apart``: that can take long, and nobody else should wait for it.
        """
        self._check(profile)
        uid = new_uid()
        # Before the commit: a row must not name a file that is not there.
        with apart or nullcontext():
            size = self.files.keep(uid, stream)
        return self.add(uid, library_id, name, size, profile)

    def add(self, uid: str, library_id: int, name: str, size: int, profile: str = "") -> IntakeRun:
        """Note a file that is kept already under this uid."""
        run = IntakeRun(
            uid=uid,
            library_id=library_id,
            file=plain_name(name),
            size=size,
            profile=profile,
            actor_id=self.actor_id,
            created=self.clock.now(),
        )
        self.db.add(run)
        self.db.flush()  # its id is part of an address
        return run

    def say(self, run: IntakeRun, profile: str, said: Mapping[str, Any]) -> None:
        """Say how a file is to be read, before anything of it is."""
        self._check(profile)
        run = self._demand(run, (RunState.CHECKED, RunState.FINISHED))
        if run.state == RunState.FINISHED and not run.dry:
            raise Conflict(_("This file is in the catalogue already."))
        run.profile, run.wanted = profile, {name: one for name, one in said.items() if one}

    def begin(self, run: IntakeRun, *, dry: bool) -> None:
        """Let the worker bring the file in, or only try."""
        run = self._demand(run, (RunState.CHECKED, RunState.FINISHED, RunState.CANCELLED))
        if run.state == RunState.FINISHED and not run.dry:
            raise Conflict(_("This file is in the catalogue already."))
        if not self.files.path(run.uid).is_file():
            raise Conflict(_("The file is no longer here: send it again."))
        run.dry, run.read, run.at, run.report, run.trouble = dry, 0, 0, {}, None
        if not dry:
            self._tell(BEGIN_IMPORT, run)
        self._queue(run)

    def pause(self, run: IntakeRun) -> None:
        """Let it rest after the batch that is being worked on."""
        self._demand(run, AT_WORK).state = RunState.PAUSED

    def resume(self, run: IntakeRun) -> None:
        """Let it go on where it was."""
        self._queue(self._demand(run, (RunState.PAUSED, RunState.FAILED)))

    def cancel(self, run: IntakeRun) -> None:
        """End it; what came in already stays."""
        run = self._demand(run, (*AT_WORK, RunState.PAUSED, RunState.FAILED, RunState.CHECKED))
        if run.state != RunState.CHECKED and not run.dry:
            self._tell(CANCEL_IMPORT, run)
        run.state, run.ended = RunState.CANCELLED, self.clock.now()

    def find(self, run_id: int) -> IntakeRun | None:
        """Return an import by its id."""
        return self.db.get(IntakeRun, run_id)

    def by_uids(self, uids: Sequence[str]) -> dict[str, IntakeRun]:
        """Return imports by their uids; those nobody knows are left out."""
        found = self.db.scalars(select(IntakeRun).where(IntakeRun.uid.in_(uids)))
        return {run.uid: run for run in found}

    def page(
        self, library_ids: Sequence[int], offset: int, limit: int
    ) -> tuple[int, Sequence[IntakeRun]]:
        """Return how many imports these libraries had and one page of them, the newest first."""
        mine = IntakeRun.library_id.in_(library_ids)
        total = self.db.scalar(select(func.count()).select_from(IntakeRun).where(mine))
        rows = self.db.scalars(
            select(IntakeRun).where(mine).order_by(IntakeRun.id.desc()).offset(offset).limit(limit)
        ).all()
        return total or 0, rows

    def wanted(self, run: IntakeRun) -> Wanted:
        """Return how its file is to be read: as its profile says, else as was said of it."""
        return wanted_of(self.profiles, run.profile, run.wanted)

    def preview(self, run: IntakeRun) -> list[Reading]:
        """Return the first records of its file as they would be read; nothing is kept."""
        with self.files.path(run.uid).open("rb") as stream:
            beginning = BytesIO(stream.read(LOOKED_AT))
        found = []
        for reading in read_stream(beginning, run.file, self.wanted(run)):
            found.append(reading)
            if len(found) == SHOWN:
                break
        return found

    def forget_old(self, days: int) -> None:
        """Forget files nobody began with, files of imports that ended, and old imports."""
        now = self.clock.now()
        drafts = select(IntakeRun).where(
            IntakeRun.state == RunState.CHECKED,
            IntakeRun.created <= now - timedelta(days=DRAFT_DAYS),
        )
        for run in self.db.scalars(drafts):
            run.state, run.ended = RunState.CANCELLED, now
        self.db.execute(
            delete(IntakeRun)
            .where(IntakeRun.state.in_(ENDED), IntakeRun.ended <= now - timedelta(days=days))
            .execution_options(synchronize_session=False)
        )
        self.db.flush()
        # After a trial somebody may want to bring the same file in for some days, and to go on
        # after a failure.
        needed = self.db.scalars(
            select(IntakeRun.uid).where(
                IntakeRun.state.not_in(ENDED)
                | (
                    (IntakeRun.dry | (IntakeRun.state == RunState.FAILED))
                    & (IntakeRun.ended > now - timedelta(days=DRAFT_DAYS))
                )
            )
        )
        self.files.sweep(set(needed))

    def _tell(self, action: str, run: IntakeRun) -> None:
        self.history.write((LIBRARY, run.library_id), action, data={"file": run.file})

    def _queue(self, run: IntakeRun) -> None:
        run.state, run.ended, run.trouble = RunState.WAITING, None, None
        self.outbox.add(TOPIC, run.uid, Priority.BULK)

    def _check(self, profile: str) -> None:
        if profile and profile not in self.profiles:
            raise InvalidInput(_("There is no such profile."))

    def _demand(self, run: IntakeRun, states: Sequence[str]) -> IntakeRun:
        """Return the import as it is now, locked; refuse one that is elsewhere meanwhile."""
        gone = _("This import is no longer kept.")
        gone_on = _("The import has gone on meanwhile: look where it is now.")
        return demand_state(self.db, run, states, gone, gone_on)
