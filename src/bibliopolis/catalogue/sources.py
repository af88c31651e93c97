"""What libraries say of editions, in the database: known again by library and control number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import RECORDS, SOURCES, Record, SourceRecord
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.catalogue.rows import described
from bibliopolis.catalogue.union import columns_of
from bibliopolis.clock import Clock
from bibliopolis.db import new_uid

_WRITTEN = ("content_hash", "source", "described", "withdrawn", "changed")


@dataclass
class Description:
    """One library's description on its way into the catalogue.

    ``before`` is the row it had already; ``id`` and ``record_id`` are those of the rows, and zero
    before there are any.
    """

    data: RecordData
    source: bytes | None
    content_hash: str
    described: dict[str, Any]
    library_id: int
    before: Any = None
    id: int = 0
    record_id: int = 0

    @classmethod
    def of(
        cls, data: RecordData, library_id: int, source: bytes | None = None, before: Any = None
    ) -> Description:
        """Make it of what was read."""
        one = cls(data, source, data.content_hash(), described(data), library_id, before)
        if before is not None:
            one.id, one.record_id = before.id, before.record_id
        return one

    @property
    def number(self) -> str:
        """Return the control number."""
        return self.data.control_number


def leading_source(record: Any) -> Select[bytes | None]:
    """Return the statement for what came as the description that leads a record."""
    return select(SourceRecord.source).where(
        SourceRecord.library_id == record.library_id,
        SourceRecord.control_number == record.control_number,
    )


class Sources:
    """Read and write source records, a batch in a few statements."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def known(self, library_id: int, numbers: Iterable[str]) -> dict[str, Any]:
        """Return what the library said already under these numbers, locked by id."""
        rows = self.db.execute(
            select(
                SourceRecord.id,
                SourceRecord.record_id,
                SourceRecord.control_number,
                SourceRecord.content_hash,
                SourceRecord.withdrawn,
            )
            .where(
                SourceRecord.library_id == library_id,
                SourceRecord.control_number.in_(list(numbers)),
            )
            .order_by(SourceRecord.id)
            .with_for_update(key_share=True)
        )
        return {row.control_number: row for row in rows}

    def add(self, new: Sequence[Description]) -> None:
        """Insert descriptions, each with a record of its own."""
        if not new:
            return
        now = self.clock.now()
        records = [
            {
                **columns_of(one.described),
                "uid": new_uid(),
                "library_id": one.library_id,
                "library_ids": [one.library_id],
                "control_number": one.number,
                "withdrawn": False,
                "created": now,
                "changed": now,
            }
            for one in new
        ]
        made = self.db.scalars(
            insert(RECORDS).returning(RECORDS.c.id, sort_by_parameter_order=True), records
        )
        for one, record_id in zip(new, made, strict=True):
            one.record_id = record_id
        rows = [
            {
                **self._row(one),
                "record_id": one.record_id,
                "library_id": one.library_id,
                "control_number": one.number,
                "created": now,
            }
            for one in new
        ]
        kept = self.db.scalars(
            insert(SOURCES).returning(SOURCES.c.id, sort_by_parameter_order=True), rows
        )
        for one, source_id in zip(new, kept, strict=True):
            one.id = source_id

    def update(self, changed: Sequence[Description]) -> None:
        """Write changed descriptions, and the records they are of."""
        if not changed:
            return
        now = self.clock.now()
        self.db.execute(
            update(SOURCES)
            .where(SOURCES.c.id == bindparam("source_id"))
            .values({name: bindparam(name) for name in _WRITTEN}),
            [{**self._row(one), "source_id": one.id} for one in changed],
        )
        rows = [
            {**columns_of(one.described), "withdrawn": False, "changed": now} for one in changed
        ]
        values: dict[str, Any] = {name: bindparam(name) for name in rows[0]}
        self.db.execute(
            update(RECORDS).where(RECORDS.c.id == bindparam("record_id")).values(values),
            [{**row, "record_id": one.record_id} for one, row in zip(changed, rows, strict=True)],
        )

    def withdraw(self, source_ids: Iterable[int]) -> None:
        """Let sources speak no more; a record that no other speaks of is withdrawn."""
        ids, now = list(source_ids), self.clock.now()
        self.db.execute(
            update(SourceRecord)
            .where(SourceRecord.id.in_(ids))
            .values(withdrawn=True, changed=now)
            .execution_options(synchronize_session=False)
        )
        touched = select(SourceRecord.record_id).where(SourceRecord.id.in_(ids))
        alive = select(SourceRecord.record_id).where(SourceRecord.withdrawn.is_(False))
        self.db.execute(
            update(Record)
            .where(Record.id.in_(touched), Record.id.not_in(alive))
            .values(withdrawn=True, changed=now)
            .execution_options(synchronize_session=False)
        )

    def mark(self, fingerprints: Mapping[int, str]) -> None:
        """Give sources (by id) another fingerprint."""
        if fingerprints:
            self.db.execute(
                update(SOURCES)
                .where(SOURCES.c.id == bindparam("source_id"))
                .values(content_hash=bindparam("mark")),
                [{"source_id": id_, "mark": mark} for id_, mark in fingerprints.items()],
            )

    def _row(self, one: Description) -> dict[str, Any]:
        return {
            "content_hash": one.content_hash,
            "source": one.source,
            "described": one.described,
            "withdrawn": False,
            "changed": self.clock.now(),
        }
