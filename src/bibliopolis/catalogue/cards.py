"""Records as other pages show them: on shelves, in collections, among what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from bibliopolis.catalogue.indexing import (
    author_of,
    cover_of,
    full_title,
    my_library_id,
    shown,
    statuses,
)
from bibliopolis.catalogue.labels import kind_title
from bibliopolis.catalogue.models import Record
from bibliopolis.catalogue.resources import TYPE, record_path
from bibliopolis.content.cards import Card
from bibliopolis.db import read_rows
from bibliopolis.frame import Link
from bibliopolis.i18n import _
from bibliopolis.parts import stand

NEW = 8

_CARDS = shown()
_JOINED = select(Record.id, Record.joined_to).where(
    Record.id.in_(bindparam("ids", expanding=True)), Record.joined_to.is_not(None)
)
_NEWEST = select(Record.id).where(Record.withdrawn.is_(False)).order_by(Record.id.desc()).limit(NEW)


def cards(request: Any, ids: Sequence[int]) -> dict[int, Card]:
    """Return the cards of records, by two queries; withdrawn ones have none.

    A record that was joined to another has the other's card, which costs two more.
    """
    if not ids:
        return {}
    mine = my_library_id(request)
    records = read_rows(request.db, _CARDS, {"ids": ids, "mine": mine})
    found = {one.id: _card(request, one) for one in records}
    missing = [one for one in ids if one not in found]
    joined = dict(read_rows(request.db, _JOINED, {"ids": missing}).all()) if missing else {}
    if joined:
        stay = cards(request, sorted(set(joined.values())))
        found |= {one: stay[there] for one, there in joined.items() if there in stay}
    return found


def _card(request: Any, record: Any) -> Card:
    lines = statuses(record)
    cover = cover_of(record)
    return Card(
        title=full_title(record),
        url=record_path(request, record.id),
        by=author_of(record),
        note=str(record.year or ""),
        kind=kind_title(record.kind),
        book=cover,
        status=lines[0] if lines else None,
        language=cover.language or "",
        type=TYPE,
    )


def new_records(request: Any) -> Mapping[str, Any] | None:
    """Return what came last into the catalogue, for the front page."""
    ids = read_rows(request.db, _NEWEST).scalars().all()
    found = cards(request, ids)
    if not found:
        return None
    return {
        "heading": _("New in the catalogue"),
        "books": tuple(
            stand(found[one].book, found[one].url, found[one].by, found[one].status)
            for one in ids
            if one in found
        ),
        "more": Link(_("The whole catalogue"), f"{request.frame.search}?scope=catalogue"),
    }
