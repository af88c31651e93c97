"""Collect the facts, and let the rules decide: the one answer for pages, programs and the desk.

However many readers and copies there are, the queries are the same few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bibliopolis.catalogue.item_types import item_type_of
from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock
from bibliopolis.db import portions
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import Library
from bibliopolis.libraries.services import COLLECTED_AT, Libraries
from bibliopolis.readers.categories import ReaderPolicy, age_on
from bibliopolis.readers.models import Reader
from bibliopolis.readers.penalties import Stops
from bibliopolis.readers.services import MAY_STOP_CAPTURE, Standing

from ..models import OPEN_STATES, Hold, Loan, LoanState, Transit
from ..permits import (
    Block,
    Code,
    CopyFacts,
    HoldWish,
    LoanWish,
    OpenHold,
    PickupFacts,
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
from ..rules.geography import Geography
from .counted import counted
from .places import had_to_close
from .rules import CirculationRules
from .title import Title

AT_ONCE = 500
"""So many readers are asked for in one statement."""


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


class Permits:
    """Say whether a reader may hold or borrow something, or every reason why not."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        rules: CirculationRules,
        libraries: Libraries,
        standing: Standing,
        readers: ReaderPolicy,
        language: str,
        calendars: Calendars,
    ) -> None:
        self.db = db
        self.clock = clock
        self.rules = rules
        self.libraries = libraries
        self.standing = standing
        self.readers = readers
        self.language = language
        self._terms: Terms | None = None
        self._tree: Any = None
        self._known: dict[int, Reader] = {}
        self.calendars = calendars

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Permits:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            rules=request.find_service(CirculationRules, context=None),
            libraries=request.find_service(Libraries, context=None),
            standing=request.find_service(Standing, context=None),
            readers=request.find_service(ReaderPolicy, context=None),
            language=request.language,
            calendars=request.find_service(Calendars, context=None),
        )

    def terms(self) -> Terms:
        """Return the rules and the lie of the organisations, to decide by."""
        book, tree = self.rules.book, self.libraries.outline
        if self._terms is None or self._terms.book is not book or self._tree is not tree:
            above = {
                one.code: tree[one.parent_id].code if one.parent_id in tree else None
                for one in tree.values()
            }
            self._terms = Terms(book, Geography.of(above, self.rules.policy))
            self._tree = tree
        return self._terms

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
            ways = [
                [one for one in against_way(copy, None, place, terms) if one.code not in overridden]
                for copy in copies
            ]
            found = [one for way in ways for one in way] if all(ways) else []
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

    def remember(self, holds: Iterable[Hold]) -> None:
        """Read the readers of many holds at once, for all that is asked about them later."""
        wanted = {hold.reader_id for hold in holds if hold.reader_id is not None}
        for ids in portions(sorted(wanted - self._known.keys()), AT_ONCE):
            query = select(Reader).options(selectinload(Reader.cards)).where(Reader.id.in_(ids))
            self._known |= {one.id: one for one in self.db.scalars(query)}

    def _with_cards(self, holds: Iterable[Hold]) -> Mapping[int, Reader]:
        holds = list(holds)
        self.remember(holds)
        ids = {hold.reader_id for hold in holds if hold.reader_id is not None}
        return {one: self._known[one] for one in ids if one in self._known}

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

    def title_facts(self, title: Title) -> TitleFacts:
        """Return a title as rules see it."""
        out = self._out(title)
        return TitleFacts(
            record_id=title.record.id,
            copies=tuple(self.copy_facts(title, one, out) for one in title.items.values()),
            withdrawn=title.record.withdrawn,
            age=title.record.age,
        )

    def copy_facts(self, title: Title, item: Any, out: frozenset[int] = frozenset()) -> CopyFacts:
        """Return a copy as rules see it; ``item`` may be a row with the columns of one."""
        return CopyFacts(
            id=item.id,
            home=self.code_of(item.library_id),
            holding=self.code_of(item.holding_library_id),
            item_type=item_type_of(item, title.record.kind),
            status=item.status,
            location=item.location or "",
            days_old=(self.clock.now() - item.created).days,
            out=item.id in out,
        )

    def reader_facts(
        self, readers: Iterable[Reader], title: Title | None = None, *, counting: bool = True
    ) -> Mapping[int, ReaderFacts]:
        """Return readers as rules see them, by their ids.

        Without ``counting`` what limits count is left out: for holds that are placed already.
        """
        readers = list(readers)
        ids = [reader.id for reader in readers]
        holds, today, loans = (
            counted(self.db, ids, self._midnight(), self.code_of)
            if counting and ids
            else ({}, {}, {})
        )
        record_id = title.record.id if title is not None else None
        return {
            one.id: self._facts(
                one, holds.get(one.id, ()), today.get(one.id, 0), loans.get(one.id, ()), record_id
            )
            for one in readers
        }

    def place(self, place_id: int | None) -> PickupFacts | None:
        """Return where a hold is to be collected; None for what is no such place."""
        place = self.libraries.tree.get(place_id or 0)
        if place is None or place.kind not in COLLECTED_AT:
            return None
        enabled = place.is_pickup_point and self.libraries.is_there(place)
        desk = self.code_of(self.libraries.desk_of(place.id))
        closed = had_to_close(place, self.rules, self.calendars)
        return PickupFacts(place.code, desk, place.name_in(self.language), enabled, closed)

    def places(self) -> Sequence[PickupFacts]:
        """Return where holds can be collected now, in the order of their names."""
        found = (self.place(one.id) for one in self.libraries.pickup_points())
        return [one for one in found if one is not None]

    def _one(self, reader: Reader | None, title: Title) -> ReaderFacts | None:
        return None if reader is None else self.reader_facts([reader], title)[reader.id]

    def code_of(self, library_id: int) -> str:
        """Return the code of an organisation."""
        if library_id not in self.libraries.outline:
            # Founded since the tree was read.
            self.libraries.forget()
        return str(self.libraries.outline[library_id].code)

    def _facts(
        self,
        reader: Reader,
        holds: Sequence[OpenHold],
        placed_today: int,
        loans: Sequence[Any],
        record_id: int | None,
    ) -> ReaderFacts:
        today = self.clock.today()
        return ReaderFacts(
            id=reader.id,
            category=self.readers.category_of(reader, today).name,
            home=self.code_of(reader.home_library_id),
            age=None if reader.born is None else age_on(reader.born, today),
            barred=self.standing.is_closed(reader),
            expired=self.standing.has_run_out(reader),
            penalties=tuple(self.standing.penalties(reader)),
            most_holds=self.standing.most_holds(reader),
            overdue=sum(
                1 for loan in loans if loan.state == LoanState.ON_LOAN and loan.due < today
            ),
            holds=tuple(holds),
            placed_today=placed_today,
            loans=tuple(
                (item_type_of(loan, loan.kind), self.code_of(loan.library_id)) for loan in loans
            ),
            has_copies=frozenset(loan.item_id for loan in loans if loan.record_id == record_id),
        )

    def _midnight(self) -> datetime:
        """Return when today began, by the city's clocks."""
        here = self.clock.local(self.clock.now())
        return here.replace(hour=0, minute=0, second=0, microsecond=0)

    def _out(self, title: Title) -> frozenset[int]:
        """Return the copies that are not on their shelves; asked for only where a rule wants it."""
        if not title.at_a_glance:
            return frozenset({*title.loans, *title.transits, *title.missing, *title.bound})
        if all(rule.value == "always" for rule in self.rules.book.of("on_shelf_holds")):
            return frozenset()
        mine = Item.record_id == title.record.id
        loans = select(Loan.item_id).join(Item).where(mine, Loan.closed.is_(None))
        sent = select(Transit.item_id).join(Item).where(mine, Transit.received.is_(None))
        kept = select(Hold.item_id).where(
            Hold.record_id == title.record.id, Hold.state.in_(OPEN_STATES), Hold.item_id > 0
        )
        return frozenset(self.db.scalars(loans.union(sent, kept)))
