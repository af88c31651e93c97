"""Descriptions as rows of the tables: the one place that knows how both fit together."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from bibliopolis.catalogue.record_data import ItemData, RecordData
from bibliopolis.catalogue.works import work_key
from bibliopolis.search.analysis import sort_key

SHORT_TEXT = 200


def record_row(data: RecordData, source: bytes | None, now: datetime) -> dict[str, Any]:
    """Return the columns that a description fills."""
    return {
        "content_hash": data.content_hash(),
        "source": source,
        "title": data.title,
        "subtitle": data.subtitle or None,
        "part": data.part or None,
        "title_statement": data.title_statement or None,
        "other_titles": list(data.alternative_titles),
        "responsibility": data.responsibility or None,
        "author": data.contributors[0].name if data.contributors else None,
        "contributors": [
            {name: value for name, value in vars(person).items() if value}
            for person in data.contributors
        ],
        "publisher": data.publisher or None,
        "place": data.place or None,
        "year": data.year,
        "edition": data.edition or None,
        "extent": data.extent or None,
        "series": list(data.series),
        "summary": data.summary or None,
        "contents": data.contents or None,
        "kind": str(data.kind),
        "language": data.languages[0] if data.languages else None,
        "languages": list(data.languages),
        "isbns": list(data.isbns),
        "issns": list(data.issns),
        "subjects": list(data.subjects),
        "classes": list(data.classification),
        "age": data.age,
        "links": [{"url": url, "title": title} for url, title in data.links],
        "work_key": work_key(data),
        "sort_key": sort_key(data.filing_title),
        "withdrawn": False,
        "changed": now,
    }


def item_row(data: ItemData, library_id: int, holding_library_id: int) -> dict[str, Any]:
    """Return the columns that a copy fills; the volume is part of what a reader asks for."""
    shelf_mark = data.shelf_mark
    if data.volume and data.volume not in shelf_mark:
        shelf_mark = f"{shelf_mark} {data.volume}".strip()
    row = {
        "library_id": library_id,
        "holding_library_id": holding_library_id,
        "barcode": data.barcode,
        "shelf_mark": shelf_mark[:SHORT_TEXT] or None,
        "location": data.location[:SHORT_TEXT] or None,
        "status": str(data.status),
    }
    fingerprint = hashlib.sha256(repr(sorted(row.items())).encode("utf-8")).hexdigest()
    return {**row, "content_hash": fingerprint}
