"""Holds for each copy: which titles have too few, and how many to order.

After the hold ratio report of Koha: holds divided by copies, beside a target; copies to order are
those that would bring the ratio down to it, rounded up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, and_, case, cast, func, or_, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.item_types import ItemTypes
from bibliopolis.catalogue.models import Item, Record
from bibliopolis.catalogue.record_data import ItemStatus

from ..models import Hold, HoldState, Loan, MissingCopy
from ..services.lendable import LendableCopies
from ..services.rules import CirculationRules
from .outlook import GONE
from .reckoning import Reckoning

RULE = "hold_ratio"


@dataclass(frozen=True)
class Options:
    """What counts: holds paused or not begun, copies on order, another target than the rule.

    Of one title, ``record_id``, it is told also where its copies are enough.
    """

    suspended: bool = False
    ordered: bool = False
    target: int | None = None
    record_id: int | None = None


@dataclass(frozen=True)
class Wanted:
    """A title with more holds for each copy than its target allows."""

    record: Record
    holds: int
    copies: int
    target: int
    lent_for: int | None = None
    """Days for which its copies are lent while so many wait; None where no rule shortens that."""

    @property
    def ratio(self) -> float | None:
        """Return holds for each copy, None where there is no copy."""
        return self.holds / self.copies if self.copies else None

    @property
    def to_order(self) -> int:
        """Return how many copies bring the ratio down to the target."""
        return max(0, math.ceil(self.holds / self.target) - self.copies)


class HoldRatios:
    """The report of an organisation: holds collected there, copies that belong there, and below."""

    def __init__(
        self, db: Session, reckoning: Reckoning, rules: CirculationRules, item_types: ItemTypes
    ) -> None:
        self.db = db
        self.reckoning = reckoning
        self.rules = rules
        self.item_types = item_types
        self.lendable = LendableCopies(rules)

    @classmethod
    def from_request(cls, context: Any, request: Any) -> HoldRatios:
        """Make it for a request."""
        return cls(
            db=request.db,
            reckoning=request.find_service(Reckoning, context=None),
            rules=request.find_service(CirculationRules, context=None),
            item_types=request.find_service(ItemTypes, context=None),
        )

    def target(self, organisation_id: int, kind: str | None = None) -> int:
        """Return the target that counts at an organisation, for a kind of records."""
        return int(self.rules.resolve(RULE, organisation_id, None, kind).value)

    def page(
        self, organisation_id: int, options: Options, offset: int = 0, limit: int | None = 50
    ) -> tuple[int, Sequence[Wanted]]:
        """Return how many titles are above their target, and a page of them, the worst first.

        Two queries, however many there are. The kind of the record says which target counts.
        """
        query, holds, copies = self._query(self.reckoning.below(organisation_id), options)
        targets = self._targets(organisation_id, options)
        above = query.where(
            Record.id == options.record_id
            if options.record_id
            else holds > copies * case(targets, value=Record.kind, else_=targets[""])
            if len(set(targets.values())) > 1
            else holds > copies * targets[""]
        )
        total = self.db.scalar(
            above.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
        )
        rows = self.db.execute(
            above.order_by(
                # Without a copy the ratio is above all others.
                case((copies == 0, 0), else_=1),
                (cast(holds, Float) / func.nullif(copies, 0)).desc(),
                holds.desc(),
                Record.id,
            )
            .offset(offset)
            .limit(limit)
        )
        return total or 0, [
            Wanted(
                record,
                waiting,
                there,
                targets.get(record.kind, targets[""]),
                self._lent_for(organisation_id, record.kind, waiting),
            )
            for record, waiting, there in rows
        ]

    def _lent_for(self, organisation_id: int, kind: str, holds: int) -> int | None:
        """Return the days of a loan where rules shorten it while so many wait, else None."""
        threshold = self.rules.resolve("demand_holds", organisation_id, None, kind).value
        if threshold is None or holds < threshold:
            return None
        return int(self.rules.resolve("demand_days", organisation_id, None, kind).value)

    def _targets(self, organisation_id: int, options: Options) -> dict[str, int]:
        kinds = ["", *self.item_types]
        if options.target is not None:
            return dict.fromkeys(kinds, options.target)
        return {kind: self.target(organisation_id, kind or None) for kind in kinds}

    def _query(self, places: Sequence[int], options: Options) -> tuple[Any, Any, Any]:
        waiting = select(Hold.record_id, func.count().label("holds")).where(
            Hold.pickup_library_id.in_(places),
            Hold.state == HoldState.QUEUED if options.suspended else Hold.waits,
        )
        holds = waiting.group_by(Hold.record_id).subquery()
        counted = self.lendable.condition()
        if options.ordered:
            counted = or_(counted, Item.status == ItemStatus.ON_ORDER)
        gone = (
            select(Loan.id)
            .where(Loan.item_id == Item.id, Loan.closed.is_(None), Loan.state.in_(GONE))
            .exists()
        )
        missing = select(MissingCopy.item_id).where(MissingCopy.item_id == Item.id).exists()
        copies = (
            select(Item.record_id, func.count().label("copies"))
            .where(
                Item.record_id.in_(select(holds.c.record_id)),
                Item.library_id.in_(places),
                counted,
                ~gone,
                ~missing,
            )
            .group_by(Item.record_id)
            .subquery()
        )
        there = func.coalesce(copies.c.copies, 0)
        query = (
            select(Record, holds.c.holds, there)
            .join(holds, holds.c.record_id == Record.id)
            .outerjoin(copies, and_(copies.c.record_id == Record.id))
        )
        return query, holds.c.holds, there
