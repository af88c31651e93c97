"""Taking descriptions into the catalogue, a batch in one short transaction.

A record is known by the library it comes from and its control number, a copy by its library and
barcode, and both remember a fingerprint of what they were made from. So the same file again
changes nothing, and an import that was killed is completed by giving the same command again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bibliopolis.catalogue.availability import Availability, items_in_use
from bibliopolis.catalogue.import_items import ItemChanges, ItemImport
from bibliopolis.catalogue.marc import Reading
from bibliopolis.catalogue.placing import Placing
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.catalogue.sources import Description, Sources
from bibliopolis.catalogue.union_records import Move, NobodyFollows, UnionRecords, follower_of
from bibliopolis.clock import Clock
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
    withdrawn: int = 0
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
        follower: Any = None,
    ) -> None:
        self.db = db
        self.clock = clock
        self.outbox = outbox
        self.availability = availability
        self.in_use = in_use
        self.library_id = library_id
        self.library_ids = library_ids
        self.sources = Sources(db, clock)
        self.unions = UnionRecords(db, clock, follower or NobodyFollows())

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
            follower=follower_of(request),
        )

    def take(self, readings: Sequence[Reading]) -> Taken:
        """Take a batch in; its control numbers differ from one another."""
        self.unions.wait_for_turn()
        wanted = {reading.data.control_number: reading for reading in readings if reading.data}
        known = self.sources.known(self.library_id, wanted)
        taken = Taken()
        new: list[Description] = []
        changed: list[Description] = []
        for number, reading in wanted.items():
            data, before = _data(reading), known.get(number)
            if before is None:
                new.append(Description.of(data, self.library_id, reading.source))
            elif before.withdrawn or before.content_hash != data.content_hash():
                changed.append(Description.of(data, self.library_id, reading.source, before))
            else:
                taken.counts.unchanged += 1
        left, made = self._place([*changed, *new])
        self.sources.add(new)
        items = self._items([*new, *changed], keep=_says_nothing_of_copies(readings))
        written = self._update(changed, items, taken)
        self._mark_incomplete(new, items)
        touched = left | {one.record_id for one in (*written, *new)}
        self.unions.compute(touched - made)
        taken.counts.created = len(new)
        taken.counts.items_created = items.created
        taken.counts.items_updated = items.updated
        taken.counts.items_withdrawn = items.withdrawn
        numbers = {one.id: one.number for one in (*new, *changed)}
        taken.remarks = [(numbers[source_id], remark) for source_id, remark in items.remarks]
        self._tell({*touched, *items.touched_records})
        return taken

    def withdraw(self, numbers: Iterable[str]) -> Taken:
        """Take out what the library no longer has, with its copies.

        What it has no description of under these numbers counts as unchanged. A copy in a
        reader's hands stays, and the remarks say so; the record is gone when no library describes
        it.
        """
        self.unions.wait_for_turn()
        wanted = set(numbers)
        known = self.sources.known(self.library_id, wanted)
        gone = {row.id: row for row in known.values() if not row.withdrawn}
        self.unions.lock(row.record_id for row in gone.values())
        self.sources.withdraw(gone)
        record_ids = {id_: row.record_id for id_, row in gone.items()}
        work = ItemImport(self.db, self.in_use, self.library_id, self.library_ids, self.clock.now())
        items = work.apply(dict.fromkeys(gone, ()), record_ids)
        self.unions.compute(record_ids.values())
        counts = Counts(unchanged=len(wanted) - len(gone), withdrawn=len(gone))
        counts.items_withdrawn = items.withdrawn
        taken = Taken(counts)
        taken.remarks = [(gone[id_].control_number, remark) for id_, remark in items.remarks]
        self._tell({*record_ids.values(), *items.touched_records})
        return taken

    def match(self, descriptions: Sequence[Description]) -> int:
        """Find the records of descriptions that are here already and have no keys yet.

        All are of this library. Return how many go to another record, with their copies.
        """
        left, made = self._place(descriptions)
        self.sources.add_keys(descriptions)
        moved = [one for one in descriptions if one.moved]
        touched = left | {one.record_id for one in moved}
        if touched:
            self.unions.compute(touched - made)
            self._tell(touched)
        return len(moved)

    def _place(self, descriptions: Sequence[Description]) -> tuple[set[int], set[int]]:
        """Give every description its record, with the copies it had.

        Return the records that descriptions have left, and those that were made now.
        """
        placing = Placing(self.db)
        placing.place(descriptions)
        homeless = [one for one in descriptions if not one.record_id]
        self.unions.lock({one.record_id for one in descriptions if one.record_id} | placing.left)
        self.unions.create(homeless)
        going: dict[tuple[int, int], set[int]] = {}
        for one in descriptions:
            if one.moved:
                going.setdefault((one.before.record_id, one.record_id), set()).add(one.id)
        self.unions.move(
            [Move(from_id, to_id, frozenset(ids)) for (from_id, to_id), ids in going.items()]
        )
        return placing.left, {one.record_id for one in homeless}

    def _items(self, descriptions: Sequence[Description], keep: bool) -> ItemChanges:
        """Bring the copies of new and changed descriptions to what the file says."""
        work = ItemImport(self.db, self.in_use, self.library_id, self.library_ids, self.clock.now())
        listed = {one.id: one.data.items for one in descriptions}
        return work.apply(listed, {one.id: one.record_id for one in descriptions}, keep)

    def _update(
        self, changed: list[Description], items: ItemChanges, taken: Taken
    ) -> list[Description]:
        """Write changed descriptions; one that only waits for its copies is unchanged.

        Return those that were written.
        """
        written = []
        for one in changed:
            before, fingerprint = one.before, one.content_hash
            if one.id in items.incomplete_sources:
                one.content_hash = _incomplete(fingerprint)
            waited = before.content_hash == _incomplete(fingerprint) and not before.withdrawn
            waited = waited and not one.moved
            if waited and one.id not in items.touched_sources:
                taken.counts.unchanged += 1
                if one.content_hash == before.content_hash:
                    continue
            else:
                taken.counts.updated += 1
            written.append(one)
        self.sources.update(written)
        return written

    def _mark_incomplete(self, new: list[Description], items: ItemChanges) -> None:
        """Let new descriptions whose copies belong to others be looked at again next time."""
        marked = [one for one in new if one.id in items.incomplete_sources]
        self.sources.mark({one.id: _incomplete(one.content_hash) for one in marked})

    def _tell(self, record_ids: Iterable[int]) -> None:
        """Let the search know, and count what is available; the count comes last."""
        touched = sorted(record_ids)
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
