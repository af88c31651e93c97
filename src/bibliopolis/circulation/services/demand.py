"""How much a title is wanted, and how many copies there are for those who wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Item, Record

from ..models import BOUND_STATES, Hold, Loan, MissingCopy, Transit
from .lendable import LendableCopies


@dataclass(frozen=True)
class Demand:
    """What waits for a title: ``waiting`` holds, ``others`` copies that could fill them now.

    Who waits for one particular copy is not among them, nor whose hold is paused or begins later:
    it keeps nobody from renewing (Koha counts no hold that lies ahead, either). Copies on loan, on
    their way, missing, kept on a hold shelf, or wanted in particular fill no hold of those who take
    any.
    """

    waiting: int = 0
    others: int = 0
    wanted_items: frozenset[int] = field(default_factory=frozenset)
    """Copies for which somebody waits in particular."""

    @property
    def suffices(self) -> bool:
        """Say whether everybody who waits can be served by other copies."""
        return self.others >= self.waiting


class Demands:
    """Look it up for many titles at once."""

    def __init__(self, db: Session, lendable: LendableCopies) -> None:
        self.db = db
        self.lendable = lendable

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Demands:
        """Make it for a request."""
        return cls(db=request.db, lendable=request.find_service(LendableCopies, context=None))

    def of(self, record_ids: Iterable[int]) -> Mapping[int, Demand]:
        """Return the demand for each of the records; two queries, most often one."""
        ids = sorted(set(record_ids))
        self.db.flush()  # what the caller has changed counts
        waiting: dict[int, int] = dict.fromkeys(ids, 0)
        wanted: dict[int, set[int]] = {}
        holds = select(Hold.record_id, Hold.wanted_item_id, func.count()).where(
            Hold.record_id.in_(ids),
            Hold.waits,
        )
        for record_id, item_id, number in self.db.execute(
            holds.group_by(Hold.record_id, Hold.wanted_item_id)
        ):
            if item_id is None:
                waiting[record_id] += number
            else:
                wanted.setdefault(record_id, set()).add(item_id)
        asked = [record_id for record_id in ids if waiting[record_id]]
        others = self._free(asked) if asked else {}
        return {
            record_id: Demand(
                waiting[record_id],
                others.get(record_id, 0),
                frozenset(wanted.get(record_id, ())),
            )
            for record_id in ids
        }

    def _free(self, record_ids: list[int]) -> dict[int, int]:
        on_the_way = Transit.received.is_(None)
        taken = (
            select(Loan.id).where(Loan.item_id == Item.id, Loan.closed.is_(None)).exists(),
            select(Transit.id).where(Transit.item_id == Item.id, on_the_way).exists(),
            select(Hold.id).where(Hold.item_id == Item.id, Hold.state.in_(BOUND_STATES)).exists(),
            select(MissingCopy.item_id).where(MissingCopy.item_id == Item.id).exists(),
            select(Hold.id)
            .where(
                Hold.record_id == Item.record_id,
                Hold.wanted_item_id == Item.id,
                Hold.waits,
            )
            .exists(),
        )
        rows = self.db.execute(
            select(Item.record_id, func.count())
            .join(Record, Record.id == Item.record_id)
            .where(
                Item.record_id.in_(record_ids),
                self.lendable.condition(),
                Record.withdrawn.is_(False),
                *(~one for one in taken),
            )
            .group_by(Item.record_id)
        )
        return {row[0]: row[1] for row in rows}
