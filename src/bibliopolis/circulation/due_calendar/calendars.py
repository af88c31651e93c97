"""A reader's calendar: its address, and what stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import Person
from bibliopolis.accounts.tokens import hash_of, new_token
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.clock import Clock
from bibliopolis.errors import NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.readers.models import Reader, Registration
from bibliopolis.readers.services import Guardians

from ..models import Hold, HoldState, Loan, LoanState
from .models import DueCalendar


@dataclass(frozen=True)
class Entry:
    """One day to remember: of what, if it may be named, and where."""

    uid: str
    is_loan: bool
    day: date
    library_id: int
    changed: datetime
    title: str | None = None
    begins: bool = False
    """Whether a hold begins on the day; else it is the last one."""


@dataclass(frozen=True)
class Shown:
    """A calendar that was asked for by its address, and whose it is."""

    calendar: DueCalendar
    language: str


class DueCalendars:
    """Make addresses, end them, and read what they show."""

    def __init__(self, db: Session, clock: Clock, guardians: Guardians) -> None:
        self.db = db
        self.clock = clock
        self.guardians = guardians

    @classmethod
    def from_request(cls, context: Any, request: Any) -> DueCalendars:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            guardians=request.find_service(Guardians, context=None),
        )

    def of(self, reader_id: int) -> DueCalendar | None:
        """Return the calendar of a reader, if they have one."""
        return self.db.get(DueCalendar, reader_id)

    def renew(self, reader_id: int, *, titles: bool) -> str:
        """Give a reader a new secret address, and return the secret: it is kept nowhere.

        The former address leads nowhere from now on.
        """
        # The row of the reader: two who ask at once make one calendar.
        self.db.execute(
            select(Reader.id).where(Reader.id == reader_id).with_for_update(key_share=True)
        )
        calendar = self.db.get(DueCalendar, reader_id, populate_existing=True)
        if calendar is None:
            calendar = DueCalendar(reader_id=reader_id)
            self.db.add(calendar)
        secret = new_token()
        calendar.secret_hash, calendar.titles = hash_of(secret), titles
        calendar.created = self.clock.now()
        return secret

    def show_titles(self, reader_id: int, titles: bool) -> None:
        """Say whether it names the books."""
        calendar = self.of(reader_id)
        if calendar is None:
            raise NotFoundHere(_("Your calendar is switched off: make an address first."))
        calendar.titles = titles

    def switch_off(self, reader_id: int) -> None:
        """End the address; again changes nothing."""
        self.db.execute(delete(DueCalendar).where(DueCalendar.reader_id == reader_id))

    def by_secret(self, secret: str) -> Shown | None:
        """Return the calendar at an address; None for one that is not or no longer there."""
        found = self.db.execute(
            select(DueCalendar, Person.language)
            .join(Reader, Reader.id == DueCalendar.reader_id)
            .join(Person, Person.id == Reader.person_id)
            .where(
                DueCalendar.secret_hash == hash_of(secret),
                Reader.registration != Registration.CLOSED,
                Person.disabled.is_(False),
            )
        ).one_or_none()
        return None if found is None else Shown(*found)

    def entries(self, calendar: DueCalendar) -> list[Entry]:
        """Return the days ahead and those that are over, of the reader and their children.

        Without titles what is due at one library on one day is one entry. What is lost, or said to
        be returned, has no day.
        """
        children = self.guardians.children_of(calendar.reader_id)
        readers = [calendar.reader_id, *(one.id for one in children)]
        loans = self.db.execute(
            select(Loan, Record.title)
            .join(Item, Item.id == Loan.item_id)
            .join(Record, Record.id == Item.record_id)
            .where(
                Loan.reader_id.in_(readers),
                Loan.closed.is_(None),
                Loan.state == LoanState.ON_LOAN,
            )
            .order_by(Loan.due, Loan.id)
        )
        holds = self.db.execute(
            select(Hold, Record.title)
            .join(Record, Record.id == Hold.record_id)
            .where(
                Hold.reader_id.in_(readers),
                or_(
                    and_(Hold.state == HoldState.READY, Hold.collect_by.is_not(None)),
                    and_(Hold.state == HoldState.QUEUED, Hold.starts.is_not(None)),
                ),
            )
            .order_by(Hold.collect_by, Hold.starts, Hold.id)
        )
        found = [
            Entry(one.uid, True, one.due, one.library_id, one.changed or one.opened, title)
            for one, title in loans
        ]
        found += [
            Entry(
                one.uid,
                False,
                day,
                one.pickup_library_id,
                one.changed,
                title,
                begins=one.begins_later,
            )
            for one, title in holds
            if (day := one.starts if one.begins_later else one.collect_by) is not None
        ]
        return found if calendar.titles else _unnamed(calendar, found)


def _unnamed(calendar: DueCalendar, entries: Sequence[Entry]) -> list[Entry]:
    """Return the same without what it is: one entry for each day and place."""
    merged: dict[tuple[bool, bool, date, int], Entry] = {}
    for one in entries:
        key = (one.is_loan, one.begins, one.day, one.library_id)
        before = merged.get(key)
        what = f"{one.is_loan}:begins" if one.begins else f"{one.is_loan}"
        name = f"{calendar.uid}:{what}:{one.day.isoformat()}:{one.library_id}"
        merged[key] = Entry(
            uid=uuid5(NAMESPACE_URL, name).hex,
            is_loan=one.is_loan,
            day=one.day,
            library_id=one.library_id,
            changed=max(one.changed, before.changed) if before else one.changed,
            begins=one.begins,
        )
    return list(merged.values())
