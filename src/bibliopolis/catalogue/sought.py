"""What is sought in vain: words and days, counted, and nothing of those who sought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import String, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column
from stdnum import isbn, issn

from bibliopolis.clock import Clock
from bibliopolis.db import Base, read_rows, write_afterwards
from bibliopolis.search.analysis import fold, identifier_keys

LONGEST = 100
MOST_WORDS = 10
FIGURES = 7
"""Figures that make a number of somebody's, a telephone or a card; an ISBN proves to be one."""

MOST_A_DAY = 5_000
"""So many different searches are kept of a day: who sends rubbish fills no disk."""


class SoughtInVain(Base):
    """How often something was sought on a day and not found."""

    __tablename__ = "sought_in_vain"

    day: Mapped[date] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)
    times: Mapped[int]


@dataclass(frozen=True)
class Sought:
    """Something sought in vain, how often, and when last."""

    words: str
    times: int
    last: date


class SeekingInVain:
    """Count what is not found, and tell staff of it."""

    def __init__(self, db: Session, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @classmethod
    def from_request(cls, context: Any, request: Any) -> SeekingInVain:
        """Make it for a request."""
        return cls(db=request.db, clock=request.clock)

    def count(self, words: str) -> None:
        """Count once more what ``countable`` has made of a search; lock nothing but its row."""
        day = self.clock.today()
        known = self.db.get(SoughtInVain, (day, words))
        if known is None and self._of(day) >= MOST_A_DAY:
            return
        dialect = postgresql if self.db.get_bind().dialect.name == "postgresql" else sqlite
        row = dialect.insert(SoughtInVain).values(day=day, words=words, times=1)
        self.db.execute(
            row.on_conflict_do_update(
                index_elements=[SoughtInVain.day, SoughtInVain.words],
                set_={"times": SoughtInVain.times + 1},
            )
        )

    def listed(self, days: int, start: int, size: int) -> tuple[int, Sequence[Sought]]:
        """Return how many searches of so many days were in vain, and a page of the commonest."""
        since = self.clock.today() - timedelta(days=days)
        times = func.sum(SoughtInVain.times)
        found = select(SoughtInVain.words, times, func.max(SoughtInVain.day)).where(
            SoughtInVain.day > since
        )
        total = select(func.count(SoughtInVain.words.distinct())).where(SoughtInVain.day > since)
        rows = read_rows(
            self.db,
            found.group_by(SoughtInVain.words)
            .order_by(times.desc(), SoughtInVain.words)
            .offset(start)
            .limit(size),
        )
        return self.db.scalars(total).one(), [Sought(*row) for row in rows]

    def forget_old(self, days: int) -> None:
        """Forget what was counted so many days ago, some at a time."""
        before = self.clock.today() - timedelta(days=days)
        old = select(SoughtInVain.day).where(SoughtInVain.day <= before)
        for day in self.db.scalars(old.distinct().order_by(SoughtInVain.day).limit(10)).all():
            self.db.execute(
                delete(SoughtInVain)
                .where(SoughtInVain.day == day)
                .execution_options(synchronize_session=False)
            )

    def _of(self, day: date) -> int:
        return self.db.scalars(
            select(func.count()).select_from(SoughtInVain).where(SoughtInVain.day == day)
        ).one()


def countable(text: str) -> str | None:
    """Return a search in the form it is counted in; None for what may tell of a person.

    Addresses of mail and numbers that are no book's are left out, and so is what somebody has
    pasted: whoever sought it would be known by it.
    """
    words = " ".join(fold(text.replace('"', " ")).split())
    keys = identifier_keys(text.upper().strip())
    if keys and (isbn.is_valid(keys[0]) or issn.is_valid(keys[0])):
        return keys[0]
    figures = sum(sign.isdigit() for sign in words)
    if not words or len(words) > LONGEST or len(words.split()) > MOST_WORDS:
        return None
    if "@" in words or "://" in words or figures >= FIGURES:
        return None
    return words


def count_afterwards(request: Any, text: str) -> None:
    """Count a search that found nothing, in a short transaction of its own after the answer."""
    words = countable(text)
    if words is None:
        return
    clock = request.clock
    write_afterwards(
        request, "the count of a search in vain", lambda db: SeekingInVain(db, clock).count(words)
    )


def forget_what_is_old(request: Any) -> None:
    """Forget counts that have been kept long enough."""
    seeking = request.find_service(SeekingInVain, context=None)
    seeking.forget_old(request.settings.sought_days)
