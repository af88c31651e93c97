"""By what titles are read: statements made once, for a step at a desk asks a dozen of them.

To make one costs as much as to ask it. Where it locks the rows, too, is said by a pair: plain and
locked, to be taken by ``[locked]``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import load_only

from bibliopolis.catalogue.models import Item, Record

from ..models import OPEN_STATES, Hold, Loan, Transit

Pair = tuple[Select[Any], Select[Any]]

SHOWN = (Record.id, Record.title, Record.author, Record.kind, Record.age, Record.withdrawn)
IDS: Any = bindparam("record_ids", expanding=True)


def or_locked(statement: Select[Any]) -> Pair:
    """Return a statement, and the same with its rows locked until the transaction ends.

    FOR NO KEY UPDATE: rows that merely refer to them need not wait.
    """
    return statement, statement.with_for_update(key_share=True)


RECORDS = or_locked(
    select(Record).options(load_only(*SHOWN)).where(Record.id.in_(IDS)).order_by(Record.id)
)
ITEMS = or_locked(select(Item).where(Item.record_id.in_(IDS)).order_by(Item.id))
HOLDS = or_locked(
    select(Hold).where(Hold.record_id.in_(IDS), Hold.state.in_(OPEN_STATES)).order_by(Hold.id)
)
COPIES = select(
    Item.id,
    Item.record_id,
    Item.library_id,
    Item.holding_library_id,
    Item.status,
    Item.item_type,
    *(Item.location, Item.shelf_mark, Item.created),
).where(Item.record_id == bindparam("record_id"))


@cache
def open_of(model: Any) -> Select[Any]:
    """Select what is open of one kind with the copies of records."""
    ended = {Loan: Loan.closed, Transit: Transit.received}.get(model)
    still = () if ended is None else (ended.is_(None),)
    mine = select(Item.id).where(Item.record_id.in_(IDS))
    return select(model).where(model.item_id.in_(mine), *still)
