"""One connection: who speaks, what was said last, one transaction for each message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from pyramid.request import Request
from pyramid.scripting import prepare
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from transaction.interfaces import TransientError

from bibliopolis.accounts.attempts import Attempts
from bibliopolis.accounts.passwords import Passwords
from bibliopolis.libraries.services import Libraries

from . import copies, off_line, people
from .acting import Acting, NoLibrary
from .messages import ASK_AGAIN, RESEND, Answer, Garbled, Message, moment, read, write
from .terminals import Sip2Policy, Terminal

log = logging.getLogger(__name__)

LOGIN, STATUS = "93", "99"
MOST_MISSES = 5
"""So many damaged lines or refused passwords end a connection."""
GUESSES = "sip2"
TRIES_AN_HOUR = 30
"""Of wrong passwords for one terminal from one address."""
TIMES = 3
"""A transaction that met another one is begun anew so many times."""

READING = frozenset({"17", "23", "35", "63", "99"})
"""Messages that change nothing: they need not wait for writers."""

HANDLERS: Mapping[str, Callable[[Acting], Answer]] = {
    "01": people.block_patron,
    "09": off_line.check_in,
    "11": off_line.check_out,
    "15": copies.hold,
    "17": copies.item_information,
    "23": people.patron_status,
    "29": off_line.renew,
    "35": people.end_session,
    "63": people.patron_information,
    "65": copies.renew_all,
}
SUPPORTED = "YYYYYYYYYNYNNYYY"
"""BX: which of the sixteen kinds of messages we understand; no fees, no status of copies set."""


class Conversation:
    """What is known of a terminal while it is connected; used by one thread at a time."""

    def __init__(self, registry: Any, policy: Sip2Policy, peer: str = "") -> None:
        self.registry = registry
        self.policy = policy
        self.peer = peer
        self.terminal: Terminal | None = None
        self.over = False
        self.misses = 0
        self.line = b""
        self.said = b""
        self.language = ""

    @property
    def encoding(self) -> str:
        """Return how the letters are written: as the terminal's entry says, once it is known."""
        return self.terminal.encoding if self.terminal else "utf-8"

    def answer(self, line: bytes) -> bytes:
        """Return what is said to a line; nothing to an empty one.

        The same line again, with the same number, is a repetition: it gets the same answer, and
        nothing is done twice.
        """
        if not line:
            return b""
        try:
            asked = read(line, self.encoding)
        except Garbled as error:
            return self._ask_again(error)
        if asked.code == RESEND:
            return self.said or self._ask_again(Garbled("nothing has been said yet"))
        if asked.sequence is not None and line == self.line and self.said:
            return self.said
        said = write(self._answer(asked), self.encoding, asked)
        self.line, self.said = line, said
        return said

    def _ask_again(self, error: Exception) -> bytes:
        log.info("%s: %s", self.terminal.name if self.terminal else "a terminal", error)
        self._missed()
        return write(Answer(ASK_AGAIN), self.encoding)

    def _missed(self) -> None:
        self.misses += 1
        self.over = self.over or self.misses >= MOST_MISSES

    def _answer(self, asked: Message) -> Answer:
        if asked.code == LOGIN:
            return self._sign_in(asked)
        if self.terminal is None:
            # Without signing in a terminal learns nothing, not even who we are.
            self.over = True
            return Answer(ASK_AGAIN)
        self.misses = 0
        for time in range(TIMES):
            try:
                return self._act(asked, self.terminal)
            except NoLibrary:
                log.warning("%s: its library is gone", self.terminal.name)
                self.over = True
                return Answer(ASK_AGAIN)
            except (DBAPIError, StaleDataError, TransientError):
                if time == TIMES - 1:
                    raise
                log.info("%s begins %s anew", self.terminal.name, asked.code)
        raise AssertionError("not reached")

    def _act(self, asked: Message, terminal: Terminal) -> Answer:
        reading = asked.code in READING and not terminal.asks_password
        blank = Request.blank("/", method="GET" if reading else "POST")
        with prepare(blank, registry=self.registry) as environment:
            request = environment["request"]
            with request.tm:
                acting = Acting.begin(request, asked, terminal, self.policy, self.language)
                if asked.code == STATUS:
                    return self._status(acting)
                answer = HANDLERS[asked.code](acting)
                self.language = acting.asked_language or self.language
                return answer

    def _status(self, acting: Acting) -> Answer:
        now = moment(acting.now)
        library = acting.library.name_in(acting.language)
        return Answer(
            "98",
            # On line, takes in, hands out, renews; sets no status; may it go on off line?
            f"YYYYN{'Y' if acting.terminal.off_line else 'N'}{'100'}{'003'}{now}2.00",
            (
                ("AO", self.policy.institution),
                ("AM", library),
                ("BX", SUPPORTED),
                ("AN", acting.terminal.name),
            ),
        )

    def _sign_in(self, asked: Message) -> Answer:
        name = asked.get("CN")
        terminal = self.policy.terminals.get(name)
        key = f"{name[:60]} {self.peer}"
        with prepare(Request.blank("/", method="POST"), registry=self.registry) as environment:
            request = environment["request"]
            with request.tm:
                attempts = request.find_service(Attempts)
                library = request.find_service(Libraries).find(terminal.library if terminal else "")
                waits = attempts.allow(GUESSES, key, TRIES_AN_HOUR - 1, amount=0)
                kept = terminal.password if terminal and library is not None else None
                fits = Passwords().accepts(kept, asked.fields.get("CO", ""))
                if not fits:
                    attempts.allow(GUESSES, key, TRIES_AN_HOUR)
        if terminal is not None and library is None:
            log.warning("%s: there is no library %s", terminal.name, terminal.library)
        if fits and waits is None:
            self.terminal, self.misses = terminal, 0
            return Answer("94", "1")
        self.terminal = None
        self._missed()
        return Answer("94", "0")
