"""Records in the database: made, computed anew, left and joined, with the copies that follow.

Whoever changes which descriptions a record has takes a turn first; within it nothing else does.
Rows are locked in the order everybody keeps: records by id, then copies, then what circulates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from bibliopolis.catalogue.interfaces import IFollowsRecords, RecordMove
from bibliopolis.catalogue.models import RECORDS, Item, Record, SourceRecord
from bibliopolis.catalogue.placing import members_of
from bibliopolis.catalogue.sources import Description
from bibliopolis.catalogue.union import Said, unite
from bibliopolis.clock import Clock
from bibliopolis.db import new_uid, portions, wait_for_turn

TURN = 7_301_001
"""The number of this turn among the advisory locks of PostgreSQL."""
AT_ONCE = 5000

_LEADS_NOWHERE: Mapping[str, Any] = {"withdrawn": False, "joined_to": None}


@dataclass(frozen=True)
class Move:
    """Descriptions that go from one record to another; ``undoes`` is an operation."""

    from_id: int
    to_id: int
    source_ids: frozenset[int]
    undoes: str | None = None


class NobodyFollows:
    """Who follows records where no room lends: nobody."""

    def follow(self, move: RecordMove) -> None:
        """Do nothing."""

    def foresee(self, from_id: int, to_id: int) -> tuple[str, ...]:
        """Return that nothing more would happen."""
        return ()


class UnionRecords:
    """Write records as what is said of them changes."""

    def __init__(self, db: Session, clock: Clock, follower: Any) -> None:
        self.db = db
        self.clock = clock
        self.follower = follower

    @classmethod
    def from_request(cls, context: Any, request: Any) -> UnionRecords:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock, follower=follower_of(request))

    def wait_for_turn(self) -> None:
        """Let imports and staff decisions come one after the other, so that none is missed."""
        wait_for_turn(self.db, TURN)

    def lock(self, record_ids: Iterable[int]) -> None:
        """Lock records, by id."""
        for part in portions(sorted(set(record_ids)), AT_ONCE):
            # FOR NO KEY UPDATE: rows that merely refer to a record need not wait.
            self.db.execute(
                select(Record.id)
                .where(Record.id.in_(part))
                .order_by(Record.id)
                .with_for_update(key_share=True)
            ).all()

    def create(self, descriptions: Sequence[Description]) -> None:
        """Make a record for each of these descriptions."""
        made = self._insert([one.said for one in descriptions])
        for one, record_id in zip(descriptions, made, strict=True):
            one.record_id = record_id

    def create_of(self, said: Said) -> int:
        """Make a record of one description that is there already; return its id."""
        return self._insert([said])[0]

    def _insert(self, descriptions: Sequence[Said]) -> Sequence[int]:
        if not descriptions:
            return []
        now = self.clock.now()
        rows = [
            {**unite([one]), **_LEADS_NOWHERE, "uid": new_uid(), "created": now, "changed": now}
            for one in descriptions
        ]
        self.db.execute(insert(RECORDS), rows)
        # On SQLite an insert that returns ids in order is a statement for each row.
        ids: dict[str, int] = {}
        for part in portions((str(row["uid"]) for row in rows), AT_ONCE):
            known = select(RECORDS.c.uid, RECORDS.c.id).where(RECORDS.c.uid.in_(part))
            ids |= {row.uid: row.id for row in self.db.execute(known)}
        return [ids[row["uid"]] for row in rows]

    def move(self, moves: Sequence[Move]) -> None:
        """Let descriptions go to other records, with their copies and who waits for these.

        A record that keeps no description is joined to the one the last of them goes to. The
        records must be locked; ``compute`` them afterwards.
        """
        if not moves:
            return
        items = self._items(moves)
        kept = self._kept(moves)
        for one in moves:
            wholly = one.from_id not in kept
            copies = frozenset(item for source in one.source_ids for item in items.get(source, ()))
            self.follower.follow(
                RecordMove(one.from_id, one.to_id, copies, wholly, undoes=one.undoes)
            )
            self._go(one, copies)
            if wholly:
                self._join(one)

    def _items(self, moves: Sequence[Move]) -> dict[int, list[int]]:
        """Return the copies that came with each description, locked by id."""
        found: dict[int, list[int]] = {}
        ids = sorted({source for one in moves for source in one.source_ids})
        for part in portions(ids, AT_ONCE):
            copies = (
                select(Item.id, Item.source_record_id)
                .where(Item.source_record_id.in_(part))
                .order_by(Item.id)
                .with_for_update(key_share=True)
            )
            for item_id, source_id in self.db.execute(copies):
                found.setdefault(source_id or 0, []).append(item_id)
        return found

    def _kept(self, moves: Sequence[Move]) -> frozenset[int]:
        """Return the records that keep a description that is not withdrawn."""
        going = [source for one in moves for source in one.source_ids]
        return frozenset(
            self.db.scalars(
                select(SourceRecord.record_id)
                .where(
                    SourceRecord.record_id.in_([one.from_id for one in moves]),
                    SourceRecord.id.not_in(going),
                    SourceRecord.withdrawn.is_(False),
                )
                .distinct()
            )
        )

    def _go(self, move: Move, item_ids: Iterable[int]) -> None:
        for model, ids in ((Item, item_ids), (SourceRecord, move.source_ids)):
            self.db.execute(
                update(model)
                .where(model.id.in_(list(ids)))
                .values(record_id=move.to_id)
                .execution_options(synchronize_session="evaluate")
            )

    def _join(self, move: Move) -> None:
        """Let a record lead to the one it was joined to, and all that led to it."""
        rest = update(SourceRecord).where(SourceRecord.record_id == move.from_id)
        self.db.execute(_quietly(rest.values(record_id=move.to_id)))
        led_here = (Record.id == move.from_id) | (Record.joined_to == move.from_id)
        self.db.execute(_quietly(update(Record).where(led_here).values(joined_to=move.to_id)))

    def compute(self, record_ids: Iterable[int]) -> None:
        """Compute records from what is said of them now; what nobody describes is withdrawn."""
        ids, now = sorted(set(record_ids)), self.clock.now()
        said: dict[int, list[Said]] = {}
        for record_id, member in members_of(self.db, ids):
            said.setdefault(record_id, []).append(member.said)
        rows = [
            {**unite(descriptions), **_LEADS_NOWHERE, "changed": now, "this_id": record_id}
            for record_id, descriptions in said.items()
        ]
        if rows:
            values: dict[str, Any] = {
                name: bindparam(name) for name in rows[0] if name != "this_id"
            }
            self.db.execute(
                update(RECORDS).where(RECORDS.c.id == bindparam("this_id")).values(values), rows
            )
        for part in portions((id_ for id_ in ids if id_ not in said), AT_ONCE):
            gone = update(Record).where(Record.id.in_(part)).values(withdrawn=True, changed=now)
            self.db.execute(_quietly(gone))


def follower_of(request: Any) -> Any:
    """Return who follows records, or that nobody does."""
    try:
        return request.find_service(IFollowsRecords)
    except LookupError:
        return NobodyFollows()


def _quietly(statement: Any) -> Any:
    """Let a bulk change leave alone what the session has read: it ends with the transaction."""
    return statement.execution_options(synchronize_session=False)
