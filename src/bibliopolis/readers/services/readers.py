"""Find readers: by the card they show, by the account they use, by name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload
from zope.interface import implementer

from bibliopolis.accounts.interfaces import IReaders
from bibliopolis.accounts.models import Person
from bibliopolis.clock import Clock
from bibliopolis.search.analysis import sort_key
from bibliopolis.search.columns import has_words

from ..models import Card, Reader, Registration
from ..numbers import card_key

SEVERAL = 20
"""So many readers with one number are shown at most: different kinds may share it."""


@implementer(IReaders)
class Readers:
    """The readers of the network."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Readers:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock)

    def get(self, reader_id: int | None) -> Reader | None:
        """Return the reader with this id, or None."""
        return None if reader_id is None else self.db.get(Reader, reader_id)

    def in_turn(self, reader_ids: Iterable[int | None]) -> Mapping[int, Reader]:
        """Return readers as they are now, by their ids, to count what they have.

        Until the transaction ends nobody else counts: of two requests of one reader only one finds
        the last place free, of holds or of loans. They are locked by id, after titles.
        """
        ids = {one for one in reader_ids if one is not None}
        query = select(Reader).where(Reader.id.in_(ids)).order_by(Reader.id)
        locked = query.with_for_update(key_share=True)
        rows = self.db.scalars(locked.execution_options(populate_existing=True))
        return {one.id: one for one in rows}

    def by_uid(self, uid: str) -> Reader | None:
        """Return the reader whose address this is."""
        query = select(Reader).options(joinedload(Reader.cards)).where(Reader.uid == uid)
        return self.db.scalars(query).unique().one_or_none()

    def by_card(self, number: str) -> Reader | None:
        """Return the one reader who shows this card; None where two kinds share the number."""
        found = self.who_show(number)
        return found[0] if len(found) == 1 else None

    def who_show(self, number: str) -> Sequence[Reader]:
        """Return the readers with a card of this number that counts today."""
        query = (
            select(Reader)
            .join(Card)
            .options(selectinload(Reader.cards))
            .where(Card.number == card_key(number), counts_on(self.clock.today()))
            .order_by(Reader.id)
            .limit(SEVERAL)
        )
        return self.db.scalars(query).unique().all()

    def refused_card(self, number: str) -> Card | None:
        """Return the last card with this number that counts no more, where none counts."""
        if not card_key(number) or self.who_show(number):
            return None
        return self.db.scalar(
            select(Card)
            .options(joinedload(Card.reader))
            .where(Card.number == card_key(number))
            .order_by(Card.id.desc())
            .limit(1)
        )

    def of_person(self, person_id: int | None) -> Reader | None:
        """Return the reader who signs in as this person; nobody is nobody's reader."""
        if person_id is None:
            return None
        query = (
            select(Reader).options(joinedload(Reader.cards)).where(Reader.person_id == person_id)
        )
        return self.db.scalars(query).unique().one_or_none()

    def reader_id_of(self, person_id: int) -> int | None:
        """Return the reader of an account."""
        return self.db.scalar(select(Reader.id).where(Reader.person_id == person_id))

    def person_id_by_card(self, number: str) -> int | None:
        """Return the account of a card; of a number that two readers' cards share, nobody's."""
        found = self.db.scalars(
            select(Reader.person_id)
            .join(Card)
            .where(
                Card.number == card_key(number),
                counts_on(self.clock.today()),
                Reader.person_id.is_not(None),
            )
            .distinct()
            .limit(2)
        ).all()
        return found[0] if len(found) == 1 else None

    def names(self, reader_ids: Iterable[int]) -> dict[int, str]:
        """Return the names of readers, in one query."""
        wanted = set(reader_ids)
        if not wanted:
            return {}
        rows = self.db.execute(select(Reader.id, Reader.name).where(Reader.id.in_(wanted)))
        return {row.id: row.name for row in rows}

    def same(self, name: str, born: date | None) -> Sequence[Reader]:
        """Return the readers of this name, however it is written, born on this day."""
        query = (
            select(Reader)
            .options(selectinload(Reader.cards))
            .where(
                Reader.sort_key == sort_key(name),
                Reader.born == born,
                Reader.registration != Registration.CLOSED,
            )
            .order_by(Reader.id)
            .limit(SEVERAL)
        )
        return self.db.scalars(query).all()

    def look_up(
        self,
        text: str,
        library_ids: Collection[int] | None = None,
        *,
        unfinished: bool = False,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[int, Sequence[Reader]]:
        """Return how many readers suit what was typed, and one page of them.

        A whole card number or mail address finds its reader anywhere: who says it was shown it.
        Names find the readers of the libraries given; None stands for all of them.
        """
        named = has_words(Reader.folded, text)
        wanted = or_(self._whole(text), and_(named, _of(library_ids)))
        query = select(Reader).where(wanted, Reader.registration != Registration.CLOSED)
        if unfinished:
            query = query.where(Reader.registration == Registration.PRELIMINARY)
        total = self.db.scalar(select(func.count()).select_from(query.subquery())) or 0
        page = query.options(selectinload(Reader.cards)).order_by(Reader.sort_key, Reader.id)
        return total, self.db.scalars(page.offset(offset).limit(limit)).all()

    def _whole(self, text: str) -> ColumnElement[bool]:
        ids = select(Card.reader_id).where(Card.number == card_key(text))
        people = select(Person.id).where(Person.email == text.strip().lower())
        return or_(Reader.id.in_(ids), Reader.person_id.in_(people))


def lock(db: Session, reader: Reader) -> None:
    """Read a reader anew and let nobody else change them until the transaction ends."""
    db.flush()
    # By itself: what was loaded with joins cannot be locked with them.
    db.execute(select(Reader.id).where(Reader.id == reader.id).with_for_update())
    db.refresh(reader)


def counts_on(today: date) -> ColumnElement[bool]:
    """Return the condition that a card is taken on a day, as ``Card.is_taken`` says it."""
    return and_(
        Card.blocked.is_(None),
        or_(Card.valid_from.is_(None), Card.valid_from <= today),
        or_(Card.valid_until.is_(None), Card.valid_until >= today),
    )


def _of(library_ids: Collection[int] | None) -> ColumnElement[bool]:
    if library_ids is None:
        return true()
    return Reader.home_library_id.in_(list(library_ids))
