"""What limits count: the open holds and loans of readers, and what they have placed today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.item_types import item_type_of
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.db import UtcDateTime

from ..models import OPEN_STATES, Hold, Loan
from ..permits import OpenHold

_IDS: Any = bindparam("reader_ids", expanding=True)
_ASKED = func.coalesce(Hold.requested, Hold.placed)
_HOLDS = (
    select(
        Hold.id,
        Hold.reader_id,
        Hold.record_id,
        Hold.pickup_library_id,
        Hold.state,
        _ASKED.label("asked"),
        Hold.suspended,
        Hold.wanted_item_id,
        Record.kind,
        Item.item_type,
    )
    .join(Record, Record.id == Hold.record_id)
    .outerjoin(Item, Item.id == func.coalesce(Hold.item_id, Hold.wanted_item_id))
    .where(
        Hold.reader_id.in_(_IDS),
        or_(Hold.state.in_(OPEN_STATES), bindparam("since", type_=UtcDateTime) <= _ASKED),
    )
    .order_by(Hold.id)
)
_LOANS = (
    select(
        Loan.reader_id,
        Loan.item_id,
        Loan.library_id,
        Loan.due,
        Loan.state,
        Item.item_type,
        Item.record_id,
        Record.kind,
    )
    .join(Item, Item.id == Loan.item_id)
    .join(Record, Record.id == Item.record_id)
    .where(Loan.reader_id.in_(_IDS), Loan.closed.is_(None))
)


def counted(
    db: Session, ids: Sequence[int], since: datetime, code_of: Callable[[int], str]
) -> tuple[Any, Any, Any]:
    """Return open holds, the number asked for since then, and open loans, by the id of the reader.

    ``code_of`` gives the codes of organisations.
    """
    rows = db.execute(_HOLDS, {"reader_ids": ids, "since": since}).all()
    holds: dict[int, list[OpenHold]] = defaultdict(list)
    today: dict[int, int] = defaultdict(int)
    for row in rows:
        today[row.reader_id] += row.asked >= since
        if row.state in OPEN_STATES:
            holds[row.reader_id].append(
                OpenHold(
                    row.record_id,
                    item_type_of(row, row.kind),
                    code_of(row.pickup_library_id),
                    suspended=row.suspended is not None,
                    item_id=row.wanted_item_id,
                    hold_id=row.id,
                )
            )
    loans: dict[int, list[Any]] = defaultdict(list)
    for loan in db.execute(_LOANS, {"reader_ids": ids}):
        loans[loan.reader_id].append(loan)
    return holds, today, loans
