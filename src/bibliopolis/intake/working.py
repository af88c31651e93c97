"""The worker's part of imports: a few seconds of one at a time, so that nothing else waits long.

How far an import is stands in its row, written by the transaction of each batch. A worker that is
killed, or another that takes over, goes on behind the last batch that was committed; an import
that was paused or cancelled meanwhile stops before the next one.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from bibliopolis.catalogue.import_history import LibraryBatches
from bibliopolis.catalogue.import_run import ImportRun, Report
from bibliopolis.catalogue.importing import Taken
from bibliopolis.catalogue.marc import Place, Reading
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox, OutboxRow, Priority
from bibliopolis.worker import process_lives

from .batches import KeepingBatches, codes_of, transaction
from .models import AT_WORK, IntakeRun, RunState
from .quarantine import Quarantine
from .runs import TOPIC, Runs

log = logging.getLogger(__name__)

SECONDS = 2.0
"""So long the worker stays with one import before it looks what else is due."""
REMARKS = 200
"""So many remarks of a report are kept."""
OPEN = "bibliopolis.open_imports"
IN_HAND = timedelta(seconds=15)
"""So long after its last turn an import is left to the process that has its file open."""
MANY = 1000
"""To read so many records again takes about as long as a turn."""
SHORTLY = timedelta(seconds=0.5)
TRIES = 4
"""So often a disk or a database that fails is tried; the outbox waits longer each time."""
FILE_GONE = _("The file is no longer here: send it again.")
NOT_NOW = _("The file cannot be read or written now.")
UNFORESEEN = _(
    "Something has gone wrong that nobody foresaw; the operator's log tells what. "
    "What came in already stays, and the import can go on from there."
)


class InOtherHands(Exception):
    """Another process has the file open where the import is; here it would be read anew."""


class Stopped(Exception):
    """Somebody paused or cancelled the import, or another worker goes on with it."""


@dataclass
class Open:
    """An import that this process is in the middle of."""

    run: ImportRun
    steps: Iterator[None]


def carry_on(request: Any, keys: Sequence[str]) -> None:
    """Go on with imports, each for a moment; those not yet done are put back into the outbox."""
    for uid in keys:
        try:
            after = timedelta() if carry_on_one(request.registry, uid) else None
        except InOtherHands:
            after = SHORTLY
        if after is not None:
            with transaction(request.registry) as work:
                work.find_service(Outbox, context=None).add(TOPIC, uid, Priority.BULK, after)


def carry_on_one(registry: Any, uid: str, seconds: float = SECONDS) -> bool:
    """Go on with an import for a moment; return whether there is more to do.

    ``InOtherHands`` if another process goes on with it better.
    """
    opened: dict[str, Open] = registry.setdefault(OPEN, {})
    until = monotonic() + seconds
    try:
        work = _opened(registry, opened, uid)
        if work is None:
            return False
        for _step in work.steps:
            if monotonic() >= until:
                return True
    except InOtherHands:
        opened.pop(uid, None)
        raise
    except Stopped:
        pass
    except FileNotFoundError as error:
        log.warning("import %s: %s", uid, error)
        _fail(registry, uid, FILE_GONE)
    except (OSError, OperationalError) as error:
        opened.pop(uid, None)
        log.warning("import %s: %s", uid, error)
        if not _is_last_try(registry, uid):
            raise
        _fail(registry, uid, NOT_NOW)
    # Whatever is wrong, its row must not say for ever that it is under way.
    except Exception:
        log.exception("import %s could not go on", uid)
        _fail(registry, uid, UNFORESEEN)
    except BaseException:
        opened.pop(uid, None)
        raise
    opened.pop(uid, None)
    return False


def _opened(registry: Any, opened: dict[str, Open], uid: str) -> Open | None:
    """Return the import where it is now, opened again if this process has not got so far."""
    with transaction(registry) as request:
        row = request.db.scalar(select(IntakeRun).where(IntakeRun.uid == uid).with_for_update())
        if row is None or row.state not in AT_WORK:
            opened.pop(uid, None)
            return None
        work = opened.get(uid)
        goes_on = work is not None and work.run.report.read == row.read
        now = request.clock.now()
        if not goes_on and row.read > MANY and _is_in_other_hands(row, now):
            raise InOtherHands
        row.state, row.worker, row.touched = RunState.RUNNING, process_name(), now
        if goes_on:
            return work
        path = request.find_service(Runs, context=None).files.path(uid)
        wanted = request.find_service(Runs, context=None).wanted(row)
        codes = codes_of(request, row.library_id)
        said = {**row.wanted, "profile": row.profile}
        report = Report.of_json(row.report) if row.report else Report()
        given = (row.file, row.library_id, codes, said, row.dry, report.read, row.actor_id)
    if not path.is_file():
        raise FileNotFoundError(path)
    progress = _Progress()
    transactions = _batches(registry, uid, *given, progress)
    run = ImportRun(transactions, wanted, progress=progress.look, report=report)
    opened[uid] = work = Open(run, run.steps([path]))
    return work


def process_name() -> str:
    """Return what tells this process from all others, on this machine and on others."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _is_in_other_hands(row: IntakeRun, now: datetime) -> bool:
    """Say whether another process that lives has gone on with an import a moment ago."""
    if row.worker == process_name() or row.touched is None or now - row.touched >= IN_HAND:
        return False
    host, _colon, number = row.worker.rpartition(":")
    return host != socket.gethostname() or process_lives(int(number))


class _Progress:
    """Remember the byte of the record that is being read."""

    at = 0

    def look(self, place: Place) -> None:
        """Take note of a record."""
        self.at = place.offset


def _batches(
    registry: Any,
    uid: str,
    file: str,
    library_id: int,
    codes: Mapping[str, int],
    said: Mapping[str, Any],
    dry: bool,
    read: int,
    actor_id: int | None,
    progress: _Progress,
) -> Any:
    """Return what opens the transaction of a batch."""
    position = read

    @contextmanager
    def open_transaction() -> Iterator[RunBatches]:
        nonlocal position
        with transaction(registry) as request:
            batches = RunBatches(
                LibraryBatches.for_library(request, library_id, codes, uid),
                request.find_service(Quarantine, context=None),
                said,
            )
            batches.batches.history.actor_id = actor_id
            batches.run = request.find_service(Runs, context=None)
            batches.uid, batches.file = uid, file
            batches.dry, batches.position = dry, position
            batches.progress = progress
            yield batches
            reached = batches.reached
        position = reached

    return open_transaction


class RunBatches(KeepingBatches):
    """Batches of an import that has a row: it is brought up to date with each of them."""

    uid: str
    file: str
    run: Runs
    progress: _Progress
    dry = False
    position = 0
    """Where the import was before this batch."""
    reached = 0

    def take(self, readings: Sequence[Reading]) -> Taken:
        """Take the batch in; of a trial nothing stays."""
        if not self.dry:
            return super().take(readings)
        trial = self.run.db.begin_nested()
        try:
            return super().take(readings)
        finally:
            trial.rollback()

    def set_aside(self, rejections: Sequence[Any]) -> None:
        """Keep what was refused, by the name its file had; of a trial only the report tells."""
        if not self.dry:
            super().set_aside(
                [replace(one, place=replace(one.place, file=self.file)) for one in rejections]
            )

    def note(self, report: Report) -> None:
        """Write how far the import is, if it is still this worker's to carry on."""
        said = report.as_json()
        said["remarks"] = said["remarks"][:REMARKS]
        said["rejections"] = said["rejections"][:REMARKS] if self.dry else []
        # The name of the file where it came from, not the one it has on this machine.
        for one in (*said["remarks"], *said["rejections"]):
            one["file"] = self.file
        said["recognised"] = {self.file: report.forms()}
        values: dict[str, Any] = {"read": report.read, "at": self.progress.at, "report": said}
        if report.finished:
            values |= {"state": RunState.FINISHED, "ended": self.run.clock.now()}
        found = self.run.db.execute(
            update(IntakeRun)
            .where(
                IntakeRun.uid == self.uid,
                IntakeRun.state == RunState.RUNNING,
                IntakeRun.read == self.position,
            )
            .values(values)
            .execution_options(synchronize_session=False)
        )
        if not getattr(found, "rowcount", 0):
            raise Stopped
        self.reached = report.read
        if not self.dry:
            super().note(report)


def _is_last_try(registry: Any, uid: str) -> bool:
    """Say whether the outbox has had an import tried as often as there is hope for."""
    with transaction(registry) as request:
        tried = select(func.max(OutboxRow.attempts)).where(
            OutboxRow.topic == TOPIC, OutboxRow.key == uid
        )
        return (request.db.scalar(tried) or 0) >= TRIES


def _fail(registry: Any, uid: str, trouble: str) -> None:
    """Say in the row of an import why it does not go on."""
    with transaction(registry) as request:
        request.db.execute(
            update(IntakeRun)
            .where(IntakeRun.uid == uid, IntakeRun.state.in_(AT_WORK))
            .values(state=RunState.FAILED, ended=request.clock.now(), trouble=str(trouble))
        )
