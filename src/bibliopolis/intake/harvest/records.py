"""Which records the identifiers of a source stand for; a page in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from bibliopolis.db import portions

from .models import HarvestedRecord, HarvestSource

AT_ONCE = 500


class HarvestedRecords:
    """Keep what one source has sent for its library."""

    def __init__(self, db: Session, source_id: int, library_id: int, run_id: int) -> None:
        self.db = db
        self.source_id = source_id
        self.library_id = library_id
        self.run_id = run_id

    def known(self, identifiers: Iterable[str]) -> dict[str, tuple[str, int]]:
        """Return (control number, run it came with last) by identifier, of those that came."""
        found: dict[str, tuple[str, int]] = {}
        row = HarvestedRecord
        for part in portions(identifiers, AT_ONCE):
            rows = self.db.execute(
                select(row.identifier, row.control_number, row.run_id).where(
                    row.source_id == self.source_id, row.identifier.in_(part)
                )
            )
            found |= {identifier: (number, run_id) for identifier, number, run_id in rows}
        return found

    def note(self, numbers: Mapping[str, str], known: Collection[str]) -> None:
        """Keep what identifiers stand for now; an empty number is that of a refused record."""
        table = cast(Table, HarvestedRecord.__table__)
        old = [
            {"this": identifier, "number": number}
            for identifier, number in numbers.items()
            if identifier in known
        ]
        if old:
            self.db.connection().execute(
                update(table)
                .where(table.c.source_id == self.source_id, table.c.identifier == bindparam("this"))
                .values(control_number=bindparam("number"), run_id=self.run_id),
                old,
            )
        new = [
            {
                "source_id": self.source_id,
                "identifier": identifier,
                "control_number": number,
                "run_id": self.run_id,
            }
            for identifier, number in numbers.items()
            if identifier not in known
        ]
        if new:
            self.db.execute(insert(HarvestedRecord), new)

    def forget(self, identifiers: Iterable[str]) -> None:
        """Forget identifiers that stand for nothing any more."""
        for part in portions(identifiers, AT_ONCE):
            self.db.execute(
                delete(HarvestedRecord)
                .where(
                    HarvestedRecord.source_id == self.source_id,
                    HarvestedRecord.identifier.in_(part),
                )
                .execution_options(synchronize_session=False)
            )

    def orphans(self, numbers: Collection[str]) -> set[str]:
        """Return those of these control numbers that no identifier of the library stands for."""
        alive: set[str] = set()
        sources = select(HarvestSource.id).where(HarvestSource.library_id == self.library_id)
        for part in portions(numbers, AT_ONCE):
            alive |= set(
                self.db.scalars(
                    select(HarvestedRecord.control_number).where(
                        HarvestedRecord.source_id.in_(sources),
                        HarvestedRecord.control_number.in_(part),
                    )
                )
            )
        return {number for number in numbers if number and number not in alive}

    def missing(self, limit: int) -> dict[str, str]:
        """Return some of the identifiers that did not come with this run, with their numbers."""
        rows = self.db.execute(
            select(HarvestedRecord.identifier, HarvestedRecord.control_number)
            .where(
                HarvestedRecord.source_id == self.source_id,
                HarvestedRecord.run_id != self.run_id,
            )
            .order_by(HarvestedRecord.id)
            .limit(limit)
        )
        return {row.identifier: row.control_number for row in rows}

    def counts(self) -> tuple[int, int]:
        """Return how many records the source has given, and how many did not come this time."""
        given = [
            HarvestedRecord.source_id == self.source_id,
            HarvestedRecord.control_number != "",
        ]
        missing = HarvestedRecord.run_id != self.run_id
        count = select(func.count()).select_from(HarvestedRecord)
        known = self.db.scalar(count.where(*given)) or 0
        return known, self.db.scalar(count.where(*given, missing)) or 0


def mended(db: Session, source_id: int, identifier: str, number: str) -> None:
    """Keep what the identifier of a refused record stands for, once it could be taken in."""
    db.execute(
        update(HarvestedRecord)
        .where(HarvestedRecord.source_id == source_id, HarvestedRecord.identifier == identifier)
        .values(control_number=number)
        .execution_options(synchronize_session=False)
    )
