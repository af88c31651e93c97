"""The plain facts a decision is made of; organisations go by their codes, people by their ids."""

from __future__ import annotations

from dataclasses import dataclass

from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.readers.penalties import Penalty, Stops


@dataclass(frozen=True)
class OpenHold:
    """One open hold of a reader, as far as limits count it."""

    record_id: int
    item_type: str
    pickup: str
    suspended: bool = False
    item_id: int | None = None
    """The copy it is for, where its reader wants this very one."""
    hold_id: int | None = None


@dataclass(frozen=True)
class ReaderFacts:
    """A reader as rules see them."""

    id: int
    category: str
    home: str | None
    age: int | None = None
    """In years; None where the birth date is not known."""
    barred: bool = False
    expired: bool = False
    penalties: tuple[Penalty, ...] = ()
    most_holds: int | None = None
    """So many open holds at most until the registration is finished."""
    overdue: int = 0
    """Loans that are overdue today; what is lost or said to be returned is not."""
    holds: tuple[OpenHold, ...] = ()
    placed_today: int = 0
    """Holds placed today, whatever has become of them."""
    loans: tuple[tuple[str, str], ...] = ()
    """Of each open loan the item type and the library that lent it."""
    has_copies: frozenset[int] = frozenset()
    """The copies of the title in question that are on loan to them."""


@dataclass(frozen=True)
class CopyFacts:
    """A copy as rules see it."""

    id: int
    home: str
    holding: str
    item_type: str
    status: str = ItemStatus.LENDABLE
    location: str = ""
    days_old: int = 0
    out: bool = False
    """Whether it is on loan, on its way, or promised: not on its shelf."""


@dataclass(frozen=True)
class TitleFacts:
    """A title with its copies."""

    record_id: int
    copies: tuple[CopyFacts, ...] = ()
    withdrawn: bool = False
    age: int | None = None
    """The youngest age it is for."""


@dataclass(frozen=True)
class PickupFacts:
    """Where a hold is to be collected; ``desk`` is the library that serves it."""

    code: str
    desk: str
    name: str = ""
    enabled: bool = True
    closed: bool = False
    """Whether it had to close, and the rules let nobody choose it meanwhile."""


__all__ = [
    "CopyFacts",
    "OpenHold",
    "Penalty",
    "PickupFacts",
    "ReaderFacts",
    "Stops",
    "TitleFacts",
]
