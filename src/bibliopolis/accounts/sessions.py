"""Where a person is signed in: seen by them, and ended by them at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bibliopolis.accounts.models import AccessToken, SignedInSession
from bibliopolis.accounts.tokens import hash_of
from bibliopolis.clock import Clock
from bibliopolis.db import write_afterwards

TOUCHED_EVERY = timedelta(hours=1)
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("YaBrowser", "Yandex"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Sessions:
    """List and end the sessions of a person."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Sessions:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock)

    def page(
        self, person_id: int, offset: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[SignedInSession]]:
        """Return how many sessions are open and one page of them, the last used first."""
        open_now = (SignedInSession.person_id == person_id) & (
            SignedInSession.expires > self.clock.now()
        )
        total = self.db.scalar(select(func.count()).select_from(SignedInSession).where(open_now))
        sessions = self.db.scalars(
            select(SignedInSession)
            .where(open_now)
            .order_by(SignedInSession.last_used.desc(), SignedInSession.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()
        return total or 0, sessions

    def end(self, person_id: int, session_id: int) -> None:
        """End one session of a person; another's is left alone."""
        self.db.execute(
            delete(SignedInSession).where(
                SignedInSession.person_id == person_id, SignedInSession.id == session_id
            )
        )

    def end_all(self, person_id: int, but: str | None = None, programs: bool = False) -> None:
        """End all sessions of a person, except the one with this token.

        As after a new password, ``programs`` that act for the person are signed out, too.
        """
        if programs:
            self.db.execute(delete(AccessToken).where(AccessToken.person_id == person_id))
        ended = delete(SignedInSession).where(SignedInSession.person_id == person_id)
        if but is not None:
            ended = ended.where(SignedInSession.token_hash != hash_of(but))
        self.db.execute(ended)

    def forget_ended(self) -> None:
        """Forget the sessions, and the tokens of programs, whose time is over."""
        now = self.clock.now()
        for table in (SignedInSession, AccessToken):
            self.db.execute(
                delete(table)
                .where(table.expires <= now)
                .execution_options(synchronize_session=False)
            )

    def touch(self, session_id: int | None) -> None:
        """Note that a session is in use."""
        self.db.execute(
            update(SignedInSession)
            .where(SignedInSession.id == session_id)
            .values(last_used=self.clock.now())
        )


def touch_afterwards(request: Any, session_id: int | None) -> None:
    """Note that a session is in use, in a short transaction of its own after the answer."""
    clock = request.clock
    write_afterwards(
        request, "the last use of a session", lambda db: Sessions(db, clock).touch(session_id)
    )


def browser_name(user_agent: str) -> str:
    """Return what people call the browser, such as “Firefox, Windows”; empty if it is unknown."""
    browser = next((name for sign, name in BROWSERS if f"{sign}/" in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if not browser and not system:
        # Programs name themselves first: "curl/8.5.0".
        named = re.match(r"[A-Za-z][\w .-]{0,30}(?=/)", user_agent)
        return named.group() if named else ""
    return ", ".join(part for part in (browser, system) if part)
