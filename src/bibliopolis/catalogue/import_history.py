"""The batches of one import run, and the one row of history that tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.import_run import Rejection, Report
from bibliopolis.catalogue.importing import Importer, Taken
from bibliopolis.catalogue.marc import Reading
from bibliopolis.db import new_uid
from bibliopolis.resources.history import History, HistoryEntry

ACTION = "import"


class LibraryBatches:
    """Take batches in for one library, in one transaction; the run has one row of history."""

    def __init__(
        self, db: Session, importer: Importer, history: History, library_id: int, operation: str
    ) -> None:
        self.db = db
        self.importer = importer
        self.history = history
        self.library_id = library_id
        self.operation = operation

    @staticmethod
    def new_operation() -> str:
        """Return the id under which a run is remembered."""
        return new_uid()

    @classmethod
    def for_library(
        cls, request: Any, library_id: int, library_ids: Mapping[str, int], operation: str
    ) -> LibraryBatches:
        """Make it for a request."""
        return cls(
            db=request.db,
            importer=Importer.for_library(request, library_id, library_ids),
            history=History.from_request(None, request),
            library_id=library_id,
            operation=operation,
        )

    def take(self, readings: Sequence[Reading]) -> Taken:
        """Take the batch in, and out what its library has deleted."""
        taken = self.importer.take([reading for reading in readings if reading.data])
        deleted = [reading.deleted for reading in readings if reading.deleted]
        if deleted:
            withdrawn = self.importer.withdraw(deleted)
            taken.counts.add(withdrawn.counts)
            taken.remarks += withdrawn.remarks
        return taken

    def set_aside(self, rejections: Sequence[Rejection]) -> None:
        """Keep nothing of what was refused: whoever wants to wraps this."""

    def note(self, report: Report) -> None:
        """Bring the row of history of this run up to date, or write it."""
        # Not the long lists, nor the names of files as they are on the machine.
        numbers = {**report.numbers(), "forms": report.forms()}
        found = self.db.execute(
            update(HistoryEntry)
            .where(HistoryEntry.operation == self.operation)
            .values(data=numbers)
        )
        if not getattr(found, "rowcount", 0):
            self.history.operation = self.operation
            self.history.write(("library", self.library_id), ACTION, data=numbers)
