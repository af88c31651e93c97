"""One title with all that is open on it, and what follows from that.

Pure: `Titles` reads it, under locks or to look at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus

from ..models import (
    BOUND_STATES,
    Hold,
    HoldTarget,
    Loan,
    MissingCopy,
    ShelfRemoval,
    Transit,
)
from .heads import NEXT_FOR_ONE_COPY, Place, place_of

COMING = frozenset({ItemStatus.ON_ORDER, ItemStatus.LENT_ELSEWHERE})
"""Copies that cannot be lent today but are worth waiting for."""


@dataclass
class Title:
    """A record with its copies and everything that is open on them."""

    record: Record
    items: dict[int, Item]
    holds: dict[int, Hold]
    """Open holds only; at a glance, those of some readers."""
    targets: dict[int, HoldTarget]
    """By the id of the hold."""
    loans: dict[int, Loan]
    """Open loans, by the id of the item."""
    transits: dict[int, Transit]
    """Open transits, by the id of the item."""
    missing: dict[int, MissingCopy] = field(default_factory=dict)
    removals: dict[int, ShelfRemoval] = field(default_factory=dict)
    damaged: frozenset[int] = frozenset()
    """The damaged copies that fill holds all the same, by the rules."""
    at_a_glance: bool = False
    """Whether what others have of it was left out."""
    end: Place | None = None
    """The last place up to which those are at hand who take any copy; None where all are."""
    tail: Callable[[Place, int], Sequence[Hold]] | None = None
    """Reads so many holds behind a place of the queue."""
    for_copies: Callable[[Collection[int]], Sequence[Hold]] | None = None
    """Reads all who wait for one of these copies and no other."""
    named: Callable[[Collection[int]], Sequence[Hold]] | None = None
    """Reads open holds by their ids."""
    all_read_for: set[int] = field(default_factory=set)
    """The copies for which that was done."""

    @property
    def queue(self) -> list[Hold]:
        """Return the holds that wait for a copy, the next to be served first, as far as at hand.

        One that is suspended or begins later keeps its place but is not served, so it is not among
        them; nor is one behind others that have not been read.
        """
        waiting = (hold for hold in self.holds.values() if hold.waits)
        return sorted((one for one in waiting if self._is_at_hand(one)), key=place_of)

    @property
    def sought_behind(self) -> list[Hold]:
        """Return the holds behind the end of the queue at hand for which a copy is looked for."""
        found = (self.holds[one] for one in self.targets if one in self.holds)
        behind = (one for one in found if one.waits and not self._is_at_hand(one))
        return sorted(behind, key=place_of)

    def more(self, number: int) -> Sequence[Hold]:
        """Read so many more holds of the queue; none where its end has been reached."""
        if self.end is None or self.tail is None:
            return []
        found = self.tail(self.end, number)
        self.holds.update((hold.id, hold) for hold in found)
        self.end = place_of(found[-1]) if len(found) == number else None
        return found

    def bring(self, hold_ids: Sequence[int]) -> list[Hold]:
        """Return open holds of the title in this order, and read those that are not at hand."""
        missing = [one for one in hold_ids if one not in self.holds]
        if missing and self.named is not None:
            self.holds.update((hold.id, hold) for hold in self.named(missing))
        return [self.holds[one] for one in hold_ids if one in self.holds]

    def read_all_for(self, item_ids: Iterable[int]) -> None:
        """Read also those behind the first ones who wait for one of these copies and no other."""
        known = Counter(one.wanted_item_id for one in self.queue)
        # Of fewer than are read at first none is left.
        more = {one for one in item_ids if known[one] >= NEXT_FOR_ONE_COPY} - self.all_read_for
        if more and self.for_copies is not None:
            self.holds.update((hold.id, hold) for hold in self.for_copies(more))
            self.all_read_for |= more

    def waits_for(self, number: int, item_id: int) -> bool:
        """Say whether at least so many readers wait for this copy, or for any."""
        if number > NEXT_FOR_ONE_COPY:
            self.read_all_for([item_id])
        missing = number - sum(1 for one in self.queue if one.wanted_item_id in (None, item_id))
        return missing <= 0 or len(self.more(missing)) >= missing

    def _is_at_hand(self, hold: Hold) -> bool:
        if self.end is None or hold.wanted_item_id is not None:
            return True
        return place_of(hold) <= self.end

    @property
    def bound(self) -> dict[int, Hold]:
        """Return the holds that have a copy, by the id of the item."""
        return {
            hold.item_id: hold
            for hold in self.holds.values()
            if hold.state in BOUND_STATES and hold.item_id is not None
        }

    @property
    def lendable(self) -> list[Item]:
        """Return the copies that can be lent at all, wherever they are now.

        What is damaged among them is lent only to who has a hold.
        """
        if self.record.withdrawn:
            return []
        return [item for item in self.items.values() if self._can_be_lent(item)]

    @property
    def expected(self) -> bool:
        """Say whether a reader may hope for a copy: one that can be lent, now or some day."""
        hopeful = any(item.status in COMING for item in self.items.values())
        return bool(self.lendable) or (hopeful and not self.record.withdrawn)

    @property
    def hopeful(self) -> bool:
        """Say whether any copy could serve a reader some day, as far as is known now."""
        return bool(self.hoped_for)

    def has_hope(self, hold: Hold) -> bool:
        """Say the same for one hold: who wants a certain copy hopes for no other."""
        if hold.wanted_item_id is None:
            return self.hopeful
        return hold.wanted_item_id in self.hoped_for

    @property
    def hoped_for(self) -> frozenset[int]:
        """Return the copies that could serve a reader some day."""
        if self.record.withdrawn:
            return frozenset()
        return frozenset(
            item.id
            for item in self.items.values()
            if item.id not in self.missing and (item.status in COMING or self._can_be_lent(item))
        )

    def _can_be_lent(self, item: Item) -> bool:
        return item.status == ItemStatus.LENDABLE or item.id in self.damaged

    @property
    def free(self) -> list[Item]:
        """Return the copies that stand somewhere and are promised to nobody."""
        taken = {*self.loans, *self.transits, *self.missing, *self.bound}
        return [item for item in self.lendable if item.id not in taken]

    def target_of_item(self, item_id: int) -> HoldTarget | None:
        """Return for which hold the copy is being looked for."""
        return next((row for row in self.targets.values() if row.item_id == item_id), None)

    def hold_of(self, reader_id: int | None, item_id: int | None = None) -> Hold | None:
        """Return the open hold a reader has on the title, best the one on this very copy."""
        if reader_id is None:
            return None
        mine = [hold for hold in self.holds.values() if hold.reader_id == reader_id]
        return min(mine, key=lambda hold: hold.wanted_item_id != item_id, default=None)

    def hold_filled_by(self, item_id: int, reader_id: int | None) -> Hold | None:
        """Return the open hold of a reader that this copy fills: bound to it, on it, or on any."""
        if reader_id is None:
            return None
        filled = [
            hold
            for hold in self.holds.values()
            if hold.reader_id == reader_id and hold.wanted_item_id in (None, item_id)
        ]
        return min(
            filled,
            key=lambda hold: (hold.item_id != item_id, hold.wanted_item_id != item_id),
            default=None,
        )

    def loan_of(self, reader_id: int | None) -> Loan | None:
        """Return the open loan of a copy of the title to a reader."""
        found = (loan for loan in self.loans.values() if loan.reader_id == reader_id)
        return None if reader_id is None else next(found, None)
