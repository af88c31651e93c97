"""Codes that open the cells of lockers: for a quarter of an hour, for one hold, kept nowhere."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.secret import site_secret

from ..models import Hold, HoldState, LockerCell
from .places import PickupPlaces, served_from

PERIOD = timedelta(minutes=15)
DIGITS = 8


@dataclass(frozen=True)
class OpeningCode:
    """What a reader types at a locker, for how long, and which door it opens."""

    cell: int
    digits: str
    until: datetime

    @property
    def spaced(self) -> str:
        """Return the digits in two groups, as people read them aloud."""
        return f"{self.digits[:4]} {self.digits[4:]}"


class OpeningCodes:
    """Make codes out of the secret of the site, the hold and the time, and know them again.

    A code counts until the end of the quarter of an hour after its own, so that one that has just
    been read is never too late. Who may see one is for the caller to know: its reader alone.
    """

    def __init__(self, db: Session, clock: Clock, places: PickupPlaces, secret: str) -> None:
        self.db = db
        self.clock = clock
        self.places = places
        self.secret = secret.encode()

    @classmethod
    def from_request(cls, context: Any, request: Any) -> OpeningCodes:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            places=request.find_service(PickupPlaces, context=None),
            secret=site_secret(request.registry["bibliopolis.settings"]),
        )

    def of(self, hold: Hold) -> OpeningCode | None:
        """Return the code for a copy that lies in a cell of a locker in order, else None."""
        locker = self.places.locker(hold.pickup_library_id)
        if hold.state != HoldState.READY or locker is None or not self.places.in_order(locker):
            return None
        mine = (LockerCell.library_id == locker.id) & (LockerCell.item_id == hold.item_id)
        cell = self.db.scalar(select(LockerCell.number).where(mine))
        if cell is None:
            return None
        period = self._period()
        until = datetime.fromtimestamp((period + 2) * PERIOD.total_seconds(), UTC)
        return OpeningCode(cell, self._digits(hold.uid, period), until)

    def is_one(self, typed: str, library_id: int) -> bool:
        """Say whether this could be a code, and the library has lockers that codes open."""
        tree = self.places.libraries.tree.values()
        served = (one for one in tree if one.is_locker and one.parent_id == library_id)
        return _digits_of(typed) is not None and any(served)

    def opened_by(self, typed: str, library_id: int) -> int | None:
        """Return the id of the hold whose cell a code opens at the lockers of a library."""
        digits = _digits_of(typed)
        if digits is None:
            return None
        rows = self.db.execute(
            select(Hold.id, Hold.uid, Hold.pickup_library_id)
            .join(LockerCell, LockerCell.item_id == Hold.item_id)
            .where(
                Hold.state == HoldState.READY,
                Hold.pickup_library_id.in_(served_from(library_id)),
                LockerCell.library_id == Hold.pickup_library_id,
            )
        )
        period = self._period()
        found = [
            row.id
            for row in rows
            if any(
                hmac.compare_digest(digits, self._digits(row.uid, one))
                for one in (period, period - 1)
            )
            and self._in_order(row.pickup_library_id)
        ]
        # Of two that are alike by chance neither opens: in a quarter of an hour they differ.
        return found[0] if len(found) == 1 else None

    def _in_order(self, place_id: int) -> bool:
        locker = self.places.locker(place_id)
        return locker is not None and self.places.in_order(locker)

    def _period(self) -> int:
        return int(self.clock.now().timestamp() // PERIOD.total_seconds())

    def _digits(self, uid: str, period: int) -> str:
        said = f"locker:{uid}:{period}".encode()
        made = hmac.new(self.secret, said, hashlib.sha256).digest()
        return f"{int.from_bytes(made[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def _digits_of(typed: str) -> str | None:
    digits = typed.replace(" ", "")
    known = len(digits) == DIGITS and digits.isascii() and digits.isdigit()
    return digits if known else None
