"""Taking descriptions into the catalogue, a batch in one short transaction.

A record is known by the library it comes from and its control number, a copy by its library and
barcode, and both remember a fingerprint of what they were made from. So the same file again
changes nothing, and an import that was killed is completed by giving the same command again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.availability import Availability, items_in_use
from bibliopolis.catalogue.import_items import ItemChanges, ItemImport
from bibliopolis.catalogue.marc import Reading
from bibliopolis.catalogue.models import RECORDS, Record
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.catalogue.rows import record_row
from bibliopolis.clock import Clock
from bibliopolis.db import new_uid
from bibliopolis.libraries.models import Library
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.search.documents import resource_key

INCOMPLETE = "~"
"""The first letter of a fingerprint whose copies could not all be taken over."""


SILENT_FROM = 20
"""So many records in a row without a single copy: the file does not speak of copies at all."""


@dataclass
class Counts:
    """What became of the records of a batch or a whole run, and of their copies."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    items_created: int = 0
    items_updated: int = 0
    items_withdrawn: int = 0

    def add(self, other: Counts) -> None:
        """Count another batch in."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass
class Taken:
    """The result of a batch: counts, and remarks as (control number, translatable text)."""

    counts: Counts = field(default_factory=Counts)
    remarks: list[tuple[str, Any]] = field(default_factory=list)


class Importer:
    """Take descriptions of one library into the catalogue."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        outbox: Outbox,
        availability: Availability,
        in_use: Any,
        library_id: int,
        library_ids: Mapping[str, int],
    ) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.availability = availability
        self.in_use = in_use
        self.library_id = library_id
        self.library_ids = library_ids

    @classmethod
    def for_library(cls, request: Any, library_id: int, library_ids: Mapping[str, int]) -> Importer:
        """Make it for a request; ``library_ids`` translate branch codes of the file."""
        return cls(
            db=request.db,
            clock=request.clock,
            outbox=request.find_service(Outbox),
            availability=request.find_service(Availability),
            in_use=items_in_use(request),
            library_id=library_id,
            library_ids=library_ids,
        )

    def take(self, readings: Sequence[Reading]) -> Taken:
        """Take a batch in; its control numbers differ from one another."""
        self._wait_for_turn()
        wanted = {reading.data.control_number: reading for reading in readings if reading.data}
        known = self._known(wanted)
        taken = Taken()
        new, changed = [], []
        for number, reading in wanted.items():
            row = record_row(_data(reading), reading.source, self.clock.now())
            before = known.get(number)
            if before is None:
                new.append((number, row))
            elif before.withdrawn or before.content_hash != row["content_hash"]:
                changed.append((number, before, row))
            else:
                taken.counts.unchanged += 1
        ids = self._insert(new)
        ids |= {number: before.id for number, before, _row in changed}
        items = self._items(ids, wanted, keep=_says_nothing_of_copies(readings))
        self._update(changed, items, taken)
        self._mark_incomplete(new, ids, items)
        taken.counts.created = len(new)
        taken.counts.items_created = items.created
        taken.counts.items_updated = items.updated
        taken.counts.items_withdrawn = items.withdrawn
        numbers = {record_id: number for number, record_id in ids.items()}
        taken.remarks = [(numbers[record_id], remark) for record_id, remark in items.remarks]
        self._tell(ids.values(), items)
        return taken

    def _wait_for_turn(self) -> None:
        """Let imports of one library come one after the other, batch by batch."""
        library = select(Library.id).where(Library.id == self.library_id)
        # FOR NO KEY UPDATE: rows that merely refer to the library need not wait.
        self.db.execute(library.with_for_update(key_share=True)).all()

    def _known(self, numbers: Iterable[str]) -> dict[str, Any]:
        """Return what the library already has under these numbers, locked by id."""
        rows = self.db.execute(
            select(Record.id, Record.control_number, Record.content_hash, Record.withdrawn)
            .where(Record.library_id == self.library_id, Record.control_number.in_(list(numbers)))
            .order_by(Record.id)
            .with_for_update(key_share=True)
        )
        return {row.control_number: row for row in rows}

    def _insert(self, new: list[tuple[str, dict[str, Any]]]) -> dict[str, int]:
        """Insert records; return their ids by control number."""
        if not new:
            return {}
        rows = [
            {
                **row,
                "uid": new_uid(),
                "library_id": self.library_id,
                "control_number": number,
                "created": row["changed"],
            }
            for number, row in new
        ]
        inserted = self.db.execute(
            insert(RECORDS).returning(RECORDS.c.id, sort_by_parameter_order=True), rows
        )
        return {row["control_number"]: id_ for row, (id_,) in zip(rows, inserted, strict=True)}

    def _items(
        self, ids: Mapping[str, int], wanted: Mapping[str, Reading], keep: bool
    ) -> ItemChanges:
        """Bring the copies of new and changed records to what the file says."""
        work = ItemImport(self.db, self.in_use, self.library_id, self.library_ids, self.clock.now())
        listed = {id_: _data(wanted[number]).items for number, id_ in ids.items()}
        return work.apply(listed, keep)

    def _update(
        self, changed: list[tuple[str, Any, dict[str, Any]]], items: ItemChanges, taken: Taken
    ) -> None:
        """Write changed descriptions; one that only waits for its copies is unchanged."""
        rows = []
        for _number, before, row in changed:
            fingerprint = row["content_hash"]
            if before.id in items.incomplete_records:
                row["content_hash"] = _incomplete(fingerprint)
            waited = before.content_hash == _incomplete(fingerprint) and not before.withdrawn
            if waited and before.id not in items.touched_records:
                taken.counts.unchanged += 1
                if row["content_hash"] == before.content_hash:
                    continue
            else:
                taken.counts.updated += 1
            rows.append({**row, "record_id": before.id})
        if rows:
            values: dict[str, Any] = {
                name: bindparam(name) for name in rows[0] if name != "record_id"
            }
            self.db.execute(
                update(RECORDS).where(RECORDS.c.id == bindparam("record_id")).values(values), rows
            )

    def _mark_incomplete(
        self, new: list[tuple[str, dict[str, Any]]], ids: Mapping[str, int], items: ItemChanges
    ) -> None:
        """Let new records whose copies belong to others be looked at again next time."""
        rows = [
            {"record_id": ids[number], "mark": _incomplete(row["content_hash"])}
            for number, row in new
            if ids[number] in items.incomplete_records
        ]
        if rows:
            self.db.execute(
                update(RECORDS)
                .where(RECORDS.c.id == bindparam("record_id"))
                .values(content_hash=bindparam("mark")),
                rows,
            )

    def _tell(self, record_ids: Iterable[int], items: ItemChanges) -> None:
        """Let the search know, and count what is available; the count comes last."""
        touched = sorted({*record_ids, *items.touched_records})
        keys = [resource_key("record", record_id) for record_id in touched]
        self.outbox.add_all("index", keys, Priority.BULK)
        self.in_use.copies_changed(touched)
        self.availability.recompute(touched)


def _data(reading: Reading) -> RecordData:
    assert reading.data is not None
    return reading.data


def _says_nothing_of_copies(readings: Sequence[Reading]) -> bool:
    """Tell a file without copies, or read with the wrong field, from records that lost theirs."""
    return len(readings) >= SILENT_FROM and not any(_data(one).items for one in readings)


def _incomplete(fingerprint: str) -> str:
    return INCOMPLETE + fingerprint[1:]
