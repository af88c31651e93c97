"""The head of a queue: those of many holds that a step has to see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select, union_all

from bibliopolis.catalogue.models import Item

from ..models import BOUND_STATES, OPEN_STATES, Hold, HoldTarget
from .statements import IDS, Pair, or_locked

NEXT_FOR_ONE_COPY = 3
"""So many of those who wait for the same one copy belong to the head of a queue."""

Place = tuple[bool, datetime, int]
"""What the order of a queue goes by; see `place_of`."""


def place_of(hold: Hold) -> Place:
    """Return where a hold stands among those that wait: who was put first, the time, the number."""
    return (not hold.cut_in_line, hold.placed, hold.id)


def in_line(first: bool) -> Select[Hold]:
    """Select who waits for any copy, of those put first or of the others, in their order."""
    return (
        select(Hold)
        .where(
            Hold.waits,
            Hold.cut_in_line.is_(first),
            Hold.wanted_item_id.is_(None),
        )
        .order_by(Hold.placed, Hold.id)
    )


def end_of(queue: Sequence[Hold], most: int) -> Place | None:
    """Return up to where all that wait are among these, of which ``most`` in each line were read.

    Some from far behind may be there, too: the first ones are those without a gap.
    """
    any_copy = [one for one in queue if one.wanted_item_id is None]
    for first in (True, False):
        line = [one for one in any_copy if one.cut_in_line is first]
        if len(line) >= most:
            return place_of(line[most - 1])
    return None


@cache
def head(one_record: bool, hold_ids: bool, reader_ids: bool) -> Pair:
    """Select the open holds of records that matter to most steps, by id; plain and locked.

    It is given ``record_ids`` and ``most``, so many of each line, and ``hold_ids`` or
    ``reader_ids`` where these are wanted, too.
    """
    most: Any = bindparam("most", type_=Integer)
    mine, of_item = Hold.record_id.in_(IDS), Item.record_id.in_(IDS)
    is_open = Hold.state.in_(OPEN_STATES)
    near: list[Select[int]] = [
        select(Hold.id).where(mine, Hold.state.in_(BOUND_STATES)),
        select(HoldTarget.hold_id).join(Item, Item.id == HoldTarget.item_id).where(of_item),
    ]
    if hold_ids:
        these = Hold.id.in_(bindparam("hold_ids", expanding=True))
        near.append(select(Hold.id).where(mine, is_open, these))
    if reader_ids:
        theirs = Hold.reader_id.in_(bindparam("reader_ids", expanding=True))
        near.append(select(Hold.id).where(mine, is_open, theirs))
    for first in (True, False):
        line = in_line(first).where(mine)
        if one_record:
            part = line.with_only_columns(Hold.id).limit(most).subquery()
            near.append(select(part.c.id))
            continue
        place = func.row_number().over(partition_by=Hold.record_id, order_by=(Hold.placed, Hold.id))
        numbered = line.order_by(None).with_only_columns(Hold.id, place.label("place")).subquery()
        near.append(select(numbered.c.id).where(numbered.c.place <= most))
    place = func.row_number().over(
        partition_by=Hold.wanted_item_id,
        order_by=(Hold.cut_in_line.desc(), Hold.placed, Hold.id),
    )
    of_one_copy = (
        select(Hold.id, place.label("place"))
        .where(
            mine,
            Hold.wanted_item_id.is_not(None),
            Hold.waits,
        )
        .subquery()
    )
    near.append(select(of_one_copy.c.id).where(of_one_copy.c.place <= NEXT_FOR_ONE_COPY))
    # A derived table: some databases take no limit directly within IN.
    found = union_all(*near).subquery()
    rows = select(Hold).where(mine, is_open, Hold.id.in_(select(found.c[0])))
    return or_locked(rows.order_by(Hold.id))
