"""The copies of a record as a reader wants to know them: where, how many, can one be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bibliopolis.catalogue.interfaces import ItemUse
from bibliopolis.catalogue.record_data import ItemStatus
from bibliopolis.catalogue.standing import BEST_FIRST, CopyStanding, Words, availability_of

SHELVES_SHOWN = 3


@dataclass(frozen=True)
class Copy:
    """One copy and how it stands; ``library_id`` is where it is to be found."""

    id: int
    library_id: int
    shelf_mark: str
    location: str
    standing: CopyStanding

    @property
    def shelf(self) -> str:
        """Return where in the library it stands."""
        return " · ".join(part for part in (self.location, self.shelf_mark) if part)


@dataclass
class CopyGroup:
    """Copies of one library that stand alike: one line of the table."""

    library_id: int
    standing: CopyStanding
    count: int = 0
    shelves: dict[str, list[int]] = field(default_factory=dict)
    """Where they stand, each place with the ids of the copies there."""


def stand_copies(rows: Iterable[Any], uses: Mapping[int, ItemUse], words: Words) -> list[Copy]:
    """Return the copies that still exist, from rows of items."""
    return [
        Copy(
            id=row.id,
            library_id=row.holding_library_id,
            shelf_mark=row.shelf_mark or "",
            location=row.location or "",
            standing=availability_of(row.status, uses.get(row.id), words, row.holding_library_id),
        )
        for row in rows
        if row.status != ItemStatus.WITHDRAWN
    ]


def group_copies(
    copies: Iterable[Copy], order: Mapping[int, int], mine: int | None
) -> list[CopyGroup]:
    """Return one group for each library and standing; of those on loan the first to come back.

    The reader's own library comes first, then where a copy can be had soonest; ``order`` gives
    the libraries' places among one another.
    """
    groups: dict[tuple[int, str, str], CopyGroup] = {}
    for copy in copies:
        said = "" if copy.standing.due else str(copy.standing.text)
        key = (copy.library_id, copy.standing.code, said)
        group = groups.setdefault(key, CopyGroup(copy.library_id, copy.standing))
        if copy.standing.due and group.standing.due and copy.standing.due < group.standing.due:
            group.standing = copy.standing
        group.count += 1
        group.shelves.setdefault(copy.shelf, []).append(copy.id)
    return sorted(
        groups.values(),
        key=lambda group: (
            group.library_id != mine,
            BEST_FIRST.index(group.standing.tone),
            order.get(group.library_id, len(order)),
        ),
    )
