"""How often one may try to sign in, so that guessing is slow and nobody is locked out by strangers.

What is counted, and what follows, is the table ``RULES``:

- In a browser that the person has signed in with before, only that browser's own attempts count:
  a stranger can do nothing about it.
- Elsewhere attempts count for the account at this address, and for the account at all strange
  places together. A letter with a link for a new password is the way round both, and makes the
  browser known.
- Failures of an address count together, far more of them where a whole library shares it.
- Failures of the whole site are only watched.

The first three are counted before the password is looked at, under a lock on their rows: of many
tries at the same time each waits for the count of the one before. What many people share is
counted afterwards and without waiting, so that a library does not queue for its own address.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import AttemptCount
from bibliopolis.accounts.networks import Origin
from bibliopolis.clock import Clock
from bibliopolis.i18n import _n
from bibliopolis.secret import site_secret

LONGEST_PAUSE = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=2)
HOUR = timedelta(hours=1)


class Counted(StrEnum):
    """What attempts are counted for."""

    DEVICE = "device"
    PAIR = "pair"
    ACCOUNT = "account"
    ADDRESS = "address"
    LIBRARY = "library"
    SITE = "site"


@dataclass(frozen=True)
class Rule:
    """So many attempts are free; then pauses double, or what many share rests for the hour."""

    free: int


RULES = {
    Counted.DEVICE: Rule(free=5),
    Counted.PAIR: Rule(free=5),
    Counted.ACCOUNT: Rule(free=25),
    Counted.ADDRESS: Rule(free=50),
    Counted.LIBRARY: Rule(free=2000),
    Counted.SITE: Rule(free=500),
}


@dataclass(frozen=True)
class Watched:
    """What a failure has brought about: counts that have just reached their bound."""

    account: bool = False
    site: bool = False


class Attempts:
    """Count attempts, and say who has to wait."""

    def __init__(self, db: Session, clock: Clock, secret: str) -> None:
        self.db = db
        self.clock = clock
        self.secret = secret

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Attempts:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock, secret=site_secret(request.settings))

    def begin(self, who: str, origin: Origin, known: bool) -> timedelta | None:
        """Count an attempt for an account; return how long to wait if it comes too early.

        ``known`` says that the account's owner has used this browser before.
        """
        now = self.clock.now()
        shared = None if known else self._rest_of_hour(*_shared(origin), now)
        if shared is not None:
            return shared
        rows = [self._locked(key, now) for key in self._own_keys(who, origin, known)]
        rules = [RULES[kind] for kind in _own_kinds(known)]
        waits = [_wait(row, rule, now) for row, rule in zip(rows, rules, strict=True)]
        if any(waits):
            return max(wait for wait in waits if wait)
        for row in rows:
            row.count += 1
            row.last = now
        self.db.flush()  # a statement may take the count back
        return None

    def failed(self, who: str, origin: Origin, known: bool) -> Watched:
        """Count a failure for what many share; say which bounds it has just reached."""
        now = self.clock.now()
        if not known:
            self._count(self._key(*_shared(origin)), now)
        site = self._count(self._key(Counted.SITE, ""), now)
        account = self.db.get(AttemptCount, self._key(Counted.ACCOUNT, who))
        return Watched(
            account=not known
            and account is not None
            and account.count == RULES[Counted.ACCOUNT].free,
            site=site == RULES[Counted.SITE].free,
        )

    def forget_old(self) -> None:
        """Forget counts that make nobody wait any more."""
        self.db.execute(
            delete(AttemptCount)
            .where(AttemptCount.last < self.clock.now() - FORGOTTEN_AFTER)
            .execution_options(synchronize_session=False)
        )

    def succeeded(self, who: str, origin: Origin, known: bool) -> None:
        """Forget the failures of this place; take this attempt back where others count, too."""
        now = self.clock.now()
        own, *wider = self._own_keys(who, origin, known)
        self.db.execute(
            delete(AttemptCount).where(
                (AttemptCount.key == own) | (AttemptCount.last < now - FORGOTTEN_AFTER)
            )
        )
        for key in wider:
            self.db.execute(
                update(AttemptCount)
                .where(AttemptCount.key == key, AttemptCount.count > 0)
                .values(count=AttemptCount.count - 1)
                .execution_options(synchronize_session=False)
            )

    def allow(self, what: str, key: str, limit: int, amount: int = 1) -> timedelta | None:
        """Count ``amount`` of ``limit`` an hour; return how long to wait when that is too much.

        For what costs others something whoever asks, such as letters.
        """
        now = self.clock.now()
        row = self._locked(self._key(what, key), now)
        if now - row.since >= HOUR:
            row.count, row.since = 0, now
        if row.count + amount > limit:
            return row.since + HOUR - now
        row.count += amount
        row.last = now
        return None

    def allow_from(
        self, what: str, origin: Origin, limit: int, in_library: int, amount: int = 1
    ) -> timedelta | None:
        """Count ``amount`` of ``limit`` an hour from an address, of more in a library."""
        most = in_library if origin.in_library else limit
        return self.allow(what, origin.address, most, amount)

    def _own_keys(self, who: str, origin: Origin, known: bool) -> tuple[str, ...]:
        if known:
            return (self._key(Counted.DEVICE, who, origin.device or ""),)
        return (
            self._key(Counted.PAIR, who, origin.address),
            self._key(Counted.ACCOUNT, who),
        )

    def _key(self, *parts: str) -> str:
        # Addresses are few enough to be guessed from a plain hash.
        text = "\0".join(parts).encode(errors="replace")
        return hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest()

    def _rest_of_hour(self, kind: Counted, address: str, now: datetime) -> timedelta | None:
        row = self.db.get(AttemptCount, self._key(kind, address), populate_existing=True)
        if row is None or row.count < RULES[kind].free or now - row.since >= HOUR:
            return None
        return row.since + HOUR - now

    def _locked(self, key: str, now: datetime) -> AttemptCount:
        # An insert that becomes an update locks the row whether or not it was there before.
        row = self._insert().values(key=key, count=0, since=now, last=now)
        self.db.execute(
            row.on_conflict_do_update(
                index_elements=[AttemptCount.key], set_={"count": AttemptCount.count}
            )
        )
        found = self.db.get_one(AttemptCount, key, populate_existing=True)
        if now - found.last > FORGOTTEN_AFTER:
            found.count, found.since = 0, now
        return found

    def _count(self, key: str, now: datetime) -> int:
        row = self._insert().values(key=key, count=1, since=now, last=now)
        over = AttemptCount.since <= now - HOUR
        counted = row.on_conflict_do_update(
            index_elements=[AttemptCount.key],
            set_={
                "count": case((over, 1), else_=AttemptCount.count + 1),
                "since": case((over, now), else_=AttemptCount.since),
                "last": now,
            },
        ).returning(AttemptCount.count)
        return self.db.scalars(counted).one()

    def _insert(self) -> Any:
        is_postgresql = self.db.get_bind().dialect.name == "postgresql"
        return (postgresql if is_postgresql else sqlite).insert(AttemptCount)


def _own_kinds(known: bool) -> Iterable[Counted]:
    return (Counted.DEVICE,) if known else (Counted.PAIR, Counted.ACCOUNT)


def _shared(origin: Origin) -> tuple[Counted, str]:
    return (Counted.LIBRARY if origin.in_library else Counted.ADDRESS), origin.address


def _wait(row: AttemptCount, rule: Rule, now: datetime) -> timedelta | None:
    due = row.last + pause_after(row.count, rule.free)
    return due - now if row.count and now < due else None


def pause_after(failures: int, free: int) -> timedelta:
    """Return how long nobody may try again: nothing at first, then twice as long each time."""
    if failures < free:
        return timedelta(0)
    # Without a bound the power would outgrow what a timedelta can hold.
    doubled = timedelta(seconds=2 ** min(failures - free + 1, 12))
    return min(doubled, LONGEST_PAUSE)


def too_many(wait: timedelta) -> Any:
    """Say how long to wait, in seconds or in minutes."""
    seconds = int(wait.total_seconds()) + 1
    if seconds < 90:
        return _n(
            "Too many attempts. Try again in ${n} second.",
            "Too many attempts. Try again in ${n} seconds.",
            seconds,
        )
    return _n(
        "Too many attempts. Try again in ${n} minute.",
        "Too many attempts. Try again in ${n} minutes.",
        -(-seconds // 60),
    )
