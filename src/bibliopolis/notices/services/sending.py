"""Sending what is due: to one reader by one channel, all that waits as one message.

What is no longer true is not sent, nor what its reader has switched off meanwhile; at night a
channel that would wake people waits. All of it is one transaction with the log, so that a worker
that is killed sends it once, later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.i18n import _, _n
from bibliopolis.libraries.calendars import Calendars
from bibliopolis.libraries.services import Libraries
from bibliopolis.mail import site_url
from bibliopolis.outbox import Outbox, Priority
from bibliopolis.templates import speaker

from ..interfaces import Later, Message, Words
from ..models import Notice, Outcome
from ..policy import NoticePolicy
from ..registry import REGISTRY, Declared
from .recipients import Recipient, Recipients

TOPIC = "notices"
AT_ONCE = 500
CLAIM = timedelta(hours=6)
"""What was put into the outbox is put there again after so long: by then it has failed there."""
PREFERENCES = "account/notices"


class Sending:
    """Find what is due and send it."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.db: Session = request.db
        self.clock: Clock = request.clock
        self.policy: NoticePolicy = request.find_service(NoticePolicy, context=None)
        self.recipients: Recipients = request.find_service(Recipients, context=None)
        self.declared: Declared = request.registry[REGISTRY]
        self.translate = speaker(request)

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Sending:
        """Make it for a request: sources and channels are given it, too."""
        return cls(request)

    def queue_due(self) -> int:
        """Put into the outbox who is to get something now, by which channel; return how many."""
        now = self.clock.now()
        rows = self.db.execute(
            select(Notice.id, Notice.reader_id, Notice.channel)
            .where(Notice.settled.is_(None), Notice.due <= now)
            .order_by(Notice.due, Notice.id)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        if not rows:
            return 0
        self.db.execute(
            update(Notice)
            .where(Notice.id.in_([row.id for row in rows]))
            .values(due=now + CLAIM)
            .execution_options(synchronize_session=False)
        )
        keys = list(dict.fromkeys(f"{row.reader_id}:{row.channel}" for row in rows))
        outbox = self.request.find_service(Outbox, context=None)
        outbox.add_all(TOPIC, [f"{key}:{now.isoformat()}" for key in keys], Priority.NOW)
        return len(keys)

    def send(self, reader_id: int, channel: str, asked: datetime) -> bool:
        """Send a reader what was due when it was put into the outbox, as one message."""
        rows = self.db.scalars(
            select(Notice)
            .where(
                Notice.reader_id == reader_id,
                Notice.channel == channel,
                Notice.settled.is_(None),
                Notice.due == asked + CLAIM,
            )
            .order_by(Notice.id)
            .with_for_update()
        ).all()
        rows = self._not_at_night(rows, channel)
        if not rows:
            return False
        recipient = self.recipients.find([reader_id])[reader_id]
        wanted = [row for row in rows if self._is_wanted(row, recipient)]
        answers = self._words(wanted, recipient.language)
        told: list[tuple[Notice, Words]] = []
        for row in wanted:
            answer = answers.get(row.id)
            if isinstance(answer, Later):
                row.due = answer.at
                continue
            self._settle(row, Outcome.SENT if answer else Outcome.OUTDATED)
            if answer is not None:
                told.append((row, answer))
        if told:
            said = [words for _row, words in told]
            self._deliver(recipient, channel, f"notice-{told[0][0].id}", said)
        return bool(told)

    def _is_wanted(self, row: Notice, recipient: Recipient) -> bool:
        """Settle what its reader does not want any more, or cannot get."""
        kind = self.policy.kinds.get(row.kind)
        if kind is None or row.thing_id is None:
            self._settle(row, Outcome.OUTDATED)
        elif row.channel not in recipient.addresses:
            self._settle(row, Outcome.NO_ADDRESS)
        elif row.channel not in recipient.ways(kind):
            self._settle(row, Outcome.SWITCHED_OFF)
        return row.settled is None

    def _settle(self, row: Notice, outcome: Outcome) -> None:
        row.outcome, row.settled = outcome, self.clock.now()

    def _words(self, rows: Sequence[Notice], language: str) -> Mapping[int, Words | Later]:
        found: dict[int, Words | Later] = {}
        for about in dict.fromkeys(row.thing_type for row in rows):
            mine = [row for row in rows if row.thing_type == about]
            found |= self.declared.sources[about](self.request).words(mine, language)
        return found

    def _deliver(self, recipient: Recipient, channel: str, key: str, said: Sequence[Words]) -> None:
        way, language = self.declared.channels[channel], recipient.language
        body = self._short(said) if way.is_short else self._long(said, language)
        subject = said[0].subject
        if len(said) > 1:
            subject = self.translate(
                _n("${n} notice from the libraries", "${n} notices from the libraries", len(said)),
                language,
            )
        address = recipient.addresses[channel]
        way.deliver(self.request, Message(key, address, subject, body, language))

    @staticmethod
    def _short(said: Sequence[Words]) -> str:
        return "\n".join(one.short for one in said)

    def _long(self, said: Sequence[Words], language: str) -> str:
        parts = ["\n".join(filter(None, (one.text, one.url))) for one in said]
        url = f"{site_url(self.request)}/{language}/{PREFERENCES}"
        foot = _("What we write to you about, you choose here: ${address}", {"address": url})
        return "\n\n".join([*parts, "--\n" + self.translate(foot, language)]) + "\n"

    def _not_at_night(self, rows: Sequence[Notice], channel: str) -> list[Notice]:
        """Return what wakes nobody; the rest waits until the night is over where it comes from."""
        quiet = self.policy.channels.get(channel)
        if quiet is None:
            return list(rows)
        awake = []
        for row in rows:
            local = self.clock.now().astimezone(self._zone(row.library_id))
            if not quiet.covers(local.time()):
                awake.append(row)
                continue
            over = datetime.combine(local.date(), quiet.ends, local.tzinfo)
            if over <= local:
                over = datetime.combine(local.date() + timedelta(days=1), quiet.ends, local.tzinfo)
            row.due = over
        return awake

    def _zone(self, library_id: int | None) -> ZoneInfo:
        libraries = self.request.find_service(Libraries, context=None)
        library = libraries.tree.get(library_id or 0)
        if library is None:
            return self.clock.zone
        return self.request.find_service(Calendars, context=None).zone(library)
