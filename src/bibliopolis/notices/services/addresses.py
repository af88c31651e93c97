"""Addresses beside that of the account: a code is sent there, and typed in here, before use."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bibliopolis.accounts.tokens import hash_of
from bibliopolis.clock import Clock
from bibliopolis.errors import Conflict, InvalidInput
from bibliopolis.i18n import _
from bibliopolis.outbox import Outbox
from bibliopolis.templates import speaker

from ..interfaces import Message
from ..models import NoticeAddress
from ..policy import NoticePolicy
from ..registry import REGISTRY, Declared

CODES = "notice_codes"
"""Who is to get a code by which channel; the topic of the outbox."""
DIGITS = 6
GOOD_FOR = timedelta(minutes=30)
PAUSE = timedelta(minutes=2)
"""Nobody lets us send codes to a stranger's telephone more often."""
MOST_TRIES = 5
WRONG = _("Some fields need another look.")


class Addresses:
    """The telephone number and the like of one reader."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.db: Session = request.db
        self.clock: Clock = request.clock
        self.policy: NoticePolicy = request.find_service(NoticePolicy, context=None)
        self.declared: Declared = request.registry[REGISTRY]

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Addresses:
        """Make it for a request: channels are given it, too."""
        return cls(request)

    def of(self, reader_id: int) -> Sequence[NoticeAddress]:
        """Return the addresses a reader has given, confirmed or not."""
        mine = (NoticeAddress.reader_id == reader_id) & (NoticeAddress.address != "")
        return self.db.scalars(select(NoticeAddress).where(mine)).all()

    def ask(self, reader_id: int, channel: str, address: str, language: str) -> None:
        """Keep an address; the worker sends a code there once that is committed.

        Until the code is typed in, nothing else goes there.
        """
        way = self._way(channel)
        plain, now = way.clean(address), self.clock.now()
        kept = self.db.get(NoticeAddress, (reader_id, channel), with_for_update=True)
        if kept is not None and now - kept.asked < PAUSE:
            raise Conflict(_("A code is on its way. Wait two minutes before you ask for another."))
        if kept is None:
            kept = NoticeAddress(reader_id=reader_id, channel=channel)
            self.db.add(kept)
        kept.address, kept.asked, kept.tries, kept.confirmed = plain, now, 0, None
        kept.code_hash = None
        outbox = self.request.find_service(Outbox, context=None)
        outbox.add(CODES, f"{reader_id}:{channel}:{language}:{now.isoformat()}")

    def send_code(self, reader_id: int, channel: str, language: str, asked: datetime) -> None:
        """Send a code where one was asked for; nothing if it was asked for anew, or forgotten.

        The code is made here and its hash kept with the sending: who is sent one twice, because a
        worker was killed in between, has the second one to type in.
        """
        kept = self.db.get(NoticeAddress, (reader_id, channel), with_for_update=True)
        if kept is None or kept.asked != asked or not kept.address or kept.confirmed is not None:
            return
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        kept.code_hash, kept.tries = self._hash(kept, code), 0
        text = speaker(self.request)(
            _("Your code for notices from the libraries: ${code}", mapping={"code": code}), language
        )
        key = f"code-{reader_id}-{int(asked.timestamp())}"
        message = Message(key, kept.address, text, text, language)
        self._way(channel).deliver(self.request, message)

    def confirm(self, reader_id: int, channel: str, code: str) -> None:
        """Take the code that came; raise InvalidInput for another one. Tries are counted."""
        self._way(channel)
        kept = self.db.get(NoticeAddress, (reader_id, channel), with_for_update=True)
        if kept is None or kept.code_hash is None:
            if kept is not None and self._is_on_its_way(kept):
                raise Conflict(_("The code has not been sent yet: wait a moment."))
            raise Conflict(_("Ask for a code first."))
        if self.clock.now() - kept.asked > GOOD_FOR or kept.tries >= MOST_TRIES:
            raise Conflict(_("This code is no longer good: ask for another one."))
        kept.tries += 1
        typed = self._hash(kept, "".join(code.split()))
        if not hmac.compare_digest(typed, kept.code_hash):
            raise InvalidInput(WRONG, {"code": _("This is not the code that was sent.")})
        kept.confirmed, kept.code_hash = self.clock.now(), None

    def forget(self, reader_id: int, channel: str) -> None:
        """Forget an address; nothing goes there any more.

        When the last code was sent stays known as long as another has to wait.
        """
        kept = self.db.get(NoticeAddress, (reader_id, channel), with_for_update=True)
        if kept is None:
            return
        if self.clock.now() - kept.asked < PAUSE:
            kept.address, kept.code_hash, kept.confirmed = "", None, None
        else:
            self.db.delete(kept)

    def _is_on_its_way(self, kept: NoticeAddress) -> bool:
        fresh = self.clock.now() - kept.asked <= GOOD_FOR
        return bool(kept.address) and kept.confirmed is None and fresh

    def _way(self, channel: str) -> Any:
        way = self.declared.channels.get(channel) if channel in self.policy.channels else None
        if way is None or way.asks is None:
            raise Conflict(_("There is no such way to reach you."))
        return way

    @staticmethod
    def _hash(kept: NoticeAddress, code: str) -> str:
        return hash_of(f"{kept.reader_id} {kept.channel} {kept.address} {code}")
