"""Books brought home to readers who cannot come: who gets them, and the way of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import Library
from bibliopolis.readers.models import Reader
from bibliopolis.workflow import Reason

from ..models import DeliveryMark, Hold, HoldDelivery, HoldState
from ..rules.values import WEEKDAYS
from .holds import Holds
from .rules import CirculationRules
from .title import Title

RULE, DAYS, MOST, TRIES = "home_delivery", "delivery_days", "delivery_most", "delivery_tries"
NOBODY, MARKED = "nobody", "marked"
LONGEST = 500
AHEAD = 31
"""So many days the next round is looked for."""
LONGEST_MARK = timedelta(days=1830)


@dataclass(frozen=True)
class Rounds:
    """A page of what a library brings home; ``rows`` are (hold, delivery, item, record, reader)."""

    total: int
    with_courier: int
    """So many of all of them the courier has; they come first."""
    offset: int
    rows: Sequence[Any]

    def parts(self, most: int | None) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """Return the rows the courier has, those of the next round of so many, and the others."""
        last = self.total if most is None else self.with_courier + most
        first, second = (max(0, one - self.offset) for one in (self.with_courier, last))
        return self.rows[:first], self.rows[first:second], self.rows[second:]

    def sizes(self, most: int | None) -> tuple[int, int, int]:
        """Return how many each part has on all pages together."""
        ready = self.total - self.with_courier
        now = ready if most is None else min(ready, most)
        return self.with_courier, now, ready - now


class Deliveries:
    """Bring holds to their readers; each verb locks the title, asks the workflow, then acts.

    The address is kept beside the hold, as long as it is needed: it goes when the hold is closed,
    or its reader collects it after all.
    """

    def __init__(
        self, db: Session, holds: Holds, rules: CirculationRules, calendars: Calendars
    ) -> None:
        self.db = db
        self.holds = holds
        self.rules = rules
        self.calendars = calendars

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Deliveries:
        """Make it for a request."""
        return cls(
            db=request.db,
            holds=request.find_service(Holds, context=None),
            rules=request.find_service(CirculationRules, context=None),
            calendars=request.find_service(Calendars, context=None),
        )

    def against(self, hold: Hold, place_id: int | None = None) -> list[Reason]:
        """Return why a library does not bring the hold to its reader; empty where it does.

        ``place_id`` is another place than the hold's own.
        """
        place = self.holds.libraries.get(place_id or hold.pickup_library_id)
        return self.against_reader(self.holds.readers.get(hold.reader_id), place)

    def against_reader(self, reader: Reader | None, place: Library) -> list[Reason]:
        """Return why a library brings nothing to a reader, whatever it is."""
        if self.holds.places.desk_of(place.id) != place.id:
            return [_("From a locker nothing is brought home: let it come to a library first.")]
        to_whom = self.rules.decide(RULE, place, reader).value
        if to_whom == NOBODY:
            return [_("This library brings no books home to readers of your category.")]
        if to_whom == MARKED and not self._is_marked(reader):
            return [
                _(
                    "Books are brought home to readers who cannot come, such as elderly and"
                    " disabled people: ask a librarian to note it for you."
                )
            ]
        return []

    def bringing(
        self, places: Sequence[Library], readers: Iterable[Reader]
    ) -> Mapping[int, frozenset[int]]:
        """Return which of the places bring books to each reader, as ids; one query at most.

        Where `against` has nothing to say: to offer it before a hold is placed, or moved.
        """
        readers = list(readers)
        if all(rule.value == NOBODY for rule in self.rules.book.of(RULE)):
            return {one.id: frozenset() for one in readers}
        noted = DeliveryMark.until >= self.holds.clock.today()
        ids = [one.id for one in readers]
        marked = set(
            self.db.scalars(
                select(DeliveryMark.reader_id).where(DeliveryMark.reader_id.in_(ids), noted)
            )
        )
        desks = [one for one in places if self.holds.places.desk_of(one.id) == one.id]
        found = {}
        for reader in readers:
            category = self.rules.category_of(reader)
            to = {NOBODY} if reader.id in marked else {NOBODY, MARKED}
            found[reader.id] = frozenset(
                one.id for one in desks if self.rules.resolve(RULE, one, category).value not in to
            )
        return found

    def delivers(self, place_id: int) -> bool:
        """Say whether a place brings books to any readers at all."""
        lineage = set(self.rules.lineage(place_id))
        return any(
            rule.value != NOBODY
            for rule in self.rules.book.of(RULE)
            if rule.scope.organisation is None or rule.scope.organisation in lineage
        )

    def deliver(self, hold_id: int, address: str, note: str = "") -> Hold:
        """Let the pickup library bring it; again with another address changes the address."""
        address, note = " ".join(address.split()), " ".join(note.split())
        if not address or max(len(address), len(note)) > LONGEST:
            reason = _("Write the address, and a note if you like: 500 letters each at most.")
            raise InvalidInput(reason, {"address": reason})
        title, hold = self.holds.locked(hold_id)
        self.holds.steps.take("deliver", hold, title, None)
        row = self.db.get(HoldDelivery, hold.id)
        if row is None:
            row = HoldDelivery(hold_id=hold.id, address=address, note=note)
            self.db.add(row)
        row.address, row.note = address, note
        hold.by_delivery = True
        self.holds.lay_on_shelf(title, hold)
        self.holds.settle(title)
        return hold

    def fetch(self, hold_id: int) -> Hold:
        """Let its reader collect it after all; the address is forgotten."""
        title, hold = self.holds.locked(hold_id)
        self.holds.steps.take("fetch", hold, title, None)
        self._to_be_collected(title, hold)
        self.holds.settle(title)
        return hold

    def hand_over(self, hold_id: int, library_id: int) -> Hold:
        """Give the copy to the courier."""
        title, hold = self.holds.locked(hold_id)
        self._demand_here(hold, library_id)
        self.holds.steps.take("hand_over", hold, title, library_id, item_id=hold.item_id)
        self.holds.settle(title)
        return hold

    def not_met(self, hold_id: int, library_id: int) -> Hold:
        """Take the copy back: the courier met nobody."""
        title, hold = self.holds.locked(hold_id)
        self._demand_here(hold, library_id)
        self.bring_back(title, hold, library_id)
        self.holds.settle(title)
        return hold

    def bring_back(self, title: Title, hold: Hold, library_id: int) -> None:
        """Count the try; after the last one the copy waits at the library. Nothing is settled."""
        self.holds.steps.take("not_met", hold, title, library_id, item_id=hold.item_id)
        row = self.db.get(HoldDelivery, hold.id, populate_existing=True)
        most: int = self.rules.decide(TRIES, hold.pickup_library_id).value
        if row is None or row.tries + 1 >= most:
            self._to_be_collected(title, hold)
        else:
            row.tries += 1

    def address_of(self, hold: Hold) -> HoldDelivery | None:
        """Return where the hold is brought to; who may see it is for the caller to know."""
        return self.db.get(HoldDelivery, hold.id) if hold.by_delivery else None

    def rounds(self, library_id: int, offset: int = 0, limit: int = 50) -> Rounds:
        """Return what a library brings: first what the courier has, then what waits, oldest first.

        The courier brings back what nobody wants any more; it is not sent out.
        """
        out = Hold.state == HoldState.OUT_FOR_DELIVERY
        ready = and_(Hold.state == HoldState.READY, Hold.cancel_requested.is_(None))
        query = (
            select(Hold, HoldDelivery, Item, Record, Reader)
            .join(HoldDelivery, HoldDelivery.hold_id == Hold.id)
            .join(Item, Item.id == Hold.item_id)
            .join(Record, Record.id == Hold.record_id)
            .join(Reader, Reader.id == Hold.reader_id)
            .where(Hold.pickup_library_id == library_id, or_(out, ready))
        )
        number = query.with_only_columns(
            func.count(), func.count(case((out, 1))), maintain_column_froms=True
        )
        total, with_courier = self.db.execute(number).one()
        order = (case((out, 0), else_=1), Hold.placed, Hold.id)
        rows = self.db.execute(query.order_by(*order).offset(offset).limit(limit)).all()
        return Rounds(total, with_courier, offset, rows)

    def hold_with(self, barcode: str, library_id: int) -> int | None:
        """Return the id of the hold of a library for which a copy is to be brought."""
        found = self.db.scalars(
            select(Hold.id)
            .join(Item, Item.id == Hold.item_id)
            .where(
                Item.barcode == barcode,
                Hold.pickup_library_id == library_id,
                Hold.by_delivery.is_(True),
                Hold.state.in_((HoldState.READY, HoldState.OUT_FOR_DELIVERY)),
            )
            .limit(2)
        ).all()
        return found[0] if len(found) == 1 else None

    def next_round(self, library: Library) -> date | None:
        """Return the next day, today included, on which a library brings books home."""
        days = self.rules.decide(DAYS, library).value
        today = self.calendars.today(library)
        for n in range(AHEAD):
            day = today + timedelta(days=n)
            hours = self.calendars.hours(library, day)
            works = bool(hours.spans) or not hours.known
            if works and (days is None or WEEKDAYS[day.weekday()] in days):
                return day
        return None

    def most(self, library: Library) -> int | None:
        """Return how many books one round takes; None is no limit."""
        value: int | None = self.rules.decide(MOST, library).value
        return value

    def mark(self, reader: Reader, until: date | None, person_id: int | None) -> None:
        """Note until when books are brought to a reader, or that they come themselves."""
        today, row = self.holds.clock.today(), self.db.get(DeliveryMark, reader.id)
        if until is None:
            if row is not None:
                self.db.delete(row)
            return
        if not today <= until <= today + LONGEST_MARK:
            reason = _("Choose a day from today on, five years ahead at most.")
            raise InvalidInput(reason, {"until": reason})
        if row is None:
            row = DeliveryMark(reader_id=reader.id)
            self.db.add(row)
        row.until, row.person_id, row.since = until, person_id, self.holds.clock.now()

    def marked_until(self, reader: Reader) -> date | None:
        """Return until when books are brought to a reader by a librarian's note."""
        row = self.db.get(DeliveryMark, reader.id)
        return None if row is None else row.until

    def _is_marked(self, reader: Reader | None) -> bool:
        until = None if reader is None else self.marked_until(reader)
        return until is not None and until >= self.holds.clock.today()

    def _to_be_collected(self, title: Title, hold: Hold) -> None:
        row = self.db.get(HoldDelivery, hold.id)
        if row is not None:
            self.db.delete(row)
        hold.by_delivery = False
        self.holds.lay_on_shelf(title, hold)

    def _demand_here(self, hold: Hold, library_id: int) -> None:
        if hold.pickup_library_id != library_id:
            raise Conflict(_("Another library brings this book."))
