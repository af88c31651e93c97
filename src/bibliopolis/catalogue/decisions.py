"""What staff decide of records: to take a description out, to join, to keep, and to undo it.

A decision is a fact about descriptions, so that the next import keeps to it: a description is
pinned to its record, or two of them are never to be of one edition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import product
from typing import Any

from sqlalchemy import delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.availability import Availability, items_in_use
from bibliopolis.catalogue.models import Record, SourceRecord, SourcesApart, UnionDecision
from bibliopolis.catalogue.placing import Member, members_of
from bibliopolis.catalogue.resources import TYPE
from bibliopolis.catalogue.union_records import Move, UnionRecords
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, NotFoundHere
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.resources.history import History
from bibliopolis.search.documents import resource_key

Pair = tuple[int, int]


class Verb(StrEnum):
    """What can be decided."""

    JOIN = "join"
    SPLIT = "split"
    PIN = "pin"
    RELEASE = "release"


class UnionDecisions:
    """Take decisions and undo them; each is one operation of the history."""

    def __init__(
        self,
        db: Session,
        clock: Clock,
        unions: UnionRecords,
        history: History,
        outbox: Outbox,
        in_use: Any,
        availability: Availability,
    ) -> None:
        self.db = db
        self.clock = clock
        self.unions = unions
        self.history = history
        self.outbox = outbox
        self.in_use = in_use
        self.availability = availability

    @classmethod
    def from_request(cls, context: Any, request: Any) -> UnionDecisions:
        """Make it for a request: its visitor decides."""
        return cls(
            db=request.db,
            clock=request.clock,
            unions=UnionRecords.from_request(context, request),
            history=request.find_service(History, context=None),
            outbox=request.find_service(Outbox, context=None),
            in_use=items_in_use(request),
            availability=request.find_service(Availability, context=None),
        )

    def of(self, record_id: int, start: int, size: int) -> tuple[Sequence[UnionDecision], int]:
        """Return some decisions about a record, the newest first, and how many there are."""
        mine = or_(UnionDecision.record_id == record_id, UnionDecision.other_id == record_id)
        total = self.db.scalar(select(func.count()).select_from(UnionDecision).where(mine)) or 0
        shown = select(UnionDecision).where(mine).order_by(UnionDecision.id.desc())
        return self.db.scalars(shown.offset(start).limit(size)).all(), total

    def split(self, record_id: int, source_ids: Iterable[int]) -> int:
        """Take descriptions out into a record of their own; return its id.

        They and those that stay are never joined again by an import.
        """
        members = self._members(record_id)
        chosen = self._chosen(members, source_ids)
        stay = members.keys() - chosen
        if not stay:
            raise Conflict(_("One description has to stay. To move all of them, join the records."))
        data = {
            "sources": sorted(chosen),
            "pinned": sorted(id_ for id_ in chosen if members[id_].pinned),
            "apart": self._put_apart(chosen, stay),
        }
        new_id = self.unions.create_of(members[min(chosen)].said)
        self._pin(chosen, pinned=False)
        self.unions.move([Move(record_id, new_id, frozenset(chosen))])
        self._decide(Verb.SPLIT, record_id, new_id, data)
        self._settle(record_id, new_id)
        return new_id

    def join(self, kept_id: int, gone_id: int) -> None:
        """Join a record to another, for good: its descriptions go there, and its address leads."""
        if kept_id == gone_id:
            raise Conflict(_("This is the same record."))
        kept, gone = self._members(kept_id, gone_id), self._read(gone_id)
        self._demand_life(gone_id)
        data = {
            "sources": sorted(gone),
            "pinned": sorted(id_ for id_, one in gone.items() if one.pinned),
            "apart": self._let_together(gone, kept),
            "led": sorted(self.db.scalars(select(Record.id).where(Record.joined_to == gone_id))),
        }
        self._pin(gone, pinned=True)
        self.unions.move([Move(gone_id, kept_id, frozenset(gone))])
        self._decide(Verb.JOIN, kept_id, gone_id, data)
        self._settle(kept_id, gone_id)

    def pin(self, record_id: int, source_ids: Iterable[int], *, pinned: bool = True) -> None:
        """Let descriptions stay here whatever they come to say, or leave it to the rules again."""
        members = self._members(record_id)
        chosen = self._chosen(members, source_ids)
        changed = sorted(id_ for id_ in chosen if members[id_].pinned != pinned)
        if changed:
            self._pin(changed, pinned=pinned)
            verb = Verb.PIN if pinned else Verb.RELEASE
            self._decide(verb, record_id, None, {"sources": changed})

    def undo(self, record_id: int, decision_id: int) -> None:
        """Make it as it was before, if the descriptions are still where the decision put them."""
        self.unions.wait_for_turn()
        decision = self.db.get(UnionDecision, decision_id, populate_existing=True)
        if decision is None or record_id not in (decision.record_id, decision.other_id):
            raise NotFoundHere(_("There is no such decision."))
        if decision.undone is not None:
            raise Conflict(_("This has been undone already."))
        sources, other_id = decision.data["sources"], decision.other_id
        put_at = other_id if decision.verb == Verb.SPLIT else decision.record_id
        here = self._read(put_at or 0)
        if not here.keys() >= set(sources):
            raise Conflict(_("The descriptions have moved since then: this cannot be undone."))
        if other_id is None:
            self._pin(sources, pinned=decision.verb == Verb.RELEASE)
        else:
            self._undo_move(decision, other_id)
        decision.undone, decision.undone_by = self.clock.now(), self.history.actor_id
        self._tell(f"undo_{decision.verb}", decision.record_id, other_id)

    def _undo_move(self, decision: UnionDecision, other_id: int) -> None:
        kept_id, data = decision.record_id, decision.data
        self.unions.lock([kept_id, other_id])
        sources, pairs = frozenset(data["sources"]), [(one, two) for one, two in data["apart"]]
        splits = decision.verb == Verb.SPLIT
        from_id, to_id = (other_id, kept_id) if splits else (kept_id, other_id)
        if not splits:
            # The record lives again, and what led to it leads to it again.
            led = update(Record).where(Record.id.in_(data["led"]))
            self.db.execute(led.values(joined_to=other_id))
            own = update(Record).where(Record.id == other_id)
            self.db.execute(own.values(joined_to=None))
        self.unions.move([Move(from_id, to_id, sources, undoes=decision.operation)])
        self._pin(sources, pinned=False)
        self._pin(data["pinned"], pinned=True)
        if splits:
            self._forget_pairs(pairs)
        else:
            # A later decision may have put some of them apart again.
            self._add_pairs(pairs)
        self._settle(kept_id, other_id)

    def _members(self, record_id: int, *others: int) -> dict[int, Member]:
        """Take a turn, lock, and return the descriptions of the record."""
        self.unions.wait_for_turn()
        self.unions.lock([record_id, *others])
        self._demand_life(record_id)
        return self._read(record_id)

    def _demand_life(self, record_id: int) -> None:
        record = self.db.get(Record, record_id, populate_existing=True)
        if record is None or record.withdrawn:
            raise NotFoundHere(_("There is no such record."))

    def _read(self, record_id: int) -> dict[int, Member]:
        return {one.said.source_id: one for _id, one in members_of(self.db, [record_id])}

    def _chosen(self, members: dict[int, Member], source_ids: Iterable[int]) -> set[int]:
        chosen = set(source_ids)
        if not chosen:
            raise Conflict(_("Choose a description first."))
        if not chosen <= members.keys():
            raise Conflict(_("The descriptions have changed meanwhile. Load the page again."))
        return chosen

    def _put_apart(self, ones: Iterable[int], others: Iterable[int]) -> list[Pair]:
        """Let these never be joined to those; return the pairs that were not apart before."""
        return self._add_pairs(_pairs(ones, others))

    def _add_pairs(self, pairs: Sequence[Pair]) -> list[Pair]:
        known = self._apart(pairs)
        new = [pair for pair in pairs if pair not in known]
        self.db.add_all(SourcesApart(first_id=one, second_id=two) for one, two in new)
        self.db.flush()  # the moves below read them
        return new

    def _let_together(self, ones: Iterable[int], others: Iterable[int]) -> list[Pair]:
        """Let these and those be joined again; return the pairs that were apart."""
        pairs = sorted(self._apart(_pairs(ones, others)))
        self._forget_pairs(pairs)
        return pairs

    def _apart(self, pairs: Sequence[Pair]) -> set[Pair]:
        columns = (SourcesApart.first_id, SourcesApart.second_id)
        found = self.db.execute(select(*columns).where(tuple_(*columns).in_(pairs)))
        return {(first, second) for first, second in found}

    def _forget_pairs(self, pairs: Sequence[Any]) -> None:
        columns = (SourcesApart.first_id, SourcesApart.second_id)
        self.db.execute(delete(SourcesApart).where(tuple_(*columns).in_(pairs)))

    def _pin(self, source_ids: Iterable[int], *, pinned: bool) -> None:
        chosen = update(SourceRecord).where(SourceRecord.id.in_(list(source_ids)))
        self.db.execute(chosen.values(pinned=pinned))

    def _decide(
        self, verb: Verb, record_id: int, other_id: int | None, data: dict[str, Any]
    ) -> None:
        self.db.add(
            UnionDecision(
                record_id=record_id,
                other_id=other_id,
                verb=str(verb),
                person_id=self.history.actor_id,
                happened=self.clock.now(),
                operation=self.history.operation,
                data=data,
            )
        )
        self._tell(str(verb), record_id, other_id)

    def _tell(self, action: str, *record_ids: int | None) -> None:
        told = [id_ for id_ in record_ids if id_ is not None]
        self.history.write_all([((TYPE, id_), {"records": told}) for id_ in told], action)

    def _settle(self, *record_ids: int) -> None:
        """Compute the records, and let everybody know whose copies have changed."""
        self.unions.compute(record_ids)
        keys = [resource_key(TYPE, id_) for id_ in record_ids]
        self.outbox.add_all("index", keys, Priority.NOW)
        self.in_use.copies_changed(record_ids)
        self.availability.recompute(record_ids)


def _pairs(ones: Iterable[int], others: Iterable[int]) -> list[Pair]:
    return sorted((min(one, two), max(one, two)) for one, two in product(ones, others))
