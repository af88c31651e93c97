"""What the hands at the desk are to do with a copy, as a fact; the page makes a sentence of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bibliopolis.catalogue.models import Item, Record

from .models import Hold, Loan


class OutcomeKind(StrEnum):
    """Where the copy goes now."""

    LENT = "lent"
    SHELF = "shelf"
    SEND = "send"
    KEEP = "keep"
    """The locker it is for is full."""
    PUT_BACK = "put_back"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True)
class Outcome:
    """What came of a scan; ``library_id`` is where the copy goes or stays."""

    kind: OutcomeKind
    item: Item
    record: Record
    library_id: int
    hold: Hold | None = None
    loan: Loan | None = None
    returned: bool = False
    cell: int | None = None
    """The cell of the locker it is put into."""
