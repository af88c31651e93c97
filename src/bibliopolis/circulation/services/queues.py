"""The order of a title's queue as staff give it: one hold at another place, or all of them anew.

Staff reorder as in FOLIO (``request-storage-batch``): by a list of all requests, with places from
1 without gaps or duplicates, those being fulfilled on top and where they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, case, func, select, update

from bibliopolis.catalogue.models import Item
from bibliopolis.db import portions
from bibliopolis.errors import Conflict, Unprocessable
from bibliopolis.i18n import _
from bibliopolis.readers.models import Reader

from ..models import BOUND_STATES, OPEN_STATES, Hold, HoldState
from ..queueing import Stand, moved, stands, to_move, with_places
from .holds import Holds
from .statements import or_locked
from .title import Title
from .titles import FRESH

AT_ONCE = 20_000
"""So many holds are moved at once at most: ten thousand take seconds."""
PORTION = 500


class QueueCode(StrEnum):
    """Why an order is none."""

    NOT_WHOLE = "queue_not_whole"
    POSITIONS = "queue_positions"
    FULFILMENT = "queue_fulfilment"
    OUTSIDE = "queue_outside"
    TOO_MANY = "queue_too_many"
    REASON = "queue_reason"


@dataclass(frozen=True)
class Place:
    """One request of a title: ``position`` from 1 among all, those being fulfilled first."""

    position: int
    hold: Hold
    reader: Reader | None
    item: Any
    """The copy bound to it, else the one it is for."""
    place: int | None
    """From 1 among those that wait, as its reader is told; None where it has a copy."""


class Queues:
    """Show the queue of a title, and give it another order."""

    def __init__(self, holds: Holds) -> None:
        self.holds = holds
        self.db = holds.db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Queues:
        """Make it for a request."""
        return cls(holds=request.find_service(Holds, context=None))

    def page(self, record_id: int, offset: int, limit: int) -> tuple[int, int, list[Place]]:
        """Return how many requests there are, how many are being fulfilled, and a page of them."""
        mine = (Hold.record_id == record_id) & Hold.state.in_(OPEN_STATES)
        bound = Hold.state.in_(BOUND_STATES)
        total, fulfilled = self.db.execute(
            select(func.count(), func.count(case((bound, 1)))).select_from(Hold).where(mine)
        ).one()
        rows = self.db.execute(
            select(Hold, Reader, Item)
            .outerjoin(Reader, Reader.id == Hold.reader_id)
            .outerjoin(Item, Item.id == func.coalesce(Hold.item_id, Hold.wanted_item_id))
            .where(mine)
            .order_by(case((bound, 0), else_=1), *_in_order())
            .offset(offset)
            .limit(limit)
        ).all()
        places = [
            Place(number, hold, reader, item, number - fulfilled if number > fulfilled else None)
            for number, (hold, reader, item) in enumerate(rows, offset + 1)
        ]
        return total, fulfilled, places

    def move(
        self,
        hold_id: int,
        place: int | None,
        comment: str | None,
        library_id: int | None = None,
    ) -> Hold:
        """Let a hold stand at a place, from 1 among those that wait; the others keep their order.

        ``comment`` is why, ``library_id`` the library whose staff do it. Unprocessable where there
        is no such place.
        """
        record_id = self.holds.titles.record_id_of_hold(hold_id)
        self.place(record_id, {hold_id: place or 0}, comment, library_id)
        return self.db.get_one(Hold, hold_id)

    def place(
        self,
        record_id: int,
        places: Mapping[int, int],
        comment: str | None,
        library_id: int | None = None,
        shown: Mapping[int, int] | None = None,
    ) -> list[int]:
        """Let some holds stand at other places: ``{hold id: place among those that wait}``.

        Returns the holds that were moved; nothing is done where one of them cannot be. ``shown`` is
        where holds stood when the places were chosen: Conflict where that is no longer so.
        """
        line = self._lock(record_id)
        queue = list(line)
        for hold_id in places:
            if hold_id not in line:
                # Perhaps it has a copy by now: the machine says best why it cannot be moved.
                title, hold = self.holds.locked(hold_id)
                self.holds.steps.take("move_in_queue", hold, title, library_id, comment=comment)
                raise Conflict(_("This hold is in no queue."))
        standing = {one: place for place, one in enumerate(queue, 1)}
        if places and any(standing.get(one) != place for one, place in (shown or {}).items()):
            raise Conflict(
                _("The queue has changed since this page was opened. See how it is now, then move.")
            )
        if not all(1 <= place <= len(queue) for place in places.values()):
            raise Unprocessable(
                QueueCode.OUTSIDE,
                _("Choose places from 1 to ${n}.", mapping={"n": len(queue)}),
            )
        if len(set(places.values())) != len(places):
            raise Unprocessable(
                QueueCode.POSITIONS, _("Two holds cannot stand at one place: correct the numbers.")
            )
        order = with_places(queue, places)
        moving = to_move(queue, places, order)
        return self._order(record_id, line, order, comment, library_id, moving)

    def arrange(
        self,
        record_id: int,
        wanted: Sequence[tuple[str, int]],
        comment: str | None,
        library_id: int | None = None,
    ) -> list[int]:
        """Give the whole queue an order: (uid, position) of every open request of the title.

        Unprocessable, with a code, where the list is not whole, its positions are not 1 to n, or
        those being fulfilled are not on top as they were. Returns the holds that were moved.
        """
        line = self._lock(record_id)
        mine = (Hold.record_id == record_id) & Hold.state.in_(OPEN_STATES)
        ids = {row.uid: row.id for row in self.db.execute(select(Hold.uid, Hold.id).where(mine))}
        named = [uid for uid, _position in wanted]
        if sorted(named) != sorted(ids):
            raise Unprocessable(
                QueueCode.NOT_WHOLE,
                _("The list must name every request of the title, each once: read it anew."),
            )
        if sorted(position for _uid, position in wanted) != list(range(1, len(ids) + 1)):
            raise Unprocessable(
                QueueCode.POSITIONS,
                _("The positions must be 1 to ${n}, each once.", mapping={"n": len(ids)}),
            )
        order = [ids[uid] for uid, _position in sorted(wanted, key=lambda pair: pair[1])]
        on_top = self.db.scalars(
            select(Hold.id).where(mine, Hold.state.in_(BOUND_STATES)).order_by(*_in_order())
        ).all()
        if order[: len(on_top)] != list(on_top):
            raise Unprocessable(
                QueueCode.FULFILMENT,
                _("Requests for which a copy is kept or on its way stay on top, as they are."),
            )
        order = order[len(on_top) :]
        moving = moved(list(line), order)
        return self._order(record_id, line, order, comment, library_id, moving)

    def _lock(self, record_id: int) -> dict[int, Stand]:
        """Lock the title, and return where those stand that wait, in their order."""
        self.holds.titles.lock_records([record_id])
        self.db.flush()
        rows = self.db.execute(
            select(Hold.id, Hold.cut_in_line, Hold.placed)
            .where(Hold.record_id == record_id, Hold.state == HoldState.QUEUED)
            .order_by(*_in_order())
        )
        return {row.id: (row.cut_in_line, row.placed) for row in rows}

    def _order(
        self,
        record_id: int,
        line: Mapping[int, Stand],
        order: Sequence[int],
        comment: str | None,
        library_id: int | None,
        moving: set[int],
    ) -> list[int]:
        before = {one: place for place, one in enumerate(line, 1)}
        after = {one: place for place, one in enumerate(order, 1)}
        if list(line) == list(order):
            return []
        if len(moving) > AT_ONCE:
            raise Unprocessable(
                QueueCode.TOO_MANY,
                _("Move ${n} holds at once at most.", mapping={"n": AT_ONCE}),
            )
        if not (comment or "").strip():
            said = _("Write why: it is kept with the holds that are moved.")
            raise Unprocessable(QueueCode.REASON, said, {"comment": said})
        title = self.holds.titles.lock_head(record_id)
        self._demand_no_copy_is_taken_back(title, before, after)
        # Some at a time: all holds of a long queue are never in memory together.
        for ids in portions(sorted(moving), PORTION):
            facts = {
                hold: {"place_before": before[hold.id], "place_after": after[hold.id]}
                for hold in self._holds(ids)
            }
            self.holds.steps.take_in_queue("move_in_queue", facts, title, library_id, comment)
            self.db.flush()
        self._write(stands(order, line, moving, self.holds.clock.now()))
        title = self.holds.titles.lock_head(record_id)
        for ids in portions(sorted(moving), PORTION):
            self.holds.waits.begin(title, *self._holds(ids), positions=after)
            self.db.flush()
        self.holds.settle(title)
        return sorted(moving, key=after.__getitem__)

    def _holds(self, ids: Sequence[int]) -> Sequence[Hold]:
        """Return holds as they are now; the lock of their record keeps them so."""
        rows = select(Hold).where(Hold.id.in_(ids)).order_by(Hold.id)
        return self.db.scalars(or_locked(rows)[True], execution_options=FRESH).all()

    def _demand_no_copy_is_taken_back(
        self, title: Title, before: Mapping[int, int], after: Mapping[int, int]
    ) -> None:
        """Refuse to put anybody before a hold for which a copy is in somebody's hands."""
        for hold_id, row in title.targets.items():
            if row.found is not None and after.get(hold_id, 0) > before.get(hold_id, 0):
                raise Unprocessable(
                    QueueCode.FULFILMENT,
                    _(
                        "For number ${n} a copy was just taken from its shelf: nobody is put"
                        " before it.",
                        mapping={"n": before[hold_id]},
                    ),
                )

    def _write(self, changed: Mapping[int, Stand]) -> None:
        self.db.flush()
        table: Any = Hold.__table__
        self.db.connection().execute(
            update(table)
            .where(table.c.id == bindparam("one"))
            .values(
                cut_in_line=bindparam("first"),
                placed=bindparam("time"),
                requested=func.coalesce(table.c.requested, table.c.placed),
            ),
            [{"one": one, "first": first, "time": time} for one, (first, time) in changed.items()],
        )


def _in_order() -> tuple[Any, ...]:
    return (Hold.cut_in_line.desc(), Hold.placed, Hold.id)
