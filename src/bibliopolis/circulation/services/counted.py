"""What limits count: the open holds and loans of readers, and what they have placed today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.item_types import item_type_of
from bibliopolis.catalogue.models import Item, Record

from ..models import OPEN_STATES, Hold, Loan
from ..permits import OpenHold


def counted(
    db: Session, ids: Sequence[int], since: datetime, code_of: Callable[[int], str]
) -> tuple[Any, Any, Any]:
    """Return open holds, the number asked for since then, and open loans, by the id of the reader.

    ``code_of`` gives the codes of organisations.
    """
    asked = func.coalesce(Hold.requested, Hold.placed)
    rows = db.execute(
        select(
            Hold.id,
            Hold.reader_id,
            Hold.record_id,
            Hold.pickup_library_id,
            Hold.state,
            asked.label("asked"),
            Hold.suspended,
            Hold.wanted_item_id,
            Record.kind,
            Item.item_type,
        )
        .join(Record, Record.id == Hold.record_id)
        .outerjoin(Item, Item.id == func.coalesce(Hold.item_id, Hold.wanted_item_id))
        .where(Hold.reader_id.in_(ids), or_(Hold.state.in_(OPEN_STATES), asked >= since))
        .order_by(Hold.id)
    ).all()
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
    lent = (
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
        .where(Loan.reader_id.in_(ids), Loan.closed.is_(None))
    )
    for loan in db.execute(lent):
        loans[loan.reader_id].append(loan)
    return holds, today, loans
