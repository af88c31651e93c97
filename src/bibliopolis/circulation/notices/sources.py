"""Holds and loans as notices tell of them: what is still true, in their reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session
from zope.interface import implementer

from bibliopolis.catalogue.models import Item, Record
from bibliopolis.formats import Formats
from bibliopolis.i18n import _
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.models import spoken
from bibliopolis.libraries.services import Libraries
from bibliopolis.mail import site_url
from bibliopolis.notices.interfaces import INoticeSource, Words
from bibliopolis.notices.models import Notice
from bibliopolis.readers.models import Guardianship, Reader
from bibliopolis.templates import speaker

from ..models import OPEN_STATES, Hold, HoldState, Loan, LoanState
from ..services import Deliveries, PickupPlaces
from ..services.aliases import Aliases
from ..services.lendable import LendableCopies
from .calendar import has_hope
from .kinds import TRUE_IN, Kind
from .words import BROUGHT, COPY_GONE, HOLDS, LOANS, NEXT_ROUND, ON_SLIP, Said


class _Source:
    def __init__(self, request: Any) -> None:
        self.request = request
        self.db: Session = request.db
        self.speak = speaker(request)

    def _words(
        self,
        said: Said,
        language: str,
        named: Mapping[str, Any],
        whose: str | None,
        path: str,
        more: str = "",
    ) -> Words:
        """Return a notice in a language; ``whose`` names the child, ``more`` is for letters."""
        text = self.speak(said.sentence % dict(named), language)
        advice = self.speak(said.advice % dict(named), language) if said.advice else ""
        child = ""
        if whose:
            child = self.speak(_("This is for ${name}.", mapping={"name": whose}), language)
        return Words(
            subject=self.speak(said.subject, language),
            text=" ".join(filter(None, (text, more, advice, child))),
            short=" ".join(filter(None, (text, child))),
            url=f"{site_url(self.request)}/{language}/account{path}",
        )

    def _still_theirs(
        self, notices: Sequence[Notice], whose: Mapping[int, int | None]
    ) -> list[Notice]:
        """Return those that go to whom the thing belongs, or to who acts for that reader now."""
        known = [one for one in notices if one.thing_id in whose]
        guardians = {one.reader_id for one in known if whose[one.thing_id or 0] != one.reader_id}
        acting = set()
        if guardians:
            pairs = select(Guardianship.guardian_id, Guardianship.child_id)
            found = self.db.execute(pairs.where(Guardianship.guardian_id.in_(guardians)))
            acting = {(row.guardian_id, row.child_id) for row in found}
        return [
            one
            for one in known
            if (reader_id := whose[one.thing_id or 0]) == one.reader_id
            or (one.reader_id, reader_id) in acting
        ]

    def _place(self, library_id: int, language: str) -> str:
        # A locker is a place, too: libraries alone are not enough.
        place = self.request.find_service(Libraries, context=None).outline.get(library_id)
        return (spoken(place.name, language) or str(place.code)) if place else ""


@implementer(INoticeSource)
class HoldSource(_Source):
    """Holds."""

    def words(self, notices: Sequence[Notice], language: str) -> Mapping[int, Words]:
        """Return what is to be said of the holds that are still where the notices have them."""
        hope = has_hope(self.request.find_service(LendableCopies, context=None))
        rows = {
            row.Hold.id: row
            for row in self.db.execute(
                select(Hold, Record.title, Reader.name, Loan.due, hope.label("hope"))
                .join(Record, Record.id == Hold.record_id)
                .join(Reader, Reader.id == Hold.reader_id)
                .outerjoin(Loan, _lent_for_it())
                .where(Hold.id.in_([one.thing_id for one in notices]))
            )
        }
        return {
            one.id: self._of(one, rows[one.thing_id or 0], language)
            for one in self._still_theirs(
                notices, {hold_id: row.Hold.reader_id for hold_id, row in rows.items()}
            )
            if _is_true(one.kind, rows[one.thing_id or 0])
        }

    def _of(self, notice: Notice, row: Any, language: str) -> Words:
        hold = row.Hold
        place = self._place(hold.pickup_library_id, language)
        whose = row.name if hold.reader_id != notice.reader_id else None
        formats = Formats(language, self.request.clock.zone)
        named = {
            "title": row.title,
            "library": place,
            "day": formats.date(hold.collect_by, "long") if hold.collect_by else "",
            "due": formats.date(row.due, "long") if row.due else "",
        }
        said = HOLDS[notice.kind]
        if hold.by_delivery:
            said = BROUGHT.get(notice.kind, said)
        if notice.kind == Kind.NO_COPY and hold.wanted_item_id is not None:
            said = COPY_GONE
        return self._words(
            said, language, named, whose, f"/holds/{hold.uid}", self._ready(hold, language)
        )

    def _ready(self, hold: Hold, language: str) -> str:
        """Return when what is to be brought comes, or how its reader knows it on a hold shelf.

        A locker opens by a code instead.
        """
        if hold.state != HoldState.READY:
            return ""
        if hold.by_delivery:
            return self._next_round(hold, language)
        if self.request.find_service(PickupPlaces, context=None).locker(hold.pickup_library_id):
            return ""
        alias = Aliases.from_request(None, self.request).of(hold.id)
        return self.speak(ON_SLIP % {"alias": alias}, language)

    def _next_round(self, hold: Hold, language: str) -> str:
        place = self.request.find_service(Libraries, context=None).tree[hold.pickup_library_id]
        day = self.request.find_service(Deliveries, context=None).next_round(place)
        if day is None:
            return ""
        said = Formats(language, self.request.clock.zone).date(day, "weekday_day")
        return self.speak(NEXT_ROUND % {"round": said}, language)

    def titles(self, thing_ids: Iterable[int]) -> Mapping[int, str]:
        """Return the titles that holds are on."""
        found = self.db.execute(
            select(Hold.id, Record.title)
            .join(Record, Record.id == Hold.record_id)
            .where(Hold.id.in_(list(thing_ids)))
        )
        return {row.id: row.title for row in found}

    def over(self) -> Select[Any, Any]:
        """Return the holds that are closed."""
        return select(Hold.id, Hold.reader_id).where(Hold.state.not_in(OPEN_STATES))


@implementer(INoticeSource)
class LoanSource(_Source):
    """Loans."""

    def words(self, notices: Sequence[Notice], language: str) -> Mapping[int, Words]:
        """Return what is to be said of the loans that are out, and due on the day meant."""
        rows = {
            row.Loan.id: row
            for row in self.db.execute(
                select(Loan, Record.title, Reader.name)
                .join(Item, Item.id == Loan.item_id)
                .join(Record, Record.id == Item.record_id)
                .join(Reader, Reader.id == Loan.reader_id)
                .where(
                    Loan.id.in_([one.thing_id for one in notices]),
                    Loan.state.in_((LoanState.ON_LOAN, LoanState.LOST)),
                )
            )
        }
        return {
            one.id: self._of(one, rows[one.thing_id or 0], language)
            for one in self._still_theirs(
                notices, {loan_id: row.Loan.reader_id for loan_id, row in rows.items()}
            )
            if self._is_true(one, rows[one.thing_id or 0].Loan)
        }

    def _is_true(self, notice: Notice, loan: Loan) -> bool:
        """Say whether nobody has renewed it meanwhile, and whether the day has not gone by."""
        lost = loan.state == LoanState.LOST
        if notice.kind == Kind.LOST or lost:
            return lost and notice.kind == Kind.LOST
        if notice.occasion.partition(":")[0] != loan.due.isoformat():
            return False
        place = self.request.find_service(Libraries, context=None).tree[loan.library_id]
        over = loan.due < self.request.find_service(Calendars, context=None).today(place)
        return over if notice.kind == Kind.OVERDUE else not over

    def _of(self, notice: Notice, row: Any, language: str) -> Words:
        loan = row.Loan
        formats = Formats(language, self.request.clock.zone)
        named = {
            "title": row.title,
            "library": self._place(loan.library_id, language),
            "day": formats.date(loan.due, "long"),
        }
        whose = row.name if loan.reader_id != notice.reader_id else None
        return self._words(LOANS[notice.kind], language, named, whose, "#loans")

    def titles(self, thing_ids: Iterable[int]) -> Mapping[int, str]:
        """Return the titles of what is out."""
        found = self.db.execute(
            select(Loan.id, Record.title)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(Loan.id.in_(list(thing_ids)))
        )
        return {row.id: row.title for row in found}

    def over(self) -> Select[Any, Any]:
        """Return the loans that have come back."""
        return select(Loan.id, Loan.reader_id).where(Loan.closed.is_not(None))


def _lent_for_it() -> ColumnElement[bool]:
    """Return the condition that a loan is the one a hold has led to, and is still open."""
    mine = and_(Loan.item_id == Hold.item_id, Loan.reader_id == Hold.reader_id)
    return and_(mine, Loan.closed.is_(None), Hold.state == HoldState.FULFILLED)


def _is_true(kind: str, row: Any) -> bool:
    hold = row.Hold
    if hold.state != TRUE_IN.get(kind):
        return False
    if kind == Kind.DELIVERED:
        return row.due is not None
    if kind == Kind.RESUMED:
        return bool(hold.waits)
    if kind == Kind.REMINDER:
        return hold.cancel_requested is None
    return not (kind == Kind.NO_COPY and row.hope)
