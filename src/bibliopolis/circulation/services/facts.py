"""The facts that rules decide by, collected: readers, copies, titles and places as rules see them.

However many readers and copies there are, the queries are the same few.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bibliopolis.catalogue.item_types import item_type_of
from bibliopolis.catalogue.models import Item
from bibliopolis.clock import Clock
from bibliopolis.db import portions
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import COLLECTED_AT, Libraries
from bibliopolis.readers.categories import ReaderPolicy, age_on
from bibliopolis.readers.models import Reader
from bibliopolis.readers.services import Standing

from ..models import OPEN_STATES, Hold, Loan, LoanState, Transit
from ..permits import CopyFacts, OpenHold, PickupFacts, ReaderFacts, Terms, TitleFacts
from ..rules.geography import Geography
from .counted import counted
from .places import had_to_close
from .rules import CirculationRules
from .title import Title

AT_ONCE = 500
"""So many readers are asked for in one statement."""


class Facts:
    """Collect what rules look at, for one request; each is worked out once."""

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
    def from_request(cls, context: Any, request: Any) -> Self:
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
