"""Which record a description belongs to: candidates from the database, the decision in memory.

A batch asks a handful of queries, however many descriptions it has. What is known only of pairs
is decided by ``matching``; here are the rules for records of several descriptions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.editions import Edition
from bibliopolis.catalogue.matching import Because, compare
from bibliopolis.catalogue.models import SourceKey, SourceRecord, SourcesApart
from bibliopolis.catalogue.sources import Description
from bibliopolis.catalogue.union import Said
from bibliopolis.db import portions

AT_ONCE = 5000
"""So many values fit into one statement of either database."""
CANDIDATES = 50
"""Records looked at for one description: more share a key only where a number means nothing."""


@dataclass(frozen=True)
class Member:
    """A description among those of a record."""

    said: Said
    pinned: bool = False

    @cached_property
    def edition(self) -> Edition:
        """Return what tells it apart."""
        return Edition.of(self.said.described)


@dataclass
class Group:
    """A record with its descriptions that are not withdrawn, by their ids."""

    record_id: int
    members: dict[int, Member] = field(default_factory=dict)

    def takes(
        self, one: Description, edition: Edition, apart: Collection[int]
    ) -> tuple[int, int, int] | None:
        """Return how well a description fits, the higher the better; None where it does not."""
        others = [member for id_, member in self.members.items() if id_ != one.id]
        if any(member.said.library_id == one.library_id for member in others):
            return None
        if any(member.said.source_id in apart for member in others):
            return None
        verdicts = [(member, compare(edition, member.edition)) for member in others]
        # What staff put here speaks for itself alone: it may well differ.
        if any(verdict.against and not member.pinned for member, verdict in verdicts):
            return None
        found = [verdict.because for _member, verdict in verdicts if verdict.because]
        if not found:
            return None
        by_number = sum(1 for because in found if because is not Because.TITLE)
        return by_number, len(found), -self.record_id


class Placing:
    """Find the records of descriptions."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self.groups: dict[int, Group] = {}
        """The records that were looked at, as they are after the placing."""
        self.left: set[int] = set()
        """Records that a description has left."""

    def place(self, descriptions: Sequence[Description]) -> None:
        """Give each description the id of its record, zero where it is to get one of its own.

        All are of one library, so none of them can be joined to another.
        """
        candidates = self._candidates(descriptions)
        own = {one.record_id for one in descriptions if one.record_id}
        self._read({*own, *(id_ for ids in candidates.values() for id_ in ids)})
        apart = self._apart([one.id for one in descriptions if one.id])
        for one in descriptions:
            self._place(one, candidates.get(id(one), ()), apart.get(one.id, frozenset()))

    def _place(self, one: Description, candidates: Iterable[int], apart: Collection[int]) -> None:
        before = one.record_id
        record_id = self._choice(one, candidates, apart)
        if before and record_id != before:
            self.groups[before].members.pop(one.id, None)
            self.left.add(before)
        one.record_id = record_id

    def _choice(self, one: Description, candidates: Iterable[int], apart: Collection[int]) -> int:
        edition, own = one.edition, self.groups.get(one.record_id)
        others = [it for id_, it in own.members.items() if id_ != one.id] if own else []
        alone = own is not None and not others
        if own is not None and others:
            # What staff added to it does not drive it away.
            leads = all(other.pinned for other in others)
            if one.pinned or leads or own.takes(one, edition, apart):
                return own.record_id
        elif own is not None and one.pinned:
            return own.record_id
        fits = {
            id_: how
            for id_ in candidates
            if id_ != one.record_id and (how := self.groups[id_].takes(one, edition, apart))
        }
        best = max(fits, key=lambda id_: fits[id_], default=0)
        if best:
            # The next of this library must see that it is taken.
            key = one.id or -len(self.groups[best].members) - 1
            self.groups[best].members[key] = Member(one.said)
            return best
        return one.record_id if alone else 0

    def _candidates(self, descriptions: Sequence[Description]) -> dict[int, list[int]]:
        """Return the records that share a key with each description, by its identity."""
        wanting: dict[int, list[Description]] = {}
        for one in descriptions:
            for key in one.keys:
                wanting.setdefault(key, []).append(one)
        found: dict[int, dict[int, None]] = {}
        for part in portions(wanting, AT_ONCE):
            rows = self.db.execute(
                select(SourceKey.key, SourceRecord.record_id)
                .join(SourceRecord, SourceRecord.id == SourceKey.source_id)
                .where(SourceKey.key.in_(part), SourceRecord.withdrawn.is_(False))
                .distinct()
            )
            for key, record_id in rows:
                for one in wanting[key]:
                    records = found.setdefault(id(one), {})
                    if len(records) < CANDIDATES:
                        records[record_id] = None
        return {which: list(records) for which, records in found.items()}

    def _read(self, record_ids: Collection[int]) -> None:
        """Read the records with all that is said of them."""
        self.groups = {id_: Group(id_) for id_ in record_ids}
        for part in portions(sorted(record_ids), AT_ONCE):
            rows = self.db.execute(
                select(*MEMBER).where(
                    SourceRecord.record_id.in_(part), SourceRecord.withdrawn.is_(False)
                )
            )
            for row in rows:
                self.groups[row.record_id].members[row.id] = member_of(row)

    def _apart(self, source_ids: Sequence[int]) -> dict[int, set[int]]:
        """Return what staff decided must never stand with each of these."""
        found: dict[int, set[int]] = {}
        for part in portions(source_ids, AT_ONCE):
            pairs = select(SourcesApart.first_id, SourcesApart.second_id).where(
                or_(SourcesApart.first_id.in_(part), SourcesApart.second_id.in_(part))
            )
            for first, second in self.db.execute(pairs):
                found.setdefault(first, set()).add(second)
                found.setdefault(second, set()).add(first)
        return found


MEMBER = (
    SourceRecord.id,
    SourceRecord.record_id,
    SourceRecord.library_id,
    SourceRecord.control_number,
    SourceRecord.described,
    SourceRecord.pinned,
)
"""What is read of a description to compare it and to compute its record."""


def member_of(row: Any) -> Member:
    """Return a description from a row of ``MEMBER``."""
    return Member(Said(row.id, row.library_id, row.control_number, row.described), row.pinned)


def members_of(db: Session, record_ids: Iterable[int]) -> Iterator[tuple[int, Member]]:
    """Yield (record id, description) of all that is said of these records now, by id."""
    for part in portions(sorted(set(record_ids)), AT_ONCE):
        rows = db.execute(
            select(*MEMBER)
            .where(SourceRecord.record_id.in_(part), SourceRecord.withdrawn.is_(False))
            .order_by(SourceRecord.id)
        )
        yield from ((row.record_id, member_of(row)) for row in rows)
