"""Let the rules decide over the facts: the one answer for pages, programs and the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bibliopolis.catalogue.models import Item
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader
from bibliopolis.readers.penalties import Stops
from bibliopolis.readers.services import MAY_STOP_CAPTURE

from ..models import Hold
from ..permits import (
    Block,
    Code,
    HoldWish,
    LoanWish,
    ReaderFacts,
    Terms,
    TitleFacts,
    against_capture,
    against_hold,
    against_loan,
    some_copy_may_not_fit,
)
from ..permits.copies import against_copy
from ..permits.holds import closed_now
from ..permits.readers import too_many_here
from ..permits.ways import against_way
from .facts import Facts
from .title import Title


@dataclass(frozen=True)
class Early:
    """What speaks against a hold, wherever it would be collected."""

    title: TitleFacts
    terms: Terms
    readers: Mapping[int, ReaderFacts]
    needs_reader: bool

    def against(self, reader_id: int | None, item_id: int | None = None) -> tuple[Block, ...]:
        """Return every reason against a hold of one of the readers, on a copy or on any.

        For None, who has no card or has not said who they are.
        """
        one = self.readers.get(reader_id or 0)
        wish = HoldWish(
            self.title, one, item_id=item_id, needs_reader=self.needs_reader, needs_pickup=False
        )
        return against_hold(wish, self.terms)


class Permits(Facts):
    """Say whether a reader may hold or borrow something, or every reason why not."""

    def against_hold(
        self,
        title: Title,
        reader: Reader | None,
        pickup_id: int | None,
        item_id: int | None = None,
        instead_of: Hold | None = None,
    ) -> tuple[Block, ...]:
        """Return every reason against a hold of a reader, collected at a place.

        ``instead_of`` is the hold it would take the place of: that counts for no limit, and what
        staff overrode for it does not stand.
        """
        facts, no_matter = self._one(reader, title), frozenset[str]()
        if instead_of is not None:
            no_matter = frozenset({Code.TOO_MANY_TODAY, *(instead_of.overridden or ())})
            if facts is not None:
                others = (one for one in facts.holds if one.hold_id != instead_of.id)
                facts = replace(facts, holds=tuple(others))
        wish = HoldWish(
            title=self.title_facts(title),
            reader=facts,
            pickup=self.place(pickup_id),
            item_id=item_id,
            others=self.places(),
        )
        found = against_hold(wish, self.terms())
        return tuple(block for block in found if block.code not in no_matter)

    def early(self, title: Title, readers: Iterable[Reader], *, needs_reader: bool) -> Early:
        """Return what can be said before a place is chosen, for a page."""
        readers = list(readers)
        known = self.reader_facts(readers, title) if readers else {}
        return Early(self.title_facts(title), self.terms(), known, needs_reader)

    def places_for(self, title: Title, item_id: int | None = None) -> Sequence[Library]:
        """Return where a hold on the title can be collected: where one of its copies can come.

        For a hold on one copy, where that can.
        """
        facts, terms = self.title_facts(title), self.terms()
        copies = [
            one
            for one in facts.copies
            if item_id in (None, one.id)
            and not against_copy(facts, one, None, terms, counting=False)
        ]
        found = []
        for one in self.libraries.pickup_points():
            place = self.place(one.id)
            if (
                place
                and not place.closed
                and any(not against_way(copy, None, place, terms) for copy in copies)
            ):
                found.append(one)
        return found

    def against_pickup(
        self, title: Title, place_id: int, hold: Hold, reader: Reader | None = None
    ) -> tuple[Block, ...]:
        """Return why a hold cannot be moved to a place: no copy could come, or it has too many.

        Without its ``reader`` nobody counts what they have there.
        """
        return self.against_places(title, hold, self._one(reader, title))(place_id)

    def against_places(
        self, title: Title, hold: Hold, known: ReaderFacts | None
    ) -> Callable[[int], tuple[Block, ...]]:
        """Return what answers the same for any number of places."""
        facts, terms, overridden = self.title_facts(title), self.terms(), hold.overridden or ()
        copies = [
            copy
            for copy in facts.copies
            if copy.id == hold.item_id
            or (
                hold.item_id is None
                and hold.wanted_item_id in (None, copy.id)
                and not against_copy(facts, copy, None, terms, counting=False)
            )
        ]

        def against(place_id: int) -> tuple[Block, ...]:
            place = self.place(place_id)
            if place is None or place.closed:
                return (closed_now(),) if place else ()
            found: list[Block] = []
            for copy in copies:
                way = against_way(copy, None, place, terms)
                left = [one for one in way if one.code not in overridden]
                if not left:
                    # One that can come is enough.
                    found = []
                    break
                found += left
            if known is not None:
                # It is among those that count, wherever it is collected now.
                full = too_many_here(known, place, terms)
                found += [full] if full and full.code not in overridden else []
            return tuple(found)

        return against

    def fit(
        self, title: Title, item: Item, holds: Iterable[Hold], readers: Mapping[int, Reader]
    ) -> Mapping[int, tuple[Block, ...]]:
        """Return what speaks against giving the copy to each hold, by the id of the hold."""
        facts, terms = self.title_facts(title), self.terms()
        copy = next(one for one in facts.copies if one.id == item.id)
        known = self.reader_facts(readers.values(), title, counting=False)
        return {
            hold.id: tuple(
                block
                for block in against_capture(
                    HoldWish(
                        facts,
                        known.get(hold.reader_id or 0),
                        self.place(hold.pickup_library_id),
                        hold.wanted_item_id,
                    ),
                    copy,
                    terms,
                )
                if block.code not in (hold.overridden or ())
            )
            for hold in holds
        }

    def some_may_not_fit(self, next_ones: Sequence[Hold]) -> bool:
        """Say whether a copy may not fill one of the holds whose turn it is: mostly all may."""
        if any(one.closed for one in self.rules.policy.distances):
            return True
        return some_copy_may_not_fit(self.rules.book) or self._some_get_none(next_ones)

    def fitting(
        self, title: Title, items: Sequence[Item], holds: Sequence[Hold]
    ) -> set[tuple[int, int]]:
        """Return which of the copies may fill which of the holds, as ids of both."""
        readers = self._with_cards(holds)
        found = set()
        for item in items:
            asking = [hold for hold in holds if hold.wanted_item_id in (None, item.id)]
            against = self.fit(title, item, asking, readers)
            found |= {(hold.id, item.id) for hold in asking if not against[hold.id]}
        return found

    def _some_get_none(self, holds: Sequence[Hold]) -> bool:
        """Say whether a penalty keeps every copy from the reader of one of the holds."""
        ids = {hold.reader_id for hold in holds if hold.reader_id is not None}
        suspects = ids if ids <= self._known.keys() else self._suspects(ids)
        return any(
            Stops.CAPTURE in one.stops
            for reader in self._with_cards(
                one for one in holds if one.reader_id in suspects
            ).values()
            for one in self.standing.penalties(reader)
        )

    def _suspects(self, reader_ids: Iterable[int]) -> set[int]:
        """Return who may have such a penalty: few, and the others need not be read for it."""
        return set(self.db.scalars(MAY_STOP_CAPTURE, {"reader_ids": sorted(reader_ids)}))

    def against_loan(
        self, title: Title, item: Item, reader: Reader, library_id: int
    ) -> tuple[Block, ...]:
        """Return every reason against lending a copy, but for those that lie in holds."""
        loan, hold = title.loans.get(item.id), title.hold_filled_by(item.id, reader.id)
        wish = LoanWish(
            copy=self.copy_facts(title, item),
            reader=self.reader_facts([reader], title)[reader.id],
            desk=self.code_of(library_id),
            withdrawn=title.record.withdrawn,
            on_loan_to=None if loan is None else loan.reader_id or 0,
            waits=hold is not None,
            kept=hold is not None and hold.item_id == item.id,
        )
        return against_loan(wish, self.terms())
