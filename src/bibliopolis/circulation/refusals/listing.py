"""Refusals as staff look at them: summed up by kind, and by title, library and reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.sought import SoughtInVain
from bibliopolis.db import read_rows

from .kinds import KIND_OF, KINDS, RefusalKind, codes_of
from .models import Refusal

LONGEST_LIST = 10_000
"""Rows of a download at most; narrower filters show the rest."""


@dataclass(frozen=True)
class Shown:
    """Which days are asked for, the last one too, which libraries (None is all), which kind."""

    first: date
    last: date
    library_ids: Collection[int] | None = None
    kind: str | None = None


@dataclass(frozen=True)
class SumRow:
    """How often something was refused for a kind of reason, and how often avoided.

    ``avoided`` is None where it cannot be known: nobody can tell who searched.
    """

    kind: str
    times: int
    avoided: int | None

    @property
    def share(self) -> float | None:
        """Return the avoided share of one."""
        return self.avoided / self.times if self.times and self.avoided is not None else None


@dataclass(frozen=True)
class RefusalRow:
    """One title at one library, refused for one reason."""

    record_id: int
    title: str
    title_language: str | None
    library_id: int
    act: str
    code: str
    times: int
    avoided: int
    last: date

    @property
    def kind(self) -> RefusalKind | None:
        """Return the kind of the reason."""
        return KIND_OF.get(self.code)


class Refusals:
    """Answers in a few queries, however much was counted."""

    def __init__(self, db: Session) -> None:
        self.db = db

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Refusals:
        """Make it for a request."""
        return cls(db=request.db)

    def sums(self, shown: Shown) -> list[SumRow]:
        """Return a row for each kind there is, whatever kind is shown; searches only of all."""
        by_code = (
            select(Refusal.code, func.sum(Refusal.times), func.sum(Refusal.avoided))
            .where(*self._wanted(replace(shown, kind=None)))
            .group_by(Refusal.code)
        )
        sums: dict[str, list[int]] = {}
        for code, times, avoided in read_rows(self.db, by_code):
            one = sums.setdefault(KIND_OF.get(code, RefusalKind.RULES), [0, 0])
            one[0] += times
            one[1] += avoided
        rows = [SumRow(kind, *sums[kind]) for kind in KINDS if kind in sums]
        if shown.library_ids is None:
            sought = select(func.sum(SoughtInVain.times)).where(
                SoughtInVain.day.between(shown.first, shown.last)
            )
            times = self.db.scalar(sought) or 0
            if times:
                rows.insert(0, SumRow(RefusalKind.NOT_FOUND, times, None))
        return rows

    def page(self, shown: Shown, start: int, size: int) -> tuple[int, Sequence[RefusalRow]]:
        """Return how many rows there are, and a page of them: what was least avoided first."""
        grouped = self._grouped(shown)
        total = self.db.scalar(select(func.count()).select_from(grouped.subquery())) or 0
        return total, list(self._rows(grouped.offset(start).limit(size)))

    def all(self, shown: Shown) -> Iterator[RefusalRow]:
        """Go through all rows, LONGEST_LIST at most."""
        return self._rows(self._grouped(shown).limit(LONGEST_LIST))

    def _grouped(self, shown: Shown) -> Select[*tuple[Any, ...]]:
        times, avoided = func.sum(Refusal.times), func.sum(Refusal.avoided)
        keys = (Refusal.record_id, Refusal.library_id, Refusal.act, Refusal.code)
        return (
            select(*keys, times, avoided, func.max(Refusal.day))
            .where(*self._wanted(shown))
            .group_by(*keys)
            .order_by((times - avoided).desc(), times.desc(), *keys)
        )

    def _rows(self, grouped: Select[*tuple[Any, ...]]) -> Iterator[RefusalRow]:
        rows = list(read_rows(self.db, grouped))
        wanted = select(Record.id, Record.title, Record.language).where(
            Record.id.in_({row.record_id for row in rows})
        )
        titles = {row.id: row for row in read_rows(self.db, wanted)}
        for record_id, library_id, act, code, times, avoided, last in rows:
            record = titles[record_id]
            yield RefusalRow(
                record_id,
                record.title,
                record.language,
                library_id,
                act,
                code,
                times,
                avoided,
                last,
            )

    def _wanted(self, shown: Shown) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = [Refusal.day.between(shown.first, shown.last)]
        if shown.library_ids is not None:
            wanted.append(Refusal.library_id.in_(sorted(shown.library_ids)))
        if shown.kind is not None:
            wanted.append(Refusal.code.in_(codes_of(shown.kind)))
        return wanted
