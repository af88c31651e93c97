"""Where other rooms plug into the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zope.interface import Interface


class UseKind(StrEnum):
    """What keeps a copy from being taken, though nothing is wrong with it."""

    ON_LOAN = "on_loan"
    IN_TRANSIT = "in_transit"
    """On its way to the library named, for a reader or home."""
    ON_HOLD_SHELF = "on_hold_shelf"
    """Waiting for the reader who asked for it."""
    REQUESTED = "requested"
    """Being looked for on the shelf, for a reader who asked for it."""
    MISSING = "missing"
    """It was not where it should stand, the last time somebody went for it."""
    RESHELVING = "reshelving"
    """On its way back to its place, within the library."""


@dataclass(frozen=True)
class ItemUse:
    """Who has the copy now; ``library_id`` is where it goes or waits."""

    kind: UseKind
    library_id: int | None = None
    due: date | None = None
    """The day by which a copy on loan is to be back."""


@dataclass(frozen=True)
class RecordMove:
    """Copies go from one record to another, because their description belongs there.

    ``wholly``: everything goes, the record they leave is joined to the other. ``undoes`` is the
    operation whose effects are to be taken back.
    """

    from_id: int
    to_id: int
    item_ids: frozenset[int]
    wholly: bool = False
    undoes: str | None = None


class IFollowsRecords(Interface):
    """Who refers to records and must follow when their copies move; registered as a service.

    Where no such service is registered, nobody waits for anything.
    """

    def follow(move):
        """Take what refers to the record along, before the copies move; both are locked here."""

    def foresee(from_id, to_id):
        """Return translatable sentences: what joining the first to the second would bring about."""


class IItemsInUse(Interface):
    """What circulation does with copies now; registered as a service by the room that lends.

    Where no such service is registered, no copy is in use.
    """

    def of_records(record_ids):
        """Return ``{item id: ItemUse}`` for the copies of these records that are in use.

        Copies that nobody uses are left out. A few queries for all, however many records.
        """

    def of_items(item_ids):
        """Return the same for these copies."""

    def waiting(record_id):
        """Return how many readers wait for any copy of a record."""

    def copies_changed(record_ids):
        """Learn that copies of these records came, went or changed, in this transaction.

        Whoever changes copies in bulk says so; what must follow is put into the outbox.
        """
