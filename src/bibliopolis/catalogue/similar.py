"""More like this: by the author and the subjects of a record, never by what anybody has read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bibliopolis.catalogue.indexing import main_subjects
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.naming import spoken
from bibliopolis.catalogue.resources import TYPE
from bibliopolis.db import read_rows
from bibliopolis.resources.access import Visibility, visible_to
from bibliopolis.search.documents import RESOURCE, Query
from bibliopolis.search.services import Search

SHOWN = 24
ASKED = 60
SUBJECTS = 6
"""So many subjects are looked for; what stands behind them says less of the book."""

SAME_AUTHOR, SAME_SUBJECT, SAME_LANGUAGE = 1.5, 2.0, 0.5

_CANDIDATES = select(
    Record.id,
    Record.author,
    Record.subjects,
    Record.language,
    Record.year,
    Record.sort_key,
    Record.work_key,
).where(Record.id.in_(bindparam("ids", expanding=True)), Record.withdrawn.is_(False))


class Similar:
    """Find records like one: three searches at most, and one query."""

    def __init__(self, db: Session, search: Search, visibility: Visibility) -> None:
        self.db = db
        self.search = search
        self.visibility = visibility

    @classmethod
    def from_request(cls, context: Any, request: Any) -> Similar:
        """Make it for a request: nothing is shown that the visitor may not find."""
        return cls(
            db=request.db,
            search=request.find_service(Search, context=None),
            visibility=visible_to(request.principals),
        )

    def of(self, record: Record) -> Sequence[int]:
        """Return the ids of records, the most alike first; every work in one edition."""
        subjects = main_subjects(record.subjects)[:SUBJECTS]
        places: dict[int, int] = {}
        for query in self._queries(record, subjects):
            for hit in self.search.find(query).hits:
                places.setdefault(hit.resource[1], len(places))
        places.pop(record.id, None)
        if not places:
            return ()
        rows = read_rows(self.db, _CANDIDATES, {"ids": list(places)})
        wanted = frozenset(subjects)
        works: dict[Any, tuple[float, int, int]] = {}
        for row in rows:
            likeness = _likeness(row, record, wanted)
            if likeness > SAME_LANGUAGE and not _is_same_work(row, record):
                candidate = (-likeness, places[row.id], row.id)
                work = row.work_key or (row.author, row.sort_key)
                works[work] = min(works.get(work, candidate), candidate)
        return [candidate[-1] for candidate in sorted(works.values())[:SHOWN]]

    def _queries(self, record: Record, subjects: Sequence[str]) -> Iterator[Query]:
        """Yield what is asked: all subjects together, any of them, the author."""
        of_records: dict[str, tuple[str, ...]] = {RESOURCE: (TYPE,)}
        if len(subjects) > 1:
            yield self._query(" ".join(subjects), of_records)
        if subjects:
            yield self._query("", {**of_records, "subject": tuple(subjects)})
        if record.author:
            yield self._query(spoken(record.author), of_records)

    def _query(self, text: str, filters: dict[str, tuple[str, ...]]) -> Query:
        return Query(
            visibility=self.visibility, text=text, filters=filters, limit=ASKED, exact=True
        )


def _likeness(row: Any, record: Record, subjects: frozenset[str]) -> float:
    """Return how much a record has in common with another."""
    shared = len(subjects.intersection(main_subjects(row.subjects)))
    same_author = bool(record.author) and row.author == record.author
    same_language = bool(record.language) and row.language == record.language
    return shared * SAME_SUBJECT + same_author * SAME_AUTHOR + same_language * SAME_LANGUAGE


def _is_same_work(row: Any, record: Record) -> bool:
    if row.work_key and row.work_key == record.work_key:
        return True
    return row.author == record.author and row.sort_key == record.sort_key
