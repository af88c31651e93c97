"""What a harvest brings, taken into the catalogue in short transactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from sqlalchemy import update

from bibliopolis.catalogue.import_history import LibraryBatches
from bibliopolis.catalogue.import_run import Report
from bibliopolis.catalogue.importing import Taken
from bibliopolis.catalogue.marc import Place
from bibliopolis.i18n import _

from ..batches import codes_of, transaction
from ..models import RunState
from ..profiles import wanted_of
from ..quarantine import Quarantine
from .declared import Source
from .models import HarvestRun, HarvestSource
from .protocol import Sent
from .reading import Item, read_sent
from .records import HarvestedRecords

RECORDS_AT_ONCE = 200
REMARKS = 200
"""So many remarks of a report are kept."""
MAY_GO = 0.2
"""So large a part of a source may be missing without anybody having said so."""
FEW = 20
MANY_GONE = _(
    "${gone} of ${known} records did not come this time: nothing of them is withdrawn. If that is "
    "right, the operator has them withdrawn by harvesting everything with --gone."
)
SAME_NUMBER = _("${other} has the same control number: what came last stands")


class Stopped(Exception):
    """Somebody paused or cancelled the harvest, or another worker goes on with it."""


class TriedOnly(Exception):
    """Takes back what a trial has written."""


@dataclass(frozen=True)
class Turn:
    """A harvest as it was at the beginning of a step."""

    run: HarvestRun
    kept: HarvestSource
    source: Source


def commit(request: Any, run: HarvestRun, values: dict[str, Any]) -> None:
    """Write how far a harvest is, if it is still this worker's to carry on."""
    found = request.db.execute(
        update(HarvestRun)
        .where(
            HarvestRun.id == run.id,
            HarvestRun.step == run.step,
            HarvestRun.state == RunState.RUNNING,
        )
        .values(step=run.step + 1, touched=request.clock.now(), **values)
        .execution_options(synchronize_session=False)
    )
    if not getattr(found, "rowcount", 0):
        raise Stopped


class Taking:
    """One transaction of a harvest."""

    def __init__(self, request: Any, turn: Turn) -> None:
        self.request = request
        self.turn = turn
        run, library_id = turn.run, turn.kept.library_id
        codes = codes_of(request, library_id)
        self.batches = LibraryBatches.for_library(request, library_id, codes, run.uid)
        self.batches.history.actor_id = run.actor_id
        self.records = HarvestedRecords(request.db, turn.kept.id, library_id, run.id)
        self.quarantine: Quarantine = request.find_service(Quarantine, context=None)
        self.taken = Taken()
        self.fresh = 0
        """Identifiers that had not come before in this run."""

    def apply(self, items: Sequence[Item]) -> None:
        """Take records in and out."""
        self.batches.importer.unions.wait_for_turn()  # before any lock, as imports do
        known = self.records.known(one.identifier for one in items if one.identifier)
        self.fresh = sum(
            1 for one in items if known.get(one.identifier, ("", 0))[1] != self.turn.run.id
        )
        coming = [one for one in items if not one.gone]
        going = [one for one in items if one.gone]
        self._take_in(coming)
        # A record that cannot be read any more stays as it was.
        numbers = {
            one.identifier: one.number or known.get(one.identifier, ("", 0))[0]
            for one in coming
            if one.identifier
        }
        self.records.note(numbers, known)
        self.records.forget(one.identifier for one in going)
        left = {number for identifier, (number, _run) in known.items() if number}
        left |= {one.reading.deleted for one in going if one.reading}
        self._withdraw(left)
        self.taken.counts.unchanged += sum(
            1 for one in going if not known.get(one.identifier, ("", 0))[0] and not one.reading
        )
        unread = [one.identifier for one in going if not known.get(one.identifier, ("", 0))[0]]
        self.quarantine.dismiss_of_source(
            self.turn.kept.id, self.turn.kept.library_id, [one for one in unread if one]
        )
        self._set_aside(coming)

    def _take_in(self, items: Iterable[Item]) -> None:
        """Take in what can be read; of two with one control number the last stays."""
        usable: dict[str, Item] = {}
        for one in items:
            if not one.number:
                continue
            before = usable.pop(one.number, None)
            if before is not None:
                said = _(SAME_NUMBER, mapping={"other": before.identifier})
                self.taken.remarks.append((one.number, said))
            usable[one.number] = one
        if usable:
            readings = [one.reading for one in usable.values() if one.reading is not None]
            taken = self.batches.take(readings)
            self.taken.counts.add(taken.counts)
            self.taken.remarks += taken.remarks

    def _withdraw(self, numbers: Iterable[str]) -> None:
        """Withdraw what no identifier stands for any more."""
        gone = self.records.orphans(set(numbers))
        if gone:
            taken = self.batches.importer.withdraw(sorted(gone))
            self.taken.counts.add(taken.counts)
            self.taken.remarks += taken.remarks

    def _set_aside(self, items: Iterable[Item]) -> None:
        said = {"profile": self.turn.source.profile, "source": self.turn.kept.id}
        turn = self.turn
        refused = [one.rejection() for one in items if not one.number]
        if refused:
            self.quarantine.keep(turn.kept.library_id, turn.run.uid, refused, said)

    def drop_missing(self, limit: int) -> bool:
        """Withdraw some of what did not come; return whether there was any."""
        self.batches.importer.unions.wait_for_turn()
        missing = self.records.missing(limit)
        self.records.forget(missing)
        self._withdraw(number for number in missing.values() if number)
        self.quarantine.dismiss_of_source(
            self.turn.kept.id,
            self.turn.kept.library_id,
            [identifier for identifier, number in missing.items() if not number],
        )
        return bool(missing)


def take(
    registry: Any,
    turn: Turn,
    batch: Sequence[Sent],
    values: dict[str, Any],
    *,
    counts: bool,
    last: bool,
) -> bool:
    """Take records in and write how far the harvest is; return whether it goes on.

    Without ``counts`` they were counted before the worker was killed.
    """
    run, began = turn.run, monotonic()
    report = _report(run)
    wanted = wanted_of(registry["bibliopolis.import_profiles"], turn.source.profile, {})
    items = read_sent(batch, wanted, report.read)
    with transaction(registry) as request:
        taking = Taking(request, turn)
        if items:
            _apply(request, taking, items, run.dry)
        if counts:
            _count(report, turn, taking, items, len(batch))
            values["read"] = report.read
        if last and not run.dry:
            values["stale"] = 0 if taking.fresh or not batch else run.stale + 1
        ends = last and bool(values["listed"]) and (run.dry or not run.whole)
        if ends:
            values |= finished(request, turn, values["began"])
        report.finished, report.seconds = ends, report.seconds + monotonic() - began
        _note(request, taking, report, values)
    return not ends


def _apply(request: Any, taking: Taking, items: Sequence[Item], dry: bool) -> None:
    """Take records in; of a trial nothing stays."""
    if not dry:
        taking.apply(items)
        return
    with suppress(TriedOnly), request.db.begin_nested():
        taking.apply(items)
        raise TriedOnly


def sweep(registry: Any, turn: Turn) -> bool:
    """Withdraw some of what a whole harvest did not bring; return whether it goes on."""
    run, began = turn.run, monotonic()
    report = _report(run)
    values: dict[str, Any] = {"trouble": None, "trouble_values": {}}
    with transaction(registry) as request:
        taking = Taking(request, turn)
        goes_on = False
        known, gone = taking.records.counts() if not run.done else (0, 0)
        if gone > max(FEW, known * MAY_GO) and not run.gone:
            said = {"gone": str(gone), "known": str(known)}
            values |= {"trouble": str(MANY_GONE), "trouble_values": said}
        else:
            goes_on = taking.drop_missing(RECORDS_AT_ONCE)
            values["done"] = run.done + 1
            _count(report, turn, taking, [], 0)
        if not goes_on:
            values = finished(request, turn, run.began) | values
        report.finished, report.seconds = not goes_on, report.seconds + monotonic() - began
        _note(request, taking, report, values)
    return goes_on


def finished(request: Any, turn: Turn, began: datetime | None) -> dict[str, Any]:
    """Return the last values of a run, and let the next one begin where this one did."""
    run, now = turn.run, request.clock.now()
    if run.keeps and not run.dry:
        # A clock of theirs that is ahead of ours must not hide what changes until then.
        since = min(began or run.created, run.created)
        request.db.execute(
            update(HarvestSource)
            .where(HarvestSource.id == turn.kept.id)
            .values(since=since.astimezone(UTC), place=turn.source.place)
        )
    return {"state": RunState.FINISHED, "ended": now, "trouble": None, "trouble_values": {}}


def _report(run: HarvestRun) -> Report:
    return Report.of_json(run.report) if run.report else Report()


def _count(report: Report, turn: Turn, taking: Taking, items: Sequence[Item], read: int) -> None:
    """Count what became of records."""
    report.read += read
    report.counts.add(taking.taken.counts)
    places = {one.number: one.reading.place for one in items if one.reading and one.number}
    forms = report.recognised.setdefault(turn.source.name, Counter())
    for one in items:
        reading = one.reading
        if reading is None:
            continue
        if reading.form:
            forms[str(reading.form)] += 1
        if not one.gone and not one.number:
            report.reject(reading.place, "", reading.reason)
        for remark in reading.remarks:
            report.remark(reading.place, one.number, remark)
    for number, remark in taking.taken.remarks:
        report.remark(places.get(number, Place(turn.source.name, 0, 0)), number, remark)


def _note(request: Any, taking: Taking, report: Report, values: dict[str, Any]) -> None:
    """Write the report, and the row of history of this run."""
    run = taking.turn.run
    said = report.as_json()
    said["remarks"] = said["remarks"][:REMARKS]
    said["rejections"] = said["rejections"][:REMARKS]
    commit(request, run, values | {"report": said})
    if not run.dry and report.read:
        taking.batches.note(report)
