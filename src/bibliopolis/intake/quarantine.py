"""Quarantine: no record that a library sends is lost without a word.

What is refused is kept with its bytes. It is read again when the importer has learnt something or
when somebody has mended it, and leaves the quarantine when it could be taken in, or is dismissed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from time import monotonic
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session, undefer

from bibliopolis.catalogue.import_run import Rejection
from bibliopolis.catalogue.importing import Taken
from bibliopolis.catalogue.marc import Reading, read_stream
from bibliopolis.catalogue.models import SourceRecord
from bibliopolis.catalogue.union_records import TURN
from bibliopolis.clock import Clock
from bibliopolis.db import wait_for_turn
from bibliopolis.errors import Conflict, InvalidInput, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox
from bibliopolis.resources.history import History

from .audited import DISMISS, LIBRARY
from .harvest.records import mended as mended_at_source
from .jobs import RETRY
from .models import LONGEST_NAME, QuarantinedRecord
from .profiles import Profiles, wanted_of

LARGEST_KEPT = 1 << 18
"""More than a quarter of a megabyte is kept of no record."""
AT_ONCE = 500
FORGETS = 0.5
"""So many seconds old records are forgotten in one go; other writers wait meanwhile."""
SAME_NUMBER = "record ${first} of this file has the same control number"
"""Not read again together with others: it would take the place of a record that came in."""

Take = Callable[[int, Sequence[Reading]], Taken]
"""Takes records of the library with this id into the catalogue."""


@dataclass(frozen=True)
class Shown:
    """Which of the quarantine is asked for: of these libraries, for a reason, of a run."""

    library_ids: Sequence[int]
    reason: str = ""
    operation: str = ""

    def conditions(self) -> list[Any]:
        """Return it as conditions of SQL; what was dismissed is not shown."""
        row = QuarantinedRecord
        found: list[Any] = [row.library_id.in_(self.library_ids), row.dismissed.is_(None)]
        if self.reason:
            found.append(row.reason == self.reason)
        if self.operation:
            found.append(row.operation == self.operation)
        return found


class Quarantine:
    """Keep refused records, show them, read them again."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        outbox: Outbox,
        take: Take,
        profiles: Profiles,
        history: History,
    ) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.take = take
        self.profiles = profiles
        self.history = history

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Quarantine:
        """Make it for a request."""
        from .batches import taker

        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox, context=None),
            take=taker(request),
            profiles=request.registry["bibliopolis.import_profiles"],
            history=History.from_request(context, request),
        )

    def keep(
        self,
        library_id: int,
        operation: str,
        rejections: Sequence[Rejection],
        said: Mapping[str, Any],
    ) -> None:
        """Keep what a run refused; what is kept already gets the present reason at most.

        ``said`` is what was said of the file: profile, items_tag, dialect, encoding; of what was
        harvested the profile and the id of its source, and its file is the identifier there.
        """
        rows = {row["fingerprint"]: row for row in map(_row, rejections)}
        for part in _parts(list(rows)):
            known = self.db.execute(
                select(
                    QuarantinedRecord.id, QuarantinedRecord.fingerprint, QuarantinedRecord.reason
                ).where(
                    QuarantinedRecord.library_id == library_id,
                    QuarantinedRecord.fingerprint.in_(part),
                )
            ).all()
            for one in known:
                row = rows.pop(one.fingerprint)
                if row["reason"] != one.reason:
                    self._say_why(one.id, row["reason"], row["reason_values"])
        shared = {
            "library_id": library_id,
            "operation": operation,
            "wanted": {name: value for name, value in said.items() if value},
            "came": self.clock.now(),
            "dismissed": None,
        }
        if rows:
            self.db.execute(insert(QuarantinedRecord), [row | shared for row in rows.values()])

    def page(
        self, shown: Shown, offset: int, limit: int
    ) -> tuple[int, Sequence[QuarantinedRecord]]:
        """Return how many wait and one page of them, the newest first."""
        conditions = shown.conditions()
        total = self.db.scalar(
            select(func.count()).select_from(QuarantinedRecord).where(*conditions)
        )
        rows = self.db.scalars(
            select(QuarantinedRecord)
            .where(*conditions)
            .order_by(QuarantinedRecord.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()
        return total or 0, rows

    def reasons(self, library_ids: Sequence[int]) -> list[tuple[str, int]]:
        """Return why records of these libraries wait, and how many, the most frequent first."""
        rows = self.db.execute(
            select(QuarantinedRecord.reason, func.count())
            .where(*Shown(library_ids).conditions())
            .group_by(QuarantinedRecord.reason)
            .order_by(func.count().desc(), QuarantinedRecord.reason)
        )
        return [(reason, count) for reason, count in rows]

    def find(self, record_id: int) -> QuarantinedRecord | None:
        """Return one that waits, without its bytes."""
        row = self.db.get(QuarantinedRecord, record_id)
        return None if row is None or row.dismissed else row

    def raw(self, record_id: int) -> bytes:
        """Return the bytes kept of one."""
        found = select(QuarantinedRecord.raw).where(QuarantinedRecord.id == record_id)
        return self.db.scalar(found) or b""

    def dismiss(self, record_id: int) -> None:
        """Let one go: it does not come back with the same file."""
        waits = QuarantinedRecord.dismissed.is_(None)
        self._dismiss([QuarantinedRecord.id == record_id, waits])

    def dismiss_of_source(
        self, source_id: int, library_id: int, identifiers: Sequence[str]
    ) -> None:
        """Let go what a source has deleted before it could be taken in."""
        for part in _parts(identifiers):
            rows = self.db.execute(
                select(QuarantinedRecord.id, QuarantinedRecord.wanted).where(
                    QuarantinedRecord.library_id == library_id,
                    QuarantinedRecord.dismissed.is_(None),
                    QuarantinedRecord.file.in_(part),
                )
            )
            ids = [row.id for row in rows if row.wanted.get("source") == source_id]
            if ids:
                self._dismiss([QuarantinedRecord.id.in_(ids)])

    def dismiss_all(self, shown: Shown) -> int:
        """Let go all that are shown; return how many."""
        return self._dismiss(shown.conditions())

    def _dismiss(self, conditions: list[Any]) -> int:
        counts = self.db.execute(
            select(QuarantinedRecord.library_id, func.count())
            .where(*conditions)
            .group_by(QuarantinedRecord.library_id)
            .order_by(QuarantinedRecord.library_id)
        ).all()
        result = self.db.execute(
            update(QuarantinedRecord)
            .where(*conditions)
            .values(dismissed=self.clock.now())
            .execution_options(synchronize_session=False)
        )
        for library_id, count in counts:
            self.history.write((LIBRARY, library_id), DISMISS, data={"records": count})
        return int(getattr(result, "rowcount", 0))

    def retry_all(self, shown: Shown) -> int:
        """Let the worker read again all that are shown; return how many."""
        if shown.reason == SAME_NUMBER:
            raise Conflict(_("Look at these one by one: each would take the place of another."))
        ids = self.db.scalars(
            select(QuarantinedRecord.id)
            .where(
                *shown.conditions(),
                QuarantinedRecord.reason != SAME_NUMBER,
                QuarantinedRecord.size <= LARGEST_KEPT,
            )
            .order_by(QuarantinedRecord.id)
        ).all()
        self.outbox.add_all(RETRY, map(str, ids))
        return len(ids)

    def retry(self, record_id: int, mended: bytes | None = None) -> Taken:
        """Read one again, as it is or ``mended``; it leaves when all of it could be taken in.

        ``InvalidInput`` says why it still cannot be; its reason is kept up to date.
        """
        wait_for_turn(self.db, TURN)  # before any lock, as imports do
        row = self.db.scalar(
            select(QuarantinedRecord)
            .where(QuarantinedRecord.id == record_id, QuarantinedRecord.dismissed.is_(None))
            .options(undefer(QuarantinedRecord.raw))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFoundHere(_("This record is no longer kept here."))
        if mended is None and row.size > LARGEST_KEPT:
            raise InvalidInput(
                _("Only its beginning is kept. Mend it in the system of its library and send it.")
            )
        said = dict(row.wanted)
        source_id = said.pop("source", None)
        wanted = wanted_of(self.profiles, said.pop("profile", ""), said)
        readings = list(read_stream(BytesIO(mended or row.raw), row.file, wanted))
        refused = next((one for one in readings if not one.number), None)
        if refused is not None or not readings:
            reason = refused.reason if refused else _("the file holds no records")
            if mended is None:
                self._say_why(row.id, *_reason(reason))
            raise InvalidInput(reason)
        if len({one.number for one in readings}) < len(readings):
            raise InvalidInput(_("Two of these records have the same control number."))
        if self._overtaken(row, readings):
            newer = _("A newer version has come since.")
            if mended is None:
                self._say_why(row.id, *_reason(newer))
            raise InvalidInput(newer)
        taken = self.take(row.library_id, readings)
        if source_id is not None:
            mended_at_source(self.db, source_id, row.file, readings[0].number)
        self.db.delete(row)
        self.db.flush()  # before anything else asks how many wait
        return taken

    def _overtaken(self, row: QuarantinedRecord, readings: Sequence[Reading]) -> bool:
        """Say whether its library has said something newer of one of these since it was kept."""
        newer = select(SourceRecord.id).where(
            SourceRecord.library_id == row.library_id,
            SourceRecord.control_number.in_([one.number for one in readings]),
            SourceRecord.changed > row.came,
        )
        return self.db.scalar(newer.limit(1)) is not None

    def forget_old(self, days: int) -> int:
        """Delete what has been kept for so many days, for a moment; return how many."""
        until, forgotten = monotonic() + FORGETS, 0
        while count := self._forget_some(days):
            forgotten += count
            if count < AT_ONCE or monotonic() >= until:
                break
        return forgotten

    def _forget_some(self, days: int) -> int:
        old = select(QuarantinedRecord.id).where(
            QuarantinedRecord.came <= self.clock.now() - timedelta(days=days)
        )
        ids = self.db.scalars(old.order_by(QuarantinedRecord.id).limit(AT_ONCE)).all()
        self.db.execute(
            delete(QuarantinedRecord)
            .where(QuarantinedRecord.id.in_(ids))
            .execution_options(synchronize_session=False)
        )
        return len(ids)

    def _say_why(self, record_id: int, reason: str, values: Mapping[str, Any]) -> None:
        self.db.execute(
            update(QuarantinedRecord)
            .where(QuarantinedRecord.id == record_id)
            .values(reason=reason, reason_values=dict(values))
            .execution_options(synchronize_session=False)
        )


def reason_of(row: QuarantinedRecord) -> Any:
    """Return why a record is kept, to be translated."""
    return _(row.reason, mapping=row.reason_values)  # extracted where it was first said


def _row(rejection: Rejection) -> dict[str, Any]:
    reason, values = _reason(rejection.reason)
    name = rejection.place.file[:LONGEST_NAME]
    raw = rejection.raw
    # Where there are no bytes, as in a packed file that is damaged, the place is all there is.
    seen = raw or f"{name}:{rejection.place.ordinal}:{reason}".encode()
    return {
        "file": name,
        "ordinal": rejection.place.ordinal,
        "offset": rejection.place.offset,
        "control_number": rejection.control_number[:80],
        "reason": reason,
        "reason_values": values,
        "raw": raw[:LARGEST_KEPT],
        "size": len(raw),
        "fingerprint": hashlib.sha256(seen).hexdigest(),
    }


def _reason(reason: Any) -> tuple[str, dict[str, Any]]:
    """Return a translatable reason as its words before translation, and what fills them."""
    values = getattr(reason, "mapping", None) or {}
    return str(reason), {name: str(value) for name, value in values.items()}


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE))
