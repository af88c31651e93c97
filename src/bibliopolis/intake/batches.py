"""The batches of a run that keeps what it refuses, and taking single records in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from pyramid.request import Request
from pyramid.scripting import prepare

from bibliopolis.catalogue.import_history import LibraryBatches
from bibliopolis.catalogue.import_run import Rejection, Report
from bibliopolis.catalogue.importing import Taken
from bibliopolis.catalogue.marc import Reading
from bibliopolis.libraries.models import OrganisationKind
from bibliopolis.libraries.services import Libraries

from .quarantine import Quarantine, Take


class KeepingBatches:
    """Take batches in for one library, and keep what is refused, in one transaction."""

    def __init__(
        self, batches: LibraryBatches, quarantine: Quarantine, said: Mapping[str, Any]
    ) -> None:
        self.batches = batches
        self.quarantine = quarantine
        self.said = said

    def take(self, readings: Sequence[Reading]) -> Taken:
        """Take the batch in."""
        return self.batches.take(readings)

    def set_aside(self, rejections: Sequence[Rejection]) -> None:
        """Keep what was refused since the last batch, without the folders of this machine."""
        batches = self.batches
        kept = [
            replace(one, place=replace(one.place, file=PurePath(one.place.file).name))
            for one in rejections
        ]
        self.quarantine.keep(batches.library_id, batches.operation, kept, self.said)

    def note(self, report: Report) -> None:
        """Bring the row of history of this run up to date."""
        self.batches.note(report)


@contextmanager
def keeping_batches(
    registry: Any,
    library_id: int,
    library_ids: Mapping[str, int],
    operation: str,
    said: Mapping[str, Any],
) -> Iterator[KeepingBatches]:
    """Open a short transaction with a request of its own, for one batch of a run."""
    with transaction(registry) as request:
        yield KeepingBatches(
            LibraryBatches.for_library(request, library_id, library_ids, operation),
            request.find_service(Quarantine, context=None),
            said,
        )


@contextmanager
def transaction(registry: Any) -> Iterator[Any]:
    """Open a transaction that may write, with a request of its own."""
    with prepare(Request.blank("/", method="POST"), registry=registry) as environment:
        request = environment["request"]
        with request.tm:
            yield request


def codes_of(request: Any, library_id: int) -> dict[str, int]:
    """Return the libraries whose copies a library may bring in: itself and those of its system.

    Copies that a file places elsewhere stay at the library that sends it.
    """
    libraries = request.find_service(Libraries, context=None)
    here = libraries.by_id[library_id]
    above = libraries.tree.get(here.parent_id or 0)
    system = above.id if above is not None and above.kind == OrganisationKind.SYSTEM else None
    return {
        one.code: one.id
        for one in libraries.by_id.values()
        if one.id == here.id or (system is not None and one.parent_id == system)
    }


def taker(request: Any) -> Take:
    """Return what takes single records in; the history of their library tells of it."""

    def take(library_id: int, readings: Sequence[Reading]) -> Taken:
        library_ids = codes_of(request, library_id)
        operation = LibraryBatches.new_operation()
        batches = LibraryBatches.for_library(request, library_id, library_ids, operation)
        taken = batches.take(readings)
        batches.note(Report(read=len(readings), counts=taken.counts, finished=True))
        return taken

    return take
