"""Taking note that a reader is to hear of something: once, by the ways they want, in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock

from ..interfaces import Happening
from ..models import Notice, Outcome
from ..policy import Kind, NoticePolicy
from .recipients import Recipient, Recipients


class Notices:
    """Write down what is to be sent; ``Sending`` does that when it is time."""

    def __init__(
        self, db: Session, clock: Clock, policy: NoticePolicy, recipients: Recipients
    ) -> None:
        self.db = db
        self.clock = clock
        self.policy = policy
        self.recipients = recipients

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Notices:
        """Make it for a request."""
        return cls(
            db=request.db,
            clock=request.clock,
            policy=request.find_service(NoticePolicy, context=None),
            recipients=request.find_service(Recipients, context=None),
        )

    def note(self, happenings: Sequence[Happening]) -> int:
        """Write down what readers are to hear; what was written before is left alone.

        Statements do not grow with their number. Return how many notices are new.
        """
        hearers = self.recipients.hearers(one.reader_id for one in happenings)
        everybody = self.recipients.find(who for heard in hearers.values() for who in heard)
        known = self._known(happenings, everybody)
        rows = []
        for one in happenings:
            for who in hearers.get(one.reader_id, ()):
                key = (who, one.kind, *one.thing, one.occasion)
                if key in known or who not in everybody:
                    continue
                known.add(key)
                rows += self._rows(one, everybody[who])
        if rows:
            # One statement for all: objects would be inserted one by one.
            self.db.execute(insert(Notice), rows)
        return len(rows)

    def _known(self, happenings: Sequence[Happening], hearers: Iterable[int]) -> set[Any]:
        """Return what is written down already of these, by whom it is for.

        Of these readers only: one thing may concern all readers of a city.
        """
        things = list({one.thing for one in happenings})
        if not things:
            return set()
        columns = (
            Notice.reader_id,
            Notice.kind,
            Notice.thing_type,
            Notice.thing_id,
            Notice.occasion,
        )
        about = tuple_(Notice.thing_type, Notice.thing_id).in_(things)
        kinds = {one.kind for one in happenings}
        mine = Notice.reader_id.in_(list(hearers)) & Notice.kind.in_(kinds)
        return {tuple(row) for row in self.db.execute(select(*columns).where(about, mine))}

    def _rows(self, one: Happening, who: Recipient) -> list[dict[str, Any]]:
        kind, now = self.policy.kinds[one.kind], self.clock.now()
        facts: dict[str, Any] = {
            "kind": one.kind,
            "reader_id": who.reader_id,
            "thing_type": one.thing[0],
            "thing_id": one.thing[1],
            "occasion": one.occasion,
            "library_id": one.library_id,
            "created": now,
        }
        ways = who.ways(kind)
        if not ways:
            outcome = Outcome.NO_ADDRESS if who.channels(kind) else Outcome.SWITCHED_OFF
            return [{**facts, "channel": "", "due": now, "settled": now, "outcome": outcome}]
        due = max(now, one.not_before or now)
        if who.digest and kind.can_wait:
            due = next_morning(self.clock, self.policy, now)
        facts |= {"due": due, "settled": None, "outcome": Outcome.WAITING}
        return [{**facts, "channel": way} for way in ways]


def next_morning(clock: Clock, policy: NoticePolicy, now: datetime) -> datetime:
    """Return when the next letter of the day goes out."""
    local = clock.local(now)
    morning = datetime.combine(local.date(), policy.morning, local.tzinfo)
    if morning <= local:
        morning = datetime.combine(local.date() + timedelta(days=1), policy.morning, local.tzinfo)
    return morning


def this_morning(clock: Clock, policy: NoticePolicy, zone: tzinfo | None = None) -> datetime:
    """Return when letters of today may go out, past or not; today is that of a place's zone."""
    local = clock.now().astimezone(zone or clock.zone)
    return datetime.combine(local.date(), policy.morning, local.tzinfo)


def kinds_with_days(policy: NoticePolicy, *names: str) -> list[tuple[Kind, int]]:
    """Return each of these kinds with each of its days."""
    return [(policy.kinds[name], days) for name in names for days in policy.kinds[name].days]
