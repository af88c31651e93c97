"""Matching descriptions that came before records were joined: some at a time, each in one turn.

What was matched has keys, and that is all that is remembered: whoever is interrupted begins again
and goes on where they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select

from bibliopolis.catalogue.importing import Importer
from bibliopolis.catalogue.models import SourceKey, SourceRecord
from bibliopolis.catalogue.record_data import RecordData
from bibliopolis.catalogue.sources import Description
from bibliopolis.catalogue.union_records import TURN
from bibliopolis.db import wait_for_turn

AT_ONCE = 200
_WITHOUT_KEYS = (
    SourceRecord.withdrawn.is_(False),
    ~select(SourceKey.key).where(SourceKey.source_id == SourceRecord.id).exists(),
)


@dataclass(frozen=True)
class Matched:
    """What was done in one go: the last id looked at, how many that were, how many were joined."""

    last_id: int
    looked_at: int
    joined: int


def how_many(db: Any) -> int:
    """Return how many descriptions have no keys; some can have none, for they name no year."""
    return db.scalar(select(func.count()).select_from(SourceRecord).where(*_WITHOUT_KEYS)) or 0


def match_some(request: Any, after_id: int, limit: int = AT_ONCE) -> Matched | None:
    """Match some descriptions without keys behind an id; None where there are no more.

    It belongs into a transaction of its own.
    """
    db = request.db
    wait_for_turn(db, TURN)  # before any lock, as imports do
    rows = db.execute(
        select(
            SourceRecord.id,
            SourceRecord.record_id,
            SourceRecord.library_id,
            SourceRecord.control_number,
            SourceRecord.content_hash,
            SourceRecord.described,
            SourceRecord.pinned,
            SourceRecord.withdrawn,
        )
        .where(SourceRecord.id > after_id, *_WITHOUT_KEYS)
        .order_by(SourceRecord.id)
        .limit(limit)
        .with_for_update(key_share=True, of=SourceRecord)
    ).all()
    if not rows:
        return None
    joined = 0
    library_of = attrgetter("library_id")
    # Of each library by itself: two of its descriptions are never joined.
    for library_id, group in groupby(sorted(rows, key=library_of), library_of):
        importer = Importer.for_library(request, library_id, {})
        joined += importer.match([_description(row) for row in group])
    return Matched(rows[-1].id, len(rows), joined)


def _description(row: Any) -> Description:
    """Return a description as it stands in the database."""
    number = RecordData(control_number=row.control_number, title="", title_statement="")
    return Description(
        number,
        None,
        row.content_hash,
        row.described,
        row.library_id,
        before=row,
        id=row.id,
        record_id=row.record_id,
    )
