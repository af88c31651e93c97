"""What circulation keeps of people: holds, loans, and the history of those who keep one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, func, select, update

from bibliopolis.accounts.personal_data import Part, Subject
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.i18n import _n
from bibliopolis.libraries.models import Library

from .due_calendar.models import DueCalendar
from .models import OPEN_STATES, DeliveryMark, Hold, HoldDelivery, Loan


class CirculationData(Part):
    """The holds and loans of a reader."""

    def export(self, subject: Subject) -> Mapping[str, Any]:
        """Return every hold and loan that still knows its reader."""
        if subject.reader_id is None:
            return {}
        holds = (
            select(
                Record.title,
                Record.author,
                Hold.state,
                Library.code.label("collected_at"),
                func.coalesce(Hold.requested, Hold.placed).label("placed"),
                Hold.closed,
                Hold.starts.label("wanted_from"),
                Hold.need_by.label("wanted_until"),
                Hold.suspend_from.label("paused_from"),
                Hold.suspended_until.label("paused_until"),
                Hold.collect_by.label("collect_until"),
                Hold.cause.label("why_cancelled"),
                HoldDelivery.address.label("brought_to"),
                HoldDelivery.note.label("note_for_the_courier"),
            )
            .join(Record, Record.id == Hold.record_id)
            .join(Library, Library.id == Hold.pickup_library_id)
            .outerjoin(HoldDelivery, HoldDelivery.hold_id == Hold.id)
            .where(Hold.reader_id == subject.reader_id)
            .order_by(Hold.id)
        )
        loans = (
            select(
                Record.title,
                Record.author,
                Item.barcode,
                Library.code.label("library"),
                Loan.opened.label("taken"),
                Loan.due,
                Loan.closed.label("returned"),
            )
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .join(Library, Library.id == Loan.library_id)
            .where(Loan.reader_id == subject.reader_id)
            .order_by(Loan.id)
        )
        marks = select(DeliveryMark.until, DeliveryMark.since).where(
            DeliveryMark.reader_id == subject.reader_id
        )
        calendar = select(DueCalendar.created, DueCalendar.titles).where(
            DueCalendar.reader_id == subject.reader_id
        )
        return {
            "holds": self._rows(holds),
            "loans": self._rows(loans),
            "home_delivery": self._rows(marks),
            # The address itself is nowhere here.
            "calendar": next(iter(self._rows(calendar)), None),
        }

    def against_closing(self, subject: Subject) -> Iterable[Any]:
        """Books come back first, and nobody is waited for."""
        if subject.reader_id is None:
            return
        if out := self._count(Loan, Loan.reader_id == subject.reader_id, Loan.closed.is_(None)):
            yield _n(
                "You have ${n} book on loan: bring it back first.",
                "You have ${n} books on loan: bring them back first.",
                out,
            )
        mine = Hold.reader_id == subject.reader_id
        if waiting := self._count(Hold, mine, Hold.state.in_(OPEN_STATES)):
            yield _n(
                "You have ${n} open hold: cancel it first.",
                "You have ${n} open holds: cancel them first.",
                waiting,
            )

    def erase(self, subject: Subject) -> None:
        """Forget whose the holds and loans of the past were."""
        if subject.reader_id is None:
            return
        mine = select(Hold.id).where(Hold.reader_id == subject.reader_id)
        self.db.execute(delete(HoldDelivery).where(HoldDelivery.hold_id.in_(mine)))
        self.db.execute(delete(DeliveryMark).where(DeliveryMark.reader_id == subject.reader_id))
        self.db.execute(delete(DueCalendar).where(DueCalendar.reader_id == subject.reader_id))
        for table in (Hold, Loan):
            self.db.execute(
                update(table).where(table.reader_id == subject.reader_id).values(reader_id=None)
            )

    def _rows(self, query: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in self.db.execute(query).mappings()]

    def _count(self, table: Any, *conditions: Any) -> int:
        return self.db.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
