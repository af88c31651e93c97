"""Count refusals by day, library, title and reason; and see which wishes were met all the same."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Record

from .kinds import Act
from .models import Refusal, RefusedWish, WishSecret

MOST_A_DAY = 10_000
"""So many different refusals are kept of a day: who tries everything fills no disk."""
KEPT = timedelta(days=1)
"""How long after its day a wish may still be met."""
AT_ONCE = 10


@dataclass(frozen=True)
class Attempt:
    """What a reader attempted where, and why it was refused."""

    act: Act
    code: str
    reader_id: int
    record_id: int
    library_id: int


@dataclass(frozen=True)
class Got:
    """Which title a reader got or will get."""

    reader_id: int
    record_id: int


class RefusalCounts:
    """Write counts; ``today`` is the day by the city's clocks."""

    def __init__(self, db: Session, today: date) -> None:
        self.db = db
        self.today = today

    def refused(self, attempt: Attempt) -> None:
        """Count an attempt; the same wish of the same reader counts once a day."""
        work = self._works([attempt.record_id]).get(attempt.record_id, "")
        key = self._key(self._secret(), attempt.reader_id, work)
        place = {
            "library_id": attempt.library_id,
            "record_id": attempt.record_id,
            "act": str(attempt.act),
            "code": attempt.code,
        }
        if self._is_full(attempt):
            return
        wish = self._insert(RefusedWish).values(key=key, day=self.today, **place)
        if not self._changed(wish.on_conflict_do_nothing()):
            return
        row = self._insert(Refusal).values(day=self.today, times=1, avoided=0, **place)
        keys = [Refusal.day, Refusal.library_id, Refusal.record_id, Refusal.act, Refusal.code]
        self.db.execute(
            row.on_conflict_do_update(
                index_elements=keys, set_={"times": Refusal.times + 1}
            ).execution_options(synchronize_session=False)
        )

    def wishes(self, got: Collection[Got]) -> list[RefusedWish]:
        """Return the wishes of yesterday and today that getting these titles meets; reads only."""
        if not got:
            return []
        days = (self.today, self.today - KEPT)
        found = self.db.scalars(select(WishSecret.secret).where(WishSecret.day.in_(days))).all()
        if not found:
            return []
        works = self._works({one.record_id for one in got})
        keys = {
            self._key(secret, one.reader_id, works.get(one.record_id, ""))
            for secret in found
            for one in got
        }
        return list(self.db.scalars(select(RefusedWish).where(RefusedWish.key.in_(keys))))

    def met(self, got: Collection[Got]) -> None:
        """Note that readers now get what was refused, in this or another edition."""
        for wish in self.wishes(got):
            gone = delete(RefusedWish).where(RefusedWish.key == wish.key)
            # Whoever takes it out first counts it: nothing is avoided twice.
            if self._changed(gone):
                self.db.execute(
                    update(Refusal)
                    .where(
                        Refusal.day == wish.day,
                        Refusal.library_id == wish.library_id,
                        Refusal.record_id == wish.record_id,
                        Refusal.act == wish.act,
                        Refusal.code == wish.code,
                    )
                    .values(avoided=Refusal.avoided + 1)
                    .execution_options(synchronize_session=False)
                )

    def forget_old(self, days: int) -> None:
        """Forget wishes and secrets that are over, and counts that were kept so many days."""
        for table in (RefusedWish, WishSecret):
            self._delete(table, self._days(table, self.today - KEPT))
        self._delete(Refusal, self._days(Refusal, self.today - timedelta(days=days - 1)))

    def _days(self, table: Any, before: date) -> list[date]:
        wanted = select(table.day).where(table.day < before).distinct()
        return list(self.db.scalars(wanted.order_by(table.day).limit(AT_ONCE)))

    def _delete(self, table: Any, days: Iterable[date]) -> None:
        for day in days:
            gone = delete(table).where(table.day == day)
            self.db.execute(gone.execution_options(synchronize_session=False))

    def _is_full(self, attempt: Attempt) -> bool:
        """Say whether the day has so many rows that a new one is not kept."""
        known = select(Refusal.times).where(
            Refusal.day == self.today,
            Refusal.library_id == attempt.library_id,
            Refusal.record_id == attempt.record_id,
            Refusal.act == str(attempt.act),
            Refusal.code == attempt.code,
        )
        if self.db.scalar(known) is not None:
            return False
        mine = select(func.count()).select_from(RefusedWish).where(RefusedWish.day == self.today)
        return (self.db.scalar(mine) or 0) >= MOST_A_DAY

    def _secret(self) -> str:
        wanted = select(WishSecret.secret).where(WishSecret.day == self.today)
        found = self.db.scalar(wanted)
        if found is None:
            new = self._insert(WishSecret).values(day=self.today, secret=secrets.token_hex(32))
            self.db.execute(new.on_conflict_do_nothing())
            found = self.db.scalars(wanted).one()
        return found

    def _works(self, record_ids: Collection[int]) -> dict[int, str]:
        """Return what is the same for all editions of a work, by record."""
        found = self.db.execute(select(Record.id, Record.work_key).where(Record.id.in_(record_ids)))
        return {row.id: row.work_key or str(row.id) for row in found}

    def _key(self, secret: str, reader_id: int, work: str) -> str:
        what = f"{reader_id}\n{work}"
        return hmac.new(bytes.fromhex(secret), what.encode(), hashlib.sha256).hexdigest()

    def _insert(self, table: Any) -> Any:
        dialect = postgresql if self.db.get_bind().dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    def _changed(self, statement: Any) -> bool:
        result = self.db.execute(statement.execution_options(synchronize_session=False))
        return bool(result.rowcount) if isinstance(result, CursorResult) else False
