"""Copies of an import: new ones, changed ones, those that moved and those that are gone.

A copy is known by its barcode within its library. What circulation is using is never taken out
of its hands: such a copy keeps its status and its place until it is back, and the record is
remembered as not completely imported, so that the next run tries again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.interfaces import ItemUse, UseKind
from bibliopolis.catalogue.models import ITEMS
from bibliopolis.catalogue.record_data import ItemData, ItemStatus
from bibliopolis.catalogue.rows import item_row
from bibliopolis.db import portions
from bibliopolis.i18n import _

AT_ONCE = 2000
USES_AT_ONCE = 500
COLUMNS = (
    "record_id",
    "source_record_id",
    "library_id",
    "holding_library_id",
    "barcode",
    "shelf_mark",
    "location",
    "status",
    "item_type",
    "content_hash",
    "changed",
)
Key = tuple[int, str]
NOT_IN_HANDS = frozenset({UseKind.REQUESTED, UseKind.MISSING})
"""What is taken out when its library deletes it: nobody has it, and another one is looked for."""


@dataclass
class ItemChanges:
    """What became of the copies of a batch; remarks are (id of a source, translatable text)."""

    created: int = 0
    updated: int = 0
    withdrawn: int = 0
    touched_records: set[int] = field(default_factory=set)
    touched_sources: set[int | None] = field(default_factory=set)
    incomplete_sources: set[int] = field(default_factory=set)
    remarks: list[tuple[int, Any]] = field(default_factory=list)

    def leave(self, source_id: int, remark: Any) -> None:
        """Say that something could not be done now and is to be tried again."""
        self.incomplete_sources.add(source_id)
        self.remarks.append((source_id, remark))

    def touch(self, *copies: Any) -> None:
        """Remember whose copies were changed; a copy is a row, or the values of one."""
        for copy in copies:
            told = copy if isinstance(copy, dict) else copy._mapping
            self.touched_records.add(told["record_id"])
            self.touched_sources.add(told["source_record_id"])


class ItemImport:
    """Bring the copies of some source records to what a file says of them."""

    def __init__(
        self,
        db: Session,
        in_use: Any,
        library_id: int,
        library_ids: Mapping[str, int],
        now: datetime,
    ) -> None:
        self.db = db
        self.in_use = in_use
        self.library_id = library_id
        self.library_ids = library_ids
        self.now = now

    def apply(
        self,
        listed: Mapping[int, Sequence[ItemData]],
        record_ids: Mapping[int, int],
        keep: bool = False,
    ) -> ItemChanges:
        """Make the copies of each source those listed; ``keep`` the others too.

        Both mappings go by the id of the source; ``record_ids`` tells the edition of each.
        """
        changes = ItemChanges()
        rows = self._rows(listed, record_ids)
        known = self._known(listed.keys(), rows)
        uses: dict[int, ItemUse] = {}
        for part in portions((item.id for item in known.values()), USES_AT_ONCE):
            uses.update(self.in_use.of_items(part))
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any] | None] = []
        for key, row in rows.items():
            item = known.get(key)
            if item is None:
                new.append({**row, "created": self.now})
                changes.touch(row)
            elif self._differs(item, row, rows, changes):
                changed.append(self._update(item, row, item.id in uses, changes))
        for key, item in known.items():
            if not keep and key not in rows and item.source_record_id in listed:
                use = uses.get(item.id)
                used = use is not None and use.kind not in NOT_IN_HANDS
                self._withdraw(item, used, changed, changes)
        self._write(new, [row for row in changed if row])
        changes.created += len(new)
        return changes

    def _rows(
        self, listed: Mapping[int, Sequence[ItemData]], record_ids: Mapping[int, int]
    ) -> dict[Key, dict[str, Any]]:
        """Return the rows to be, by library and barcode; the first to name a copy has it."""
        rows: dict[Key, dict[str, Any]] = {}
        for source_id, items in listed.items():
            for data in items:
                home = self.library_ids.get(data.home, self.library_id)
                holding = self.library_ids.get(data.holding, home)
                row = item_row(data, home, holding)
                row |= {"record_id": record_ids[source_id], "source_record_id": source_id}
                row["changed"] = self.now
                rows.setdefault((home, data.barcode), row)
        return rows

    def _known(self, source_ids: Iterable[int], keys: Iterable[Key]) -> dict[Key, Any]:
        """Return the copies of these sources and those with these barcodes, locked by id."""
        found: dict[Key, Any] = {}
        table = ITEMS.c
        for ids in portions(source_ids, AT_ONCE):
            found |= self._select(table.source_record_id.in_(ids))
        for part in portions(keys, AT_ONCE):
            by_library: dict[int, list[str]] = {}
            for library_id, barcode in part:
                by_library.setdefault(library_id, []).append(barcode)
            found |= self._select(
                or_(
                    *(
                        (table.library_id == library_id) & table.barcode.in_(barcodes)
                        for library_id, barcodes in by_library.items()
                    )
                )
            )
        return found

    def _select(self, condition: Any) -> dict[Key, Any]:
        rows = self.db.execute(
            select(ITEMS).where(condition).order_by(ITEMS.c.id).with_for_update(key_share=True)
        )
        return {(row.library_id, row.barcode): row for row in rows}

    def _differs(
        self, item: Any, row: dict[str, Any], rows: Mapping[Key, Any], changes: ItemChanges
    ) -> bool:
        """Say whether the copy is to be changed; one that another record has stays there."""
        if item.source_record_id == row["source_record_id"]:
            return bool(item.content_hash != row["content_hash"])
        if item.status == ItemStatus.WITHDRAWN:
            return True
        changes.leave(
            row["source_record_id"],
            _("copy ${barcode} belongs to another record", mapping={"barcode": item.barcode}),
        )
        return False

    def _update(
        self, item: Any, row: dict[str, Any], used: bool, changes: ItemChanges
    ) -> dict[str, Any] | None:
        """Return the new values of a copy; while it is in use, it stays where and what it is."""
        if used:
            moves = item.source_record_id != row["source_record_id"]
            if moves or item.status != row["status"]:
                changes.leave(row["source_record_id"], _in_use(item))
                return None
            row = {**row, "holding_library_id": item.holding_library_id}
        changes.updated += 1
        changes.touch(row, item)
        return {**row, "item_id": item.id}

    def _withdraw(
        self, item: Any, used: bool, changed: list[dict[str, Any] | None], changes: ItemChanges
    ) -> None:
        """Take a copy that the file no longer has out of what can be had; never delete it."""
        if item.status == ItemStatus.WITHDRAWN:
            return
        if used:
            changes.leave(item.source_record_id, _in_use(item))
            return
        row = {name: getattr(item, name) for name in COLUMNS}
        # Without a fingerprint the copy counts as changed when a file brings it back.
        row |= {"status": str(ItemStatus.WITHDRAWN), "content_hash": "", "changed": self.now}
        changed.append({**row, "item_id": item.id})
        changes.withdrawn += 1
        changes.touch(item)

    def _write(self, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
        if new:
            self.db.execute(insert(ITEMS), new)
        if changed:
            self.db.execute(
                update(ITEMS)
                .where(ITEMS.c.id == bindparam("item_id"))
                .values({name: bindparam(name) for name in COLUMNS}),
                changed,
            )


def _in_use(item: Any) -> Any:
    return _(
        "copy ${barcode} is in a reader's hands and stays as it is",
        mapping={"barcode": item.barcode},
    )
