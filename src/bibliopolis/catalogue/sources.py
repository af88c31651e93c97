"""What libraries say of editions, in the database: known again by library and control number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.editions import Edition
from bibliopolis.catalogue.matching import keys_of
from bibliopolis.catalogue.models import KEYS, SOURCES, SourceKey, SourceRecord
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.catalogue.rows import described
from bibliopolis.catalogue.union import Said
from bibliopolis.clock import Clock
from bibliopolis.db import portions

AT_ONCE = 5000
_WRITTEN = ("record_id", "content_hash", "source", "described", "withdrawn", "changed")


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

    @property
    def pinned(self) -> bool:
        """Return whether staff decided where it belongs."""
        return self.before is not None and self.before.pinned

    @property
    def moved(self) -> bool:
        """Return whether it goes to another record than it was of."""
        return self.before is not None and self.before.record_id != self.record_id

    @property
    def said(self) -> Said:
        """Return it as one of those that make a record."""
        return Said(self.id, self.library_id, self.number, self.described)

    @cached_property
    def edition(self) -> Edition:
        """Return what tells it apart."""
        return Edition.of(self.described)

    @cached_property
    def keys(self) -> frozenset[int]:
        """Return the keys it is found by."""
        return keys_of(self.edition)


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
                SourceRecord.pinned,
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
        """Insert descriptions that have got their records."""
        if not new:
            return
        now = self.clock.now()
        rows = [
            {
                **self._row(one),
                "library_id": one.library_id,
                "control_number": one.number,
                "pinned": False,
                "created": now,
            }
            for one in new
        ]
        self.db.execute(insert(SOURCES), rows)
        # On SQLite an insert that returns ids in order is a statement for each row.
        ids: dict[tuple[int, str], int] = {}
        for part in portions((one.number for one in new), AT_ONCE):
            known = select(SOURCES.c.library_id, SOURCES.c.control_number, SOURCES.c.id).where(
                SOURCES.c.library_id.in_({one.library_id for one in new}),
                SOURCES.c.control_number.in_(part),
            )
            ids |= {(library_id, number): id_ for library_id, number, id_ in self.db.execute(known)}
        for one in new:
            one.id = ids[one.library_id, one.number]
        self.add_keys(new)

    def update(self, changed: Sequence[Description]) -> None:
        """Write changed descriptions, and the keys by which they are found."""
        if not changed:
            return
        self.db.execute(
            update(SOURCES)
            .where(SOURCES.c.id == bindparam("source_id"))
            .values({name: bindparam(name) for name in _WRITTEN}),
            [{**self._row(one), "source_id": one.id} for one in changed],
        )
        old = delete(SourceKey).where(SourceKey.source_id.in_([one.id for one in changed]))
        self.db.execute(old.execution_options(synchronize_session=False))
        self.add_keys(changed)

    def add_keys(self, descriptions: Sequence[Description]) -> None:
        """Keep the keys by which descriptions are found that have none yet."""
        rows = [
            {"source_id": one.id, "key": key} for one in descriptions for key in sorted(one.keys)
        ]
        if rows:
            self.db.execute(insert(KEYS), rows)

    def withdraw(self, source_ids: Iterable[int]) -> None:
        """Let sources speak no more."""
        self.db.execute(
            update(SourceRecord)
            .where(SourceRecord.id.in_(list(source_ids)))
            .values(withdrawn=True, changed=self.clock.now())
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
            "record_id": one.record_id,
            "content_hash": one.content_hash,
            "source": one.source,
            "described": one.described,
            "withdrawn": False,
            "changed": self.clock.now(),
        }
