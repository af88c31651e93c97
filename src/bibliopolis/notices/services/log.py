"""What was sent to whom: for the reader, for the desk, and for a time only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from bibliopolis.clock import Clock
from bibliopolis.readers.models import Reader

from ..models import Notice, NoticeAddress, NoticePreference, Outcome
from ..policy import NoticePolicy
from ..registry import REGISTRY, Declared

AT_ONCE = 1000


class NoticeLog:
    """Read the log, and forget of it what is not to be kept."""

    def __init__(self, request: Any) -> None:
        self.request = request
        self.db: Session = request.db
        self.clock: Clock = request.clock
        self.policy: NoticePolicy = request.find_service(NoticePolicy, context=None)
        self.declared: Declared = request.registry[REGISTRY]

    @classmethod
    def from_request(cls, context: Any, request: Any) -> NoticeLog:
        """Make it for a request: the sources are given it, too."""
        return cls(request)

    def count(self, reader_id: int, wanted_only: bool = False) -> int:
        """Return how many notices there are in the log of a reader."""
        mine = select(func.count()).select_from(Notice).where(*_of(reader_id, wanted_only))
        return self.db.scalar(mine) or 0

    def page(
        self, reader_id: int, offset: int = 0, limit: int = 50, wanted_only: bool = False
    ) -> Sequence[Notice]:
        """Return one page of what was sent to a reader, or waits, the latest first.

        ``wanted_only`` leaves out what was not sent because it is switched off.
        """
        return self.db.scalars(
            select(Notice)
            .where(*_of(reader_id, wanted_only))
            .order_by(Notice.id.desc())
            .offset(offset)
            .limit(limit)
        ).all()

    def titles(self, notices: Sequence[Notice]) -> Mapping[int, str]:
        """Return what notices are about, by their ids; nothing for what is over."""
        found: dict[int, str] = {}
        for about in dict.fromkeys(one.thing_type for one in notices):
            mine = [one for one in notices if one.thing_type == about and one.thing_id is not None]
            if about in self.declared.sources and mine:
                source = self.declared.sources[about](self.request)
                titles = source.titles([one.thing_id for one in mine])
                found |= {one.id: titles[one.thing_id] for one in mine if one.thing_id in titles}
        return found

    def forget_things(self) -> int:
        """Forget what notices were about whose thing is over, unless its reader keeps a history.

        A book that came back would otherwise still be known to have been somebody's. Who hears of
        the books of a child keeps no history of them.
        """
        forgotten = 0
        for about, factory in self.declared.sources.items():
            over = factory(self.request).over().subquery()
            ids = self.db.scalars(
                select(Notice.id)
                .join(over, over.c.id == Notice.thing_id)
                .outerjoin(Reader, Reader.id == Notice.reader_id)
                .where(
                    Notice.thing_type == about,
                    Notice.settled.is_not(None),
                    or_(
                        Reader.keeps_history.is_not(True),
                        over.c.reader_id.is_distinct_from(Notice.reader_id),
                    ),
                )
                .limit(AT_ONCE)
            ).all()
            self._update(ids, thing_id=None)
            forgotten += len(ids)
        return forgotten

    def forget_old(self) -> int:
        """Make nameless what is older than the policy keeps it, some at a time."""
        before = self.clock.now() - self.policy.kept
        ids = self.db.scalars(
            select(Notice.id)
            .where(
                Notice.created < before,
                Notice.reader_id.is_not(None),
                Notice.settled.is_not(None),
            )
            .order_by(Notice.created)
            .limit(AT_ONCE)
        ).all()
        self._update(ids, reader_id=None, thing_id=None)
        return len(ids)

    def forget_reader(self, reader_id: int) -> None:
        """Forget a reader who goes: what waits is not sent, what was sent is nobody's."""
        for table in (NoticePreference, NoticeAddress):
            self.db.execute(delete(table).where(table.reader_id == reader_id))
        mine = Notice.reader_id == reader_id
        waits = mine & (Notice.outcome == Outcome.WAITING)
        self.db.execute(delete(Notice).where(waits).execution_options(synchronize_session=False))
        self.db.execute(
            update(Notice)
            .where(mine)
            .values(reader_id=None, thing_id=None)
            .execution_options(synchronize_session=False)
        )

    def _update(self, ids: Sequence[int], **values: Any) -> None:
        if ids:
            self.db.execute(
                update(Notice)
                .where(Notice.id.in_(ids))
                .values(**values)
                .execution_options(synchronize_session=False)
            )


def _of(reader_id: int, wanted_only: bool) -> list[Any]:
    mine = [Notice.reader_id == reader_id]
    return [*mine, Notice.outcome != Outcome.SWITCHED_OFF] if wanted_only else mine
