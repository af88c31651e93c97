"""Holds moved to another title, or to another copy of their own, with the time they were placed.

As in FOLIO (moving requests) nobody is displaced for whom a copy is being fetched already; what a
reader could not hold there by the rules they are not moved to either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from bibliopolis.catalogue.models import Record
from bibliopolis.errors import Blocked, Conflict, NotAllowed, Unprocessable
from bibliopolis.i18n import _
from bibliopolis.readers.models import Reader
from bibliopolis.transactions import BeginAnew

from ..models import Hold, HoldState
from .changes import Changed, reasons_of
from .heads import place_of
from .holds import Holds
from .title import Title

AT_ONCE = 50
"""So many holds are moved at once at most: a writing transaction stays short."""
BEHIND = timedelta(microseconds=1)


class MoveCode(StrEnum):
    """Why a hold cannot be moved there, whosever it is."""

    NO_TITLE = "move_no_title"
    THE_SAME = "move_the_same"
    OTHER_WORK = "move_other_work"


@dataclass(frozen=True)
class Elsewhere:
    """What a hold is to wait for instead."""

    record_id: int
    item_id: int | None = None
    """The one copy of it that will do; None where any will."""
    other_work: bool = False
    """Whether whoever moves it knows that it is no edition of the same work."""


class Transfers:
    """Move holds that still wait; the reader is told by the notice of the step."""

    def __init__(self, holds: Holds) -> None:
        self.holds = holds
        self.db = holds.db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Transfers:
        """Make it for a request."""
        return cls(holds=request.find_service(Holds, context=None))

    def move(
        self, hold_id: int, wish: Elsewhere, comment: str | None, library_id: int | None = None
    ) -> Hold:
        """Move one hold, or refuse with every reason; ``comment`` is why.

        It stands in the other queue by its own time, but behind those for whom a copy is being
        fetched. Unprocessable, with a code, for what is no other title; Blocked by the rules.
        """
        record_id = self.holds.titles.record_id_of_hold(hold_id)
        titles = self._locked({record_id, wish.record_id}, [hold_id])
        hold = titles[record_id].holds.get(hold_id)
        if hold is None:
            hold = self.db.get_one(Hold, hold_id, populate_existing=True)
        if hold.record_id != record_id:
            raise BeginAnew("the hold was moved to another record")
        readers = self.holds.readers.in_turn([hold.reader_id])
        self._move(titles, hold, readers, wish, comment, library_id)
        self.holds.settle(*titles.values())
        return hold

    def several(
        self,
        hold_ids: Iterable[int],
        wish: Elsewhere,
        comment: str | None,
        library_id: int | None = None,
    ) -> Changed:
        """Move several holds, AT_ONCE at most, the first of a queue first; say what was refused."""
        wanted = sorted(hold_ids)[:AT_ONCE]
        records = set(self.db.scalars(select(Hold.record_id).where(Hold.id.in_(wanted))))
        titles = self._locked(records | {wish.record_id}, wanted)
        found = [
            hold for title in titles.values() for hold in title.holds.values() if hold.id in wanted
        ]
        found += self._closed(set(wanted) - {hold.id for hold in found}, titles)
        readers = self.holds.readers.in_turn(hold.reader_id for hold in found)
        changed = Changed()
        with self.holds.together():
            for hold in sorted(found, key=place_of):
                try:
                    self._move(titles, hold, readers, wish, comment, library_id)
                except (Conflict, NotAllowed) as refusal:
                    changed.refused.append((hold, reasons_of(refusal)))
                else:
                    changed.done.append(hold)
        self.holds.settle(*titles.values())
        return changed

    def _closed(self, hold_ids: set[int], titles: Mapping[int, Title]) -> Sequence[Hold]:
        """Return those that closed meanwhile; the workflow says best why they are not moved."""
        rows = select(Hold).where(Hold.id.in_(hold_ids)).execution_options(populate_existing=True)
        closed = self.db.scalars(rows).all() if hold_ids else []
        if any(hold.record_id not in titles for hold in closed):
            raise BeginAnew("a hold was moved to another record")
        return closed

    def _locked(self, record_ids: set[int], hold_ids: list[int]) -> dict[int, Title]:
        """Lock the titles, by id as everybody does; their readers take turns after them."""
        known = self.holds.titles.lock_records(sorted(record_ids))
        if set(known) != record_ids:
            raise Unprocessable(MoveCode.NO_TITLE, _("There is no record with this number."))
        titles = self.holds.titles.lock_heads(known, hold_ids)
        return {title.record.id: title for title in titles}

    def _move(
        self,
        titles: dict[int, Title],
        hold: Hold,
        readers: Mapping[int, Reader],
        wish: Elsewhere,
        comment: str | None,
        library_id: int | None,
    ) -> None:
        start, end = titles[hold.record_id], titles[wish.record_id]
        self._demand_another(start, end, hold, wish)
        if hold.state == HoldState.QUEUED:
            reader = readers.get(hold.reader_id or 0)
            against = self.holds.permits.against_hold(
                end, reader, hold.pickup_library_id, wish.item_id, instead_of=hold
            )
            if against:
                raise Blocked(_("The hold cannot be moved there."), against)
        facts = {"from": start.record.id, "to": end.record.id, "item_id": wish.item_id}
        self.holds.steps.take("move_to_title", hold, start, library_id, comment=comment, **facts)
        target = start.targets.pop(hold.id, None)
        if target is not None:
            self.db.delete(target)
        del start.holds[hold.id]
        hold.record_id, hold.wanted_item_id, hold.hopeless_since = end.record.id, wish.item_id, None
        self._stand_behind_the_fetched(end, hold)
        end.holds[hold.id] = hold
        # Flush: its old target must be gone before it gets a new one.
        self.db.flush()
        self.holds.waits.begin(end, hold)

    def _demand_another(self, start: Title, end: Title, hold: Hold, wish: Elsewhere) -> None:
        if start is end and hold.wanted_item_id == wish.item_id:
            raise Unprocessable(MoveCode.THE_SAME, _("The hold is for this already."))
        works = self.db.scalars(
            select(Record.work_key).where(Record.id.in_([start.record.id, end.record.id]))
        ).all()
        same = start is end or (None not in works and len(set(works)) == 1)
        if not same and not wish.other_work:
            raise Unprocessable(
                MoveCode.OTHER_WORK,
                _("It is no edition of the same work: say that you mean it, if you do."),
            )

    def _stand_behind_the_fetched(self, title: Title, hold: Hold) -> None:
        """Let it give way to those for whom the copy it could have is being fetched."""
        fetched = [
            title.holds[row.hold_id]
            for row in title.targets.values()
            if hold.wanted_item_id in (None, row.item_id) and row.hold_id in title.holds
        ]
        waiting = (one for one in fetched if one.state == HoldState.QUEUED)
        last = max(waiting, key=place_of, default=None)
        if last is not None and place_of(hold) < place_of(last):
            hold.requested = hold.asked
            hold.placed, hold.cut_in_line = last.placed + BEHIND, last.cut_in_line
